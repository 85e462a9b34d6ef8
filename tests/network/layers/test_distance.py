# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Distances to support points and their shares, against plain loops."""

import tracemalloc

import numpy as np
from helpers import reference
from helpers.strategies import density_problems, seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    Distance,
    GroupedLogMeanExp,
    Inputs,
    MemberDistance,
    Query,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.numerics._soft_min import squared_distances


@given(density_problems(max_support=50))
def test_weighted_squared_differences(problem):
    X, U = problem.X, problem.U
    rng = np.random.default_rng(0)
    H = squared_distances(X, U)
    W = rng.uniform(size=H.shape) / (1e-6 + H)
    got = SquaredDistance(U).weighted_shares(X, W, H, Query())
    for x, w, row in zip(X, W, got, strict=True):
        expected = w @ reference.squared_differences(x, U)
        assert np.abs(row - expected).sum() <= 1e-9 * expected.sum()


@given(density_problems(max_support=30), seeds)
def test_weights_of_both_signs(problem, seed):
    """As those of a layer in the middle, or of a rule of somebody else's."""
    X, U = problem.X, problem.U
    H = squared_distances(X, U)
    W = np.random.default_rng(seed).normal(size=H.shape) / (1e-6 + H)
    got = SquaredDistance(U).weighted_shares(X, W, H, Query())
    for x, w, row in zip(X, W, got, strict=True):
        squares = reference.squared_differences(x, U)
        size = np.sum(np.abs(w) @ squares)
        assert np.abs(row - w @ squares).sum() <= 1e-9 * size


def test_near_pairs_are_taken_in_blocks():
    rng = np.random.default_rng(0)
    X = 1e6 + rng.normal(size=(200, 50)) * 1e-6
    X[0] = -1e6
    H = squared_distances(X, X)
    W = np.ones_like(H)
    tracemalloc.start()
    got = SquaredDistance(X).weighted_shares(X, W, H, Query())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(got.sum(axis=1), H.sum(axis=1), rtol=1e-9)
    assert peak < X.size * len(X) * 8 / 4  # all pairs' differences take four times that


def random_inputs(rng, m, p):
    parents = np.sort(rng.integers(3, size=m))
    A, b, c = rng.normal(size=(m, p)), rng.normal(size=p), rng.normal(size=m)
    return Inputs(parents, 3, list(range(m)), A, b, c)


@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_shares_behind_a_linear_map(seed, m, p):
    """(y - v)_j [(z - u) A']_j, summed by column; they sum to the squared distance."""
    rng = np.random.default_rng(seed)
    inputs = random_inputs(rng, m, p)
    support, X = inputs.project(rng.normal(size=(6, m))), rng.normal(size=(4, m))
    Z, V = inputs.project(X), inputs.pull(support)
    for kind in (SquaredDistance, Distance):
        units = kind(support).through(inputs)
        C, H = units.contributions(X, Query()), units.forward(X, Query())
        W = rng.normal(size=H.shape)
        for n, k in np.ndindex(H.shape):
            share = (X[n] - V[k]) * ((Z[n] - support[k]) @ inputs.matrix.T)
            expected = [share[inputs.parents == i].sum() for i in range(3)]
            np.testing.assert_allclose(C[k, n], expected, atol=1e-9)
        square = np.sum((Z[:, None] - support) ** 2, axis=2)
        np.testing.assert_allclose(units.sums(H), square, atol=1e-9)
        np.testing.assert_allclose(C.sum(axis=2).T, square, atol=1e-9)
        np.testing.assert_allclose(units.activation(square), H, atol=1e-9)
        got = units.weighted_shares(X, W, square, Query())
        expected = np.einsum("nk,kni->ni", W, C)
        np.testing.assert_allclose(got, expected, atol=1e-9)


def test_activations_per_unit_of_their_sum():
    U, X = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 0.0]])
    units = Distance(U)
    H = units.forward(X, Query())
    np.testing.assert_array_equal(H, [[0, 5], [3, 4]])
    np.testing.assert_allclose(units.per_sum(H), [[0, 0.2], [1 / 3, 0.25]])
    assert SquaredDistance(U).per_sum(H) == 1.0
    # sums of shares that rounding took below 0
    assert units.activation(np.array([-1e-30])) == 0


def test_references_are_means_of_the_support_points():
    rng = np.random.default_rng(0)
    U, W = rng.normal(size=(7, 3)) + 1e8, rng.dirichlet(np.ones(7), size=4)
    got = SquaredDistance(U).reference(None, None, W, Query())
    np.testing.assert_allclose(got, W @ U, atol=1e-7)


@given(seeds)
def test_members_of_clusters_bear_evidence_of_both_signs(seed):
    rng = np.random.default_rng(seed)
    members = rng.permutation([0, 0, 1, 1, 2, 2, -1])
    U, X = rng.normal(size=(7, 2)), rng.normal(size=(4, 2))
    pooling = GroupedLogMeanExp(0.7, SupportWeights(np.full(7, 1 / 7)), members)
    units, query = MemberDistance(U, pooling), Query(cluster=np.arange(4) % 3)
    H = units.forward(X, query)
    _, W = pooling.pool(H, query)
    squares = (X[:, None] - U) ** 2
    expected = np.einsum("nk,nki->ni", W, squares)
    got = units.weighted_shares(X, W, H, query)
    np.testing.assert_allclose(got, expected, atol=1e-10)
    rivals = units.rivals(X, H, query)
    for n, x in enumerate(X):
        h = np.sum((x - U) ** 2, axis=1)
        soft = [-np.log(np.mean(np.exp(-0.7 * h[members == j]))) for j in range(3)]
        assert units.nearest(X)[n] == np.argmin(soft)
        others = [soft[j] if j != query.cluster[n] else np.inf for j in range(3)]
        assert rivals[n] == np.argmin(others)
        assert not W[n, (members != rivals[n]) & (members != query.cluster[n])].any()
        mean = W[n, members == rivals[n]] @ U[members == rivals[n]]
        reference_of = units.reference(X, H, W, query)[n]
        np.testing.assert_allclose(reference_of, mean, atol=1e-10)
