# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is asked of each row that runs through a network.

Every storey above the numerics may import this file.
"""

from dataclasses import dataclass
from typing import Any

from skneon.network.numerics._types import Array


@dataclass(frozen=True)
class Query:
    """What is asked of each row, next to its values; arrays are row-aligned.

    A field that is None asks nothing.

    Attributes
    ----------
    absent : ndarray of int, shape (n,), or None
        Number of the group of support points that the row's model goes without, see
        `SupportWeights`; -1 for rows whose model is whole.
    cluster : ndarray of int, shape (n,), or None
        The cluster whose evidence is asked for; None asks for the nearest.
    rival : ndarray of int, shape (n,), or None
        The one competing cluster to contrast with; -1 contrasts with all of them.
    neighbors : ndarray of int, shape (n, k), or None
        The nearest support points as the model finds them: they settle ties.
    members : tuple of Query, or None
        Of ensembles, what is asked of each member; None: the same of all.
    references : bool
        Whether to give what rows are compared with; engines may give it all the same.
    """

    absent: Array | None = None
    cluster: Array | None = None
    rival: Array | None = None
    neighbors: Array | None = None
    members: "tuple[Query, ...] | None" = None
    references: bool = True

    def __getitem__(self, rows: Any) -> "Query":
        """The query of some rows."""

        def of(values: Array | None) -> Array | None:
            return None if values is None else values[rows]

        arrays = of(self.absent), of(self.cluster), of(self.rival), of(self.neighbors)
        members = self.members and tuple(part[rows] for part in self.members)
        return Query(*arrays, members, self.references)
