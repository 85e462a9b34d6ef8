# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are linear: one point against another."""

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._pairs import Pairs
from skneon.network.layers._units import Units
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Passed
from skneon.network.rules._w_square import square_shares


class LinearPairs(Units):
    r"""Linear units, each of which contrasts a row's cluster with a rival.

    Subclasses define ``n_clusters``, ``nearest(X)``, ``owners(X, query)`` (the number
    of the pairs that a row asks about), ``pairs(owner)``, ``excluded(owners, query)``
    (the units that a chosen rival rules out, a mask), ``rivals`` and ``reference``.

    Parameters
    ----------
    d : int
    n_units : int
        The most units that a row has.

    Attributes
    ----------
    takes_background : bool
        That columns may take the values of other rows: rule "interventional".
    """

    accepts_sparse = True
    carries = "R_i = x_i Σ_k p_k w_ki"
    takes_background = True

    def __init__(self, d: int, n_units: int) -> None:
        self.n_units = n_units
        super().__init__(Inputs.identity(d))

    @property
    @abstractmethod
    def n_clusters(self) -> int:
        """Number of clusters."""

    @abstractmethod
    def nearest(self, X: Array) -> Array:
        """The cluster that the model assigns; ndarray of int, shape (n,)."""

    @abstractmethod
    def owners(self, X: Array, query: Query) -> Array:
        """Number of the pairs that each row asks about; ndarray of int, shape (n,)."""

    @abstractmethod
    def pairs(self, owner: int) -> Pairs:
        """The linear units of these numbers."""

    @abstractmethod
    def excluded(self, owners: Array, query: Query) -> Array:
        """Units that a chosen rival rules out; ndarray of bool, shape (n, n_units)."""

    @property
    def width(self) -> int:
        """Numbers that a row takes: one per unit."""
        return int(self.n_units)

    def clusters(self, X: Array, query: Query) -> Array:
        """The cluster asked for, else the nearest; ndarray of int, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster

    def _by_owner(self, X: Array, query: Query) -> Iterator[tuple[Array, Pairs]]:
        """The pairs that are asked about, each with its rows."""
        owners = self.owners(X, query)
        order, starts = grouped(owners)
        for rows in np.split(order, starts[1:]):
            if len(rows):
                yield rows, self.pairs(owners[rows[0]])

    def forward(self, X: Array, query: Query) -> Array:
        """Activations h, shape (n, n_units); +inf where a unit does not compete."""
        H = np.full((X.shape[0], self.n_units), np.inf)
        for rows, pairs in self._by_owner(X, query):
            activations = pairs.activations(self.inputs.project(X[rows]))
            H[rows, : activations.shape[1]] = activations
        if query.rival is not None:
            H[self.excluded(self.owners(X, query), query)] = np.inf
        return H

    def contributions(self, X: Array, query: Query) -> Array:
        """Signed shares of every h_k, shape (n_units, n, n_columns)."""
        C = np.zeros((self.n_units, len(X), self.inputs.n_columns))
        for rows, pairs in self._by_owner(X, query):
            shares = self.inputs.gather(pairs.shares(X[rows], self.inputs))
            C[: len(shares), rows] = shares
        return C

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk times the signed shares of h_k, shape (n, n_columns)."""
        out = np.zeros_like(X)
        for rows, pairs in self._by_owner(X, query):
            some = W[rows, : len(pairs.w)]
            out[rows] = pairs.weighted_shares(X[rows], some, self.inputs)
        return self.inputs.gather(out)

    def weighted_squares(self, X: Array, R: Array, query: Query) -> Array:
        """``sum_k R_nk w_ki^2 / |w_k|^2``, shape (n, n_columns)."""
        out = np.zeros_like(X)
        for rows, pairs in self._by_owner(X, query):
            some = R[rows, : len(pairs.w)]
            out[rows] = some @ square_shares(self.inputs.back(pairs.w))
        return self.inputs.gather(out)

    def coinciding(self, X: Array, query: Query) -> Array:
        """Units without a direction, as their points coincide; (n, n_units)."""
        out = np.zeros((len(X), self.n_units), dtype=bool)
        for rows, pairs in self._by_owner(X, query):
            out[rows, : len(pairs.w)] = ~self.inputs.back(pairs.w).any(axis=1)
        return out

    def carried(self, X: Array, passed: Passed, query: Query, epsilon: float) -> Array:
        """Chapter A.3: y_i sum_k p_k w_ki, shape (n, n_columns)."""
        out = np.zeros_like(X)
        for rows, pairs in self._by_owner(X, query):
            slope = passed.weights[rows, : len(pairs.w)] @ pairs.w
            out[rows] = X[rows] * self.inputs.back(slope)
        return self.inputs.gather(out)


def grouped(owners: Array) -> tuple[Array, list[int]]:
    """Numbers of the rows, owner by owner, and where each one's start."""
    # keys of few bytes are sorted by radix
    keys = owners.astype(np.min_scalar_type(owners.max(initial=0)))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return order, [0, *starts.tolist()] if len(owners) else []
