# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of clusters: centroids, splits, components of mixtures, members."""

import numpy as np

from skneon.network import (
    CentroidPairs,
    GroupedLogMeanExp,
    LogSumExp,
    LogWeights,
    MahalanobisDistance,
    MahalanobisPairs,
    MemberDistance,
    Min,
    RivalWeights,
    SplitPairs,
)
from skneon.network.numerics._types import Array
from skneon.testing._change import Change
from skneon.testing._specimen import (
    CENTROIDS,
    FACTORS,
    GAMMA,
    MEMBERS,
    SUPPORT,
    Layers,
    support_of,
    weights_of,
)


def centroids(change: Change) -> Layers:
    return CentroidPairs(np.asarray(change(CENTROIDS))), Min()


def several_centroids(change: Change) -> Layers:
    points = np.asarray(change(SUPPORT[:6]))
    return CentroidPairs(points, np.array([0, 1, 2, 3, 1, 0])), Min()


def splits(change: Change) -> Layers:
    centers = np.asarray(change(SUPPORT[:7]))
    children = np.array([[1, 2], [3, 4], [5, 6], *[[-1, -1]] * 4])
    return SplitPairs(centers, children, np.array([-1, -1, -1, 0, 1, 2, 3])), Min()


def _metrics(change: Change) -> Array:
    return (
        np.asarray(FACTORS if change.columns is None else FACTORS[:, change.columns])
        / change.scale
    )


def mixture(change: Change) -> Layers:
    units = MahalanobisDistance(np.asarray(change(CENTROIDS)), _metrics(change))
    return units, LogSumExp(LogWeights(np.log([0.1, 0.2, 0.3, 0.4])))


def log_odds(change: Change) -> Layers:
    weights = RivalWeights(np.log([0.1, 0.2, 0.3, 0.4]))
    units = MahalanobisPairs(np.asarray(change(CENTROIDS)), _metrics(change), weights)
    return units, LogSumExp(weights)


def members(change: Change) -> Layers:
    pooling = GroupedLogMeanExp(
        GAMMA / change.scale**2, weights_of(change), change.kept(MEMBERS)
    )
    return MemberDistance(support_of(change), pooling), pooling
