# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Gains of the splits on a row's path, for isolation forests.

.. math:: R_i = \frac1T \sum_t \sum_{u \to v \text{ by } i} g_v, \qquad
          g_v = c(n_u) - 1 - c(n_v)

A column gets what its splits saved. That the credit of a prediction goes to the splits
of the path is the idea of treeinterpreter (Saabas 2014), and for isolation forests of
DIFFI (Carletti, Terzi, Susto 2023); here the parts are those of the score, and sum to
it. In other trees the method favours deep splits. In an isolation forest columns come
in random order, so that the trees average over orders.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule


@register_rule
@dataclass(frozen=True)
class Split(Rule):
    """What the splits by each column saved: a look at the row's leaves.

    The Shapley values of a game, in which gains at splits by columns that are left out
    do not count. Takes trees of any depth, and goes through linear steps.
    """

    words: ClassVar[str] = "a column gets what its splits on the row's path saved"
    name: ClassVar[str] = "split"
    explains: ClassVar[frozenset[str]] = frozenset({"isolation"})
    needs: ClassVar[tuple[str, ...]] = ("path_shares",)

    def equations(self, network: Any) -> tuple[str, ...]:
        """The mean over trees."""
        return ("R_i = 1/H Σ_k C_ki",)

    def keeps(self, network: Any) -> str:
        """The constant of the score."""
        return str(network.pooling.constant)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The mean over trees of the gains by column."""
        return np.asarray(network.units.path_shares(X)[0])

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Of the mean over trees."""
        error: Array | None = network.units.path_shares(X)[1]
        return error
