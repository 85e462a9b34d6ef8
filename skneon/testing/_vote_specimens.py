# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of support points that vote for clusters."""

import numpy as np

from skneon.network import (
    LogRatio,
    NeighborGraph,
    SupportWeights,
    VoteMean,
    VoterDistance,
)
from skneon.testing._change import Change
from skneon.testing._specimen import (
    GAMMA,
    MEMBERS,
    N_SUPPORT,
    Layers,
    Specimen,
    support_of,
    weights_of,
)

VOTES = np.round(np.random.default_rng(1).normal(size=(N_SUPPORT, 3)) * 16) / 16


def votes(change: Change) -> Layers:
    pooling = LogRatio(
        GAMMA / change.scale**2,
        change.kept(VOTES),
        weights_of(change),
        change.kept(MEMBERS),
    )
    return VoterDistance(support_of(change), pooling), pooling


def graph(change: Change) -> Layers:
    votes = change.kept(VOTES)
    alike = SupportWeights(np.full(len(votes), 1 / len(votes)))
    pooling = VoteMean(votes, alike, change.kept(MEMBERS))
    return NeighborGraph(support_of(change), 4, pooling), pooling


SPECIMENS = [
    Specimen("votes", votes, 3, leaves_out=True),
    Specimen("graph", graph, 3, leaves_out=True),
]
