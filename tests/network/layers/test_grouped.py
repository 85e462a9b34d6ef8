# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Evidence for clusters of support points, by plain loops over the clusters."""

import numpy as np
import pytest
from helpers import reference
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon.network import (
    CentroidPairs,
    GroupedLogMeanExp,
    GroupedMin,
    Min,
    Query,
    SquaredDistance,
    SupportWeights,
)


@st.composite
def problems(draw):
    """Distances, weights, members of clusters, and who is asked about."""
    rng = np.random.default_rng(draw(seeds))
    K, n = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    N = K + draw(st.integers(0, 8))
    members = rng.permutation(np.append(np.arange(K), rng.integers(-1, K, size=N - K)))
    H, pi = rng.exponential(size=(n, N)), rng.dirichlet(np.ones(N))
    cluster, rival = rng.integers(K, size=n), None
    if K > 1 and draw(st.booleans()):
        rival = np.where(
            rng.random(n) < 0.3, -1, (cluster + rng.integers(1, K, size=n)) % K
        )
    leaves = N > 1 and draw(st.booleans())
    absent = rng.integers(-1, N, size=n) if leaves else None
    gamma = 10.0 ** draw(st.integers(-2, 2))
    pooling = GroupedLogMeanExp(gamma, SupportWeights(pi), members)
    return pooling, H, Query(absent=absent, cluster=cluster, rival=rival)


def soft_distances(pooling, h, absent):
    """o_j of all clusters for a row; inf where all members are absent."""
    counts = np.arange(len(h)) != absent
    pi, members = pooling.support_weights.weights, pooling.members
    out = []
    for j in range(pooling.n_clusters):
        own = (members == j) & counts
        out.append(
            reference.log_mean_exp(h[own], pi[own], pooling.gamma)
            if own.any()
            else np.inf
        )
    return np.array(out, dtype=float)


@given(problems())
def test_soft_distances_rivals_and_evidence(problem):
    pooling, H, query = problem
    soft, rivals = pooling.distances(H, query), pooling.rivals(H, query)
    with np.errstate(invalid="ignore"):
        score = pooling.forward(H, query)
    for n, h in enumerate(H):
        absent = -1 if query.absent is None else query.absent[n]
        expected = soft_distances(pooling, h, absent)
        np.testing.assert_allclose(soft[n], expected, rtol=1e-11)
        c, others = query.cluster[n], expected.copy()
        others[c] = np.inf
        if query.rival is not None and query.rival[n] >= 0:
            others[np.arange(len(others)) != query.rival[n]] = np.inf
        # a cluster that is left empty competes with none
        if np.isinf(expected[c]) or np.isinf(others).all():
            assert (rivals[n], score[n]) == (-1, np.inf)
            continue
        assert rivals[n] == others.argmin()
        f = others.min() - expected[c]
        np.testing.assert_allclose(score[n], f, rtol=1e-9, atol=1e-11)


@settings(max_examples=30)
@given(problems())
def test_weights_are_integrals_of_both_signs(problem):
    pooling, H, query = problem
    W = pooling._weights(H, query)
    rivals = pooling.rivals(H, query)
    pi, members = pooling.support_weights.weights, pooling.members
    for n, h in enumerate(H):
        absent = -1 if query.absent is None else query.absent[n]
        expected = np.zeros(len(h))
        signs = [(1, rivals[n]), (-1, query.cluster[n] if rivals[n] >= 0 else -2)]
        for sign, j in signs:
            own = (members == j) & (np.arange(len(h)) != absent) & (j >= 0)
            if own.any():
                expected[own] = sign * reference.integrated_weights(
                    h[own], pi[own], pooling.gamma
                )
        np.testing.assert_allclose(W[n], expected, atol=1e-9)
        if np.all(expected == 0):
            continue
        # what both sides share out is the evidence, where both have members
        soft = soft_distances(pooling, h, absent)
        f = soft[rivals[n]] - soft[query.cluster[n]]
        if np.isfinite(f):
            np.testing.assert_allclose(W[n] @ h, f, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("gamma", [1e-6, 1.0, 1e6])
def test_one_cluster_competes_with_nobody(gamma):
    members = np.array([0, 0, -1])
    pooling = GroupedLogMeanExp(gamma, SupportWeights(np.full(3, 1 / 3)), members)
    H, query = np.ones((2, 3)), Query(cluster=np.zeros(2, dtype=int))
    score, weights = pooling.pool(H, query)
    assert np.all(score == np.inf) and not weights.any()


@given(seeds, st.integers(1, 4), st.booleans())
def test_hard_minima(seed, n_clusters, with_rival):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.append(np.arange(n_clusters), rng.integers(n_clusters)))
    points, X = rng.normal(size=(n_clusters + 1, 3)), rng.normal(size=(5, 3))
    cluster, rival = rng.integers(n_clusters, size=5), np.full(5, -1)
    if with_rival and n_clusters > 1:
        rival = (cluster + rng.integers(1, n_clusters, size=5)) % n_clusters
        rival[0] = -1
    query, pooling = Query(cluster=cluster, rival=rival), GroupedMin(labels)
    H = SquaredDistance(points).forward(X, query)
    score, weights = pooling.pool(H, query)
    np.testing.assert_array_equal(pooling.forward(H, query), score)
    for n, h in enumerate(H):
        own = labels == cluster[n]
        others = ~own if rival[n] < 0 else labels == rival[n]
        if not others.any():
            assert score[n] == np.inf and not weights[n].any()
            continue
        expected = h[others].min() - h[own].min()
        assert score[n] == expected and weights[n] @ h == pytest.approx(expected)
        got = pooling.of_sums(query[[n]], np.arange(len(h)))(h[:, None])
        np.testing.assert_array_equal(got, [expected])
    # what centroids are, of which clusters have several
    units = CentroidPairs(points, labels)
    expected = Min().forward(units.forward(X, query), query)
    np.testing.assert_allclose(score, expected, atol=1e-12)
    game, pooling = units.in_game(Min())
    if units.sole is None:
        assert type(game) is SquaredDistance and type(pooling) is GroupedMin
    else:
        assert game is units and type(pooling) is Min
