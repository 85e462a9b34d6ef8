# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Trees of support points against the sums over all points, in exact distances."""

from dataclasses import dataclass
from fractions import Fraction
from unittest import mock

import numpy as np
import pytest
from helpers.strategies import GRID, kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network.engines.pruned import _trees
from skneon.network.engines.pruned._tree_nodes import Groups
from skneon.network.engines.pruned._trees import Tree, worthwhile

trees = st.sampled_from(["kd_tree", "ball_tree"])


@dataclass
class TreeProblem:
    """Rows Z in groups, points U with weights in a tree, and parameters."""

    Z: np.ndarray
    U: np.ndarray
    weights: np.ndarray
    leave_out: np.ndarray | None
    tree: Tree
    gamma: float
    rtol: float
    size: int
    extent: float


@st.composite
def tree_problems(draw, max_rows=20, max_support=150):
    rng = np.random.default_rng(draw(seeds))
    n, d = draw(st.integers(1, max_rows)), draw(st.integers(1, 5))
    N = draw(st.integers(1, max_support))
    U, Z = rows(rng, N, d, draw(kinds)), rows(rng, n, d, draw(kinds))
    if draw(st.booleans()):
        U = U[rng.integers(N // 2 + 1, size=N)]
    leave_out = None
    if N > 1 and draw(st.booleans()):
        leave_out = rng.integers(-1, N, size=n)
        own = rng.random(n) < 0.7
        Z[own] = U[leave_out[own]]
    if draw(st.booleans()):
        # far from all points, in directions of their own or in the same
        far = 2.0 ** draw(st.integers(1, 30)) * rng.choice([-1, 0, 1], size=(n, d))
        Z += far if draw(st.booleans()) else far[0]
    if draw(st.booleans()):
        # far from the origin, where coordinates have few digits
        Z, U = Z + 2.0**30, U + 2.0**30
    weights = np.ones(N) / N
    if draw(st.booleans()):
        weights = 10 ** rng.uniform(-8, 1, size=N)
    tree = Tree(U, weights, draw(trees), leaf_size=draw(st.integers(1, 10)))
    gamma = 10.0 ** draw(st.sampled_from([-200, -6, -2, 0, 1, 2, 4, 9, 200]))
    rtol = 10 ** draw(st.floats(-16, -0.1))
    extent = draw(st.sampled_from([0.0, 0.5, np.inf]))
    size = draw(st.integers(1, 8))
    return TreeProblem(Z, U, weights, leave_out, tree, gamma, rtol, size, extent)


def integers(A):
    """Numbers on the grid as integers of any length."""
    return np.frompyfunc(int, 1, 1)(A * GRID)


def exact_logs(z, out, problem):
    """Least squared distance h, and log w_k - gamma (h_k - h), where k counts."""
    D = integers(problem.U) - integers(z)
    squared = np.sum(D * D, axis=1)
    counts = np.arange(len(D)) != out
    least = squared[counts].min()
    with np.errstate(over="ignore"):
        excess = problem.gamma * ((squared - least).astype(float) / GRID**2)
    logs = np.where(counts, np.log(problem.weights) - excess, -np.inf)
    return Fraction(least, int(GRID) ** 2), logs


def log_dropped(z, out, dropped, problem):
    """Log of the share of the row's sum that the marked points have."""
    _, logs = exact_logs(z, out, problem)
    lost = logs[dropped & np.isfinite(logs)]
    return logsumexp(lost) - logsumexp(logs) if len(lost) else -np.inf


def points_in(tree, starts, stops):
    """Marks of the points in slices of the tree's order, after a check of these."""
    assert len(starts) == len(stops)
    assert (starts < stops).all()
    assert (stops[:-1] < starts[1:]).all()
    assert starts[0] >= 0
    assert stops[-1] <= len(tree.order)
    marks = np.zeros(len(tree.order), dtype=bool)
    for start, stop in zip(starts, stops, strict=True):
        marks[tree.order[start:stop]] = True
    return marks


@given(tree_problems(), st.sampled_from([1, 30, 10**6]))
def test_rows_lose_no_more_than_the_tolerance(problem, pairs):
    Z, tree, leave_out = problem.Z, problem.tree, problem.leave_out
    groups = tree.groups(Z, problem.size, problem.extent)
    arguments = Z, groups, problem.gamma, problem.rtol, leave_out
    with mock.patch.object(_trees, "PAIRS", pairs):
        slices = list(tree.kept_by_group(*arguments))
    for group, (starts, stops) in zip(groups, slices, strict=True):
        dropped = ~points_in(tree, starts, stops)
        for n in group:
            out = -1 if leave_out is None else leave_out[n]
            lost = log_dropped(Z[n], out, dropped, problem)
            assert lost <= np.log(problem.rtol)


@given(tree_problems())
def test_levels_are_below_the_sums(problem):
    tree, gamma, n_leaves = problem.tree, problem.gamma, len(problem.tree._starts)
    numbers = tree.groups(problem.Z, problem.size, problem.extent)
    groups = Groups(problem.Z, numbers, problem.leave_out)
    pairs = np.divmod(np.arange(len(numbers) * n_leaves), n_leaves)
    with np.errstate(over="ignore", divide="ignore"):
        levels = tree._level(groups, gamma)
        finer = tree._finer_level(groups, *pairs, gamma)[groups.number]
    for i, n in enumerate(np.concatenate(numbers)):
        out = -1 if problem.leave_out is None else problem.leave_out[n]
        least, logs = exact_logs(problem.Z[n], out, problem)
        for level in levels[i], finer[i]:
            if np.isfinite(level):
                excess = float(Fraction(level) - least)
                assert logsumexp(logs) + gamma * excess >= -1e-12


@given(tree_problems())
def test_a_group_keeps_the_same_alone(problem):
    Z, tree, gamma, rtol = problem.Z, problem.tree, problem.gamma, problem.rtol
    groups = tree.groups(Z, problem.size, problem.extent)
    slices = tree.kept_by_group(Z, groups, gamma, rtol, problem.leave_out)
    for group, expected in zip(groups, slices, strict=True):
        out = None if problem.leave_out is None else problem.leave_out[group]
        got = tree.kept(Z[group], gamma, rtol, out)
        np.testing.assert_array_equal(got, expected)


@given(tree_problems())
def test_without_tolerance_all_points_are_kept(problem):
    slices = problem.tree.kept(problem.Z, problem.gamma, 0.0, problem.leave_out)
    assert points_in(problem.tree, *slices).all()


@given(tree_problems())
def test_points_that_are_all_as_near_are_kept(problem):
    least = np.min(problem.weights) / np.sum(problem.weights)
    slices = problem.tree.kept(problem.Z, 1e-200, least / 2, problem.leave_out)
    assert points_in(problem.tree, *slices).all()


@given(tree_problems(max_rows=100))
def test_order_and_groups_are_partitions(problem):
    order = problem.tree.order
    assert order.dtype == np.intp
    np.testing.assert_array_equal(np.sort(order), np.arange(len(problem.U)))
    groups = problem.tree.groups(problem.Z, problem.size, problem.extent)
    np.testing.assert_array_equal(
        np.sort(np.concatenate(groups)), np.arange(len(problem.Z))
    )
    for group in groups:
        assert 1 <= len(group) <= problem.size
        diagonal = np.linalg.norm(np.ptp(problem.Z[group], axis=0))
        assert len(group) == 1 or diagonal <= problem.extent * (1 + 1e-9)


def test_groups_are_near():
    Z = np.random.default_rng(0).normal(size=(1000, 2))
    groups = Tree(Z, np.ones(1000)).groups(Z, 10)
    diagonals = [np.linalg.norm(np.ptp(Z[group], axis=0)) for group in groups]
    assert len(groups) < 200
    assert np.median(diagonals) < 0.5


@pytest.mark.parametrize("kind", ["kd_tree", "ball_tree"])
def test_other_clusters_are_dropped(kind):
    rng = np.random.default_rng(0)
    label = rng.integers(50, size=5000)
    U = rng.normal(size=(50, 3))[label] * 100 + rng.normal(size=(5000, 3))
    tree = Tree(U, np.ones(5000), kind)
    for leave_out in None, np.arange(10):
        groups = tree.groups(U[:10], 1)
        slices = tree.kept_by_group(U[:10], groups, 0.5, 1e-6, leave_out)
        for [n], kept in zip(groups, slices, strict=True):
            kept = points_in(tree, *kept)
            # of the other clusters no more than shares a leaf or is near by chance
            assert kept.sum() < 3 * np.count_nonzero(label == label[n])


@pytest.mark.parametrize("kind", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize("distance", [10.0, 1e3, 1e6, 1e100])
def test_far_rows_keep_the_nearest_points(kind, distance):
    U = np.random.default_rng(0).normal(size=(10000, 2))
    tree = Tree(U, np.ones(10000), kind)
    kept = points_in(tree, *tree.kept(np.array([[distance, 0.0]]), 0.5e4, 1e-6))
    assert kept[U[:, 0].argmax()]
    # at the last distance all are as far, to rounding
    assert kept.sum() < 1000 or distance == 1e100


def test_tolerance_buys_points():
    rng = np.random.default_rng(0)
    U, z = rng.normal(size=(20000, 2)), np.zeros((1, 2))
    tree = Tree(U, np.ones(20000))
    sizes = []
    for rtol in 0.5, 1e-2, 1e-6, 1e-12:
        starts, stops = tree.kept(z, 50.0, rtol)
        sizes.append(np.sum(stops - starts))
        logs = -50.0 * np.sum(U**2, axis=1)
        tail = np.logaddexp.accumulate(np.sort(logs)) - logsumexp(logs)
        needed = np.count_nonzero(tail > np.log(rtol))
        assert needed <= sizes[-1] <= 2.5 * needed + 500
    assert sizes == sorted(sizes)


def test_a_tree_is_worthwhile_where_most_points_are_far():
    rng = np.random.default_rng(0)
    U, weights = rng.normal(size=(10**5, 3)), np.ones(10**5)
    Z = rng.normal(size=(5000, 3))
    assert worthwhile(U, Z, weights, 1e3, 1e-6)
    assert not worthwhile(U, Z, weights, 1e-3, 1e-6)
    assert not worthwhile(U, Z, weights, 1e3, 0.0)
    assert not worthwhile(U[:1000], Z, weights[:1000], 1e3, 1e-6)
    # a single row does not pay for the building, only for the descent
    assert not worthwhile(U, Z[:1], weights, 1e3, 1e-6)
    assert worthwhile(U, Z[:1], weights, 1e3, 1e-6, built=True)


def test_a_tree_does_not_pay_in_many_columns():
    U = np.random.default_rng(0).normal(size=(10**4, 100))
    assert not worthwhile(U, U, np.ones(10**4), 0.05, 1e-6)
