# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small linkage clusterings, as layers on which rules and engines are checked."""

from collections.abc import Callable
from typing import Any

from sklearn.cluster import AgglomerativeClustering

from skneon.network import Pooling, Units
from skneon.neuralization import neuralize
from skneon.testing._change import Change
from skneon.testing._specimen import SUPPORT, Specimen

N_FLAT = 4
# by the node that a row would join, and by whole clusters
LINKAGES = ("average-insertion", "ward-insertion", "complete-whole", "ward-whole")
ABSENT = ("complete-insertion", "ward-insertion", "average-whole", "ward-whole")


def linkage(name: str) -> Callable[[Change], tuple[Units, Pooling]]:
    """The layers of a linkage of the usual rows, by its name and the evidence.

    Or its last merge.
    """
    kind, evidence = name.split("-")
    asked: dict[str, Any] = {"evidence": evidence}
    if evidence == "merges":
        asked = {"target": "merge"}

    def layers(change: Change) -> tuple[Units, Pooling]:
        X = change.training(SUPPORT)
        model = AgglomerativeClustering(N_FLAT, linkage=kind).fit(X)
        network = neuralize(model, X_train=X, **asked).network
        return network.units, network.pooling

    return layers


SPECIMENS = [
    *(Specimen(name, linkage(name), N_FLAT) for name in LINKAGES),
    Specimen("merges", linkage("complete-merges"), power=1),
    *(
        Specimen(f"{name}-absent", linkage(name), N_FLAT, True, changes=False)
        for name in ABSENT
    ),
]
