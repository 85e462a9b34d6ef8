# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Evidence for a cluster as a mean of votes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import SupportWeights, rivals_of
from skneon.network.numerics._types import Array


class VoteMean(Pooling):
    r"""Evidence for a cluster: the mean of the votes, by affinities h_n (ours).

    .. math:: f_c = \min_{k \ne c} \sum_n h_n (B_{nk} - B_{nc})

    With the votes of a spectral clustering (see `skneon.network.LogRatio`) it is by how
    much the embedding of the row is nearer to the mean of cluster c than to the nearest
    other one, in squared distances. +inf for a lone cluster.

    Parameters
    ----------
    votes : ndarray of shape (N, K)
    support_weights : SupportWeights
        Who is absent; the weights do not count.
    members : ndarray of int, shape (N,)
        Cluster of each point.
    """

    words = "how much nearer the embedding is to cluster c than to its nearest rival"
    equation = "f = min_k Σ_n h_n (B_nk − B_nc) over k ≠ c"
    summand = "R_n = h_n (B_nk − B_nc) of the nearest rival k"

    def __init__(
        self, votes: Array, support_weights: SupportWeights, members: Array
    ) -> None:
        self.votes = votes
        self.support_weights = support_weights
        self.members = members
        self.n_clusters = votes.shape[1]

    @property
    def symbols(self) -> dict[str, Any]:
        """Number of clusters."""
        return {"clusters": int(self.n_clusters)}

    def rivals(self, H: Array, query: Query) -> Array:
        """The nearest rival of each row, that which is asked for; -1 for none."""
        assert query.cluster is not None
        means = H @ self.votes
        means[~rivals_of(query, self.n_clusters)] = np.inf
        return np.where(np.isinf(means).all(axis=1), -1, means.argmin(axis=1))

    def answered(self, H: Array, query: Query) -> Query:
        """The query with the nearest cluster, and the nearest rival."""
        if query.cluster is None:
            query = replace(query, cluster=(H @ self.votes).argmin(axis=1))
        return replace(query, rival=self.rivals(H, query))

    def contrasts(self, query: Query) -> Array:
        """B_nk - B_nc of the query's rivals k; 0 where there is none. (n, N)."""
        assert query.cluster is not None and query.rival is not None
        A = (self.votes[:, query.rival] - self.votes[:, query.cluster]).T
        return np.where(query.rival[:, None] >= 0, A, 0.0)

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence of each row, shape (n,)."""
        return self.pool(H, query)[0]

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Evidence, and the votes against the nearest rival."""
        rival = self.rivals(H, query)
        A = self.contrasts(replace(query, rival=rival))
        return np.where(rival >= 0, np.einsum("nk,nk->n", H, A), np.inf), A

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The evidence of one row from some points' affinities, (K, ...) to (...)."""
        A = self.contrasts(query[:1])[0, competes]
        return lambda T: np.asarray(np.tensordot(A, T, axes=1))
