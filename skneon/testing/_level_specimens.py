# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that end at a level, as layers on which rules and engines are checked."""

from functools import partial

import numpy as np

from skneon.network import LevelDistance, LevelMin, NearestMember, SpreadDistance
from skneon.network.numerics._types import Array
from skneon.testing._change import Change
from skneon.testing._specimen import (
    N_SUPPORT,
    Layers,
    Specimen,
    support_of,
    weights_of,
)

# squared, of three clusters; noise is the fourth
ENDS = np.array([1.5, 2.0, 0.75])
N_ASKED = len(ENDS) + 1
MEMBERS = np.arange(N_SUPPORT) % len(ENDS)
CORE = np.linspace(0.25, 2.0, N_SUPPORT)


def levels(change: Change, by_reachability: bool) -> Layers:
    """Clusters by the distance, or by the mutual reachability."""
    members, core = _clusters(change, by_reachability)
    ends = ENDS * change.scale**2
    pooling = LevelMin(members, ends, weights_of(change), core, n_others=3)
    return LevelDistance(support_of(change), pooling), pooling


def apart(change: Change, by_reachability: bool) -> Layers:
    """How far rows are from the nearest of these clusters."""
    members, core = _clusters(change, by_reachability)
    pooling = NearestMember(members, weights_of(change), core, n_others=3)
    return SpreadDistance(support_of(change), pooling), pooling


def _clusters(change: Change, by_reachability: bool) -> tuple[Array, Array | None]:
    """Who is in which cluster, and core distances; every seventh row may be noise."""
    if not by_reachability:
        return change.kept(MEMBERS), None
    members = np.where(np.arange(N_SUPPORT) % 7, MEMBERS, -1)
    return change.kept(members), change.kept(CORE) * change.scale**2


SPECIMENS = [
    *(
        Specimen(name, partial(levels, by_reachability=by), N_ASKED, True, False)
        for name, by in {"core-rows": False, "mutual-reachability": True}.items()
    ),
    Specimen("nearest-core-row", partial(apart, by_reachability=False), 0, True),
    Specimen("nearest-reached", partial(apart, by_reachability=True), 0, True, False),
]
