# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers behind steps: a linear map, and columns with the same parent."""

from collections.abc import Callable

import numpy as np

from skneon.network import (
    CentroidPairs,
    GaussianKernel,
    Inputs,
    LogMeanExp,
    Mean,
    Min,
    SquaredDistance,
)
from skneon.testing._change import Change
from skneon.testing._specimen import (
    CENTROIDS,
    GAMMA,
    MATRIX,
    N_COLUMNS,
    SUPPORT,
    Layers,
    weights_of,
)


def behind_a_map(of: Callable[[Change], Layers]) -> Callable[[Change], Layers]:
    """The same layers on two linear combinations of the columns.

    The map follows the change, so that what is behind it stays as it is.
    """

    def layers(change: Change) -> Layers:
        matrix = MATRIX if change.columns is None else MATRIX[change.columns]
        matrix = matrix / change.scale
        shift = np.zeros(N_COLUMNS) if change.shift is None else change.shift
        center = np.asarray(change(SUPPORT.mean(axis=0)[None]))[0]
        inputs = Inputs.identity(N_COLUMNS).mixed(matrix, -shift @ matrix, center)
        units, pooling = of(Change(absent=change.absent))
        return units.through(inputs), pooling

    return layers


def flat(of: str) -> Callable[[Change], Layers]:
    """Layers in two columns, that a map of four leads to."""

    def layers(change: Change) -> Layers:
        points = np.asarray(change.kept(SUPPORT)) @ MATRIX
        if of == "kernels":
            weights = weights_of(change)
            return GaussianKernel(points, GAMMA / 8, weights), Mean(weights)
        if of == "centroids":
            return CentroidPairs(CENTROIDS @ MATRIX), Min()
        return SquaredDistance(points), LogMeanExp(GAMMA / 8, weights_of(change))

    return behind_a_map(layers)


def of_two_parents(of: Callable[[Change], Layers]) -> Callable[[Change], Layers]:
    """The same layers, whose columns belong to two explained ones."""

    def layers(change: Change) -> Layers:
        units, pooling = of(change)
        inputs = Inputs(np.array([0, 1, 0, 2]), 3, list(range(N_COLUMNS)))
        return units.through(inputs), pooling

    return layers
