# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian mixtures."""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
from helpers import gaussians
from helpers.checks import (
    REAL,
    assert_residual_is_constant,
    assert_same,
    check_mechanics,
    refit_to_less,
)
from helpers.laws import assert_close
from helpers.mixture import integrated
from helpers.reference import LONG
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.datasets import load_diabetes, load_linnerud
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import scale

from skneon import explain, neuralize
from skneon.metrics import exact_shapley
from skneon.network import Shapley

KINDS = ["full", "tied", "diag", "spherical"]
RULES = ["shapley", "integrated", "mean"]
LINNERUD = load_linnerud()
SETS = {
    "iris": REAL["iris"],
    "wine": REAL["wine"][:, :8],
    "cancer": REAL["cancer"][:, :10],
    "diabetes": scale(load_diabetes().data),
    "linnerud": scale(np.hstack([LINNERUD.data, LINNERUD.target])),
}


@dataclass
class Problem:
    """Rows X, and a mixture by its weights, means and full covariances."""

    X: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    kind: str
    cluster: np.ndarray

    @cached_property
    def precisions(self):
        return np.linalg.inv(self.covariances)

    @cached_property
    def log_weights(self):
        """Log of weight times density at the component's own mean."""
        d = self.means.shape[1]
        _, logdet = np.linalg.slogdet(self.covariances)
        return np.log(self.weights) - logdet / 2 - d / 2 * np.log(2 * np.pi)

    def model(self):
        model = GaussianMixture(len(self.means), covariance_type=self.kind)
        model.weights_, model.means_ = self.weights, self.means
        factors = np.linalg.inv(np.linalg.cholesky(self.covariances))
        factors = factors.transpose(0, 2, 1)
        variances = np.diagonal(self.covariances, axis1=1, axis2=2)
        model.precisions_cholesky_ = {
            "full": factors,
            "tied": factors[0],
            "diag": 1 / np.sqrt(variances),
            "spherical": 1 / np.sqrt(variances[:, 0]),
        }[self.kind]
        model.n_features_in_ = self.means.shape[1]
        return model


@st.composite
def problems(draw, max_features=8, min_components=1, kinds=KINDS, far=True):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    K, d = draw(st.integers(min_components, 5)), draw(st.integers(1, max_features))
    kind = draw(st.sampled_from(kinds))
    scales = 2.0 ** rng.integers(-3, 4, size=K if far else 1) * np.ones(K)
    factors = rng.normal(size=(K, d, d)) + 2 * np.eye(d)
    factors *= scales[:, None, None]
    covariances = factors @ factors.transpose(0, 2, 1)
    if kind == "tied":
        covariances[:] = covariances[0]
    if kind == "diag":
        covariances *= np.eye(d)
    if kind == "spherical":
        covariances = (scales**2)[:, None, None] * np.eye(d)
    offset = draw(st.sampled_from([0, 1024])) if far else 0
    means = np.round(rng.normal(size=(K, d)) * 3 * 2**10) / 2**10 + offset
    if K > 1 and draw(st.booleans()):
        means[1] = means[0]
    X = means[rng.integers(K, size=4)] + rng.normal(size=(4, d))
    X[0] += draw(st.sampled_from([0, 1e3])) if far else 0
    X[1] = means[0]
    weights = rng.dirichlet(np.ones(K)) if draw(st.booleans()) else np.full(K, 1 / K)
    weights = np.maximum(weights, 1e-12)
    cluster = rng.integers(K, size=4)
    return Problem(X, weights / weights.sum(), means, covariances, kind, cluster)


# Slow formulas


def log_sum_exp(logs):
    return logs.max() + np.log(np.sum(np.exp(logs - logs.max())))


def shares(problem, x):
    """Halves of (x - mu)_i [P (x - mu)]_i, shape (K, d)."""
    differences = LONG(1) * x - problem.means
    precisions = problem.precisions * LONG(1)
    return np.array(
        [
            D * (P * LONG(1) @ D) / 2
            for D, P in zip(differences, precisions, strict=True)
        ]
    )


def game(problem, x, c=None, rival=None):
    """Log weights and shares of the soft minimum that is explained."""
    a, C = LONG(1) * problem.log_weights, shares(problem, x)
    if c is None:
        return a, C
    rivals = [k for k in range(len(a)) if k != c] if rival is None else [rival]
    return a[rivals] - a[c], C[rivals] - C[c]


