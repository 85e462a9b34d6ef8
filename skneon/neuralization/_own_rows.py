# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The training rows among the rows of a table, each to be left out of its own model."""

from typing import Any

import numpy as np

from skneon._validation import plain_array
from skneon.network.numerics._types import Array

# for messages: what rows of a table can be asked
BY_NUMBER = "their numbers among the training rows as leave_out="


def knows_its_rows(network: Any) -> bool:
    """Whether a neuralized model can be asked without some of its training rows."""
    return "leave_out" in network.questions


def may_meet_themselves(network: Any, asked: dict[str, Any]) -> bool:
    """Whether rows could be left out of a neuralized model, and none is asked to be."""
    return knows_its_rows(network) and "leave_out" not in asked


def own_rows(
    numbers: Array, training: Array, clusters: Array | None = None, other: int = -1
) -> dict[str, Array]:
    """The question by which each training row is left out of its own model.

    And the cluster that it is in, where all rows are training rows: others are in
    whichever they are nearest to.

    Parameters
    ----------
    numbers : ndarray of shape (n,)
        Numbers of rows of a table.
    training : ndarray of shape (N,)
        The numbers, in rising order, of those that the model was fitted to.
    clusters : ndarray of shape (N,), default=None
        Names of the clusters that these are in.
    other : int, default=-1
        What other rows are left out as; -1: none is left out.
    """
    place = np.searchsorted(training, numbers).clip(max=len(training) - 1)
    own = training[place] == numbers
    asked = {"leave_out": np.where(own, place, other)}
    if clusters is not None and own.all():
        asked["cluster"] = clusters[place]
    return asked


def scores_without_themselves(
    door: Any, X: Any, numbers: Array, asked: dict[str, Any]
) -> Array | None:
    """Scores of training rows, each left out; None where no model would be left.

    Parameters
    ----------
    door : NeuralizedModel
    X : table of shape (n, d)
    numbers : ndarray of int, shape (n,)
        Theirs among the rows that the model keeps.
    asked : dict
        What else is asked of them.
    """
    among = getattr(door, "last", door).training.numbers
    numbers = numbers if among is None else among[numbers]
    try:
        return np.asarray(door.forward(X, leave_out=numbers, **asked))
    except ValueError:
        return None


def training_numbers(leave_out: Any, n: int, n_training: int) -> Array:
    """Numbers of training rows, one per row or one for all; checked. Shape (n,)."""
    numbers = plain_array(leave_out)
    if numbers.shape not in [(), (n,)] or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"leave_out must be an int, or an array of {n} ints (one per row), got "
            f"{leave_out!r}."
        )
    outside = (numbers < -1) | (numbers >= n_training)
    if outside.any():
        raise ValueError(
            f"leave_out holds {numbers[outside].flat[0]}: training rows are numbered 0 "
            f"to {n_training - 1}, and -1 leaves none out."
        )
    return np.broadcast_to(numbers.astype(int), (n,))


def without(own: bool, n: int, n_training: int, leave_out: Any = None) -> Array:
    """Number of the training row that each row's model goes without, -1 for none.

    Parameters
    ----------
    own : bool
        Whether the rows are the training rows, each of which is left out by default.
    n, n_training : int
    leave_out : int or array-like of int, default=None
        As it was asked.

    Returns
    -------
    numbers : ndarray of int, shape (n,)
    """
    if leave_out is not None:
        return training_numbers(leave_out, n, n_training)
    return np.arange(n) if own else np.full(n, -1)
