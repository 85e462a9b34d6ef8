# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are networks themselves, each of some of the columns."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.numerics._types import Array


class Members(Units):
    """The scores of the members of an ensemble, side by side (ours).

    A member is a network with a rule, of columns of its own. What it hands to these is
    what its unit hands to them, by the rule `ByMembers`.

    Parameters
    ----------
    networks : sequence of Network
    columns : sequence of ndarray of int
        The columns that each takes, in its order.
    n_columns : int
    counting : sequence of bool, or None
        Which of them know the rows of the fit by their numbers, so that a query's
        `absent` is for them; None: none does.
    """

    words = "the score of each member, by its columns"
    equation = "h_k = o_k(x_i, i among the columns of member k)"
    parts = "C_ki = R_i of member k, by its own rule"
    reference_name = "nothing: members compare with points of their own"

    def __init__(
        self,
        networks: Sequence[Any],
        columns: Sequence[Array],
        n_columns: int,
        counting: Sequence[bool] | None = None,
    ) -> None:
        self._networks = tuple(networks)
        self.columns = tuple(columns)
        self.counting = tuple(counting or [False] * len(self._networks))
        super().__init__(Inputs.identity(n_columns))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        pairs = zip(self._networks, self.columns, strict=True)
        self.networks = [net.wired(inputs.select(columns)) for net, columns in pairs]

    @property
    def n_units(self) -> int:
        """Number of members."""
        return len(self._networks)

    @property
    def width(self) -> int:
        """Numbers that a row takes: those of all members."""
        return int(sum(network.units.width for network in self.networks))

    def moved(self) -> float:
        """The largest of the members'."""
        return float(max(network.units.moved() for network in self.networks))

    def asked(self, X: Array, query: Query) -> list[tuple[Any, Array, Query]]:
        """Each member with the rows and the query that it gets."""
        whole = replace(query, absent=None)
        alike = [query if counts else whole for counts in self.counting]
        return [
            (
                network,
                X if self.inputs.matrix is not None else X[:, columns],
                replace(part, references=query.references),
            )
            for network, columns, part in zip(
                self.networks, self.columns, query.members or alike, strict=True
            )
        ]

    def forward(self, X: Array, query: Query) -> Array:
        """Scores of the members, (n, K)."""
        return np.column_stack(
            [net.activate(*rows) for net, *rows in self.asked(X, query)]
        )

    def explained(self, X: Array, query: Query) -> tuple[Array, Array]:
        """Relevances and residuals of the members, (K, n, n_columns) and (K, n)."""
        found = [net.propagate(*rows) for net, *rows in self.asked(X, query)]
        C = np.array([of.relevance for of in found])
        return C, np.array([of.score for of in found]) - C.sum(axis=2)

    def contributions(self, X: Array, query: Query) -> Array:
        """Relevances by the members' rules, (K, n, n_columns)."""
        return self.explained(X, query)[0]

    def coalitions(self, X: Array, query: Query, masks: Array) -> Array:
        """The members' own games, (M, K)."""
        return np.column_stack(
            [net.coalition_scores(*rows, masks) for net, *rows in self.asked(X, query)]
        )

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """None: NaN, (n, p)."""
        return np.full((len(X), self.inputs.n_outputs), np.nan)
