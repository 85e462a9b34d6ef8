# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What an engine is: a way to run a network's layers on many rows."""

from typing import Any, Protocol

from skneon.network._query import Query
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array

Results = dict[str, Array | None]


class Engine(Protocol):
    """Runs a network on rows that it holds, a slice of them at a time.

    `Layerwise` is the reference; another engine gives the same, faster. It has a class
    method ``of(network, X, query, explain)`` that gives None where it does not serve.

    Attributes
    ----------
    order : ndarray of int, shape (n,), or None
        Order of the rows in which slices count; None: as they came.
    rows_at_a_time : int
        Rows of a slice at the most.
    """

    order: Array | None
    rows_at_a_time: int

    def score(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """``{"score": (n,)}`` of a slice of the rows.

        Parameters
        ----------
        rows : slice
        scratch : Scratch or None
            Arrays of the thread that are used again.
        out : dict of ndarray, or None
            Where results may be written to, instead of into new arrays.
        """

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """The fields of `Propagation` of a slice of the rows; parameters likewise."""


class NetworkToRun(Protocol):
    """What engines see of a network."""

    units: Any
    pooling: Any
    rule: Any
    middle: Any
    search: Any
    n_jobs: int | None


def rows_of(X: Any, query: Query, order: Array | None) -> tuple[Any, Query]:
    """Rows and their query in an engine's order."""
    return (X, query) if order is None else (X[order], query[order])
