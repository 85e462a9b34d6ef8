# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What rules share whose columns divide the values of a game among them."""

from typing import Any

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._marginal_shares import (
    conserving_shares,
    constant_of,
    constant_rows,
    constant_words,
    error_of_game,
)
from skneon.network.rules._rule import Passed, Rule


class GameRule(Rule):
    """A rule that shares the score less what it is without any column.

    Attributes
    ----------
    n_subsets : int
        Accuracy of games that are not exact.
    """

    n_subsets: int = 1

    def keeps(self, network: Any) -> str:
        """The constant of the score, or of the game that is played."""
        return constant_words(network)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The Shapley values of the game that the units play."""
        shares = network.units.marginal.shapley(X, query, self.n_subsets)
        return conserving_shares(network, shares, passed, query)

    def constant(self, network: Any, query: Query) -> Any:
        """That of the game that is played."""
        return constant_of(network, query)

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The constant of each row."""
        return constant_rows(network, passed, query)

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Where the game has it for free: of forests, of the mean over trees."""
        return error_of_game(network, X, query, self.n_subsets)
