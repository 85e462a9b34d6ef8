# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of KernelDensity: the exponential kernel, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import reference
from helpers.checks import (
    REAL,
    assert_residual_is_constant,
    check_mechanics,
    refit_to_less,
)
from helpers.laws import assert_close, assert_residual
from helpers.shapley import by_permutations
from helpers.strategies import density_problems, seeds
from hypothesis import assume, given, settings
from scipy.special import gammaln
from sklearn.cluster import KMeans
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KernelDensity

from skneon import explain, neuralize
from skneon.metrics import exact_shapley
from skneon.network import SoftArgmin

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

BANDWIDTHS = {"gaussian": lambda g: (2 * g) ** -0.5, "exponential": lambda g: 1 / g}


def fitted(problem, kernel="exponential"):
    """One leaf: bounds of nodes, added and subtracted, lose digits of far rows."""
    bandwidth = BANDWIDTHS[kernel](problem.gamma)
    parameters = {"bandwidth": bandwidth, "kernel": kernel, "leaf_size": len(problem.U)}
    weighs = problem.pi > 0
    weight = None if problem.sample_weight is None else problem.pi[weighs]
    return KernelDensity(**parameters).fit(problem.U[weighs], sample_weight=weight)


def support(problem):
    weighs = problem.pi > 0
    return problem.U[weighs], problem.pi[weighs]


def log_constant(kernel, gamma, d):
    """Log density of a point's kernel at the point."""
    if kernel == "gaussian":
        return d / 2 * np.log(gamma / np.pi)
    sphere = np.log(2) + d / 2 * np.log(np.pi) - gammaln(d / 2)
    return d * np.log(gamma) - sphere - gammaln(d)


# Functional equivalence


@pytest.mark.parametrize("kernel", BANDWIDTHS)
@given(density_problems())
def test_score_is_score_samples_but_for_a_constant(kernel, problem):
    model = fitted(problem, kernel)
    score = neuralize(model).forward(problem.X)
    log_density = model.score_samples(problem.X)
    constant = log_constant(kernel, problem.gamma, problem.X.shape[1])
    size = 1e-9 * (np.abs(log_density) + np.abs(constant)) + 1e-12
    assert np.all(np.abs(constant - problem.gamma * score - log_density) <= size)


@given(density_problems(max_support=40))
def test_exponential_score(problem):
    u, pi = support(problem)
    score = neuralize(fitted(problem)).forward(problem.X)
    for x, o in zip(problem.X, score, strict=True):
        h = np.sqrt(reference.distances(x, u))
        expected = reference.log_mean_exp(h, pi, problem.gamma)
        assert abs(o - expected) <= 1e-9 * expected


@pytest.mark.parametrize("kernel", BANDWIDTHS)
@pytest.mark.parametrize("name", REAL)
def test_real_sets(name, kernel):
    X = REAL[name]
    model = KernelDensity(bandwidth=0.7, kernel=kernel, leaf_size=len(X)).fit(X)
    network = neuralize(model)
    gamma = network.meta["gamma"]
    constant = log_constant(kernel, gamma, X.shape[1])
    np.testing.assert_allclose(
        constant - gamma * network.forward(X), model.score_samples(X), rtol=1e-9
    )
    assert_residual_is_constant(network.explain(X), 0.0)
    assert_residual_is_constant(network.explain(), 0.0)


# Rules


@settings(max_examples=40)
@given(density_problems(max_support=30, max_features=8))
def test_exponential_rules(problem):
    u, pi = support(problem)
    explanation = explain(fitted(problem), problem.X, rule=problem.rule)
    assert np.all(explanation.relevance >= 0)
    for n, x in enumerate(problem.X):
        squares = reference.squared_differences(x, u)
        h = np.sqrt(squares.sum(axis=1))
        if problem.beta == "integrated":
            R, epsilon = h * reference.integrated_weights(h, pi, problem.gamma), 0.0
        else:
            beta = problem.gamma if problem.beta == "gamma" else problem.beta
            R = reference.soft_argmin(h, pi, beta)
            R = R * reference.log_mean_exp(h, pi, problem.gamma)
            epsilon = problem.epsilon
        size = epsilon + h**2
        ratio = np.divide(R, size, out=0 * R, where=size > 0)
        expected = (ratio @ squares).astype(float)
        assert_close(explanation.relevance[[n]], expected[None])
        dissipated = float(R.sum() - expected.sum())
        assert_residual(explanation[n], dissipated, explanation.score[n])


