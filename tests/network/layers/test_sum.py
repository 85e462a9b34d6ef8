# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sums of units, with weights and a constant, under the rules that take them."""

import numpy as np
import pytest

from skneon.network import ColumnScores, Network, Query, Rule, Shapley, Sum

ROWS = np.random.default_rng(0).normal(size=(7, 5)) * 3


def test_weights_and_the_rule_of_all_orders():
    units = ColumnScores([np.sin, np.cos, np.square])
    pooling = Sum(1.0, weights=[2.0, -1.0, 0.0])
    some = ROWS[:, :3]
    expected = np.column_stack(
        [2 * np.sin(some[:, 0]), -np.cos(some[:, 1]), 0 * some[:, 2]]
    )
    for rule in (Rule(), Shapley()):
        network = Network(units, pooling, rule)
        got = network.propagate(some, Query())
        np.testing.assert_allclose(got.relevance, expected, atol=1e-13)
        np.testing.assert_allclose(got.score, expected.sum(axis=1) + 1, atol=1e-13)
    assert "a_k h_k" in network.diagram() and "f_k(x_k)" in network.diagram()


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="offset of a Sum must be finite"):
        Sum(np.nan)
    with pytest.raises(ValueError, match="weights of a Sum must be finite"):
        Sum(weights=[[1.0]])
    with pytest.raises(ValueError, match="A Sum has 2 weights, and there are 3 units"):
        Sum(weights=[1.0, 2.0]).forward(np.ones((4, 3)), Query())
