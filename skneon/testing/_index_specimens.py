# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores by neighbours of other makes, on which rules and engines are checked."""

from collections.abc import Callable

import numpy as np

from skneon.network import (
    Mean,
    NearestNeighborsPooling,
    NeighborsMean,
    Pooling,
    Reachability,
    ReachedDistance,
    SupportWeights,
    Units,
)
from skneon.network.numerics._types import Array
from skneon.testing._change import Change

# by name: the power of the data's scale that the score grows with
SQUARED = {"mean-vector": 2, "mean-vector-length": 1}


def mean_vector(rows: Array, kind: str) -> Callable[[Change], tuple[Units, Pooling]]:
    """The distance to the mean of the three nearest rows, squared or not."""

    def layers(change: Change) -> tuple[Units, Pooling]:
        support = np.asarray(change.training(rows))
        weights = SupportWeights(np.full(len(support), 1 / len(support)))
        search = NearestNeighborsPooling(3, "mean", weights)
        units = NeighborsMean(support, search, SQUARED[kind] == 2)
        return units, Mean(symbol="o")

    return layers


def reachability(rows: Array) -> Callable[[Change], tuple[Units, Pooling]]:
    """The distance at which a row is reached from the nearest of some."""
    core = np.linspace(0.25, 1.5, len(rows))

    def layers(change: Change) -> tuple[Units, Pooling]:
        support = np.asarray(change.training(rows))
        weights = SupportWeights(np.full(len(support), 1 / len(support)))
        pooling = Reachability(change.kept(core) * change.scale, weights)
        return ReachedDistance(support), pooling

    return layers
