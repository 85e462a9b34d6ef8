# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The game of a linear score: columns that are left out are at a reference point m.

.. math:: v(S) = \sum_{i \in S} C_i, \qquad C_i = -w_i (x_i - m_i)

It is additive, so that the C_i are its Shapley values, and its Aumann-Shapley values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._game import ScoringGame
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.network.layers._linear_score import LinearScore


class LinearGame(ScoringGame):
    """The game of `LinearScore`, whose reference point may be a mean of rows.

    Parameters
    ----------
    units : LinearScore
    """

    integral = "R_i = C_i"

    def __init__(self, units: LinearScore) -> None:
        self.units = units
        self.inputs = units.inputs
        self.of_background = units.of_background

    @property
    def equation(self) -> str:
        """What the columns outside S are."""
        if self.of_background:
            return "v(S): the mean where columns outside S are a background row's"
        return "v(S): the score where the columns outside S are those of m"

    @property
    def no_columns(self) -> str:
        """The score at the reference point; "" where it is 0."""
        return "s, the score at m" if self.units.level else ""

    def constant(self, query: Query) -> Array:
        """The score at the reference point."""
        return np.asarray(self.units.level)

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row, less the score at the reference point: (M,)."""
        return np.asarray(masks @ self.units.shares(X)[0])

    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """The C_i, (n, n_columns)."""
        return self.units.shares(X)

    def standard_error(self, X: Array, query: Query, n_subsets: int) -> None:
        """None: they are exact."""
        return None

    def integrated(self, X: Array, query: Query) -> Array:
        """The C_i, (n, n_columns)."""
        return self.units.shares(X)
