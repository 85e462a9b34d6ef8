# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Exact Shapley values of a model's score, against their definition."""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close, evidence_terms, fitted_kde, fitted_kmeans
from helpers.shapley import by_permutations
from helpers.strategies import centroid_problems, density_problems
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_iris
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.metrics import exact_shapley
from skneon.network.numerics._coalitions import all_coalitions, shapley_weights

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")


def outlier_game(x, u, pi, gamma):
    squares = reference.squared_differences(x, u)
    return lambda S: reference.log_mean_exp(squares[:, S].sum(axis=1), pi, gamma)


def inlier_game(x, u, pi, gamma):
    squares = reference.squared_differences(x, u)
    return lambda S: np.sum(pi * np.exp(-gamma * squares[:, S].sum(axis=1)))


def evidence_game(x, mu, c, rival=None):
    squares = reference.squared_differences(x, mu)
    rivals = [k for k in range(len(mu)) if k != c] if rival is None else [rival]
    return lambda S: min(np.sum(squares[k, S] - squares[c, S]) for k in rivals)


@settings(max_examples=20)
@given(density_problems(max_support=20, max_features=5))
def test_density_agrees_with_all_orders(problem):
    kde = fitted_kde(problem)
    d = problem.X.shape[1]
    parameters = problem.U, problem.pi, problem.gamma
    for target, game in [("outlier", outlier_game), ("inlier", inlier_game)]:
        exact = exact_shapley(kde, problem.X, target=target)
        for x, phi in zip(problem.X, exact.relevance, strict=True):
            expected = by_permutations(game(x, *parameters), d)
            np.testing.assert_allclose(
                phi, expected, atol=1e-10 * max(1, np.abs(expected).sum())
            )
        own = kde.explain(problem.X, target=target)
        np.testing.assert_allclose(exact.score, own.score, rtol=1e-9, atol=1e-300)


@settings(max_examples=20)
@given(centroid_problems(max_clusters=6, max_features=5), st.booleans())
def test_evidence_agrees_with_all_orders(problem, ask_rival):
    n_clusters, d = len(problem.mu), problem.X.shape[1]
    kmeans = fitted_kmeans(problem.mu, "shapley", 1.0)
    rival = (problem.cluster + 1) % n_clusters if ask_rival and n_clusters > 1 else None
    asked = {"cluster": problem.cluster, "rival": rival}
    exact = exact_shapley(kmeans, problem.X, **asked)
    rule = kmeans.explain(problem.X, **asked)
    if n_clusters == 1:
        assert not exact.relevance.any() and not rule.relevance.any()
        return
    for n, (x, c) in enumerate(zip(problem.X, problem.cluster, strict=True)):
        game = evidence_game(x, problem.mu, c, None if rival is None else rival[n])
        expected = by_permutations(game, d)
        bound = 1e-10 * max(1, np.abs(expected).sum(), evidence_terms(problem)[n] / 100)
        np.testing.assert_allclose(exact.relevance[n], expected, atol=bound)
        np.testing.assert_allclose(rule.relevance[n], expected, atol=bound)


def test_six_features():
    X = scale(load_diabetes().data)[:40, :6]
    kde, kmeans = NeonKDE(gamma=0.7).fit(X), NeonKMeans(5, random_state=0).fit(X)
    pi = np.full(40, 1 / 40)
    for target, game in [("outlier", outlier_game), ("inlier", inlier_game)]:
        expected = by_permutations(game(X[3] + 1, X, pi, 0.7), 6)
        got = exact_shapley(kde, X[[3]] + 1, target=target).relevance[0]
        np.testing.assert_allclose(got, expected, atol=1e-10)
    expected = by_permutations(evidence_game(X[3], kmeans.cluster_centers_, 2), 6)
    for got in (exact_shapley(kmeans, X[[3]], cluster=2), kmeans.explain(X[[3]], 2)):
        np.testing.assert_allclose(got.relevance[0], expected, atol=1e-10)


