# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of support points: distances, kernels and neighbours."""

from collections.abc import Callable

import numpy as np

from skneon.network import (
    Cosine,
    Distance,
    GaussianKernel,
    LocalOutlierFactorPooling,
    LogMeanExp,
    Mean,
    NearestNeighborsPooling,
    SquaredDistance,
)
from skneon.testing._change import Change
from skneon.testing._specimen import (
    GAMMA,
    N_SUPPORT,
    OMEGA,
    PHASE,
    SUPPORT,
    Layers,
    support_of,
    weights_of,
)


def distances(change: Change) -> Layers:
    pooling = LogMeanExp(GAMMA / change.scale**2, weights_of(change))
    return SquaredDistance(support_of(change)), pooling


def single(change: Change) -> Layers:
    _, pooling = distances(change)
    return SquaredDistance(support_of(change).astype(np.float32)), pooling


def groups(change: Change) -> Layers:
    pooling = LogMeanExp(GAMMA, weights_of(change, groups=True))
    return SquaredDistance(support_of(change)), pooling


def plain_distances(change: Change) -> Layers:
    pooling = LogMeanExp(GAMMA / change.scale, weights_of(change))
    return Distance(support_of(change)), pooling


def biased(change: Change) -> Layers:
    weights, gamma = weights_of(change), GAMMA / change.scale**2
    units = SquaredDistance(support_of(change), -np.log(weights.weights) / gamma)
    return units, LogMeanExp(gamma, weights)


def kernels(change: Change) -> Layers:
    weights = weights_of(change)
    units = GaussianKernel(support_of(change), GAMMA / change.scale**2, weights)
    return units, Mean(weights)


def cosines(change: Change) -> Layers:
    """Random features that move with the data: the phases are about its center."""
    omega = change.ordered(OMEGA) / change.scale
    gamma = GAMMA / change.scale**2
    units = Cosine(support_of(change), gamma, weights_of(change), omega, PHASE)
    # leaving out moves the center: phases are taken about that of all rows
    moved = (units.points.center - np.asarray(change(SUPPORT)).mean(axis=0)) @ omega.T
    return Cosine(
        support_of(change), gamma, weights_of(change), omega, PHASE + moved
    ), Mean()


def nearest(statistic: str) -> Callable[[Change], Layers]:
    def layers(change: Change) -> Layers:
        pooling = NearestNeighborsPooling(4, statistic, weights_of(change))
        return SquaredDistance(support_of(change)), pooling

    return layers


def local_outlier_factor(change: Change) -> Layers:
    k_distance = change.kept(np.linspace(0.5, 2.0, N_SUPPORT)) * change.scale
    density = change.kept(np.linspace(1.0, 3.0, N_SUPPORT)) / change.scale
    weights = weights_of(change)
    pooling = LocalOutlierFactorPooling(k_distance, density, 4, weights)
    return Distance(support_of(change)), pooling
