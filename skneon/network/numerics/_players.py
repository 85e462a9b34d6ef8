# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Who plays: groups of columns that come and go together, and all their coalitions.

``phi_i = sum over S without i of |S|! (p - 1 - |S|)! / p! (v(S + i) - v(S))``
"""

from functools import cache
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
Players: TypeAlias = tuple[Ints, ...]

# up to so many players all coalitions are taken
MAX_EXACT_PLAYERS = 12


def players_of(groups: ArrayLike | None, n_columns: int) -> Players:
    """Columns of each player, players in the order of their labels.

    Parameters
    ----------
    groups : array-like of int of shape (n_columns,), or None
        Label of each column; columns with the same label, such as the one-hot
        children of one column, are one player. None: each column is a player.
    n_columns : int

    Returns
    -------
    players : tuple of ndarray of int

    Raises
    ------
    ValueError
        If there is not one label per column.

    Examples
    --------
    >>> players_of([0, 1, 0], 3)
    (array([0, 2]), array([1]))
    """
    if groups is None:
        return tuple(np.arange(n_columns)[:, None])
    labels = np.asarray(groups)
    if labels.shape != (n_columns,):
        raise ValueError(
            f"groups must hold one label for each of the {n_columns} columns, but "
            f"has the shape {labels.shape}."
        )
    return tuple(np.flatnonzero(labels == label) for label in np.unique(labels))


def player_sums(shares: Floats, players: Players) -> Floats:
    """Sums over the columns of each player; (n, d) to (n, p)."""
    if len(players) == shares.shape[1] and all(
        players[i][0] == i for i in range(len(players))
    ):
        return shares
    return np.stack([shares[:, own].sum(axis=1) for own in players], axis=1)


@cache
def coalition_masks(n_players: int) -> Floats:
    """All coalitions as rows of zeros and ones, (2^p, p); the first is empty.

    Bit i of the row's number says whether player i is in.
    """
    bits = np.arange(2**n_players)[:, None] >> np.arange(n_players)
    return _frozen((bits & 1).astype(np.float64))


@cache
def shapley_matrix(n_players: int) -> Floats:
    """Takes the values of all coalitions to Shapley values, (2^p, p)."""
    masks = coalition_masks(n_players)
    size = masks.sum(axis=1).astype(int)
    weight = np.array(
        [1 / (n_players * comb(n_players - 1, s)) for s in range(n_players)]
    )
    joined = weight[np.maximum(size - 1, 0)][:, None]
    apart = weight[np.minimum(size, n_players - 1)][:, None]
    return _frozen(np.where(masks > 0, joined, -apart))


def _frozen(array: Floats) -> Floats:
    """Read-only, since it is cached."""
    array.flags.writeable = False
    return array
