# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that end at a level, as layers: order, absence, levels without an end."""

import numpy as np
import pytest

from skneon.network import (
    LevelDistance,
    LevelMin,
    Network,
    Query,
    Shapley,
    SupportWeights,
)
from skneon.network.layers._level_min import spread

RNG = np.random.default_rng(0)
SUPPORT, ROWS = RNG.normal(size=(12, 3)), RNG.normal(size=(5, 3))
MEMBERS = np.array([2, 0, -1, 1, 2, 1, 0, -1, 2, 1, 0, 0])
LEVELS = np.array([1.0, 0.5, 2.0])
CORE = RNG.uniform(0.1, 2.0, size=12)


def network(order=None, members=MEMBERS, core=CORE, levels=LEVELS, **options):
    order = np.arange(12) if order is None else order
    weights = SupportWeights(np.full(12, 1 / 12))
    kept = None if core is None else core[order]
    pooling = LevelMin(members[order], levels, weights, kept, 2, **options)
    return Network(LevelDistance(SUPPORT[order], pooling), pooling, Shapley())


@pytest.mark.parametrize("core", [None, CORE])
def test_the_order_of_the_points_does_not_matter(core):
    order = np.argsort(MEMBERS, kind="stable")
    place = np.argsort(order)
    for cluster, rival in ((0, -1), (1, 3), (2, 0), (3, -1), (3, 1)):
        for absent in (np.full(5, -1), np.arange(5)):
            at = np.where(absent < 0, -1, place[absent])
            asked = np.full(5, cluster), np.full(5, rival)
            got = network(order, core=core).propagate(ROWS, Query(at, *asked))
            expected = network(core=core).propagate(ROWS, Query(absent, *asked))
            np.testing.assert_allclose(got.score, expected.score)
            np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-12)
            np.testing.assert_array_equal(got.reference, expected.reference)
            np.testing.assert_array_equal(got.rival, expected.rival)


def test_a_cluster_that_is_absent_is_infinitely_far():
    members = np.append(np.zeros(11, dtype=int), 1)
    query = Query(np.full(5, 11), np.zeros(5, dtype=int), np.full(5, 1))
    alone = network(members=members, core=None, levels=LEVELS[:2])
    result = alone.propagate(ROWS, query)
    assert np.all(result.score == np.inf) and not result.relevance.any()
    assert np.all(result.rival == -1) and np.isnan(result.reference).all()


def test_who_is_at_a_level():
    weights = SupportWeights(np.array([1.0]))
    for closed, expected in ((True, 0), (False, 1)):
        pooling = LevelMin(np.array([0]), np.array([4.0]), weights, closed=closed)
        units = LevelDistance(np.zeros((1, 2)), pooling)
        assert units.nearest(np.array([[2.0, 0.0]])).tolist() == [expected]
        assert units.nearest(np.array([[1.0, 0.0]])).tolist() == [0]


def test_levels_are_spread_over_the_columns_unless_they_never_end():
    share = np.array([0.0, 0.5, 1.0])
    np.testing.assert_array_equal(spread(4.0, share), [0, 2, 4])
    np.testing.assert_array_equal(spread(np.inf, share), np.full(3, np.inf))
    units = network().units
    evenly = units.contributions(ROWS, Query())[-1]
    np.testing.assert_allclose(evenly, 1 / 3)
