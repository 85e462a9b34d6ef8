# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Log-densities and log-odds of Gaussian mixtures, in the mean over orders of columns.

``R_i = mean over orders of v(those before i, and i) - v(those before i)``
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skneon.network.numerics._gaussian_orders import conditional_rows, joined
from skneon.network.numerics._mixture_components import (
    Components,
    Odds,
    mixture_values,
)
from skneon.network.numerics._orders import OrderMean, Orders, mean_over_orders
from skneon.network.numerics._players import Floats, Ints, Players, players_of

# numbers in a block of components x rows x columns
BLOCK = 2**17
# more numbers of factors are not kept, but computed for each block of rows
KEPT = 2**24


@dataclass(frozen=True)
class MixtureOrders:
    """Factors of the covariances in each order, of `mixture_orders`.

    Attributes
    ----------
    components : Components
    players : tuple of ndarray of int
    orders : Orders
    factors : tuple of ndarray of shape (K, d, d)
        One per order: conditional z-scores of the columns as they are joined. Empty
        for diagonal covariances, and where they are too many to be kept.
    """

    components: Components
    players: Players
    orders: Orders
    factors: tuple[Floats, ...]

    def shares(self, X: Floats, odds: Odds | None = None) -> OrderMean:
        """Shares of rows and their standard errors, shape (n, p).

        Each order sums to what the mean sums to, the value of all columns.
        """
        size = max(1, BLOCK // self.components.means.size)
        parts = [
            self._block(X[i : i + size], odds and odds.at(slice(i, i + size)))
            for i in range(0, max(len(X), 1), size)
        ]
        return OrderMean(
            np.concatenate([part.shares for part in parts]),
            np.concatenate([part.standard_error for part in parts]),
        )

    def _block(self, X: Floats, odds: Odds | None) -> OrderMean:
        place = {tuple(row): number for number, row in enumerate(self.orders.rows)}
        Z = X - self.components.means[:, None]

        def increments(order: Ints) -> Floats:
            squares, half, starts = self._terms(Z, order, place[tuple(order)])
            ends = np.append(starts[1:], squares.shape[2]) - 1
            distance = np.cumsum(squares, axis=2)[:, :, ends] / 2
            without = self.components.logs[:, None] - np.cumsum(half, axis=1)[:, ends]
            L = without[:, None] - distance
            values = mixture_values(L, without, self.components, odds)
            return np.diff(values, axis=1, prepend=0.0)

        return mean_over_orders(self.orders, increments, len(X))

    def _terms(
        self, Z: Floats, order: Ints, number: int
    ) -> tuple[Floats, Floats, Ints]:
        """Squared conditional z-scores (K, n, d), log sds (K, d), players' starts."""
        columns, starts = joined(order, self.players)
        if self.components.diagonal:
            variances = self.components.covariances[:, columns]
            squares = Z[:, :, columns] ** 2 / variances[:, None]
            return squares, np.log(variances) / 2, starts
        known = self.factors
        factors = known[number] if known else _factors(self.components, columns)
        scores = Z[:, :, columns] @ np.swapaxes(factors, 1, 2)
        log_sd = -np.log(np.diagonal(factors, axis1=1, axis2=2))
        return scores**2, log_sd, starts


def mixture_orders(
    components: Components, orders: Orders, groups: ArrayLike | None = None
) -> MixtureOrders:
    """Factors of the covariances, by which rows have shares in the mean over orders.

    The game is that of `mixture_coalitions`; its Shapley values are the mean over all
    orders.

    Parameters
    ----------
    components : Components
    orders : Orders
        Of the players.
    groups : array-like of int of shape (d,), default=None

    Returns
    -------
    mixture : MixtureOrders
        It takes 8 n_orders K d^2 bytes, at most 128 MB.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network.numerics._mixture_components import gaussian_components
    >>> from skneon.network.numerics._orders import balanced_orders
    >>> components = gaussian_components(
    ...     np.array([0.5, 0.5]), np.array([[0.0, 0.0], [4.0, 0.0]]), np.eye(2), "tied"
    ... )
    >>> mixture = mixture_orders(components, balanced_orders(2))
    >>> mixture.shares(np.array([[0.0, 2.0]])).shares.round(4)
    array([[0.6928, 2.    ]])
    """
    players = players_of(groups, components.n_columns)
    factors: tuple[Floats, ...] = ()
    n_numbers = len(orders.rows) * components.covariances.size
    if not components.diagonal and n_numbers <= KEPT:
        factors = tuple(
            _factors(components, joined(order, players)[0]) for order in orders.rows
        )
    return MixtureOrders(components, players, orders, factors)


def _factors(components: Components, columns: Ints) -> Floats:
    """`conditional_rows` of each component, (K, d, d)."""
    return np.stack([conditional_rows(C, columns) for C in components.covariances])
