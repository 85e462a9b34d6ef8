# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weighted sums of shares by matrix products against sums over plain differences.

A pair that is near is summed from its differences; others err relative to products of
centred rows and points, which are at most a thousand times as large.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from helpers.strategies import kinds, rows, seeds, tight_clusters
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import Inputs, SquaredDistance
from skneon.network.numerics._distances_to_many import ALL
from skneon.network.numerics._shares import ProductShares, SquareShares

LONG = np.longdouble
TOLERANCE = 2e-14


@dataclass
class ShareProblem:
    """Rows Y that are mapped to Z, units, weights of the pairs, and a tile."""

    Y: np.ndarray
    Z: np.ndarray
    units: SquaredDistance
    W: np.ndarray
    tile: slice


def random_inputs(rng, m, p):
    """An affine map with columns of other sizes, and a center of its preimages."""
    A = rng.normal(size=(m, p)) * 10.0 ** rng.integers(-2, 3, size=p)
    b, c = rng.normal(size=p), rng.normal(size=m)
    return Inputs(np.arange(m), m, list(range(m)), A, b, c)


@st.composite
def share_problems(draw, mapped, tiled=True, max_rows=10, max_points=60):
    rng = np.random.default_rng(draw(seeds))
    n, N = draw(st.integers(1, max_rows)), draw(st.integers(1, max_points))
    m, p = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    if draw(st.booleans()):
        Y, V = np.split(tight_clusters(rng, n + N, m), [n])
    else:
        Y, V = rows(rng, n, m, draw(kinds)), rows(rng, N, m, draw(kinds))
    if draw(st.booleans()):
        Y[0] = V[0]
        Y[-1] = V[-1] + 1e-7 * rng.normal(size=m)
    if draw(st.booleans()):
        Y, V = Y + 1e8, V + 1e8
    inputs = random_inputs(rng, m, p) if mapped else Inputs.identity(m)
    units = SquaredDistance(inputs.project(V)).through(inputs)
    start = draw(st.integers(0, N - 1))
    stop = draw(st.integers(start + 1, N))
    tile = slice(start, stop) if tiled and draw(st.booleans()) else ALL
    W = rng.uniform(size=(n, len(V[tile]))) * 10.0 ** rng.integers(-3, 4, size=(n, 1))
    W *= rng.random(W.shape) < 0.9
    return ShareProblem(Y, inputs.project(Y), units, W, tile)


def factors(problem):
    """The two factors of each pair's shares, and their sizes; (n, N, m) each.

    Sizes are those of the terms which the sums are made of: of the differences where
    the pair is near, of centred rows and points where not.
    """
    units, tile, points = problem.units, problem.tile, problem.units.points
    inputs = units.inputs
    A = np.eye(len(points.center)) if inputs.matrix is None else inputs.matrix
    V = inputs.pull(units.support)
    made = units.rows(problem.Y)
    H, _, near = points.squared_distances(made, tile)
    close = np.zeros(H.shape, dtype=bool)
    if near is not None:
        close[near.n, near.k] = True
    left = LONG(1) * problem.Y[:, None] - V[tile]
    D = LONG(1) * problem.Z[:, None] - units.support[tile]
    middle = V.mean(axis=0)
    apart = np.abs(problem.Y - middle)[:, None] + np.abs(V[tile] - middle)
    centered = np.abs(problem.Z - points.center)[:, None]
    centered = centered + np.abs(units.support[tile] - points.center)
    close = close[:, :, None]
    left_size = np.where(close, np.abs(left), apart)
    right_size = np.where(close, np.abs(D), centered) @ np.abs(A.T)
    return made, near, left, D @ A.T, left_size * right_size


def check_sums(problem):
    units, tile, W = problem.units, problem.tile, problem.W
    made, near, left, right, size = factors(problem)
    expected = np.einsum("nk,nkm->nm", LONG(1) * W, left * right)
    given_weights = W.copy()
    sums, extra = units.shares.sums(made, given_weights, near, tile)
    got = units.shares.combine(made, sums) + extra
    bound = np.einsum("nk,nkm->nm", W, size)
    # columns are not told apart where the sum of the row is what is rounded
    assert np.all(np.abs(got - expected) <= TOLERANCE * bound.sum(axis=1)[:, None])
    # weights of near pairs are gone, or all are
    if near is None:
        np.testing.assert_array_equal(given_weights, W)
    else:
        assert not given_weights[near.n, near.k].any()
    return got, expected


@given(share_problems(False))
def test_shares_of_squared_distances(problem):
    assert type(problem.units.shares) is SquareShares
    got, expected = check_sums(problem)
    assert np.all(got >= 0)
    # of what sums to the squared distance 1e-11 is right, near or not
    error = np.abs(got - expected).sum(axis=1)
    assert np.all(error <= 1e-11 * expected.sum(axis=1))


@given(share_problems(True))
def test_shares_behind_a_linear_map(problem):
    assert type(problem.units.shares) is ProductShares
    check_sums(problem)


@given(st.one_of(share_problems(False, False), share_problems(True, False)))
def test_means_come_along(problem):
    made, near, *_ = factors(problem)
    shares, W = problem.units.shares, problem.W
    means, got = shares.weighted_with_means(made, W.copy(), near)
    augmented = problem.units.points.augmented
    size = W @ np.abs(augmented)
    assert np.all(np.abs(means - W @ augmented) <= TOLERANCE * size)
    expected = shares.weighted(made, W.copy(), near)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=0)


@given(
    st.one_of(share_problems(False, False), share_problems(True, False)),
    st.integers(1, 20),
)
def test_tiles_add_up(problem, length):
    made, _, _, _, size = factors(problem)
    points, shares, W = problem.units.points, problem.units.shares, problem.W
    total, more = 0.0, 0.0
    for start in range(0, len(points), length):
        tile = slice(start, start + length)
        _, _, near = points.squared_distances(made, tile)
        sums, extra = shares.sums(made, W[:, tile].copy(), near, tile)
        total, more = total + sums, more + extra
    got = shares.combine(made, total) + more
    _, _, near = points.squared_distances(made)
    expected = shares.weighted(made, W.copy(), near)
    bound = 2 * TOLERANCE * np.einsum("nk,nkm->n", W, size)
    assert np.all(np.abs(got - expected) <= bound[:, None])


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("width", [1e-9, 1e-6, 1e-3])
def test_many_near_pairs_keep_their_digits(mapped, width):
    """Two tight clusters far from the origin: half of all pairs are near."""
    rng = np.random.default_rng(0)
    X = 1e3 * rng.integers(2, size=(80, 1)) + width * rng.normal(size=(80, 4))
    inputs = random_inputs(rng, 4, 3) if mapped else Inputs.identity(4)
    units = SquaredDistance(inputs.project(X)).through(inputs)
    made = units.rows(X)
    H, _, near = units.points.squared_distances(made)
    assert near.many
    # a kernel that sees its own cluster alone
    W = np.where(H < 1, rng.uniform(size=H.shape), 0.0)
    left = LONG(1) * X[:, None] - units._preimages
    D = LONG(1) * made.Z[:, None] - units.support
    A = inputs.matrix if mapped else np.eye(4)
    expected = np.einsum("nk,nkm->nm", W, left * (D @ A.T))
    size = np.einsum("nk,nkm->nm", W, np.abs(left) * (np.abs(D) @ np.abs(A.T)))
    got = units.shares.weighted(made, W.copy(), near)
    assert np.all(np.abs(got - expected) <= 1e-13 * size)
