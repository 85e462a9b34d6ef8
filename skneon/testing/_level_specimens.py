# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that end at a level, as layers on which rules and engines are checked."""

from collections.abc import Callable

import numpy as np

from skneon.network import LevelDistance, LevelMin, Pooling, SupportWeights, Units
from skneon.network.numerics._types import Array
from skneon.testing._change import Change

# squared, of three clusters; noise is the fourth
LEVELS = np.array([1.5, 2.0, 0.75])
N_ASKED = len(LEVELS) + 1
KINDS = ("core-rows", "mutual-reachability")


def levels(rows: Array, kind: str) -> Callable[[Change], tuple[Units, Pooling]]:
    """Clusters of some rows: by the distance, or by the mutual reachability.

    Of the latter every seventh row is noise.
    """
    members = np.arange(len(rows)) % len(LEVELS)
    core = None
    if kind == KINDS[1]:
        members[::7] = -1
        core = np.linspace(0.25, 2.0, len(rows))

    def layers(change: Change) -> tuple[Units, Pooling]:
        support = np.asarray(change.training(rows))
        weights = SupportWeights(np.full(len(support), 1 / len(support)))
        kept = None if core is None else change.kept(core) * change.scale**2
        ends = LEVELS * change.scale**2
        pooling = LevelMin(change.kept(members), ends, weights, kept, n_others=3)
        return LevelDistance(support, pooling), pooling

    return layers
