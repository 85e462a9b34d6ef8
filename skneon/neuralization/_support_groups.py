# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows that go together, and the support points among them."""

from typing import Any

import numpy as np

from skneon.network.numerics._table_cells import is_missing
from skneon.network.numerics._types import Array


def support_groups(groups: Any, weighs: Array) -> tuple[Array, Array | None]:
    """What leaving out a training row takes away from the support points.

    Parameters
    ----------
    groups : array-like of shape (N,), or None
        Labels of the training rows; None: each row is a group.
    weighs : ndarray of bool, shape (N,)
        Whether a training row is a support point.

    Returns
    -------
    absent : ndarray of int, shape (N,)
        Number of the row's group among those of support points; -1 where none of its
        group is one.
    of_support : ndarray of int, shape (n_support,), or None
        Numbers of the support points' groups; None where each is one.

    Raises
    ------
    ValueError
        Where there is not one label per training row.
    """
    if groups is None:
        return np.where(weighs, np.cumsum(weighs) - 1, -1), None
    labels = np.asarray(groups)
    if labels.shape != weighs.shape:
        raise ValueError(
            f"groups must name the group of each of the {len(weighs)} training rows, "
            f"got an array of shape {labels.shape}."
        )
    missing = np.flatnonzero(is_missing(labels))
    if len(missing):
        raise ValueError(
            f"groups has no label for training row {missing[0]}: give each row one, "
            "and a row that goes with no other one of its own."
        )
    places: dict[Any, int] = {}
    numbers = [places.setdefault(label, len(places)) for label in labels.tolist()]
    known = np.unique(np.array(numbers)[weighs])
    number = np.full(len(places), -1)
    number[known] = np.arange(len(known))
    absent = number[numbers]
    return absent, absent[weighs]
