# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tiles, arrays that are used again, and sums over tiles."""

from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import Query
from skneon.network.numerics import _tiles
from skneon.network.numerics._distances_to_many import ALL
from skneon.network.numerics._tiles import (
    ROWS,
    TILE,
    LeaveOut,
    Running,
    Scratch,
    support_tiles,
)


@given(st.integers(1, 5000), st.integers(0, 64), st.integers(64, 2000))
def test_tiles_cover_the_points_in_about_equal_parts(n_support, n_rows, size):
    with mock.patch.object(_tiles, "TILE", size):
        tiles = support_tiles(n_support, n_rows)
    assert tiles[0].start == 0 and tiles[-1].stop == n_support
    assert all(a.stop == b.start for a, b in pairwise(tiles))
    lengths = [tile.stop - tile.start for tile in tiles]
    assert min(lengths) >= 1 and max(lengths) - min(lengths) <= 1
    assert max(lengths) <= size // max(n_rows, 1) + 1
    # no more tiles than that takes
    assert (len(tiles) - 1) * size < n_support * max(n_rows, 1)


def test_few_points_are_one_tile():
    assert support_tiles(TILE // ROWS, ROWS) == [slice(0, TILE // ROWS)]
    assert len(support_tiles(TILE // ROWS + 1, ROWS)) == 2


# Scratch


def test_scratch_grows_and_is_used_again():
    scratch = Scratch()
    first = scratch("a", (3, 4), float)
    first[:] = 7.0
    assert np.shares_memory(scratch("a", (3, 4), float), first)
    smaller = scratch("a", (2, 5), float)
    assert np.shares_memory(smaller, first) and smaller.shape == (2, 5)
    np.testing.assert_array_equal(smaller, 7.0)
    larger = scratch("a", (5, 4), float)
    assert not np.shares_memory(larger, first)
    assert np.shares_memory(scratch("a", (3, 4), float), larger)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.lists(st.integers(0, 5), max_size=3),
            st.sampled_from([np.float64, np.float32, np.intp]),
        )
    )
)
def test_scratch_has_the_shape_and_dtype_that_is_asked_for(asked):
    scratch, given_out = Scratch(), {}
    for name, shape, dtype in asked:
        out = scratch(name, tuple(shape), dtype)
        assert out.shape == tuple(shape) and out.dtype == dtype
        assert out.flags.c_contiguous and out.flags.writeable
        given_out[name] = out
        for other, values in given_out.items():
            assert other == name or not np.shares_memory(out, values)


# Sums


def terms(T, least, stiffness):
    """exp(-stiffness (t - least)), and 0 for what is left out."""
    counts, least = np.isfinite(T), least[:, None]
    return np.exp(-stiffness * (np.where(counts, T, least) - least)) * counts


@given(seeds, st.integers(1, 6), st.integers(1, 40), st.sampled_from([0, 0.3, 1, 7]))
def test_running_sums_are_those_of_all_tiles(seed, n, N, stiffness):
    rng = np.random.default_rng(seed)
    T = rng.uniform(0, 10.0 ** rng.integers(-2, 4), size=(n, N))
    # points that are left out: in some rows those of the first tiles
    T[np.arange(N) < rng.integers(0, N, size=(n, 1))] = np.inf
    columns = rng.normal(size=(N, 3))
    running, least = Running(stiffness), np.full(n, np.inf)
    edges = np.unique(np.append(rng.integers(0, N, size=4), [0, N]))
    for start, stop in pairwise(edges):
        t = T[:, start:stop]
        before, least = least, np.minimum(least, t.min(axis=1))
        base = np.where(np.isfinite(least), least, 0.0)
        fall = np.where(np.isfinite(before), before - base, 0.0)
        E = terms(t, base, stiffness)
        running.add(fall, E.sum(axis=1), E @ columns[start:stop])
    E = terms(T, least, stiffness)
    mass, sums = running.sums
    np.testing.assert_allclose(mass, E.sum(axis=1), rtol=1e-10)
    bound = 1e-10 * E @ np.abs(columns)
    assert np.all(np.abs(sums - E @ columns) <= bound)


def test_a_single_tile_is_the_sum_itself():
    running, first = Running(), np.arange(3.0)
    running.add(np.zeros(3), first)
    assert running.sums[0] is first
    # a fall beyond all exponents leaves nothing of what was before
    running.add(np.full(3, 1e300), np.ones(3))
    np.testing.assert_array_equal(running.sums[0], 1)
    np.testing.assert_array_equal(first, np.arange(3.0))


# Points that are left out


@given(seeds, st.integers(1, 20), st.integers(1, 30), st.integers(1, 30))
def test_points_that_are_left_out_by_tile(seed, n, N, length):
    rng = np.random.default_rng(seed)
    numbers = rng.integers(-1, N, size=n)
    leave_out = LeaveOut(Query(leave_out=numbers))
    expected = numbers[:, None] == np.arange(N)
    got = np.zeros((n, N), dtype=bool)
    for start in range(0, N, length):
        tile = slice(start, min(start + length, N))
        rows, points = leave_out.in_tile(tile)
        assert len(rows) == len(points)
        got[:, tile][rows, points] = True
        assert np.all(points < tile.stop - tile.start) and np.all(points >= 0)
    np.testing.assert_array_equal(got, expected)
    whole = np.zeros((n, N), dtype=bool)
    whole[leave_out.in_tile(ALL)] = True
    np.testing.assert_array_equal(whole, expected)


@pytest.mark.parametrize("tile", [ALL, slice(2, 3)])
def test_nothing_is_left_out_unless_it_is_asked_for(tile):
    H = np.ones((3, 4))
    H[LeaveOut(Query()).in_tile(tile)] = np.inf
    assert np.isfinite(H).all()
    H[LeaveOut(Query(leave_out=np.full(3, -1))).in_tile(tile)] = np.inf
    assert np.isfinite(H).all()
