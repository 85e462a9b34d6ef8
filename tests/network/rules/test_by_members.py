# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances of an ensemble are weighted sums of those of its members."""

import numpy as np
import pytest

from skneon.network import (
    ByMembers,
    ColumnScores,
    Max,
    Mean,
    Members,
    Network,
    Query,
    Rule,
    Sum,
)

ROWS = np.random.default_rng(0).normal(size=(5, 3))
COLUMNS = [np.array([0, 2]), np.array([2, 1])]
NETWORKS = [
    Network(ColumnScores([np.sin, np.square]), Sum(0.5), Rule()),
    Network(ColumnScores([np.cos, np.abs]), Sum(-2.0), Rule()),
]
UNITS = Members(NETWORKS, COLUMNS, 3)
SCORES = UNITS.forward(ROWS, Query())
OF_MEMBERS, KEPT = UNITS.explained(ROWS, Query())


@pytest.mark.parametrize("pooling", [Mean(offset=0.25), Max(), Sum(1.0, [2.0, -3.0])])
def test_columns_get_weighted_sums(pooling):
    network = Network(UNITS, pooling, ByMembers())
    got = network.propagate(ROWS, Query())
    weights = {
        Mean: np.full(SCORES.shape, 0.5),
        Max: (SCORES == SCORES.max(axis=1, keepdims=True)).astype(float),
        Sum: np.tile([2.0, -3.0], (5, 1)),
    }[type(pooling)]
    expected = sum(w[:, None] * R for w, R in zip(weights.T, OF_MEMBERS, strict=True))
    np.testing.assert_allclose(got.relevance, expected)
    kept = (weights * KEPT.T).sum(axis=1) + pooling.offset(Query())
    np.testing.assert_allclose(got.score - got.relevance.sum(axis=1), kept)
    passed = network.rule.to_units(network, SCORES, Query())
    said = network.rule.residual(network, ROWS, SCORES, passed, Query())
    np.testing.assert_allclose(said, kept)
    assert "residuals of the members" in network.diagram()


def test_units_must_be_members():
    with pytest.raises(TypeError, match="ColumnScores has no explained"):
        Network(ColumnScores([np.sin]), Sum(), ByMembers())
