# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bounds of distances to a tree's nodes, in exact arithmetic; what may be dropped."""

from fractions import Fraction

import numpy as np
import pytest
from helpers.strategies import kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network.engines.pruned._tree_nodes import CLASSES, Groups, not_negligible
from skneon.network.engines.pruned._trees import Tree


def exact_squares(z, U):
    """Squared distances as fractions."""
    return [
        sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(z, u, strict=True))
        for u in U.tolist()
    ]


@st.composite
def tree_and_rows(draw):
    rng = np.random.default_rng(draw(seeds))
    d, N, n = draw(st.integers(1, 4)), draw(st.integers(1, 40)), draw(st.integers(1, 6))
    U, Z = rows(rng, N, d, draw(kinds)), rows(rng, n, d, draw(kinds))
    if draw(st.booleans()):
        U, Z = U + 2.0**30, Z + 2.0**30
    weights = 10 ** rng.uniform(-6, 0, size=N)
    kind = draw(st.sampled_from(["kd_tree", "ball_tree"]))
    return Tree(U, weights, kind, leaf_size=draw(st.integers(1, 8))), U, Z, weights


@given(tree_and_rows())
def test_distances_to_leaves_are_bounds(problem):
    tree, U, Z, weights = problem
    groups = Groups(Z, [np.arange(len(Z))], None)
    n_leaves = len(tree._starts)
    leaf, group = np.arange(n_leaves), np.zeros(n_leaves, dtype=int)
    least = tree._nodes.least_distance(leaf + n_leaves - 1, groups, group)
    mean = tree._leaves.mean_distance(leaf, groups, group)
    for j, (start, stop) in enumerate(zip(tree._starts, tree._stops, strict=True)):
        k = tree.order[start:stop]
        parts = [Fraction(w) for w in weights[k].tolist()]
        for z in Z.tolist():
            h = exact_squares(z, U[k])
            assert Fraction(least[j]) <= min(h)
            average = sum(p * v for p, v in zip(parts, h, strict=True)) / sum(parts)
            assert Fraction(mean[j]) >= average


@given(seeds, st.integers(1, 5), st.integers(1, 40))
def test_what_is_dropped_sums_to_no_more_than_one(seed, n_groups, n):
    rng = np.random.default_rng(seed)
    share = rng.uniform(-30, 5, size=n) * rng.choice([0.01, 1.0])
    group = np.sort(rng.integers(n_groups, size=n))
    kept = not_negligible(share, group, n_groups)
    for g in range(n_groups):
        own = group == g
        dropped = share[own & ~kept]
        assert not len(dropped) or logsumexp(dropped) <= 1e-12
        # those that are dropped are the least, class by class
        if (own & kept).any() and len(dropped):
            assert dropped.max() <= share[own & kept].min() + 0.25


@pytest.mark.parametrize("n", [1, 3])
def test_a_share_below_all_classes_goes(n):
    share = np.full(n, -float(CLASSES))
    assert not not_negligible(share, np.zeros(n, dtype=int), 1).any()
    # one that is more than all that may be lost stays
    share[0] = 0.1
    assert not_negligible(share, np.zeros(n, dtype=int), 1)[0]
