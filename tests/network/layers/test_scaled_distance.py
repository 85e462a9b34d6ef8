# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Distances in units of the columns."""

import numpy as np

from skneon.network import Distance, Mean, Network, Query, ScaledDistance
from skneon.network import SupportWeights as Weights

RNG = np.random.default_rng(0)
POINTS, X = RNG.normal(size=(3, 4)), RNG.normal(size=(5, 4))
UNITS = np.array([1.0, 0.1, 20.0, 3.0])
WEIGHTS = Weights(np.array([0.2, 0.3, 0.5]))


def test_distances_are_those_of_scaled_columns():
    for rule in ("shapley", "integrated"):
        network = Network(ScaledDistance(POINTS, UNITS), Mean(WEIGHTS), rule)
        scaled = Network(Distance(POINTS / UNITS), Mean(WEIGHTS), rule)
        got = network.propagate(X, Query())
        expected = scaled.propagate(X / UNITS, Query())
        np.testing.assert_allclose(got.score, expected.score)
        np.testing.assert_allclose(got.relevance, expected.relevance)
        np.testing.assert_allclose(got.reference / UNITS, expected.reference)


def test_a_row_on_a_point_has_no_part_of_its_distance():
    network = Network(ScaledDistance(POINTS[:1], UNITS), Mean(), "integrated")
    assert (network.propagate(POINTS[:1], Query()).relevance == 0).all()