@given(density_problems(max_support=30, max_features=8, min_support=2))
def test_efficiency_symmetry_and_dummy(problem):
    U = problem.U.copy()
    X = problem.X.copy()
    if U.shape[1] >= 2:
        U[:, 1], X[:, 1] = U[:, 0], X[:, 0]
    if U.shape[1] >= 3:
        U[:, 2] = X[:, 2] = 7.0
    kde = NeonKDE(gamma=problem.gamma).fit(U, sample_weight=problem.sample_weight)
    exact = exact_shapley(kde, X)
    assert_close(exact.relevance.sum(axis=1)[:, None], exact.score[:, None])
    if U.shape[1] >= 2:
        np.testing.assert_allclose(
            exact.relevance[:, 0], exact.relevance[:, 1], rtol=1e-9, atol=1e-12
        )
    if U.shape[1] >= 3:
        assert np.all(np.abs(exact.relevance[:, 2]) <= 1e-12 * (1 + exact.score))
    inlier = exact_shapley(kde, X, target="inlier")
    np.testing.assert_allclose(inlier.relevance.sum(axis=1), inlier.score, atol=1e-10)


def test_leave_one_out():
    X = scale(load_iris().data)[:30]
    weight = np.random.default_rng(0).uniform(size=30)
    for target in ("outlier", "inlier"):
        kde = NeonKDE(gamma=1.0).fit(X, sample_weight=weight)
        exact = exact_shapley(kde, target=target)
        np.testing.assert_allclose(exact.score, kde.explain(target=target).score)
        for n in (0, 7):
            rest = np.arange(30) != n
            refit = NeonKDE(gamma=1.0).fit(X[rest], sample_weight=weight[rest])
            expected = exact_shapley(refit, X[[n]], target=target)
            np.testing.assert_allclose(
                exact.relevance[[n]], expected.relevance, rtol=1e-9
            )


def test_more_features_are_sampled_with_a_standard_error():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 16))
    X[:, 3] = 0.0
    kde = NeonKDE(gamma=0.1).fit(X)
    few = exact_shapley(kde, X[:4] + 1.0, n_permutations=40)
    many = exact_shapley(kde, X[:4] + 1.0, n_permutations=2000, random_state=1)
    assert "permutations" in few.meta["rule"]
    np.testing.assert_allclose(few.residual, 0, atol=1e-9)
    error = np.abs(few.relevance - many.relevance)
    assert np.mean(error <= 2 * few.standard_error + 1e-12) > 0.8
    assert np.median(many.standard_error) < 0.3 * np.median(few.standard_error)
    again = exact_shapley(kde, X[:4] + 1.0, n_permutations=40)
    np.testing.assert_array_equal(again.relevance, few.relevance)
    # fifteen features are not: the same rows without the constant one
    fifteen = np.delete(X, 3, axis=1)
    exact = exact_shapley(NeonKDE(gamma=0.1).fit(fifteen), fifteen[:4] + 1.0)
    assert exact.standard_error is None
    assert "all subsets" in exact.meta["rule"]


def test_inlierness_is_exact_at_any_number_of_features():
    X = np.random.default_rng(0).normal(size=(20, 14))
    for d in (1, 2, 13, 14):
        kde = NeonKDE(gamma=0.05).fit(X[:, :d])
        exact = exact_shapley(kde, X[:3, :d], target="inlier").relevance
        for x, phi in zip(X[:3, :d], exact, strict=True):
            masks = all_coalitions(d)
            squares = (x - X[:, :d]) ** 2
            values = np.exp(-0.05 * masks @ squares.T).mean(axis=1)
            values[0] = 0
            np.testing.assert_allclose(phi, values @ shapley_weights(d), atol=1e-12)
    wide = NeonKDE(gamma=0.01).fit(np.random.default_rng(0).normal(size=(20, 300)))
    explanation = exact_shapley(wide, target="inlier")
    np.testing.assert_allclose(explanation.residual, 0, atol=1e-12)


def test_networks_and_fitted_models_are_taken_too():
    X = scale(load_iris().data)
    density = KernelDensity(bandwidth=0.7).fit(X)
    kde = NeonKDE(gamma=1 / (2 * 0.7**2), rule="random-features").fit(X)
    for target in ("outlier", "inlier"):
        expected = exact_shapley(kde, X[:9], target=target).relevance
        for model in (density, neuralize(kde, target=target)):
            options = {} if hasattr(model, "layers") else {"target": target}
            got = exact_shapley(model, X[:9], **options).relevance
            np.testing.assert_allclose(got, expected, rtol=1e-9)
    with pytest.raises(TypeError, match="A network takes no target"):
        exact_shapley(neuralize(kde), X, target="inlier")
    with pytest.raises(ValueError, match="n_permutations == 1, must be >= 4"):
        exact_shapley(kde, X, n_permutations=1)
