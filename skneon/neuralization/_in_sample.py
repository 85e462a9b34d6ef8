# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A warning where rows meet themselves among the training rows of a density."""

from typing import Any

import numpy as np

from skneon._frames import some_float32, some_rows
from skneon._warn import warn_user
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._own_rows import (
    BY_NUMBER,
    may_meet_themselves,
    scores_without_themselves,
)

# rows that are looked for, and of those found the ones that are scored
LOOKED_AT, SCORED = 32, 16
# rows are the same whose cells differ by less, relative to the column: of float64, and
# where rows or training rows are float32, which steps before the model may magnify
SAME, SAME_FLOAT32 = 1e-7, 1e-5
# a smaller change of the scores is none to warn of
MATTERS = 0.05
# new rows may coincide with training rows, where columns are discrete
BY_CHANCE = 1e-3


class InSampleWarning(UserWarning):
    """Rows that are explained are training rows, and are not left out of the model.

    A training row is its own nearest neighbour, which hides what sets it apart, the
    more the stiffer a density is.
    """


def warn_in_sample(door: Any, X: Any, asked: dict[str, Any]) -> None:
    """Warn where most rows are training rows, and leaving each out changes the scores.

    A look is taken at some of them. Models that keep no rows of which one could be left
    out are not meant: one row of N hardly matters for a Gaussian or a centroid.

    Parameters
    ----------
    door : NeuralizedModel
    X : table, or None
        What it has explained.
    asked : dict
        What was asked of the rows.
    """
    if X is None or not may_meet_themselves(door, asked):
        return
    message = in_sample(door, X, asked)
    if message is not None:
        warn_user(message, InSampleWarning)


def in_sample(door: Any, X: Any, asked: dict[str, Any]) -> str | None:
    """What is to be said where most rows of X are training rows; else None."""
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    looked = np.unique(np.linspace(0, n - 1, min(n, LOOKED_AT)).astype(int))
    kept = _kept(door)
    same = SAME_FLOAT32 if some_float32(X) or some_float32(kept) else SAME
    own = own_numbers(dense(door.model_rows(some_rows(X, looked))), kept, same)
    found = np.flatnonzero(own >= 0)
    if 2 * len(found) <= len(looked) or _by_chance(kept, len(found), same):
        return None
    found = found[:SCORED]
    chosen, numbers = looked[found], own[found]
    given = {k: np.asarray(v)[chosen] if np.ndim(v) else v for k, v in asked.items()}
    rows = some_rows(X, chosen)
    without = scores_without_themselves(door, rows, numbers, given)
    if without is None:
        return None
    scores = door.forward(rows, **given)
    with np.errstate(invalid="ignore"):
        change, size = np.median(np.abs(without - scores)), np.median(np.abs(without))
    # not where these are infinite
    if not change > MATTERS * size:
        return None
    return _message(door, np.median(scores), np.median(without))


def own_numbers(rows: Array, kept: Array, same: float = SAME) -> Array:
    """Number of the one training row that each row coincides with; -1 for others.

    Rows that coincide with several are others: their twins stay where they are left
    out, as do those of a new row.

    Parameters
    ----------
    rows : ndarray of shape (m, d)
    kept : ndarray of shape (N, d)
    same : float
        Relative to the largest cell of a column, what cells differ by at the most.
    """
    slack = same * np.abs(kept).max(axis=0)
    direction = _direction(kept)
    gaps = np.abs((rows @ direction)[:, None] - kept @ direction)
    # cells that agree differ no more along the direction
    row, number = np.nonzero(gaps <= 2 * (slack @ direction))
    coincide = (np.abs(rows[row] - kept[number]) <= slack).all(axis=1)
    row, number = row[coincide], number[coincide]
    own = np.full(len(rows), -1)
    own[row] = number
    return np.where(np.bincount(row, minlength=len(rows)) == 1, own, -1)


def _direction(kept: Array) -> Array:
    """A direction along which different rows are apart; all entries are positive."""
    scale = np.abs(kept).max(axis=0).astype(float)
    # no two sums of a few columns agree
    spread = 1 + np.sqrt(np.arange(2, 2 + len(scale))) % 1
    return np.asarray(spread / np.where(scale > 0, scale, 1.0))


def _by_chance(kept: Array, n_found: int, same: float) -> bool:
    """Whether so many new rows may coincide with training rows."""
    along = np.sort(kept @ _direction(kept))
    near = np.diff(along) <= 2 * same * kept.shape[1]
    twins = np.append(near, False) | np.append(False, near)
    return bool(twins.mean() ** n_found >= BY_CHANCE)


def _kept(door: Any) -> Array:
    """Training rows of the model, or of the last step of a Pipeline."""
    training = getattr(door, "last", door).training
    return np.asarray(dense(training.rows))


def _message(door: Any, score: float, without: float) -> str:
    """What happened, and what to do."""
    last = getattr(door, "last", door)
    way = "X=None" if last is door else "X_train=X in the place of X"
    return (
        f"Most rows are training rows of {type(last.model).__name__}, and meet "
        f"themselves in it: their median score is {score:.3g}, and {without:.3g} where "
        f"each is left out. For all training rows pass {way}; for some, {BY_NUMBER}."
    )
