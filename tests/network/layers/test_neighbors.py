# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Poolings of the nearest support points, against sorted distances."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    LocalOutlierFactorPooling,
    NearestNeighborsPooling,
    Query,
    SupportWeights,
)


@st.composite
def problems(draw):
    """Distances, a number of neighbours, and points that are absent from rows."""
    rng = np.random.default_rng(draw(seeds))
    N, n = draw(st.integers(2, 12)), draw(st.integers(1, 6))
    k = draw(st.integers(1, N - 1))
    H = rng.exponential(size=(n, N))
    absent = rng.integers(-1, N, size=n) if draw(st.booleans()) else None
    return H, k, Query(absent=absent)


def order_of(H, query, n):
    """Numbers of the points that are present, by distance."""
    absent = -1 if query.absent is None else query.absent[n]
    return [j for j in np.argsort(H[n], kind="stable") if j != absent]


@given(problems(), st.sampled_from(["mean", "kth"]))
def test_nearest_neighbours(problem, statistic):
    H, k, query = problem
    weights = SupportWeights(np.full(H.shape[1], 1 / H.shape[1]))
    pooling = NearestNeighborsPooling(k, statistic, weights)
    score, W = pooling.pool(H, query)
    np.testing.assert_array_equal(pooling.forward(H, query), score)
    np.testing.assert_allclose(W.sum(axis=1), 1)
    neighbors = pooling.neighbors(H, query)
    for n, h in enumerate(H):
        nearest = order_of(H, query, n)[:k]
        assert neighbors[n].tolist() == nearest
        counted = nearest if statistic == "mean" else nearest[-1:]
        np.testing.assert_allclose(score[n], h[counted].mean())
        assert set(np.flatnonzero(W[n])) == set(counted)
    np.testing.assert_allclose(pooling.summands(H, W, query).sum(axis=1), score)


def test_ties_are_those_of_the_model():
    H = np.array([[1.0, 2.0, 2.0, 2.0], [1.0, 2.0, 3.0, 3.0]])
    pooling = NearestNeighborsPooling(2, "mean", SupportWeights(np.full(4, 0.25)))
    theirs = np.array([[0, 3], [0, 2]])
    got = pooling.neighbors(H, Query(neighbors=theirs))
    # what the model finds counts where it is as near as any, and not else
    np.testing.assert_array_equal(got, [[0, 3], [0, 1]])


def test_points_that_the_model_finds_in_a_tie_do_not_stand_for_nearer_ones():
    # by some of the columns alone the model's neighbours are others, or in other order
    H = np.array([[1.0, 2.0, 2.0, 5.0], [3.0, 1.0, 4.0, 5.0]])
    weights = SupportWeights(np.full(4, 0.25))
    query = Query(neighbors=np.array([[1, 2], [0, 1]]))
    for statistic, expected in (("mean", [1.5, 2.0]), ("kth", [2.0, 3.0])):
        pooling = NearestNeighborsPooling(2, statistic, weights)
        np.testing.assert_array_equal(pooling.forward(H, query), expected)


def test_groups_are_absent_together():
    groups = np.array([0, 0, 1, 1])
    weights = SupportWeights(np.full(4, 0.25), groups=groups)
    pooling = NearestNeighborsPooling(2, "mean", weights)
    H = np.array([[1.0, 2.0, 3.0, 4.0]] * 3)
    got = pooling.neighbors(H, Query(absent=np.array([-1, 0, 1])))
    np.testing.assert_array_equal(got, [[0, 1], [2, 3], [0, 1]])


@given(problems(), seeds)
def test_local_outlier_factor(problem, seed):
    H, k, query = problem
    rng, N = np.random.default_rng(seed), H.shape[1]
    k_distance, density = rng.exponential(size=N), rng.exponential(size=N)
    weights = SupportWeights(np.full(N, 1 / N))
    pooling = LocalOutlierFactorPooling(k_distance, density, k, weights)
    score, W = pooling.pool(H, query)
    summands = pooling.summands(H, W, query)
    for n, h in enumerate(H):
        nearest = order_of(H, query, n)[:k]
        reach = np.maximum(h[nearest], k_distance[nearest]).mean() + 1e-10
        mean_density = density[nearest].mean()
        np.testing.assert_allclose(score[n], mean_density * reach)
        expected = np.zeros(N)
        for j in nearest:
            if h[j] > k_distance[j]:
                expected[j] = mean_density * h[j] / k
        np.testing.assert_allclose(summands[n], expected, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 3])
def test_k_distances_beyond_all_rows_leave_nothing_to_share(k):
    weights = SupportWeights(np.full(4, 0.25))
    pooling = LocalOutlierFactorPooling(np.full(4, 9.0), np.ones(4), k, weights)
    H = np.random.default_rng(0).uniform(size=(3, 4))
    score, W = pooling.pool(H, Query())
    np.testing.assert_allclose(score, 9.0)
    assert not pooling.summands(H, W, Query()).any()
