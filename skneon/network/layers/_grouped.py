# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pooling of support points by the cluster that they are members of."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import SupportWeights, rivals_of
from skneon.network.numerics._integrated_soft_argmin import integrated_soft_argmin
from skneon.network.numerics._soft_min import log_mean_exp
from skneon.network.numerics._types import Array


class GroupedLogMeanExp(Pooling):
    r"""Evidence for a cluster of support points against the others.

    .. math:: f_c = \min_{j \ne c} o_j - o_c, \qquad
              o_j = \mathrm{LME}^{-\gamma}_{k \in j}\{h_k\}
              = -\frac1\gamma \log \sum_{k \in j} \pi_{k|j} e^{-\gamma h_k}

    (kernel k-means after Kauffmann et al., arXiv 1906.07633, whose soft distances to a
    cluster's members these are). Integrated soft argmin (ours): the strongest rival
    takes all; its o_j and that of c are shared among their members as in `LogMeanExp`,
    those of c with a minus sign. A cluster that has no members but the row, which is
    left out, has evidence +inf, as a lone cluster has.

    Parameters
    ----------
    gamma : float
    support_weights : SupportWeights
    members : ndarray of int, shape (N,)
        Cluster of each support point, numbered from 0; -1 for none.
    """

    words = "how much nearer cluster c is than the nearest rival, by soft distances"
    equation = (
        "f = min_j o_j − o_c over j ≠ c,  "
        "o_j = −1/γ log Σ_k π_k|j exp(−γ h_k) over its members k"
    )
    integral = (
        "R_k = ± h_k ∫₀¹ p_k(s) ds,  p_k(s) ∝ π_k|j exp(−s γ h_k),  "
        "+ for members of the strongest rival, − for those of c, 0 for others"
    )
    summand = integral

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"γ": self.gamma, "clusters": int(self.n_clusters)}

    def __init__(
        self, gamma: float, support_weights: SupportWeights, members: Array
    ) -> None:
        self.gamma = gamma
        self.support_weights = support_weights
        self.members = members
        self.n_clusters = members.max() + 1

    def present(self, H: Array, query: Query) -> Array:
        """Distances with those of the absent at +inf."""
        return self.support_weights.present(H, query)

    def distances(self, H: Array, query: Query) -> Array:
        """Soft distances o_j, shape (n, n_clusters); +inf for clusters left empty."""
        soft = np.full((len(H), self.n_clusters), np.inf)
        for j in range(self.n_clusters):
            rows, P = self._group(j, query, len(H))
            own = np.flatnonzero(self.members == j)
            soft[rows, j] = log_mean_exp(H[np.ix_(rows, own)], P, self.gamma)
        return soft

    def _group(self, j: int, query: Query, n: int) -> tuple[Array, Array]:
        """Rows for which a cluster has members, and the weights of these."""
        P = np.broadcast_to(self.support_weights(query), (n, len(self.members)))
        P = P[:, self.members == j]
        total = P.sum(axis=1, keepdims=True)
        rows = np.flatnonzero(total[:, 0] > 0)
        return rows, P[rows] / total[rows]

    def rivals(self, H: Array, query: Query) -> Array:
        """The strongest rival of each row, -1 where there is none; shape (n,)."""
        soft, rows = self.distances(H, query), np.arange(len(H))
        # a cluster that is no more without the row has nothing to compete with
        soft[~np.isfinite(soft[rows, query.cluster])] = np.inf
        soft[rows, query.cluster] = np.inf
        if query.rival is not None:
            others = query.rival[:, None] != np.arange(self.n_clusters)
            soft[others & (query.rival >= 0)[:, None]] = np.inf
        return np.where(np.isfinite(soft).any(axis=1), soft.argmin(axis=1), -1)

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence of each row, shape (n,); +inf where there is no rival."""
        soft = self.distances(H, query)
        rival, rows = self.rivals(H, query), np.arange(len(H))
        some = rival >= 0
        own = np.where(some, soft[rows, query.cluster], 0.0)
        return np.where(some, soft[rows, rival], np.inf) - own

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and the integrated weights."""
        return self.integrated(H, query)

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and what units count: positive for the rival's, else negative."""
        return self.forward(H, query), self._weights(H, query)

    def _weights(self, H: Array, query: Query) -> Array:
        """What each unit counts, shape (n, N)."""
        assert query.cluster is not None
        W = np.zeros_like(H)
        rival = self.rivals(H, query)
        for j in range(self.n_clusters):
            some, P = self._group(j, query, len(H))
            own = np.flatnonzero(self.members == j)
            sign = (rival[some] == j) * 1.0
            sign -= (query.cluster[some] == j) & (rival[some] >= 0)
            counts = sign != 0
            some = some[counts]
            if len(some):
                shares = integrated_soft_argmin(
                    H[np.ix_(some, own)], P[counts], self.gamma
                )[0]
                W[np.ix_(some, own)] = shares * sign[counts, None]
        return W


class GroupedMin(Pooling):
    r"""Evidence for a cluster of several points, by hard minima (ours).

    .. math:: f_c = \min_{k \notin c} h_k - \min_{k \in c} h_k

    With one rival j it is antisymmetric: what it is for c against j, it is for j
    against c with the other sign, and so is what each column adds to it.

    Parameters
    ----------
    labels : ndarray of int, shape (K,)
        Cluster of each point, numbered from 0.
    """

    words = "how much nearer a point of cluster c is than any of its rivals"
    equation = "f = min_k h_k over k ∉ c − min_k h_k over k ∈ c"
    summand = "R_k = h_k of the nearest rival point, −h_k of the nearest own, else 0"

    def __init__(self, labels: Array) -> None:
        self.labels = labels
        self.n_clusters = int(labels.max()) + 1

    def _sides(self, query: Query) -> tuple[Array, Array]:
        """Which points are the rivals', and which the cluster's own; (n, K)."""
        assert query.cluster is not None
        rivals = rivals_of(query, self.n_clusters)[:, self.labels]
        return rivals, query.cluster[:, None] == self.labels

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence of each row, shape (n,); +inf without rivals."""
        rival, own = (np.where(side, H, np.inf) for side in self._sides(query))
        return np.asarray(rival.min(axis=1) - own.min(axis=1))

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and 1 for the nearest point of the rivals', -1 for the nearest own."""
        score, W = self.forward(H, query), np.zeros_like(H)
        rows = np.flatnonzero(np.isfinite(score))
        for side, sign in zip(self._sides(query), (1.0, -1.0), strict=True):
            nearest = np.where(side, H, np.inf).argmin(axis=1)
            W[rows, nearest[rows]] = sign
        return score, W

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The evidence of one row from some points' sums, (K, ...) to (...)."""
        rival, own = (side[0, competes] for side in self._sides(query))
        return lambda T: np.asarray(T[rival].min(axis=0) - T[own].min(axis=0))