def terms(problem):
    """Sizes of the terms whose differences are explained, rounding of x included."""
    sizes = []
    precisions = np.abs(problem.precisions)
    condition = np.linalg.cond(problem.covariances).max()
    for x in problem.X:
        D = np.abs(x - problem.means)
        size = np.einsum("ki,kij,kj->k", D, precisions, D).sum()
        sizes.append(size * condition + 1)
    return np.array(sizes)


# Functional equivalence


@given(problems())
def test_outlier_network_equals_score_samples(problem):
    network = neuralize(problem.model(), target="outlier")
    score = network.forward(problem.X)
    for n, x in enumerate(problem.X):
        a, C = game(problem, x)
        expected = -log_sum_exp(a - C.sum(axis=1))
        error = abs(score[n] - expected)
        assert error <= 1e-9 * abs(expected) + 1e-13 * terms(problem)[n]
    if abs(problem.means).max() < 512:
        own = -problem.model().score_samples(problem.X)
        size = 1e-9 * np.abs(own) + 1e-13 * terms(problem)
        # score_samples expands the squares of diagonal metrics
        variances = np.diagonal(problem.covariances, axis1=1, axis2=2)
        size += 1e-14 * np.sum(problem.X**2, axis=1) / variances.min()
        assert np.all(np.abs(score - own) <= size)


@given(problems(min_components=2), st.booleans())
def test_cluster_network_is_the_log_odds(problem, ask_rival):
    K = len(problem.means)
    rival = (problem.cluster + 1) % K if ask_rival else None
    network = neuralize(problem.model())
    score = network.forward(problem.X, cluster=problem.cluster, rival=rival)
    for n, x in enumerate(problem.X):
        a, C = game(problem, x, problem.cluster[n], None if rival is None else rival[n])
        expected = -log_sum_exp(a - C.sum(axis=1))
        error = abs(score[n] - expected)
        assert error <= 1e-9 * abs(expected) + 1e-13 * terms(problem)[n]


