# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is asked of each row that runs through a network."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Query:
    """What is asked of each row, next to its values; every field is row-aligned.

    A field that is None asks nothing.

    Attributes
    ----------
    leave_out : ndarray of int, shape (n,), or None
        Index of the support point that is left out of the row's model (the row
        itself, for leave-one-out); -1 leaves none out.
    cluster : ndarray of int, shape (n,), or None
        The cluster whose evidence is asked for; None asks for the nearest.
    rival : ndarray of int, shape (n,), or None
        The one competing cluster to contrast with; -1 contrasts with all of them.
    neighbors : ndarray of int, shape (n, k), or None
        The nearest support points as the model finds them: they settle ties.
    """

    leave_out: np.ndarray | None = None
    cluster: np.ndarray | None = None
    rival: np.ndarray | None = None
    neighbors: np.ndarray | None = None

    def __getitem__(self, rows):
        """The query of some rows."""
        values = (getattr(self, field.name) for field in fields(self))
        return Query(*(None if v is None else v[rows] for v in values))
