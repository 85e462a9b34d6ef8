# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that end at a level, as layers on which rules and engines are checked."""

from functools import partial

import numpy as np

from skneon.network import LevelDistance, LevelMin
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
    """Clusters by the distance, or by the mutual reachability.

    Of the latter every seventh row is noise.
    """
    members, core = MEMBERS, None
    if by_reachability:
        members = np.where(np.arange(N_SUPPORT) % 7, MEMBERS, -1)
        core = change.kept(CORE) * change.scale**2
    ends = ENDS * change.scale**2
    weights = weights_of(change)
    pooling = LevelMin(change.kept(members), ends, weights, core, n_others=3)
    return LevelDistance(support_of(change), pooling), pooling


SPECIMENS = [
    Specimen(name, partial(levels, by_reachability=by), N_ASKED, True, agreeing=False)
    for name, by in {"core-rows": False, "mutual-reachability": True}.items()
]
