# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small networks of distances that are not squared, on which rules are checked."""

from collections.abc import Callable

import numpy as np

from skneon.network import (
    CentreDistance,
    Distance,
    LargeClusters,
    Mean,
    NearestDistances,
    Pooling,
    ScaledDistance,
    SupportWeights,
    Units,
)
from skneon.network.numerics._types import Array
from skneon.testing._change import Change

Weighting = Callable[[Change], SupportWeights]


def nearest_distances(
    points: Array, weights: Weighting
) -> Callable[[Change], tuple[Units, Pooling]]:
    """The median of the distances to some of the points."""

    def layers(change: Change) -> tuple[Units, Pooling]:
        pooling = NearestDistances(4, "median", weights(change))
        return Distance(np.asarray(change.training(points))), pooling

    return layers


def large_clusters(points: Array) -> Callable[[Change], tuple[Units, Pooling]]:
    """The distance to one of a few centres, two of which are of small clusters."""
    large = np.arange(len(points)) % 2 == 0

    def layers(change: Change) -> tuple[Units, Pooling]:
        sizes = np.arange(len(points)) + 1.0
        return CentreDistance(np.asarray(change(points))), LargeClusters(large, sizes)

    return layers


def scaled_distances(points: Array) -> Callable[[Change], tuple[Units, Pooling]]:
    """The mean distance to a few points, in units of the columns."""
    units = 2.0 ** np.arange(points.shape[1])

    def layers(change: Change) -> tuple[Units, Pooling]:
        own = change.ordered(units)
        return ScaledDistance(np.asarray(change(points)), own), Mean(symbol="o")

    return layers