def converged(model, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", [GaussianMixture, BayesianGaussianMixture])
@pytest.mark.parametrize("name", REAL)
def test_networks_equal_fitted_models(family, kind, name):
    # five columns of each, so that posteriors are not all 0 and 1
    X = REAL[name][:, :5]
    parameters = {"n_components": 3, "covariance_type": kind, "reg_covar": 1e-2}
    model = converged(family(random_state=0, **parameters), X)
    outlier = neuralize(model, target="outlier").forward(X)
    np.testing.assert_allclose(outlier, -model.score_samples(X), rtol=1e-9, atol=1e-9)
    network, posterior = neuralize(model), model.predict_proba(X)
    np.testing.assert_array_equal(network.explain(X).target, model.predict(X))
    for c in range(3):
        own, others = posterior[:, c], np.delete(posterior, c, axis=1).sum(axis=1)
        known = (own > 1e-300) & (others > 1e-300)
        evidence = network.forward(X[known], cluster=c)
        odds = np.log(own[known] / others[known])
        np.testing.assert_allclose(evidence, odds, rtol=1e-9, atol=1e-9)


def test_posteriors_that_underflow():
    rng = np.random.default_rng(0)
    d, scales = 300, np.array([1e-2, 1.0, 10.0])
    problem = Problem(
        X=np.array([[1e-3], [1e-2], [1], [10], [1e3]]) * rng.normal(size=(5, d)),
        weights=np.array([0.5, 0.3, 0.2]),
        means=np.zeros((3, d)),
        covariances=scales[:, None, None] ** 2 * np.eye(d),
        kind="spherical",
        cluster=np.zeros(5, dtype=int),
    )
    model = problem.model()
    network = neuralize(model, rule="mean")
    np.testing.assert_array_equal(
        network.explain(problem.X).target, model.predict(problem.X)
    )
    outlier = neuralize(model, target="outlier", rule="mean").explain(problem.X)
    np.testing.assert_allclose(
        outlier.score, -model.score_samples(problem.X), rtol=1e-9
    )
    assert_residual_is_constant(outlier, -logsumexp(problem.log_weights))
    for n, x in enumerate(problem.X):
        a, C = game(problem, x)
        assert_close(outlier.relevance[[n]], integrated(a, C)[None])
    for c in range(3):
        explanation = network.explain(problem.X, cluster=c)
        offsets = []
        for n, x in enumerate(problem.X):
            a, C = game(problem, x, c)
            expected = -log_sum_exp(a - C.sum(axis=1))
            assert abs(explanation.score[n] - expected) <= 1e-9 * abs(expected)
            assert_close(explanation.relevance[[n]], integrated(a, C)[None])
            offsets.append(float(-log_sum_exp(a)))
        assert_residual_is_constant(explanation, np.array(offsets))
    # a component that is hidden even at its own mean counts far out
    assert network.explain(problem.X[-1:]).target == 2
    for rule in (Shapley(n_subsets=1), "integrated"):
        for target in ("cluster", "outlier"):
            explanation = explain(model, problem.X, rule=rule, target=target)
            assert np.all(np.isfinite(explanation.relevance))


# Rules and conservation


@settings(max_examples=30)
@given(problems(max_features=4, min_components=2), st.booleans())
def test_mean_rule(problem, ask_rival):
    model, size = problem.model(), terms(problem)
    outlier = explain(model, problem.X, target="outlier", rule="mean")
    rival = (problem.cluster + 1) % len(problem.means) if ask_rival else None
    asked = {"cluster": problem.cluster, "rival": rival}
    cluster = explain(model, problem.X, rule="mean", **asked)
    for n, x in enumerate(problem.X):
        expected = integrated(*game(problem, x))
        assert_close(outlier.relevance[[n]], expected[None], 10 * size[n])
        question = problem.cluster[n], None if rival is None else rival[n]
        expected = integrated(*game(problem, x, *question))
        assert_close(cluster.relevance[[n]], expected[None], 10 * size[n])


def marginal_values(problem, c=None, rival=None):
    """Shapley values of each row by all subsets, each with its own submatrices."""
    given = (problem.weights, problem.means, problem.covariances)
    K, d = problem.means.shape
    out = []
    for n, x in enumerate(problem.X):

        def value(S, x=x[None], n=n):
            columns = np.array(S, dtype=int)
            if c is None:
                return gaussians.density_value(x, *given, columns)
            rivals = np.arange(K) != c[n]
            if rival is not None:
                rivals = np.arange(K) == rival[n]
            return gaussians.odds_value(x, *given, columns, c[n], rivals)

        out.append(gaussians.shapley(value, d)[0])
    return np.array(out)


@settings(max_examples=20)
@given(problems(max_features=5, min_components=2), st.booleans())
def test_shapley_rule_agrees_with_all_submatrices(problem, ask_rival):
    size = 10 * terms(problem)
    outlier = explain(problem.model(), problem.X, target="outlier")
    assert_close(outlier.relevance, marginal_values(problem), size)
    rival = (problem.cluster + 1) % len(problem.means) if ask_rival else None
    asked = {"cluster": problem.cluster, "rival": rival}
    explanation = explain(problem.model(), problem.X, **asked)
    expected = marginal_values(problem, problem.cluster, rival)
    assert_close(explanation.relevance, expected, size)


@pytest.mark.parametrize("kind", ["full", "tied", "diag"])
@pytest.mark.parametrize("name", SETS)
def test_shapley_values_of_real_sets(name, kind):
    X = SETS[name]
    model = GaussianMixture(3, covariance_type=kind, reg_covar=1e-2, random_state=0)
    model = converged(model, X)
    rows = X[:: max(1, len(X) // 3)]
    full = {
        "full": lambda C: C,
        "tied": lambda C: np.stack([C] * 3),
        "diag": lambda C: C[:, :, None] * np.eye(X.shape[1]),
    }[kind](model.covariances_)
    cluster = model.predict(rows)
    problem = Problem(rows, model.weights_, model.means_, full, kind, cluster)
    for target, expected in (
        ("outlier", marginal_values(problem)),
        ("cluster", marginal_values(problem, cluster)),
    ):
        got = explain(model, rows, target=target)
        size = np.abs(expected).sum(axis=1, keepdims=True)
        assert np.all(np.abs(got.relevance - expected) <= 1e-9 * size)
        exact = exact_shapley(model, rows, target=target)
        assert np.all(np.abs(exact.relevance - expected) <= 1e-9 * size)


def test_a_component_per_row_is_the_kernel_density():
    U, X = REAL["wine"][::6, :6], REAL["wine"][1::20, :6]
    density = KernelDensity(bandwidth=1.3).fit(U)
    gamma = 1 / (2 * 1.3**2)
    mixture = GaussianMixture(len(U), covariance_type="spherical")
    mixture.weights_ = np.full(len(U), 1 / len(U))
    mixture.means_, mixture.n_features_in_ = U, 6
    mixture.precisions_cholesky_ = np.full(len(U), 1 / 1.3)
    for got, expected in (
        (explain(mixture, X, target="outlier"), exact_shapley(density, X)),
        (
            explain(mixture, X, target="outlier", rule="integrated"),
            explain(density, X),
        ),
    ):
        size = gamma * expected.score[:, None]
        error = np.abs(got.relevance - gamma * expected.relevance)
        assert np.all(error <= 1e-9 * size)


def test_beyond_twelve_columns_orders_are_near():
    X = REAL["wine"]
    model = GaussianMixture(2, reg_covar=1e-2, random_state=0).fit(X)
    for target in ("outlier", "cluster"):
        network = neuralize(model, target=target, rule=Shapley(with_error=True))
        exact = exact_shapley(model, X[::10], target=target)
        own = network.explain(X[::10])
        distance = np.abs(own.relevance - exact.relevance).sum(axis=1)
        assert np.median(distance / np.abs(exact.relevance).sum(axis=1)) < 0.12
        sums = own.relevance.sum(axis=1)
        np.testing.assert_allclose(sums, exact.relevance.sum(axis=1), rtol=1e-9)
        z = (own.relevance - exact.relevance) / own.standard_error
        assert 0.3 < np.sqrt(np.mean(z**2)) < 2
        assert explain(model, X[:1], target=target).standard_error is None
    few = GaussianMixture(2, random_state=0).fit(X[:, :4])
    exact = explain(few, X[:5, :4], rule=Shapley(with_error=True))
    assert exact.standard_error is None


@given(problems(min_components=2), st.sampled_from(RULES), st.booleans())
def test_residual_is_the_constant_of_the_cluster(problem, rule, ask_rival):
    a, w, model = problem.log_weights, problem.weights, problem.model()
    K = len(a)
    outlier = explain(model, problem.X, target="outlier", rule=rule)
    rival = (problem.cluster + 1) % K if ask_rival else None
    asked = {"cluster": problem.cluster, "rival": rival}
    cluster = explain(model, problem.X, rule=rule, **asked)
    constant = []
    for n, c in enumerate(problem.cluster):
        rivals = np.delete(np.arange(K), c) if rival is None else [rival[n]]
        # prior log-odds, or the log-odds where all distances are 0
        logs = a if rule == "mean" else np.log(w)
        constant.append(-logsumexp(logs[rivals] - logs[c]))
    for explanation, expected in (
        (outlier, np.full(len(problem.X), -logsumexp(a))),
        (cluster, np.array(constant)),
    ):
        size = np.abs(explanation.relevance).sum(axis=1) + 1e-2 * np.abs(expected)
        bound = 1e-9 * size + 1e-13 * terms(problem)
        assert np.all(np.abs(explanation.residual - expected) <= bound)


# Laws


@given(
    problems(min_components=2),
    st.sampled_from(RULES),
    st.sampled_from(["cluster", "outlier"]),
    st.integers(0, 99),
)
def test_permutation_translation_and_scaling(problem, rule, target, seed):
    rng = np.random.default_rng(seed)
    d, size = problem.X.shape[1], 10 * terms(problem)
    options = {"target": target, "rule": rule}
    asked = {"cluster": problem.cluster} if target == "cluster" else {}
    expected = neuralize(problem.model(), **options).explain(problem.X, **asked)

    def changed(X, means, covariances):
        other = Problem(
            X, problem.weights, means, covariances, problem.kind, problem.cluster
        )
        return neuralize(other.model(), **options).explain(X, **asked)

    order = rng.permutation(d)
    got = changed(
        problem.X[:, order],
        problem.means[:, order],
        problem.covariances[:, order][:, :, order],
    )
    assert_close(got.relevance, expected.relevance[:, order], size)
    shift = 2.0 ** rng.integers(-3, 4)
    got = changed(problem.X + shift, problem.means + shift, problem.covariances)
    assert_close(got.relevance, expected.relevance, 1e4 * size)
    s = 2.0 ** rng.integers(-8, 9)
    got = changed(s * problem.X, s * problem.means, s**2 * problem.covariances)
    assert_close(got.relevance, expected.relevance, size)
    if target == "cluster":
        # units cancel in the odds, but not in a density
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", [GaussianMixture, BayesianGaussianMixture])
@pytest.mark.parametrize("target", ["cluster", "outlier"])
@pytest.mark.parametrize("rule", RULES)
def test_mechanics(family, rule, target):
    X = REAL["iris"]
    model = family(n_components=3, random_state=0).fit(X)
    check_mechanics(model, X[::9], refit_to_less, rule=rule, target=target)


def test_training_rows_can_be_given():
    X = REAL["iris"]
    model = GaussianMixture(3, random_state=0).fit(X)
    for target in ("cluster", "outlier"):
        got = explain(model, X_train=X, target=target)
        assert_same(got, explain(model, X, target=target))


# Questions and refusals


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("family", [GaussianMixture, BayesianGaussianMixture])
def test_one_component_has_infinite_evidence(rule, family):
    X = REAL["iris"]
    explanation = explain(family(n_components=1).fit(X), X, rule=rule)
    assert np.all(explanation.score == np.inf) and not explanation.relevance.any()
    assert np.all(explanation.rival == -1) and np.all(np.isnan(explanation.reference))
    model = family(n_components=1).fit(X)
    outlier = explain(model, X, target="outlier", rule=rule)
    np.testing.assert_allclose(outlier.score, -model.score_samples(X))
    Z, C = X - model.means_[0], np.linalg.inv(model.precisions_[0])
    if rule == "shapley":
        expected = gaussians.shapley(
            lambda S: gaussians.distance(Z, C, np.array(S, dtype=int)) / 2, 4
        )
        np.testing.assert_allclose(outlier.relevance, expected, rtol=1e-9)


def test_rival_is_the_most_probable_other_component():
    X = REAL["iris"]
    model = GaussianMixture(4, random_state=0).fit(X)
    explanation = explain(model, X, rule="mean")
    order = np.argsort(model.predict_proba(X), axis=1)
    sure = np.sort(model.predict_proba(X), axis=1)[:, -2] > 1e-200
    np.testing.assert_array_equal(explanation.rival[sure], order[sure, -2])
    np.testing.assert_array_equal(
        explanation.reference, model.means_[explanation.rival]
    )
    assert explanation.meta["reference"] == "mean of the most probable rival"
    np.testing.assert_array_equal(explain(model, X).rival, explanation.rival)
    asked = explain(model, X, cluster=0, rival=3)
    assert np.all(asked.rival == 3) and np.all(asked.target == 0)


def expected_of(x, i, mean, covariance):
    """Conditional mean of column i given the others, and the density of these."""
    others = np.delete(np.arange(len(x)), i)
    C = covariance[np.ix_(others, others)]
    slope = np.linalg.solve(C, covariance[others, i])
    density = multivariate_normal(mean[others], C).pdf(x[others])
    return mean[i] + slope @ (x - mean)[others], density


def test_reference_is_what_the_other_columns_let_expect():
    X = REAL["iris"][::11]
    model = GaussianMixture(3, random_state=0).fit(REAL["iris"])
    outlier = explain(model, X, target="outlier")
    assert outlier.meta["reference"] == "conditional mean"
    cluster = explain(model, X, cluster=0, rival=2)
    assert cluster.meta["reference"] == "conditional mean of the rivals"
    for n, x in enumerate(X):
        for i in range(4):
            both = [
                expected_of(x, i, *given)
                for given in zip(model.means_, model.covariances_, strict=True)
            ]
            values, densities = np.array(both).T
            expected = np.average(values, weights=model.weights_ * densities)
            np.testing.assert_allclose(outlier.reference[n, i], expected, rtol=1e-7)
            np.testing.assert_allclose(cluster.reference[n, i], values[2], rtol=1e-7)


def test_refusals():
    X = REAL["iris"]
    model = GaussianMixture(2, random_state=0).fit(X)
    with pytest.raises(NotFittedError):
        neuralize(GaussianMixture(2))
    with pytest.raises(ValueError, match="GaussianMixture does not keep its training"):
        explain(model)
    with pytest.raises(TypeError, match=r"has no clusters where.*it takes no cluster"):
        explain(model, X, target="outlier", cluster=1)
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target, rule"):
        explain(model, X, beta=1.0)
    for option, message in (
        ({"target": "inlier"}, "The 'target' parameter"),
        ({"rule": "midpoint"}, "'midpoint' does not explain log-odds of a mixture"),
        (
            {"target": "outlier", "rule": "w-square"},
            "take one of 'shapley', 'integrated', 'mean'",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            explain(model, X, **option)
