# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small networks of distances that are not squared, on which rules are checked."""

import numpy as np

from skneon.network import (
    CentreDistance,
    Distance,
    LargeClusters,
    Mean,
    NearestDistances,
    ScaledDistance,
)
from skneon.testing._change import Change
from skneon.testing._specimen import CENTROIDS, Layers, support_of, weights_of


def nearest_distances(change: Change) -> Layers:
    """The median of the distances to some of the points."""
    return Distance(support_of(change)), NearestDistances(
        4, "median", weights_of(change)
    )


def large_clusters(change: Change) -> Layers:
    """The distance to one of a few centres, two of which are of small clusters."""
    numbers = np.arange(len(CENTROIDS))
    pooling = LargeClusters(numbers % 2 == 0, numbers + 1.0)
    return CentreDistance(np.asarray(change(CENTROIDS))), pooling


def scaled_distances(change: Change) -> Layers:
    """The mean distance to a few points, in units of the columns."""
    units = change.ordered(2.0 ** np.arange(CENTROIDS.shape[1]))
    return ScaledDistance(np.asarray(change(CENTROIDS)), units), Mean(symbol="o")
