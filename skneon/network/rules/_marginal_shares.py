# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What rules share that play the marginal game of Gaussian units."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Passed


def conserving_shares(
    network: Any, shares: Array, passed: Passed, query: Query
) -> Array:
    """Shares that sum to the score less its constant, whatever rounding left.

    Sums of ill-conditioned metrics are rounded in another way than the score is. What
    they miss is spread in proportion to the sizes of the shares. Rows of infinite score
    have no shares.
    """
    constant = constant_of(network, query)
    known = np.isfinite(passed.score)
    value = np.where(known, passed.score, 0.0) - np.where(known, constant, 0.0)
    missed = value - shares.sum(axis=1)
    size = np.abs(shares).sum(axis=1)
    part = np.divide(missed, size, out=np.zeros_like(missed), where=size > 0)
    return np.where(known[:, None], shares + np.abs(shares) * part[:, None], 0.0)


def constant_of(network: Any, query: Query) -> Any:
    """What of the score no column carries: that of the game, else of the pooling."""
    marginal = network.units.marginal
    constant = None if marginal is None else marginal.constant(query)
    return network.pooling.offset(query) if constant is None else constant


def constant_words(network: Any) -> str:
    """That in plain text, "" where it is 0."""
    marginal = network.units.marginal
    own = "" if marginal is None else marginal.no_columns
    return str(own or network.pooling.constant)


def constant_rows(network: Any, passed: Passed, query: Query) -> Array:
    """The same for each row, (n,)."""
    return np.asarray(np.zeros(len(passed.score)) + constant_of(network, query))


def error_of_game(
    network: Any, X: Array, query: Query, n_subsets: int = 1, asked: bool = False
) -> Array | None:
    """Standard error of a game's values, where it is asked for or free; or None."""
    game = network.units.marginal
    if game is None or not (asked or game.error_is_free):
        return None
    error: Array | None = game.standard_error(X, query, n_subsets)
    return error
