# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of poolings, and the rules for clusters."""

import numpy as np
import pytest
import scipy.sparse
from helpers.laws import evidence_terms, fitted_kmeans
from helpers.shapley import by_permutations
from helpers.strategies import centroid_problems
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from skneon import NeonKMeans, explain
from skneon.metrics import exact_shapley, relevance_distance
from skneon.network.rules._shapley import (
    marginal_background,
    owen_coalitions,
    pooled_shapley,
)


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
