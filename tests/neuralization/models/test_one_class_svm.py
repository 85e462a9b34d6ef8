# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of one-class support vector machines."""

from copy import copy

import numpy as np
import pytest
from helpers import reference
from helpers.checks import (
    REAL,
    assert_residual_is_constant,
    check_mechanics,
    refit_to_less,
)
from helpers.laws import assert_close
from helpers.strategies import kinds, rows, seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.svm import OneClassSVM

from skneon import explain, neuralize
from skneon.network import SoftArgmin

TINY = np.finfo(float).tiny


@st.composite
def problems(draw):
    """A fitted model and query rows."""
    rng = np.random.default_rng(draw(seeds))
    d = draw(st.integers(1, 8))
    U, X = (
        rows(rng, draw(st.integers(3, 50)), d, "normal"),
        rows(rng, 4, d, draw(kinds)),
    )
    if draw(st.booleans()):
        U[1::2] = U[::2][: len(U[1::2])]
    X[0] = U[0]
    X[1] += draw(st.sampled_from([0, 50]))
    gamma = draw(st.sampled_from(["scale", "auto", 0.01, 0.5, 20.0]))
    model = OneClassSVM(gamma=gamma, nu=draw(st.sampled_from([0.1, 0.5, 0.9])))
    return model.fit(U), X


def gamma_of(model, U):
    d = model.n_features_in_
    named = {"scale": 1 / (d * U.var()) if U.var() else 1.0, "auto": 1 / d}
    return named.get(model.gamma, model.gamma)


def parts(model):
    """gamma, support vectors and normalised weights."""
    alpha = model.dual_coef_.ravel()
    return neuralize(model).meta["gamma"], model.support_vectors_, alpha / alpha.sum()


def slow_biased(x, u, alpha, gamma, beta):
    """Relevances of the units h_k + b_k, and the shares of the biases."""
    squares = reference.squared_differences(x, u)
    h, bias = squares.sum(axis=1), -np.log(alpha) / gamma
    R = reference.soft_argmin(h, alpha, beta)
    R = R * reference.log_mean_exp(h, alpha, gamma)
    size = h + bias
    ratio = np.divide(R, size, out=0 * R, where=size > 0)
    return squares * ratio[:, None], R, ratio @ bias


# Functional equivalence


@given(problems())
def test_score_is_the_log_of_score_samples(problem):
    model, X = problem
    gamma, u, alpha = parts(model)
    score = neuralize(model).forward(X)
    assert np.all(score >= 0)
    for x, o in zip(X, score, strict=True):
        expected = reference.log_mean_exp(reference.distances(x, u), alpha, gamma)
        assert abs(o - expected) <= 1e-9 * expected + 1e-13
    kernel_sum = model.score_samples(X)
    some = kernel_sum > 1e-280
    expected = -np.log(kernel_sum[some] / model.dual_coef_.sum()) / gamma
    # the kernel there is of expanded squares
    size = np.sum(X[some] ** 2, axis=1) + np.max(np.sum(u**2, axis=1)) + 1 / gamma
    # and its sum goes through decision_function, which takes the offset off
    size += np.abs(model.offset_) / kernel_sum[some] / gamma
    assert np.all(np.abs(score[some] - expected) <= 1e-9 * expected + 1e-13 * size)


@pytest.mark.parametrize("gamma", ["scale", "auto", 0.3])
@pytest.mark.parametrize("name", REAL)
def test_real_sets(name, gamma):
    X = REAL[name]
    model = OneClassSVM(gamma=gamma).fit(X)
    network = neuralize(model)
    assert network.meta["gamma"] == pytest.approx(gamma_of(model, X))
    kernel_sum = model.score_samples(X) / model.dual_coef_.sum()
    expected = -np.log(kernel_sum) / network.meta["gamma"]
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-9, atol=1e-12)
    # the score falls as score_samples grows
    order = np.argsort(model.score_samples(X))
    assert np.all(np.diff(network.forward(X)[order]) <= 1e-12)


def test_sparse_fits():
    X = REAL["wine"]
    dense = OneClassSVM(gamma=0.1).fit(X)
    model = OneClassSVM(gamma=0.1).fit(sparse.csr_matrix(X))
    np.testing.assert_allclose(
        neuralize(model).forward(X), neuralize(dense).forward(X), rtol=1e-6
    )


# Rules and conservation


@settings(max_examples=20)
@given(problems())
def test_integrated_rule(problem):
    model, X = problem
    gamma, u, alpha = parts(model)
    explanation = explain(model, X)
    assert_residual_is_constant(explanation, 0.0)
    assert np.all(explanation.relevance >= 0)
    expected = [reference.outlier_integrated(x, u, alpha, gamma) for x in X]
    assert_close(explanation.relevance, expected)


