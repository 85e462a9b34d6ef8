# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The game of a graph: neighbours by some columns, votes of all."""

from itertools import permutations

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given, settings

from skneon.network import (
    Inputs,
    NeighborGraph,
    Network,
    Query,
    Rule,
    SupportWeights,
    VoteMean,
)
from skneon.network.numerics._neighbor_graph import Reach, graph_affinities


def graph(rng, N, d, k):
    votes = rng.normal(size=(N, 3))
    alike = SupportWeights(np.full(N, 1 / N))
    pooling = VoteMean(votes, alike, np.arange(N) % 3)
    return NeighborGraph(np.round(rng.normal(size=(N, d)), 1), k, pooling)


def marginals(units, x, absent, A, orders):
    """What each column adds to the mean of the votes, in the mean over orders."""
    U, k = units.support, units.n_neighbors

    def value(columns):
        columns = list(columns)
        reach = Reach.of(U[:, columns], k)
        some = x[None, columns], U[:, columns], k, reach, np.array([absent])
        return float(graph_affinities(*some)[0] @ A)

    added = np.zeros(len(x))
    for order in orders:
        for i, column in enumerate(order):
            added[column] += value(order[: i + 1]) - value(order[:i])
    return added / len(orders)


@settings(max_examples=10)
@given(seeds)
def test_shapley_values_by_all_orders(seed):
    rng = np.random.default_rng(seed)
    N, d = int(rng.integers(6, 12)), int(rng.integers(1, 4))
    units = graph(rng, N, d, k=3)
    X, absent = units.support[:3], np.array([0, 1, -1])
    query = units.answered(X, Query(absent=absent))
    network = Network(units, units.pooling, "shapley")
    found = network.propagate(X, query)
    orders = [*permutations(range(d))]
    for n, x in enumerate(X):
        A = units.pooling.contrasts(query)[n]
        expected = marginals(units, x, absent[n], A, orders)
        np.testing.assert_allclose(found.relevance[n], expected, 0, 1e-12)
        rest = A if absent[n] < 0 else np.delete(A, absent[n])
        total = found.relevance[n].sum() + rest.mean()
        assert total == pytest.approx(found.score[n], abs=1e-12)
        values = network.coalition_scores(X[[n]], query[[n]], np.tri(d + 1, d, -1))
        assert values[0] == 0
        assert values[-1] == pytest.approx(found.score[n] - rest.mean(), abs=1e-12)


def test_children_of_one_column_go_together():
    rng = np.random.default_rng(0)
    units = graph(rng, 20, 3, k=4)
    inputs = Inputs(np.array([1, 1, 0]), 2, [0, 1, 2])
    joint = Network(units.through(inputs), units.pooling, "shapley")
    found = joint.propagate(units.support, Query())
    only = joint.units.affinities(units.support, Query(), np.array([True, True, False]))
    expected = graph_affinities(
        units.support[:, :2], units.support[:, :2], 4, Reach.of(units.support[:, :2], 4)
    )
    np.testing.assert_array_equal(only, expected)
    assert found.relevance.shape == (20, 2)


def test_what_is_refused():
    rng = np.random.default_rng(0)
    units = graph(rng, 20, 3, k=4)
    with pytest.raises(ValueError, match="not defined for a graph"):
        Network(units, units.pooling, Rule())
    mixed = units.through(Inputs.identity(3).mixed(np.eye(3), np.zeros(3), np.zeros(3)))
    with pytest.raises(ValueError, match=r'linear step.*rule="integrated"'):
        Network(mixed, units.pooling, "shapley")
    wide = graph(rng, 20, 13, k=4)
    with pytest.raises(ValueError, match=r"2\^13.*integrated"):
        Network(wide, wide.pooling, "shapley")
