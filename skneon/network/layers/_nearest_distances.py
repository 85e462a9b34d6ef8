# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hard pooling of distances that is a game of the columns, too."""

from collections.abc import Callable

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._neighbors import NearestNeighborsPooling
from skneon.network.numerics._types import Array


class NearestDistances(NearestNeighborsPooling):
    r"""A statistic of the distances to the k nearest support points, as a game.

    Of the columns in S alone it is the statistic of other neighbours: those that are
    nearest in these columns, as a search among them would find.

    Parameters
    ----------
    n_neighbors : int
    statistic : {"mean", "kth", "median"}
    support_weights : SupportWeights
        As in `NearestNeighborsPooling`.
    """

    integral = property(lambda self: self.summand)

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """As `pool`: who is nearest is so at all scales of the h_k."""
        return self.pool(H, query)

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The statistic of some units of one row, (K, ...) to (...)."""
        k = self.n_neighbors
        first = {"mean": 0, "kth": k - 1, "median": (k - 1) // 2}[self.statistic]
        last = k // 2 if self.statistic == "median" else k - 1

        def pool(T: Array) -> Array:
            # both are in their places, and those between them between
            nearest = np.partition(T, sorted({first, last}), axis=0)
            return np.asarray(nearest[first : last + 1].mean(axis=0))

        return pool
