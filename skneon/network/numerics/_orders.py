# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Orders in which players join, so that each order's increments sum to v(all).

``phi_i = mean over orders of v(those before i, and i) - v(those before i)``
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np

from skneon.network.numerics._players import MAX_EXACT_PLAYERS, Floats, Ints

# beyond, all coalitions are never taken
MOST_PLAYERS = 15


@dataclass(frozen=True)
class Orders:
    """Orders of players, each followed by its reverse.

    Attributes
    ----------
    rows : ndarray of int of shape (n_orders, p)
    complete : bool
        Whether these are all orders, so that their mean has no error.
    """

    rows: Ints
    complete: bool


@dataclass(frozen=True)
class OrderMean:
    """Mean over orders, and how far it may be from the mean over all orders.

    Attributes
    ----------
    shares : ndarray of shape (n, p)
    standard_error : ndarray of shape (n, p)
        From the spread of the means of an order and its reverse, as if these were
        drawn independently; balanced orders are usually nearer than that. 0 where all
        orders were taken, NaN where a single pair was.
    """

    shares: Floats
    standard_error: Floats


def balanced_orders(
    n_players: int, n_orders: int | None = None, seed: int = 0
) -> Orders:
    """Random Latin squares of orders, and the reverse of each order.

    In 2 p orders of one square each player is twice at each position. The positions of
    its columns are drawn too: plain cyclic shifts, in which a player always follows
    the same one, are off by up to twice as much.

    Parameters
    ----------
    n_players : int
    n_orders : int, default=2 n_players
        The accuracy; an odd number is rounded up, so that each order has its reverse.
        All p! orders are taken where these are not more.
    seed : int, default=0
        The same seed gives the same orders.

    Returns
    -------
    orders : Orders

    Raises
    ------
    ValueError
        If n_orders is below 1.

    Examples
    --------
    >>> balanced_orders(2).rows
    array([[0, 1],
           [1, 0]])
    """
    n_orders = 2 * n_players if n_orders is None else n_orders
    if n_orders < 1:
        raise ValueError(f"n_orders must be at least 1, but is {n_orders}.")
    if n_players <= 20 and factorial(n_players) <= n_orders:
        rows = np.array(list(permutations(range(n_players))), dtype=np.intp)
        return Orders(rows, True)
    rng = np.random.default_rng(seed)
    n_pairs = (n_orders + 1) // 2
    n_squares = -(-n_pairs // n_players)
    squares = [_latin_square(rng, n_players) for _ in range(n_squares)]
    forth = np.concatenate(squares)[:n_pairs]
    rows = np.stack([forth, forth[:, ::-1]], axis=1).reshape(-1, n_players)
    return Orders(rows.astype(np.intp), False)


def orders_for(n_players: int, n_subsets: int, affordable: bool) -> Orders | None:
    """Orders of an accuracy; None where all coalitions are to be taken.

    Parameters
    ----------
    n_players : int
    n_subsets : int
        The accuracy: at the usual 16 there are 2 orders per player, and their number
        grows in proportion.
    affordable : bool
        Whether there is room for all coalitions.

    Returns
    -------
    orders : Orders or None
        None up to 12 players, and up to 15 where all coalitions are at most twice the
        work of the sample, as in `pooled_shapley`.
    """
    few = n_players <= MAX_EXACT_PLAYERS
    if affordable and (few or takes_all(n_players, n_subsets)):
        return None
    return balanced_orders(n_players, max(2, round(n_subsets * n_players / 8)))


def takes_all(n_players: int, n_subsets: int) -> bool:
    """Whether a finer sample of more than 12 players gives way to all coalitions."""
    return n_players <= MOST_PLAYERS and 2**n_players <= 32 * n_subsets * (
        n_players + 1
    )


def _latin_square(rng: np.random.Generator, n_players: int) -> Ints:
    """Cyclic shifts, their rows, columns and players drawn at random."""
    rows, columns, names = (rng.permutation(n_players) for _ in range(3))
    drawn: Ints = names[(rows[:, None] + columns) % n_players].astype(np.intp)
    return drawn


def mean_over_orders(
    orders: Orders, increments: Callable[[Ints], Floats], n_rows: int
) -> OrderMean:
    """Average what each player adds to the value of those before it.

    Parameters
    ----------
    orders : Orders
    increments : callable
        Takes an order to increments of shape (n, p): column t is what the t-th player
        of the order adds.
    n_rows : int
        n

    Returns
    -------
    mean : OrderMean
    """
    n_orders, n_players = orders.rows.shape
    total = np.zeros((n_rows, n_players))
    squares = np.zeros_like(total)
    # spreads about the first pair: large means do not cancel digits
    shift = np.zeros_like(total)
    step = 1 if orders.complete else 2
    for start in range(0, n_orders, step):
        value = np.zeros_like(total)
        for order in orders.rows[start : start + step]:
            value[:, order] += increments(order) / step
        if start == 0:
            shift = value.copy()
        total += value
        squares += (value - shift) ** 2
    n_draws = n_orders // step
    mean = total / n_draws
    if orders.complete:
        return OrderMean(mean, np.zeros_like(mean))
    if n_draws == 1:
        return OrderMean(mean, np.full_like(mean, np.nan))
    variance = squares / n_draws - (mean - shift) ** 2
    error = np.sqrt(np.maximum(variance, 0.0) / (n_draws - 1))
    return OrderMean(mean, error)
