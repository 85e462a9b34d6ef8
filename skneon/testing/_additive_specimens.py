# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small additive scores, as layers on which rules and engines are checked."""

from collections.abc import Callable
from functools import partial

import numpy as np

from skneon.network import (
    ColumnScores,
    Distance,
    Inputs,
    Max,
    Mean,
    Members,
    Network,
    Pooling,
    Rule,
    Sum,
    SupportWeights,
    TailScores,
    Units,
)
from skneon.network.numerics._types import Array
from skneon.testing._change import Change

OFFSET = 0.75


def squared(x: Array, at: float) -> Array:
    """The squared difference from a number, less 1: of either sign."""
    return (x - at) ** 2 - 1


def column_scores(
    points: Array, matrix: Array | None = None
) -> Callable[[Change], tuple[Units, Pooling]]:
    """Functions of the columns about a point of theirs, or behind a linear map.

    They do not change.
    """

    def layers(change: Change) -> tuple[Units, Pooling]:
        if matrix is None:
            functions = [partial(squared, at=at) for at in points[0]]
            return ColumnScores(functions, points[0]), Sum(OFFSET)
        inputs = Inputs.identity(points.shape[1]).mixed(
            matrix, points[1, : matrix.shape[1]], points[0]
        )
        functions = [partial(squared, at=at) for at in points[0, : matrix.shape[1]]]
        return ColumnScores(functions).through(inputs), Sum(weights=[2.0, -1.0])

    return layers


def tails(points: Array, mean: int) -> Callable[[Change], tuple[Units, Pooling]]:
    """Tail scores among points, by the larger or the mean of both tails."""

    def layers(change: Change) -> tuple[Units, Pooling]:
        return TailScores(points, bool(mean)), Sum()

    return layers


def ensemble(points: Array, largest: bool) -> Callable[[Change], tuple[Units, Pooling]]:
    """Tail scores of some columns and distances in others: their mean or maximum."""

    def layers(change: Change) -> tuple[Units, Pooling]:
        columns = [np.array([2, 0]), np.array([1, 2, 3])]
        weights = SupportWeights(np.full(len(points), 1 / len(points)))
        tail, far = (points[:, some] for some in columns)
        networks = [
            Network(TailScores(tail), Sum(OFFSET), Rule()),
            Network(Distance(far), Mean(weights), Rule()),
        ]
        units = Members(networks, columns, points.shape[1])
        return units, Max() if largest else Mean()

    return layers
