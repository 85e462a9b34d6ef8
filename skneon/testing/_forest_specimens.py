# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small isolation forests, as layers on which rules and engines are checked."""

from collections.abc import Callable

from sklearn.ensemble import IsolationForest

from skneon.network import Pooling, Units
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.testing._change import Change

RULES = ("split", "shapley", "path", "interventional")


def trees(rows: Array, rule: str) -> Callable[[Change], tuple[Units, Pooling]]:
    """Isolation trees of some rows, with the game of a rule.

    They do not change: a forest of changed rows has other trees.
    """

    def layers(change: Change) -> tuple[Units, Pooling]:
        model = IsolationForest(n_estimators=4, random_state=0).fit(rows)
        network = neuralize(model, rule=rule, X_train=rows).network
        return network.units, network.pooling

    return layers
