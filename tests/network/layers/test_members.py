# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks as units: they get their columns, and their own queries."""

import numpy as np

from skneon.network import (
    ColumnScores,
    Inputs,
    Members,
    Network,
    Query,
    Rule,
    Sum,
    TailScores,
)

RNG = np.random.default_rng(0)
X, ROWS = RNG.normal(size=(20, 4)), RNG.normal(size=(3, 4))
COLUMNS = [np.array([3, 1]), np.array([0, 1, 2])]
NETWORKS = [
    Network(TailScores(X[:, COLUMNS[0]]), Sum(1.0), Rule()),
    Network(ColumnScores([np.sin, np.cos, np.exp]), Sum(), Rule()),
]
UNITS = Members(NETWORKS, COLUMNS, 4, counting=[True, False])


def alone(rows, query):
    """Each member by itself."""
    pairs = zip(NETWORKS, COLUMNS, strict=True)
    return [net.propagate(rows[:, columns], query) for net, columns in pairs]


def test_members_get_their_columns():
    found = alone(ROWS, Query())
    H = UNITS.forward(ROWS, Query())
    np.testing.assert_array_equal(H, np.column_stack([of.score for of in found]))
    C, kept = UNITS.explained(ROWS, Query())
    for of, columns, own, rest in zip(found, COLUMNS, C, kept, strict=True):
        np.testing.assert_array_equal(own[:, columns], of.relevance)
        assert (np.delete(own, columns, axis=1) == 0).all()
        np.testing.assert_allclose(rest, of.score - of.relevance.sum(axis=1))
    masks = np.array([[1, 0, 0, 1], [0, 1, 1, 0]])
    games = UNITS.coalitions(ROWS[:1], Query(), masks)
    expected = [[C[k, 0] @ mask for k in range(2)] for mask in masks]
    np.testing.assert_allclose(games, expected)


def test_absent_rows_are_for_members_that_count_them():
    absent = Query(absent=np.arange(3))
    H = UNITS.forward(X[:3], absent)
    first, _ = alone(X[:3], absent)
    _, second = alone(X[:3], Query())
    np.testing.assert_array_equal(H, np.column_stack([first.score, second.score]))


def test_behind_steps():
    # the columns of the members are those of two explained ones, or sums of them
    parents = Inputs(np.array([0, 1, 0, 1]), 2, list(range(4)))
    C, _ = UNITS.through(parents).explained(ROWS, Query())
    plain, _ = UNITS.explained(ROWS, Query())
    np.testing.assert_allclose(C, plain[..., :2] + plain[..., 2:])
    A = RNG.normal(size=(2, 4))
    mixed = Inputs.identity(2).mixed(A, np.zeros(4), np.zeros(2))
    some = RNG.normal(size=(3, 2))
    H = UNITS.through(mixed).forward(some, Query())
    np.testing.assert_allclose(H, UNITS.forward(some @ A, Query()))
    assert UNITS.through(mixed).explained(some, Query())[0].shape == (2, 3, 2)
