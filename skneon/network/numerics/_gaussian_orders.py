# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Squared conditional z-scores of one Gaussian, in the mean over orders of columns.

.. math:: z^\top \Sigma^{-1} z = \sum_t
          \frac{(z_{p_t} - E[z_{p_t} | z_{p_1}, \dots, z_{p_{t-1}}])^2}
          {\mathrm{Var}[z_{p_t} | z_{p_1}, \dots, z_{p_{t-1}}]}
"""

import numpy as np
from numpy.typing import ArrayLike

from skneon.network.numerics._gaussian_shapley import QuadraticForms
from skneon.network.numerics._orders import OrderMean, Orders, mean_over_orders
from skneon.network.numerics._players import Floats, Ints, Players, players_of
from skneon.network.numerics._submatrices import (
    Inverse,
    cutoff_of,
    inverses,
    packed,
)

# numbers of the z-scores of some orders
BLOCK = 2**22


def gaussian_order_forms(
    covariance: Floats,
    orders: Orders,
    groups: ArrayLike | None = None,
    inverse: Inverse = "pinvh",
) -> QuadraticForms:
    """Forms whose values are mean squared conditional z-scores over orders.

    Each order's terms sum to the squared distance (Mason, Tracy and Young 1995), and
    none is negative for a regular covariance; the mean over all orders is the Shapley
    value of `gaussian_shapley_forms`. A row takes the same time for any number of
    orders, about that of d^3 / 2 products.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
        Singular covariances: as in `gaussian_shapley_forms`.
    orders : Orders
        Of the players.
    groups : array-like of int of shape (d,), default=None
    inverse : {"pinvh", "cholesky"}, default="pinvh"
        How the model inverts its covariance; see `cutoff_of`.

    Returns
    -------
    forms : QuadraticForms
        It takes 4 p d^2 bytes.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network.numerics._orders import balanced_orders
    >>> covariance = np.eye(20) + 0.5
    >>> forms = gaussian_order_forms(covariance, balanced_orders(20))
    >>> z = np.arange(20.0)[None]
    >>> bool(np.isclose(forms.shares(z).sum(), z @ np.linalg.inv(covariance) @ z.T))
    True
    """
    d = len(covariance)
    players = players_of(groups, d)
    cutoff = cutoff_of(covariance, inverse)
    total = np.zeros((len(players), d * (d + 1) // 2))
    if cutoff is None:
        size = max(1, BLOCK // (d * d))
        for start in range(0, len(orders.rows), size):
            _add_squares(total, covariance, orders.rows[start : start + size], players)
    else:
        for order in orders.rows:
            _add_differences(total, covariance, order, players, cutoff)
    return QuadraticForms(total / len(orders.rows), cutoff is None)


def gaussian_order_shares(
    Z: Floats,
    covariance: Floats,
    orders: Orders,
    groups: ArrayLike | None = None,
    inverse: Inverse = "pinvh",
) -> OrderMean:
    """Mean squared conditional z-scores of rows, with standard errors.

    Order by order, which needs no d^3 numbers: for many columns, and for the error.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows less the mean.
    covariance : ndarray of shape (d, d)
    orders : Orders
    groups : array-like of int of shape (d,), default=None
    inverse : {"pinvh", "cholesky"}, default="pinvh"
        How the model inverts its covariance; see `cutoff_of`.

    Returns
    -------
    mean : OrderMean
        Shares and standard errors, shape (n, p).
    """
    players = players_of(groups, len(covariance))
    cutoff = cutoff_of(covariance, inverse)

    def increments(order: Ints) -> Floats:
        columns, starts = joined(order, players)
        if cutoff is None:
            squares = (Z[:, columns] @ conditional_rows(covariance, columns).T) ** 2
            return np.add.reduceat(squares, starts, axis=1)
        values = np.zeros((len(Z), len(order) + 1))
        for t, end in enumerate([*starts[1:], len(columns)], start=1):
            own = columns[:end]
            precision = inverses(covariance[np.ix_(own, own)], cutoff)
            values[:, t] = np.einsum("ni,ni->n", Z[:, own] @ precision, Z[:, own])
        return np.diff(values, axis=1)

    return mean_over_orders(orders, increments, len(Z))


def joined(order: Ints, players: Players) -> tuple[Ints, Ints]:
    """Columns in the order in which they join, and where each player's start."""
    columns = np.concatenate([players[player] for player in order])
    sizes = [len(players[player]) for player in order]
    return columns, np.cumsum([0, *sizes[:-1]]).astype(np.intp)


def conditional_rows(covariance: Floats, columns: Ints) -> Floats:
    """Row t gives the z-score of the t-th column, given those before it: (d, d)."""
    part = covariance[np.ix_(columns, columns)]
    scale = np.sqrt(np.diagonal(part))
    L = np.linalg.cholesky(part / np.outer(scale, scale))
    rows: Floats = np.linalg.inv(L)
    return np.tril(rows) / scale


def _add_squares(
    total: Floats, covariance: Floats, orders: Ints, players: Players
) -> None:
    """Add the squares of some orders' conditional z-scores, packed, in place."""
    d = len(covariance)
    # scores[i, o] takes a row to the z-score of column i in the o-th order
    scores = np.zeros((d, len(orders), d))
    for number, order in enumerate(orders):
        columns, _ = joined(order, players)
        scores[columns[:, None], number, columns] = conditional_rows(
            covariance, columns
        )
    every = np.arange(d)[None]
    for player, own in enumerate(players):
        rows = scores[own].reshape(-1, d)
        total[player] += packed((rows.T @ rows)[None], every, d)[0]


def _add_differences(
    total: Floats, covariance: Floats, order: Ints, players: Players, cutoff: float
) -> None:
    """The same where submatrices are singular: differences of pseudo-inverses."""
    columns, starts = joined(order, players)
    before = np.zeros(total.shape[1])
    for player, end in zip(order, [*starts[1:], len(columns)], strict=True):
        own = columns[:end]
        precision = inverses(covariance[np.ix_(own, own)], cutoff)
        form = packed(precision[None], own[None], len(covariance))[0]
        total[player] += form - before
        before = form
