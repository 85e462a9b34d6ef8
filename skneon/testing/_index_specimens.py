# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores by neighbours of other kinds, on which rules and engines are checked."""

from functools import partial

import numpy as np

from skneon.network import (
    Mean,
    NearestNeighborsPooling,
    NeighborsMean,
    Reachability,
    ReachedDistance,
)
from skneon.testing._change import Change
from skneon.testing._specimen import (
    N_SUPPORT,
    Layers,
    Specimen,
    support_of,
    weights_of,
)

CORE = np.linspace(0.25, 1.5, N_SUPPORT)


def mean_vector(change: Change, squared: bool) -> Layers:
    """The distance to the mean of the three nearest rows, squared or not."""
    search = NearestNeighborsPooling(3, "mean", weights_of(change))
    return NeighborsMean(support_of(change), search, squared), Mean(symbol="o")


def reachability(change: Change) -> Layers:
    """The distance at which a row is reached from the nearest of some."""
    pooling = Reachability(change.kept(CORE) * change.scale, weights_of(change))
    return ReachedDistance(support_of(change)), pooling


SPECIMENS = [
    # the score grows with the square of the data's scale, or with the scale
    Specimen("mean-vector", partial(mean_vector, squared=True), leaves_out=True),
    Specimen(
        "mean-vector-length",
        partial(mean_vector, squared=False),
        leaves_out=True,
        power=1,
    ),
    Specimen("reachability", reachability, leaves_out=True, power=1),
]
