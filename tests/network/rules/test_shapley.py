# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of the evidence for clusters and of soft minima."""

import numpy as np
import pytest
from helpers.laws import evidence_terms, fitted_kmeans
from helpers.shapley import by_permutations
from helpers.strategies import centroid_problems, seeds
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from skneon import NeonKMeans
from skneon.metrics import exact_shapley, relevance_distance
from skneon.network import (
    CentroidPairs,
    LogMeanExp,
    Min,
    Network,
    Query,
    Shapley,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.rules._shapley import questions


@given(centroid_problems(max_features=8), st.sampled_from([1, 16]))
def test_axioms_of_the_rule_for_clusters(problem, n_subsets):
    X, mu = problem.X.copy(), problem.mu.copy()
    d = X.shape[1]
    if d >= 2:
        X[:, 1], mu[:, 1] = X[:, 0], mu[:, 0]
    if d >= 3:
        mu[:, 2] = 7.0
    kmeans = fitted_kmeans(mu, Shapley(n_subsets), 1.0)
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
        relevance_distance(kmeans.explain(cluster=clusters, rule=Shapley(n)), exact)
        for n in (4, 16, 64)
    ]
    # so many subsets take the work of all coalitions of 13 features
    assert distance[0] > distance[1] and distance[1] < 0.05 and distance[2] < 1e-12


@given(centroid_problems(max_features=5, max_clusters=5))
def test_evidence_agrees_with_all_orders(problem):
    network = Network(CentroidPairs(problem.mu), Min(), Shapley())
    got = network.propagate(problem.X, Query(cluster=problem.cluster)).relevance
    size = evidence_terms(problem)
    for n, (x, c) in enumerate(zip(problem.X, problem.cluster, strict=True)):
        rivals = np.delete(problem.mu, c, axis=0)
        shares = (x - rivals) ** 2 - (x - problem.mu[c]) ** 2
        if not len(rivals):
            assert not got[n].any()
            continue

        def value(S, shares=shares):
            return shares[:, S].sum(axis=1).min()

        error = np.abs(got[n] - by_permutations(value, len(x)))
        assert np.all(error <= 1e-12 * size[n])


@given(seeds, st.integers(1, 5), st.booleans())
def test_soft_minima_agree_with_all_orders(seed, d, left_out):
    rng = np.random.default_rng(seed)
    U, X, pi = rng.normal(size=(8, d)), rng.normal(size=(3, d)), rng.dirichlet([1] * 8)
    pooling = LogMeanExp(0.7, SupportWeights(pi))
    network = Network(SquaredDistance(U), pooling, Shapley())
    absent = np.array([2, -1, 0]) if left_out else None
    got = network.propagate(X, Query(absent=absent)).relevance
    for n, x in enumerate(X):
        counts = np.arange(8) != (-1 if absent is None else absent[n])
        squares, weights = (x - U[counts]) ** 2, pi[counts] / pi[counts].sum()

        def value(S, squares=squares, weights=weights):
            T = squares[:, S].sum(axis=1)
            return -np.log(weights @ np.exp(-0.7 * T)) / 0.7

        np.testing.assert_allclose(got[n], by_permutations(value, d), atol=1e-10)


def test_rows_are_taken_together_where_they_ask_the_same():
    H = np.ones((6, 3))
    H[[1, 4], 0], H[5] = np.inf, np.inf
    cluster = np.array([0, 0, 1, 0, 0, 0])
    got = {
        tuple(rows.tolist()): tuple(competes.tolist())
        for rows, competes in questions(H, Query(cluster=cluster))
    }
    assert got == {(0, 3): (0, 1, 2), (1, 4): (1, 2), (2,): (0, 1, 2)}
    absent = Query(absent=np.arange(6))
    assert sum(1 for _ in questions(H, absent)) == 5
    asked = np.arange(6) < 2
    # in whatever order
    found = sorted(rows.tolist() for rows, _ in questions(H, Query(), asked))
    assert found == [[0], [1]]
