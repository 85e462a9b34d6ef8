# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pooling of support points by the cluster that they are members of."""

import numpy as np

from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._soft_min import log_mean_exp
from skneon.network.rules._integrated_soft_argmin import integrated_soft_argmin


class GroupedLogMeanExp(Pooling):
    r"""Evidence for a cluster of support points against the others.

    .. math:: f_c = \min_{j \ne c} o_j - o_c, \qquad
              o_j = \mathrm{LME}^{-\gamma}_{k \in j}\{h_k\}
              = -\frac1\gamma \log \sum_{k \in j} \pi_{k|j} e^{-\gamma h_k}

    (kernel k-means after Kauffmann et al., arXiv 1906.07633, whose soft distances to a
    cluster's members these are). The rule (ours): the strongest rival takes all; its
    o_j and that of c are shared among their members by the integrated soft argmin of
    `LogMeanExp`, those of c with a minus sign.

    Parameters
    ----------
    gamma : float
    support_weights : SupportWeights
    members : ndarray of int, shape (N,)
        Cluster of each support point, numbered from 0; -1 for none.
    """

    def __init__(self, gamma, support_weights, members):
        self.gamma = gamma
        self.support_weights = support_weights
        self.members = members
        self.n_clusters = members.max() + 1

    def distances(self, H, query):
        """Soft distances o_j, shape (n, n_clusters); +inf for clusters left empty."""
        soft = np.full((len(H), self.n_clusters), np.inf)
        for j in range(self.n_clusters):
            rows, P = self._group(j, query, len(H))
            own = np.flatnonzero(self.members == j)
            soft[rows, j] = log_mean_exp(H[np.ix_(rows, own)], P, self.gamma)
        return soft

    def _group(self, j, query, n):
        """Rows for which a cluster has members, and the weights of these."""
        P = np.broadcast_to(self.support_weights(query), (n, len(self.members)))
        P = P[:, self.members == j]
        total = P.sum(axis=1, keepdims=True)
        rows = np.flatnonzero(total[:, 0] > 0)
        return rows, P[rows] / total[rows]

    def rivals(self, H, query):
        """The strongest rival of each row, -1 where there is none; shape (n,)."""
        soft = self.distances(H, query)
        soft[np.arange(len(H)), query.cluster] = np.inf
        if query.rival is not None:
            others = query.rival[:, None] != np.arange(self.n_clusters)
            soft[others & (query.rival >= 0)[:, None]] = np.inf
        return np.where(np.isfinite(soft).any(axis=1), soft.argmin(axis=1), -1)

    def forward(self, H, query):
        """Evidence of each row, shape (n,)."""
        soft = self.distances(H, query)
        rival, rows = self.rivals(H, query), np.arange(len(H))
        nearest = np.where(rival >= 0, soft[rows, rival], np.inf)
        return nearest - soft[rows, query.cluster]

    def weights(self, H, query):
        """What each unit counts, positive for the rival's and negative for the own."""
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

    def relevance(self, H, weights, score, query):
        """R_k, shape (n, N)."""
        return weights * H
