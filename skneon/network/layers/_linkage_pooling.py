# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pooling of rows by linkage: how much nearer one cluster is than another."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import rivals_of
from skneon.network.numerics._types import Array

NAMES = {"least": "min", "largest": "max", "mean": "mean"}
REDUCED = {"least": np.minimum, "largest": np.maximum}


class LinkagePooling(Pooling):
    r"""Evidence for a cluster by the linkage between the row and clusters (ours).

    .. math:: f_c = \min_{j \ne c} D_j - D_c, \qquad
              D_j = \min_{k \in j} h_k, \quad \max_{k \in j} h_k
              \quad\text{or}\quad \operatorname{mean}_{k \in j} h_k

    over the units k of cluster j that compete, which are not at +inf. A cluster without
    any does not compete, and neither does anything where the own cluster has none: f is
    +inf.

    Parameters
    ----------
    statistic : {"least", "largest", "mean"}
    members : ndarray of int, shape (K,)
        Cluster of each unit, rising from 0.
    lone : ndarray of bool, shape (N,), or None
        Which support points, by the numbers of `Query.absent`, are a cluster each; None
        for none.
    clusters : ndarray of int, shape (N,), or None
        Their clusters.
    cut : float, default=0
        D of a lone point's own cluster: there is no other unit, and no column's.
    """

    words = "how much nearer cluster c is than any other, by linkage"

    def __init__(
        self,
        statistic: str,
        members: Array,
        lone: Array | None = None,
        clusters: Array | None = None,
        cut: float = 0.0,
    ) -> None:
        self.statistic = statistic
        self.members = members
        self.lone = lone
        self.clusters = clusters
        self.cut = cut
        self.n_clusters = int(members[-1]) + 1

    @property
    def equation(self) -> str:
        """The score in plain text."""
        pooled = f"D_j = {NAMES[self.statistic]}_k h_k over its units k"
        return f"f = min_j D_j − D_c over j ≠ c,  {pooled}"

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"clusters": self.n_clusters}

    @property
    def summand(self) -> str:
        """What a unit adds."""
        if self.statistic == "mean":
            return (
                "R_k = h_k / n of the n units of the strongest rival, − of c's, else 0"
            )
        return (
            f"R_k = h_k of the {self.statistic} unit of the strongest rival, − of c's"
        )

    @property
    def constant(self) -> str:
        """The offset in plain text."""
        some = self.lone is not None and self.lone.any() and self.cut
        return "∓D of a lone row's own cluster" if some else ""

    def offset(self, query: Query) -> Any:
        """What a lone row's own cluster adds, shape (n,); 0 where there is none."""
        lone = self._lone(query)
        if lone is None:
            return 0.0
        assert query.cluster is not None
        own = query.cluster == lone
        rival = np.full(len(own), -1) if query.rival is None else query.rival
        against = (lone >= 0) & ~own & ((rival < 0) | (rival == lone))
        return np.where(own, -self.cut, np.where(against, self.cut, 0.0))

    def _lone(self, query: Query) -> Array | None:
        """The cluster that each row is by itself, -1 for others; None for no rows."""
        if query.absent is None or self.lone is None or self.clusters is None:
            return None
        alone = (query.absent >= 0) & self.lone[query.absent]
        return np.where(alone, self.clusters[query.absent], -1)

    def distances(self, H: Array, query: Query) -> Array:
        """D_j of every cluster, (n, n_clusters); +inf for those that do not compete."""
        there, starts = np.unique(self.members, return_index=True)
        D = np.full((len(H), self.n_clusters), np.inf)
        D[:, there] = self._pooled(H.T, starts).T
        lone = self._lone(query)
        if lone is not None:
            rows = np.flatnonzero(lone >= 0)
            D[rows, lone[rows]] = self.cut
        return D

    def _pooled(self, H: Array, starts: Array) -> Array:
        """D of groups of units that start there, on axis 0; +inf for empty ones."""
        if self.statistic == "least":
            return np.asarray(np.minimum.reduceat(H, starts, axis=0))
        competes = np.isfinite(H)
        if self.statistic == "largest":
            largest = np.maximum.reduceat(
                np.where(competes, H, -np.inf), starts, axis=0
            )
            return np.where(np.isfinite(largest), largest, np.inf)
        total = np.add.reduceat(np.where(competes, H, 0.0), starts, axis=0)
        count = np.add.reduceat(competes * 1.0, starts, axis=0)
        empty = count == 0
        return np.where(empty, np.inf, total / np.where(empty, 1.0, count))

    def competing(self, query: Query) -> Array:
        """Which clusters compete with the row's; ndarray of bool, (n, n_clusters).

        A lone row's own cluster alone, where it does: no other is nearer.
        """
        competes = rivals_of(query, self.n_clusters)
        lone = self._lone(query)
        if lone is not None:
            rows = np.flatnonzero(lone >= 0)
            rows = rows[competes[rows, lone[rows]]]
            competes[rows] = False
            competes[rows, lone[rows]] = True
        return competes

    def decided(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and the strongest rival, -1 where there is none; shape (n,)."""
        assert query.cluster is not None
        D, rows = self.distances(H, query), np.arange(len(H))
        competes = self.competing(query)
        rival = np.where(competes, D, np.inf)
        strongest = rival.argmin(axis=1)
        least, own = rival[rows, strongest], D[rows, query.cluster]
        some = np.isfinite(least) & np.isfinite(own)
        score = np.where(some, least, np.inf) - np.where(some, own, 0.0)
        return score, np.where(some, strongest, -1)

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence of each row, shape (n,); +inf without rivals."""
        return self.decided(H, query)[0]

    def rivals(self, H: Array, query: Query) -> Array:
        """The strongest rival of each row, -1 where there is none; shape (n,)."""
        return self.decided(H, query)[1]

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and what each unit counts: positive for the rival's, else negative."""
        score, rival = self.decided(H, query)
        assert query.cluster is not None
        own = np.where(rival >= 0, query.cluster, -1)
        W = self._counts(H, rival) - self._counts(H, own)
        return score, W

    def _counts(self, H: Array, cluster: Array) -> Array:
        """What units count in D of a cluster for each row, -1 for none; (n, K)."""
        mine = (self.members == cluster[:, None]) & np.isfinite(H)
        if self.statistic == "mean":
            count = np.maximum(mine.sum(axis=1, keepdims=True), 1)
            return np.asarray(mine / count)
        W, some = np.zeros(H.shape), np.flatnonzero(mine.any(axis=1))
        if self.statistic == "least":
            unit = np.where(mine, H, np.inf).argmin(axis=1)
        else:
            unit = np.where(mine, H, -np.inf).argmax(axis=1)
        W[some, unit[some]] = 1.0
        return W

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The evidence of one row from some units' sums, (K, ...) to (...).

        Without what a lone row's own cluster adds.
        """
        assert query.cluster is not None
        # members are sorted, and so are those that compete
        counts = np.bincount(self.members[competes], minlength=self.n_clusters)
        there = counts.nonzero()[0]
        own = (there == query.cluster[0]).nonzero()[0]
        rivals = rivals_of(query, self.n_clusters)[0, there].nonzero()[0]
        distances = self._distances_of(counts[there])

        def pool(T: Array) -> Array:
            D = distances(T)
            nearest = D[rivals].min(axis=0) if len(rivals) else 0.0
            return np.asarray(nearest - D[own].sum(axis=0))

        return pool

    def _distances_of(self, counts: Array) -> Callable[[Array], Array]:
        """D of clusters of so many units, from these, (K, ...) to (n_clusters, ...)."""
        ends = counts.cumsum()
        if self.statistic != "mean":
            reduceat = REDUCED[self.statistic].reduceat
            return lambda T: np.asarray(reduceat(T, ends - counts, axis=0))
        # a product is quicker than sums over rows of a table
        mean = np.repeat(np.diag(1 / counts), counts, axis=1)
        return lambda T: (mean @ T.reshape(len(T), -1)).reshape(-1, *T.shape[1:])
