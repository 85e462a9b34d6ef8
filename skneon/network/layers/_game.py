# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The game of units that know what they are without a column, beyond sums of parts."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.numerics._types import Array


class Game(ABC):
    """What rules ask of such a game. Columns with the same parent are one player.

    Attributes
    ----------
    inputs : Inputs
        Rows X are its y; shares are those of the explained columns.
    equation, integral : str
        v(S), and what `integrated` gives, in plain text: of the y, called x.
    no_columns : str
        The `constant` in plain text; "" for the pooling's offset.
    error_is_free : bool
        Whether the standard error is known without further work.
    of_background : bool
        Whether columns that are left out take the values of background rows.
    """

    inputs: Inputs
    equation: Any = ""
    integral: Any = ""
    no_columns: Any = ""
    error_is_free = False
    of_background = False

    def by_column(self, shares: Array) -> Array:
        """Shares of the players as those of the explained columns, (n, n_columns)."""
        if self.inputs.one_to_one:
            return shares
        out = np.zeros((len(shares), self.inputs.n_columns))
        out[:, np.unique(self.inputs.parents)] = shares
        return out

    @property
    def n_players(self) -> int:
        """Number of columns that the units depend on."""
        return len(np.unique(self.inputs.parents))

    @property
    def groups(self) -> Array | None:
        """Player of each y; None: each is one, in the order of the columns."""
        parents = self.inputs.parents
        return None if np.all(np.diff(parents) > 0) else parents

    @abstractmethod
    def constant(self, query: Query) -> Array | None:
        """What of the score is no column's, (n,); None: the pooling's offset."""

    @abstractmethod
    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """Shapley values, exact or in the mean over orders: (n, n_columns)."""

    @abstractmethod
    def standard_error(self, X: Array, query: Query, n_subsets: int) -> Array | None:
        """Standard error of these, (n, n_columns); None where they are exact."""

    @abstractmethod
    def integrated(self, X: Array, query: Query) -> Array:
        """Aumann-Shapley values, (n, n_columns)."""


class ScoringGame(Game):
    """A game that scores coalitions of the explained columns itself."""

    def members(self, masks: Array) -> NDArray[np.bool_]:
        """Which y are in which coalition of the explained columns, (M, m)."""
        return np.asarray(masks[:, self.inputs.parents] > 0)

    @abstractmethod
    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row and coalitions of the explained columns, less v(empty): (M,).

        Parameters
        ----------
        X : ndarray of shape (1, m)
        query : Query
            Of that row.
        masks : ndarray of shape (M, n_columns)
        """
