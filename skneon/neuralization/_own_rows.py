# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The training rows among the rows of a table, each to be left out of its own model."""

from typing import Any

import numpy as np

from skneon.network.numerics._types import Array


def knows_its_rows(network: Any) -> bool:
    """Whether a neuralized model can be asked without some of its training rows."""
    return "leave_out" in network.questions


def own_rows(numbers: Array, training: Array) -> dict[str, Array]:
    """The question by which each training row is left out of its own model.

    Parameters
    ----------
    numbers : ndarray of shape (n,)
        Numbers of rows of a table.
    training : ndarray of shape (N,)
        The numbers, in rising order, of those that the model was fitted to.
    """
    place = np.searchsorted(training, numbers).clip(max=len(training) - 1)
    return {"leave_out": np.where(training[place] == numbers, place, -1)}
