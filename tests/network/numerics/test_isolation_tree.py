# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Trees as arrays, their gains, and which way rows go."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network.numerics._isolation_tree import (
    IsolationTree,
    expected_depth,
    goes_left,
    rounded_down,
)
from skneon.network.numerics._leaf_tables import borders_by_column, gains_by_column

# a root of 8 rows; its left child of 5 is split by column 1, and that's right one by 0
LEFT = np.array([1, 3, -1, -1, 5, -1, -1])
RIGHT = np.array([2, 4, -1, -1, 6, -1, -1])
FEATURE = np.array([0, 1, -2, -2, 0, -2, -2])
BORDER = np.array([0.5, -1.0, -2.0, -2.0, 0.1, -2.0, -2.0])
N_ROWS = np.array([8, 5, 3, 1, 4, 2, 2])
MISSING = np.array([False, True, False, False, False, False, False])
TREE = IsolationTree(LEFT, RIGHT, FEATURE, BORDER, N_ROWS, MISSING)


def test_expected_depths_are_those_of_the_paper():
    n = np.array([0, 1, 2, 3, 10, 256])
    many = 2 * (np.log(n[3:] - 1) + np.euler_gamma) - 2 * (n[3:] - 1) / n[3:]
    np.testing.assert_allclose(expected_depth(n), [0, 0, 1, *many])
    # random splits of n rows: the sum over their trees, exact but for the logarithm
    harmonic = np.sum(1 / np.arange(1, 256))
    assert abs(expected_depth(256) - (2 * harmonic - 2 * 255 / 256)) < 0.01


def test_gains_add_up_to_the_splits_saved():
    c = expected_depth(N_ROWS)
    depth = np.array([0, 1, 1, 2, 2, 3, 3])
    np.testing.assert_allclose(TREE.saved, c[0] - depth - c, atol=1e-14)
    np.testing.assert_array_equal(TREE.parent, [-1, 0, 0, 1, 1, 4, 4])
    np.testing.assert_array_equal(TREE.inner, [0, 1, 4])
    np.testing.assert_array_equal(TREE.leaves, [2, 3, 5, 6])
    np.testing.assert_allclose(TREE.share[1:], [5 / 8, 3 / 8, 1 / 5, 4 / 5, 0.5, 0.5])
    levels = [sorted(nodes) for nodes in TREE.levels()]
    assert levels == [[1, 2], [3, 4], [5, 6]]


def test_gains_and_borders_of_leaves_by_column():
    g = TREE.gain
    gains = gains_by_column(TREE, 3)
    expected = [
        [g[2], 0, 0],
        [g[1], g[3], 0],
        *([g[1] + g[k], g[4], 0] for k in (5, 6)),
    ]
    np.testing.assert_allclose(gains, expected)
    np.testing.assert_allclose(gains.sum(axis=1), TREE.saved[TREE.leaves])
    borders, weights = borders_by_column(TREE, 3)
    won = np.maximum(g, 0)
    at = won * BORDER[np.maximum(TREE.parent, 0)]
    for sums, of in ((borders, at), (weights, won)):
        expected = [[of[2], 0, 0], [of[1], of[3], 0]]
        expected += [[of[1] + of[k], of[4], 0] for k in (5, 6)]
        np.testing.assert_allclose(sums, expected)


@given(seeds, st.sampled_from([1.0, 1e-30, 1e6, 1e30]))
def test_float32_goes_the_same_way_as_beside_float64(seed, scale):
    rng = np.random.default_rng(seed)
    values = (scale * rng.normal(size=20)).astype(np.float32)
    # borders next to the values, on either side of them
    borders = values.astype(float) * (1 + np.array([-1e-12, 0, 1e-12])[:, None])
    single = rounded_down(borders)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(values <= single, values.astype(float) <= borders)


def test_missing_values_go_where_they_are_sent():
    values = np.array([np.nan, 0.5, 0.6], dtype=np.float32)
    np.testing.assert_array_equal(goes_left(TREE, 0, values), [False, True, False])
    np.testing.assert_array_equal(goes_left(TREE, 1, values - 1.5), [True, True, False])


def test_a_tree_whose_children_come_first_is_refused():
    with pytest.raises(ValueError, match="before their parents"):
        IsolationTree(
            np.array([-1, 0, -1]), np.array([-1, 2, -1]), *[np.zeros(3)] * 2,
            np.array([1, 2, 1]), np.zeros(3, dtype=bool),
        )  # fmt: skip


def test_rows_find_their_leaves():
    rows = np.array([[0.5, -1], [0.51, 0], [0.05, 0], [0.2, 0], [0, np.nan]])
    np.testing.assert_array_equal(TREE.apply(rows), [3, 2, 5, 6, 3])
    np.testing.assert_array_equal(TREE.apply(np.array([[np.nan, 0.0]])), [2])
    without = IsolationTree(LEFT, RIGHT, FEATURE, BORDER, N_ROWS)
    np.testing.assert_array_equal(without.apply(rows[-1:]), [5])
    alone = IsolationTree([-1], [-1], [0], [0.0], [4])
    np.testing.assert_array_equal(alone.apply(rows), np.zeros(5))
    # as float32 a value is at the border
    near = np.array([[0.5 + 1e-12, -1]])
    np.testing.assert_array_equal(TREE.apply(near), [3])


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one number for each node, got those"):
        IsolationTree(LEFT, RIGHT, FEATURE[:3], BORDER, N_ROWS)
