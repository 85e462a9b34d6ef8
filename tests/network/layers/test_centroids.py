# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Nearest centroids, and pairs of centroids at once against owner by owner."""

import numpy as np
import pytest
from helpers.centroids import POINTS, RNG, ROWS
from scipy.spatial.distance import cdist

from skneon.network import CentroidPairs, Min, Network, Query
from skneon.network.layers._centroids import nearest_point
from skneon.network.numerics._distances_to_few import Cells


@pytest.mark.parametrize("offset", [0.0, 3.0, 1e4, 1e8, 1e12])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_nearest_points_are_those_of_plain_differences(offset, scale):
    points, rows = POINTS * scale + offset, ROWS * scale + offset
    # ties, near ties, and rows far from all others
    middle = (points[0] + points[1]) / 2
    far = 1e3 * ROWS * scale + offset
    rows = np.vstack([rows, middle, np.nextafter(middle, np.inf), points, far])
    expected = cdist(rows, points, metric="sqeuclidean").argmin(axis=1)
    np.testing.assert_array_equal(nearest_point(rows, points), expected)
    cells = Cells.sharp(points)
    np.testing.assert_array_equal(nearest_point(rows, points, cells), expected)


def test_points_that_coincide_give_the_first():
    points = np.vstack([POINTS, POINTS])
    expected = nearest_point(ROWS, POINTS)
    np.testing.assert_array_equal(nearest_point(ROWS, points), expected)
    assert Cells.sharp(points) is None


@pytest.mark.parametrize("rule", ["midpoint", "w-square"])
@pytest.mark.parametrize("offset", [0.0, 1e8])
@pytest.mark.parametrize("labels", [None, np.array([0, 1, 1, 2, 0, 3, 2])])
@pytest.mark.parametrize("asked", ["nothing", "cluster", "rival"])
def test_equals_the_pass_owner_by_owner(rule, offset, labels, asked):
    units = CentroidPairs(POINTS + offset, rule, labels=labels)
    rows, nearest = ROWS + offset, units.nearest(ROWS + offset)
    query = {
        "nothing": Query(),
        "cluster": Query(cluster=(nearest + 1) % units.n_clusters),
        "rival": Query(cluster=nearest, rival=(nearest + 1) % units.n_clusters),
    }[asked]
    network = Network([units, Min(0.3)])
    got = network.propagate(rows, query)
    units._cells = units._squares = None
    expected = network.propagate(rows, query)
    assert not units.at_once(rows)
    largest = cdist(rows, units.centroids, metric="sqeuclidean").max(axis=1)
    for name in ("relevance", "score"):
        misses = np.abs(getattr(got, name) - getattr(expected, name)).T
        assert np.all(misses <= 1e-12 * largest)
    np.testing.assert_array_equal(got.rival, expected.rival)
    np.testing.assert_array_equal(got.reference, expected.reference)


def test_columns_without_contrast_have_no_relevance():
    points = np.column_stack([POINTS, np.full(7, 0.1)])
    rows = np.column_stack([ROWS, RNG.normal(size=len(ROWS))])
    for rule in ("midpoint", "w-square"):
        network = Network([CentroidPairs(points, rule), Min(0.3)])
        assert np.all(network.propagate(rows, Query()).relevance[:, -1] == 0)
