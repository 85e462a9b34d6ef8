# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""One centre counts: the own one, or the nearest of a large cluster."""

import numpy as np
import pytest

from skneon.network import CentreDistance, LargeClusters, Network, Query

CENTRES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0], [9.0, 9.0]])
LARGE = np.array([False, True, True, False])
X = np.array([[0.1, 0.0], [4.0, 1.0], [8.0, 9.0], [0.0, 0.5]])
# by hand: the nearest of all, and from which centre it is measured
OWN, COUNTS = [0, 1, 3, 0], [2, 1, 1, 2]


@pytest.mark.parametrize("sizes", [None, np.array([2.0, 30.0, 20.0, 1.0])])
@pytest.mark.parametrize("rule", ["shapley", "integrated"])
def test_rows_of_small_clusters_are_measured_from_large_ones(rule, sizes):
    network = Network(CentreDistance(CENTRES), LargeClusters(LARGE, sizes), rule)
    got = network.propagate(X, Query())
    far = np.linalg.norm(X - CENTRES[COUNTS], axis=1)
    expected = far if sizes is None else sizes[OWN] * far
    np.testing.assert_allclose(got.score, expected)
    np.testing.assert_allclose(got.relevance.sum(axis=1), expected)
    np.testing.assert_allclose(got.reference, CENTRES[COUNTS])
    if rule == "integrated":
        shares = (X - CENTRES[COUNTS]) ** 2 * (expected / far**2)[:, None]
        np.testing.assert_allclose(got.relevance, shares)


def test_shapley_values_of_two_columns():
    pooling = LargeClusters(LARGE, np.array([2.0, 30.0, 20.0, 1.0]))
    network = Network(CentreDistance(CENTRES), pooling, "shapley")
    got = network.propagate(X[2:3], Query()).relevance[0]
    # in either column alone the last centre is nearest, and the second large
    first, second = 1 * 4.0, 1 * 6.0
    both = 1 * np.hypot(4.0, 9.0)
    expected = [(first + both - second) / 2, (second + both - first) / 2]
    np.testing.assert_allclose(got, expected)
    masks = np.array([[1, 0], [0, 1], [1, 1]])
    scores = network.coalition_scores(X[2:3], Query(absent=None), masks)
    np.testing.assert_allclose(scores, [first, second, both])