@pytest.mark.parametrize("epsilon", [1e-9, 60.0])
def test_the_stabiliser_is_the_larger_of_bias_and_epsilon(epsilon):
    X = REAL["wine"]
    model = OneClassSVM(gamma=0.1, nu=0.5).fit(X)
    gamma, u, alpha = parts(model)
    bias = -np.log(alpha) / gamma
    assert epsilon == 1e-9 or bias.min() < epsilon < bias.max()
    H = np.array([reference.distances(x, u) for x in X])
    R = np.array([reference.soft_argmin(h, alpha, gamma) for h in H])
    R *= neuralize(model).forward(X)[:, None]
    W = R / (H + np.maximum(bias, epsilon))
    expected = X**2 * W.sum(axis=1)[:, None] - 2 * X * (W @ u) + W @ u**2
    rule = "soft-argmin" if epsilon == 1e-9 else SoftArgmin(epsilon=epsilon)
    got = explain(model, X, rule=rule)
    np.testing.assert_allclose(got.relevance, expected, rtol=1e-11, atol=1e-11)


@given(problems(), st.sampled_from(["gamma", 0.0, 0.1, 10.0]))
def test_biases_dissipate_and_amplify_nothing(problem, beta):
    model, X = problem
    gamma, u, alpha = parts(model)
    rule = SoftArgmin(beta=beta, epsilon=0.0)
    explanation = explain(model, X, rule=rule)
    stiffness = gamma if beta == "gamma" else beta
    network = neuralize(model, rule=rule)
    for n, x in enumerate(X):
        shares, R, dissipated = slow_biased(x, u, alpha, gamma, stiffness)
        assert_close(explanation.relevance[[n]], shares.sum(axis=0)[None])
        # a lone unit on the row has nothing to hand on, and nowhere to lose it
        size = explanation.score[n] + 1e-300
        assert abs(explanation.residual[n] - dissipated) <= 1e-9 * size
        # below the smallest normal number no digit is sure
        assert np.all(shares.sum(axis=1) <= R * (1 + 1e-9) + TINY)
    assert np.all(explanation.relevance >= 0)
    total = explanation.relevance.sum(axis=1)
    assert np.all(total <= explanation.score * (1 + 1e-9) + TINY)
    assert np.all(network.network.units.bias >= 0)


# Laws


@given(problems(), st.sampled_from(["integrated", SoftArgmin(epsilon=0.0)]), seeds)
def test_permutation_translation_and_scaling(problem, rule, seed):
    model, X = problem
    rng = np.random.default_rng(seed)
    expected = explain(model, X, rule=rule)

    def changed(change, factor=1.0):
        other = copy(model)
        other.support_vectors_ = change(model.support_vectors_)
        other._gamma = model._gamma / factor**2
        return explain(other, change(X), rule=rule)

    order = rng.permutation(X.shape[1])
    got = changed(lambda X: X[:, order])
    assert_close(got.relevance, expected.relevance[:, order])
    shift = rng.integers(-999, 999, X.shape[1])
    got = changed(lambda X: X + shift)
    assert_close(got.relevance, expected.relevance)
    s = 2.0 ** rng.integers(-8, 9)
    got = changed(lambda X: X * s, s)
    assert_close(got.relevance, s**2 * expected.relevance)


@pytest.mark.parametrize(
    "options", [{}, {"rule": "soft-argmin"}, {"rule": SoftArgmin(beta=0.3)}]
)
def test_mechanics(options):
    X = REAL["iris"]
    check_mechanics(OneClassSVM().fit(X), X[::9], refit_to_less, **options)


# Refusals


@pytest.mark.parametrize("kernel", ["linear", "poly", "sigmoid"])
def test_other_kernels_are_refused(kernel):
    model = OneClassSVM(kernel=kernel).fit(REAL["iris"])
    with pytest.raises(
        ValueError, match=f"Only the rbf kernel .* got kernel='{kernel}'"
    ):
        neuralize(model)


def test_refusals():
    X = REAL["iris"]
    with pytest.raises(NotFittedError):
        neuralize(OneClassSVM())
    model = OneClassSVM().fit(X)
    with pytest.raises(ValueError, match="OneClassSVM does not keep its training rows"):
        explain(model)
    with pytest.raises(ValueError, match=r"'target' .*a str among {.*}. Got 'inl"):
        explain(model, X, target="inlier")
    with pytest.raises(TypeError, match="takes no members; it takes"):
        explain(model, X, members=X[:, 0])
    with pytest.raises(TypeError, match=r"has no clusters where.*it takes no cluster"):
        explain(model, X, cluster=0)
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target, rule"):
        explain(model, X, beta=1.0)
    for rule in ("midpoint", "exact-inlier"):
        message = (
            f"rule='{rule}' does not explain OneClassSVM: take one of 'activation'"
        )
        with pytest.raises(ValueError, match=message):
            explain(model, X, rule=rule)
