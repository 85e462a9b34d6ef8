# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values: the rule for clusters, and the exact reference of the metrics."""

from itertools import permutations

import numpy as np
import pytest
import reference
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import scale
from strategies import centroid_problems, density_problems
from test_laws import assert_close, evidence_terms, fitted_kde, fitted_kmeans

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.metrics import exact_shapley, relevance_distance
from skneon.network.rules._shapley import (
    all_coalitions,
    marginal_background,
    owen_coalitions,
    pooled_shapley,
    shapley_weights,
)


def by_permutations(value, d):
    """Shapley values from their definition: marginals averaged over all orders."""
    phi = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        before = 0.0
        for position, i in enumerate(order):
            after = float(value(list(order[: position + 1])))
            phi[i] += after - before
            before = after
    return phi / len(orders)


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


@given(centroid_problems(max_features=8), st.sampled_from([1, 16]))
def test_axioms_of_the_rule_for_clusters(problem, n_subsets):
    X, mu = problem.X.copy(), problem.mu.copy()
    d = X.shape[1]
    if d >= 2:
        X[:, 1], mu[:, 1] = X[:, 0], mu[:, 0]
    if d >= 3:
        mu[:, 2] = 7.0
    kmeans = fitted_kmeans(mu, "shapley", 1.0).set_params(n_subsets=n_subsets)
    explanation = kmeans.explain(X, cluster=problem.cluster)
    if len(mu) == 1:
        return
    size = evidence_terms(problem) + 1 + np.sum(X**2, axis=1) + np.sum(mu**2)
    assert np.all(np.abs(explanation.residual) <= 1e-12 * size)
    exact = 2**d <= 2 * 2 * 8 * n_subsets * (d + 1)
    if d >= 2 and exact:
        difference = explanation.relevance[:, 0] - explanation.relevance[:, 1]
        assert np.all(np.abs(difference) <= 1e-12 * size)
    if d >= 3:
        assert np.all(np.abs(explanation.relevance[:, 2]) <= 1e-12 * size)


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


@pytest.mark.parametrize("n_clusters", [3, 6, 8])
@pytest.mark.parametrize("assigned", [True, False])
def test_sampled_rule_is_near_the_exact_values(n_clusters, assigned):
    X = scale(load_wine().data)
    kmeans = NeonKMeans(n_clusters, random_state=0, n_init=3).fit(X)
    clusters = kmeans.labels_ if assigned else (kmeans.labels_ + 1) % n_clusters
    exact = exact_shapley(kmeans, cluster=clusters)
    distance = [
        relevance_distance(
            kmeans.set_params(n_subsets=n).explain(cluster=clusters), exact
        )
        for n in (4, 16, 64)
    ]
    # so many subsets take the work of all coalitions of 13 features
    assert distance[0] > distance[1] and distance[1] < 0.05 and distance[2] < 1e-12


def test_owen_coalitions_hold_features_with_the_right_probability():
    masks, weights = owen_coalitions(5, 64)
    assert weights.sum() == pytest.approx(1)
    # E_q[q] = 1/2, E_q[q^2] = 1/3
    np.testing.assert_allclose(weights @ masks, 0.5, atol=0.005)
    pairs = np.einsum("m,mi,mj->ij", weights, masks, masks)
    np.testing.assert_allclose(pairs[np.triu_indices(5, 1)], 1 / 3, atol=0.02)
    assert not masks.flags.writeable


def test_any_pooling_can_be_shared():
    rng = np.random.default_rng(0)
    C = rng.uniform(size=(4, 10, 14))

    def soft_min(T):
        return -np.log(np.mean(np.exp(-T), axis=0))

    score = soft_min(C.sum(axis=2))
    exact = pooled_shapley(C, soft_min, score, n_subsets=1024)
    sampled = pooled_shapley(C, soft_min, score, n_subsets=16)
    assert relevance_distance(sampled, exact) < 0.005
    np.testing.assert_allclose(sampled.sum(axis=1), score)


def test_interventional_rule_agrees_with_all_orders():
    X = scale(load_wine().data)[:, :5]
    kmeans = NeonKMeans(4, random_state=0, n_init=1, rule="interventional").fit(X)
    mu, background = (
        kmeans.cluster_centers_,
        marginal_background(X, np.arange(X.shape[1])),
    )
    for asked in ({}, {"cluster": 2}, {"cluster": 1, "rival": 3}):
        explanation = kmeans.explain(X[:3], **asked)
        for n in range(3):
            c = explanation.target[n]
            rivals = [asked["rival"]] if "rival" in asked else list({0, 1, 2, 3} - {c})

            def value(S, x=X[n], c=c, rivals=rivals):
                rows = background.copy()
                rows[:, S] = x[S]
                h = ((rows[:, None] - mu) ** 2).sum(axis=2)
                return (h[:, rivals].min(axis=1) - h[:, c]).mean()

            expected = by_permutations(value, 5) - value([]) / 5
            marginals_from_zero = by_permutations(value, 5)
            # the first marginal of every order starts from 0 there, not from v(empty)
            assert np.isclose(marginals_from_zero.sum(), explanation.score[n])
            np.testing.assert_allclose(explanation.relevance[n], expected, atol=1e-10)
            np.testing.assert_allclose(explanation.residual[n], value([]), atol=1e-10)


def test_interventional_rule_of_other_models_and_inputs():
    X = np.where(scale(load_wine().data) > 0.5, 1.0, 0.0)
    kmeans = NeonKMeans(3, random_state=0, n_init=1, rule="interventional").fit(X)
    expected = kmeans.explain().relevance
    plain = KMeans(3, random_state=0, n_init=1).fit(X)
    got = explain(plain, X, rule="interventional", X_train=X).relevance
    np.testing.assert_allclose(got, expected)
    with pytest.raises(ValueError, match="KMeans does not keep: pass them as X_train"):
        explain(plain, X, rule="interventional")
    sparse = NeonKMeans(3, init=kmeans.cluster_centers_, n_init=1)
    sparse.set_params(rule="interventional").fit(scipy.sparse.csr_array(X))
    np.testing.assert_allclose(sparse.explain().relevance, expected, atol=1e-9)
    single = NeonKMeans(1, rule="interventional").fit(X).explain()
    assert not single.relevance.any()


def test_marginal_background_has_the_quantiles_of_the_data():
    X = load_wine().data
    background = marginal_background(X, np.arange(X.shape[1]))
    assert background.shape == (64, 13)
    quantiles = [0.1, 0.5, 0.9]
    spread = np.ptp(X, axis=0)
    difference = np.quantile(background, quantiles, axis=0) - np.quantile(
        X, quantiles, axis=0
    )
    assert np.all(np.abs(difference) <= 0.05 * spread)
    # columns that go together do not in the background
    assert abs(np.corrcoef(background[:, 5], background[:, 6])[0, 1]) < 0.2
    assert np.corrcoef(X[:, 5], X[:, 6])[0, 1] > 0.8


def test_networks_and_fitted_models_are_taken_too():
    X = scale(load_iris().data)
    density = KernelDensity(bandwidth=0.7).fit(X)
    kde = NeonKDE(gamma=1 / (2 * 0.7**2), inlier="random_features").fit(X)
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
