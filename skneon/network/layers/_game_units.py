# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units whose coalitions are scored by a game of their own, if they have one."""

from skneon.network._query import Query
from skneon.network.layers._game import ScoringGame
from skneon.network.layers._pooling import Min, Pooling
from skneon.network.layers._units import Units
from skneon.network.numerics._types import Array


class GameUnits(Units):
    """Units that score coalitions by their `marginal`; without one by their parts."""

    marginal: ScoringGame | None

    def coalitions(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of a row in the `marginal` game, (M, 1), see `in_game`."""
        if self.marginal is None:
            return super().coalitions(X, query, masks)
        return self.marginal.values(X, query, masks)[:, None]

    def in_game(self, pooling: Pooling) -> tuple[Units, Pooling]:
        """Units whose coalitions are scored already, under the least of one value."""
        return self, pooling if self.marginal is None else Min()
