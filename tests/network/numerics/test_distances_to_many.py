# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Squared distances by matrix products against differences in extended precision."""

from dataclasses import dataclass

import numpy as np
import pytest
from helpers.strategies import kinds, rows, seeds, tight_clusters
from hypothesis import given
from hypothesis import strategies as st

from skneon.network.numerics import _distances_to_many as _points
from skneon.network.numerics._distances_to_many import ALL, NEAR, Points, blocks

LONG = np.longdouble
# relative error of a distance by a matrix product, at the bound of what is near
TOLERANCE = 4e-12


@dataclass
class PointProblem:
    """Rows Z, points U, and a slice of these."""

    Z: np.ndarray
    U: np.ndarray
    tile: slice


@st.composite
def point_problems(draw, max_rows=12, max_points=60):
    rng = np.random.default_rng(draw(seeds))
    n, N = draw(st.integers(1, max_rows)), draw(st.integers(1, max_points))
    d = draw(st.integers(1, 5))
    if draw(st.booleans()):
        Z, U = np.split(tight_clusters(rng, n + N, d), [n])
    else:
        Z, U = rows(rng, n, d, draw(kinds)), rows(rng, N, d, draw(kinds))
    if draw(st.booleans()):
        # a few near pairs: rows that are points, and next to points
        Z[0] = U[0]
        Z[-1] = U[-1] + 1e-7 * rng.normal(size=d)
    if draw(st.booleans()):
        Z[rng.integers(n)] *= 1e6
    if draw(st.booleans()):
        Z = Z + 1e8
    if draw(st.booleans()):
        Z, U = Z + 1e8, U + 1e8
    start = draw(st.integers(0, N - 1))
    stop = draw(st.integers(start + 1, N))
    tile = draw(st.sampled_from([ALL, slice(start, stop)]))
    return PointProblem(Z, U, tile)


def squared(Z, U):
    """Squared distances in extended precision."""
    return np.sum((LONG(1) * Z[:, None] - U) ** 2, axis=2)


def sizes(points, Z, tile=ALL):
    """Squared norms of rows and points from the center, added up by pair."""
    norms = [np.sum((A - points.center) ** 2, axis=1) for A in (Z, points.points)]
    return norms[0][:, None] + norms[1][tile]


@given(point_problems())
def test_distances_are_accurate(problem):
    Z, tile, points = problem.Z, problem.tile, Points(problem.U)
    expected = squared(Z, problem.U[tile])
    out = np.full(expected.shape, np.nan)
    H, least, _ = points.squared_distances(points.rows(Z, Z), tile, out)
    assert H is out
    assert np.all(np.abs(H - expected) <= TOLERANCE * expected)
    np.testing.assert_array_equal(least, H.min(axis=1))


@given(point_problems(), st.floats(-12, 12), st.sampled_from([0, 1e-12, 1e-3, 1, 1e9]))
def test_scaled_points_give_the_distances_times_a_number_plus_a_number(
    problem, log10_scale, shift
):
    Z, tile, scale = problem.Z, problem.tile, 10**log10_scale
    plain = Points(problem.U)
    points = plain.scaled(scale, shift)
    expected = LONG(scale) * squared(Z, problem.U[tile])
    T, least, near = points.squared_distances(points.rows(Z, Z), tile)
    # the shift is rounded by itself
    size = TOLERANCE * expected + 1e-15 * LONG(shift)
    assert np.all(np.abs(T - (expected + LONG(shift))) <= size)
    np.testing.assert_array_equal(least, T.min(axis=1))
    # what they are made of stays as it was
    again, _, near_again = plain.squared_distances(plain.rows(Z, Z), tile)
    same, _, _ = Points(problem.U).squared_distances(plain.rows(Z, Z), tile)
    np.testing.assert_array_equal(again, same)
    if shift == 0:
        assert (near is None) == (near_again is None)


@given(point_problems())
def test_near_pairs_are_those_below_the_bound(problem):
    Z, tile, points = problem.Z, problem.tile, Points(problem.U)
    made = points.rows(Z, Z)
    H, _, near = points.squared_distances(made, tile)
    bound = NEAR["d"] * sizes(points, Z, tile)
    marks = np.zeros(H.shape, dtype=bool)
    if near is not None:
        assert len(near.n) == len(near.k) > 0
        marks[near.n, near.k] = True
        assert marks.sum() == len(near.n)
        assert np.all(np.diff(near.n) >= 0)
        assert near.many == (len(near.n) > _points.MANY * H.size)
    exact = squared(Z, problem.U[tile])
    assert np.all(marks[exact <= 0.999 * bound])
    assert not np.any(marks[exact > 1.001 * bound])


def test_few_and_many_near_pairs_are_told_apart():
    rng = np.random.default_rng(0)
    U = rng.normal(size=(200, 3))
    made = Points(U).rows(U[:5], U[:5])
    H, least, near = Points(U).squared_distances(made)
    assert not near.many and {*zip(range(5), range(5), strict=True)} <= {
        *zip(near.n.tolist(), near.k.tolist(), strict=True)
    }
    assert not least.any() and not H[range(5), range(5)].any()
    apart = tight_clusters(rng, 200, 3)
    *_, near = Points(apart).squared_distances(Points(apart).rows(apart, apart))
    assert near.many
    far = U[:5] + 100
    *_, near = Points(U).squared_distances(Points(U).rows(far, far))
    assert near is None


@pytest.mark.parametrize("value", [0.1, 1e8 + 0.1, -1e140])
def test_columns_of_one_value_are_centred_exactly(value):
    U = np.column_stack([np.full(7, value), np.arange(7.0)])
    points = Points(U)
    assert points.center[0] == value
    assert not points.centered[:, 0].any()
    np.testing.assert_array_equal(points.augmented[:, -1], 1)
    H, _, _ = points.squared_distances(points.rows(U, U))
    expected = (U[:, 1:] - U[:, 1]) ** 2
    np.testing.assert_allclose(H, expected, rtol=TOLERANCE, atol=0)


def test_magnitudes_up_to_the_largest_that_are_allowed():
    rng = np.random.default_rng(0)
    for size in (1e-140, 1e-70, 1e70, 1e140):
        Z, U = rng.normal(size=(2, 30, 4)) * size
        points = Points(U)
        H, _, _ = points.squared_distances(points.rows(Z, Z))
        np.testing.assert_allclose(H, squared(Z, U).astype(float), rtol=TOLERANCE)


@given(st.integers(0, 50), st.integers(1, 20))
def test_blocks_of_pairs(n_pairs, size):
    n, k = np.arange(n_pairs), 2 * np.arange(n_pairs)
    parts = list(blocks(n, k, size))
    assert all(1 <= len(some) <= size for some, _ in parts)
    for whole, part in ((n, 0), (k, 1)):
        together = [i for pair in parts for i in pair[part].tolist()]
        assert together == whole.tolist()