@settings(max_examples=15)
@given(density_problems(max_support=15, max_features=5))
def test_exponential_game_agrees_with_all_orders(problem):
    u, pi = support(problem)
    exact = exact_shapley(fitted(problem), problem.X)
    for x, phi in zip(problem.X, exact.relevance, strict=True):
        squares = reference.squared_differences(x, u)

        def value(S, squares=squares):
            h = np.sqrt(squares[:, S].sum(axis=1))
            return reference.log_mean_exp(h, pi, problem.gamma)

        expected = by_permutations(value, len(x))
        np.testing.assert_allclose(phi, expected, atol=1e-9 * np.abs(expected).sum())


# Laws


@given(density_problems(max_support=60, max_features=8), seeds)
def test_laws_of_the_exponential_kernel(problem, seed):
    rng = np.random.default_rng(seed)
    expected = explain(fitted(problem), problem.X, rule=problem.rule)

    def changed(change, **more):
        other = replace(problem, U=change(problem.U), **more)
        return explain(fitted(other), change(problem.X), rule=other.rule)

    order = rng.permutation(problem.X.shape[1])
    got = changed(lambda X: X[:, order])
    assert_close(got.relevance, expected.relevance[:, order])
    shift = rng.integers(-1000, 1001, size=problem.X.shape[1])
    got = changed(lambda X: X + shift)
    assert_close(got.relevance, expected.relevance)
    s = 2.0 ** rng.integers(-10, 11)
    more = {"epsilon": problem.epsilon * s**2}
    if not isinstance(problem.beta, str):
        more["beta"] = problem.beta / s
    got = changed(lambda X: X * s, gamma=problem.gamma / s, **more)
    assert_close(got.relevance, s * expected.relevance)


@given(density_problems(max_support=15, max_features=5, min_support=3))
def test_leave_one_out_of_the_exponential_kernel(problem):
    u, pi = support(problem)
    assume(len(u) > 1)
    explanation = explain(fitted(problem))
    for n, x in enumerate(u):
        h = np.sqrt(reference.distances(x, np.delete(u, n, axis=0)))
        expected = reference.log_mean_exp(h, np.delete(pi, n), problem.gamma)
        assert abs(explanation.score[n] - expected) <= 1e-9 * expected
    assert_residual(explanation, 0.0)


@pytest.mark.parametrize("options", [{}, {"rule": SoftArgmin(beta=1.0)}])
@pytest.mark.parametrize("kernel", BANDWIDTHS)
def test_mechanics(kernel, options):
    X = REAL["iris"]
    model = KernelDensity(kernel=kernel).fit(X)
    check_mechanics(model, X[::9], refit_to_less, **options)


def test_explaining_fits_nothing(monkeypatch):
    X = REAL["iris"]
    models = [KernelDensity().fit(X), KernelDensity(kernel="exponential").fit(X)]
    models.append(KMeans(3, random_state=0, n_init=1).fit(X))

    def refuse(self, *args, **kwargs):
        raise AssertionError("nothing is to be fitted")

    for kind in (KernelDensity, KMeans):
        for method in ("fit", "fit_predict", "fit_transform"):
            monkeypatch.setattr(kind, method, refuse, raising=False)
    for model in models:
        assert len(explain(model, X)) == len(X)


# Refusals


@pytest.mark.parametrize("kernel", ["tophat", "epanechnikov", "linear", "cosine"])
def test_kernels_that_end_are_refused(kernel):
    model = KernelDensity(kernel=kernel).fit(REAL["iris"])
    with pytest.raises(ValueError, match=f"The {kernel} kernel vanishes.*fit KernelD"):
        neuralize(model)


def test_refusals():
    X = REAL["iris"]
    with pytest.raises(NotFittedError):
        neuralize(KernelDensity(kernel="exponential"))
    model = KernelDensity(kernel="exponential").fit(X)
    with pytest.raises(ValueError, match='"inlier" needs the gaussian kernel, got ker'):
        neuralize(model, target="inlier")
    with pytest.raises(
        ValueError, match=r'members needs the .* got kernel="exponential": fit Ker'
    ):
        neuralize(model, members=np.zeros(150, dtype=int))
    with pytest.raises(ValueError, match=r"'shapley' does not explain .*'integrated'"):
        neuralize(model, rule="shapley")
    manhattan = KernelDensity(kernel="exponential", metric="manhattan").fit(X)
    with pytest.raises(ValueError, match=r"Only the euclidean .* metric='manhattan'"):
        neuralize(manhattan)
