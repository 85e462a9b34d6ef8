# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Nearest centroids, and the contrasts of clusters with one or more of them."""

import numpy as np
import pytest
from helpers.centroids import POINTS, ROWS
from scipy.spatial.distance import cdist

from skneon.network import CentroidPairs, Query
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


LABELS = np.array([0, 1, 1, 2, 0, 3, 2])


def slow(x, labels, c, rival):
    """Distances of the rivals' nearest centroids less that of the nearest own."""
    squares = np.sum((x - POINTS) ** 2, axis=1)
    own = np.where(labels == c, squares, np.inf)
    competes = labels != c if rival < 0 else labels == rival
    nearest = [squares[labels == label].min() for label in labels]
    competes = competes & (squares == nearest)
    return int(own.argmin()), np.where(competes, squares - own.min(), np.inf)


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("with_rival", [False, True])
def test_activations_owners_and_rivals(labels, with_rival):
    units, X = CentroidPairs(POINTS, labels), ROWS[:40]
    names = np.arange(7) if labels is None else labels
    n_clusters = names.max() + 1
    assert units.n_clusters == n_clusters
    rng = np.random.default_rng(0)
    cluster = rng.integers(n_clusters, size=40)
    rival = np.full(40, -1)
    if with_rival:
        rival = (cluster + rng.integers(1, n_clusters, size=40)) % n_clusters
        rival[::5] = -1
    query = Query(cluster=cluster, rival=rival if with_rival else None)
    H, owners = units.forward(X, query), units.owners(X, query)
    found, references = units.rivals(X, H, query), units.reference(X, H, None, query)
    for n, x in enumerate(X):
        owner, expected = slow(x, names, cluster[n], rival[n])
        assert owners[n] == owner
        np.testing.assert_allclose(H[n], expected, atol=1e-10)
        assert found[n] == names[expected.argmin()]
        np.testing.assert_array_equal(references[n], POINTS[expected.argmin()])
    nearest = names[cdist(X, POINTS).argmin(axis=1)]
    np.testing.assert_array_equal(units.nearest(X), nearest)
    np.testing.assert_array_equal(units.clusters(X, Query()), nearest)


def test_a_lone_cluster_has_no_rival():
    for labels in (None, np.zeros(7, dtype=int)):
        units = CentroidPairs(POINTS[:1] if labels is None else POINTS, labels)
        H = units.forward(ROWS[:3], Query())
        assert np.all(H == np.inf)
        assert np.all(units.rivals(ROWS[:3], H, Query()) == -1)
        assert np.isnan(units.reference(ROWS[:3], H, None, Query())).all()


def test_centroids_in_any_order_of_their_clusters():
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    plain, other = CentroidPairs(POINTS), CentroidPairs(POINTS[order], order)
    query = Query(cluster=np.arange(40) % 7)
    expected = plain.forward(ROWS[:40], query)
    np.testing.assert_array_equal(other.nearest(ROWS), plain.nearest(ROWS))
    np.testing.assert_allclose(other.forward(ROWS[:40], query), expected[:, order])
