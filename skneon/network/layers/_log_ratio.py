# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Evidence for a cluster by the votes of support points, weighed by a kernel (ours)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import MemberDistance, SquaredDistance
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._integrated_soft_argmin import (
    conserving,
    integrated_soft_argmin,
)
from skneon.network.numerics._soft_min import log_mean_exp
from skneon.network.numerics._soft_sums import soft_sums
from skneon.network.numerics._types import Array


@dataclass(frozen=True)
class Side:
    """The support points that speak for one of two clusters.

    Attributes
    ----------
    points : ndarray of int, shape (M,)
    mass : float
        Sum of their votes, by their weights.
    weights : SupportWeights
        Votes of all N points, divided by the mass; 0 for those of the other side.
    """

    points: Array
    mass: float
    weights: SupportWeights

    @classmethod
    def of(cls, votes: Array, groups: Array | None) -> "Side":
        """Of votes that are not negative, (N,)."""
        mass = float(votes.sum())
        shares = votes / mass if mass > 0 else votes
        return cls(np.flatnonzero(votes), mass, SupportWeights(shares, groups=groups))

    def rest(self, query: Query, n: int) -> Array:
        """What is left of the mass for each row, as a share of it: (n,)."""
        if not len(self.points):
            return np.zeros(n)
        return np.broadcast_to(self.weights.total(query), n)

    def distances(self, H: Array, rest: Array) -> tuple[Array, Array, Array]:
        """Rows for which it has points, their distances, and its weights (1, M)."""
        rows = np.flatnonzero(rest > 0)
        shares = self.weights.weights[None, self.points]
        return rows, H[np.ix_(rows, self.points)], shares

    def soft(self, H: Array, query: Query, gamma: float) -> Array:
        """Soft distance to it, (n,); +inf where it has no points."""
        rest = self.rest(query, len(H))
        rows, D, P = self.distances(H, rest)
        soft = np.full(len(H), np.inf)
        if not len(rows):
            return soft
        soft[rows] = log_mean_exp(D, P, gamma, rest[rows])
        return soft

    def integrated(
        self, H: Array, query: Query, gamma: float
    ) -> tuple[Array, Array, Array]:
        """Rows for which it has points, what these count, and `soft` of all rows."""
        rest, soft = self.rest(query, len(H)), np.full(len(H), np.inf)
        rows, D, P = self.distances(H, rest)
        if not len(rows):
            return rows, D, soft
        counts, soft[rows] = integrated_soft_argmin(D, P, gamma, rest[rows])
        return rows, conserving(counts, D, soft[rows]), soft


class LogRatio(Pooling):
    r"""Log-ratio of the votes for a cluster and for its strongest rival (ours).

    A support point n has the votes :math:`B_{nk}`, the less the more it speaks for
    cluster k; against the cluster c that is asked about these are
    :math:`A_{nk} = B_{nk} - B_{nc}`. Weighed by Gaussian kernels, they decide:

    .. math:: f_c = \min_{k \ne c} s_k, \qquad
              s_k = \frac1\gamma \log
              \frac{\sum_{n: A_{nk} > 0} \pi_n A_{nk} \, e^{-\gamma h_n}}
                   {\sum_{n: A_{nk} < 0} \pi_n |A_{nk}| \, e^{-\gamma h_n}} ,

    which has the sign of the kernel mean of :math:`A_{.k}`. With the soft distances
    :math:`o_k` to those who speak for the rival and :math:`o_c` to those who speak for
    c, both by log-mean-exp, it is their difference and a constant,

    .. math:: s_k = o_k - o_c + \frac1\gamma \log
              \frac{\sum_{A_{nk} > 0} \pi_n A_{nk}}
                   {\sum_{A_{nk} < 0} \pi_n |A_{nk}|} ,

    the log-ratio where all points are equally near: that is no column's. The strongest
    rival takes all; who that is `VoterDistance` says, before the score is shared.

    Where nobody speaks for the rival, the evidence is +inf, and where nobody does for c
    but for the rival, -inf. Where no vote tells the two apart it is 0.

    Parameters
    ----------
    gamma : float
    votes : ndarray of shape (N, K)
    support_weights : SupportWeights
    members : ndarray of int, shape (N,)
        Cluster of each support point; for `VoterDistance.own_points`.
    """

    words = "how much nearer those are who speak for cluster c than for its rival"
    equation = (
        "f = min_k 1/γ log Σ_n π_n A_nk⁺ exp(−γ h_n) / Σ_n π_n A_nk⁻ exp(−γ h_n),  "
        "A_nk⁺ − A_nk⁻ = B_nk − B_nc,  over k ≠ c"
    )
    constant = "1/γ log Σ_n π_n A_nk⁺ / Σ_n π_n A_nk⁻ of the strongest rival k"
    integral = (
        "R_n = ± h_n ∫₀¹ p_n(s) ds,  p_n(s) ∝ π_n A_nk^∓ exp(−s γ h_n),  "
        "+ for those who speak for the rival k, − for c"
    )
    summand = integral
    unspent = constant

    def __init__(
        self,
        gamma: float,
        votes: Array,
        support_weights: SupportWeights,
        members: Array,
    ) -> None:
        if not 0 < gamma < np.inf:
            raise ValueError(f"gamma must be a number above 0, got {gamma!r}.")
        self.gamma = gamma
        self.votes = votes
        self.support_weights = support_weights
        self.members = members
        self.n_clusters = votes.shape[1]

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"γ": self.gamma, "clusters": int(self.n_clusters)}

    def present(self, H: Array, query: Query) -> Array:
        """Distances with those of the absent at +inf."""
        return self.support_weights.present(H, query)

    def nearest(self, H: Array) -> Array:
        """The cluster that most speaks for each row, shape (n,)."""
        least = H.min(axis=1, keepdims=True)
        with np.errstate(over="ignore"):
            E = np.exp(-self.gamma * (H - least)) * self.support_weights.weights
        return np.asarray((E @ self.votes).argmin(axis=1))

    def rivals(self, H: Array, query: Query) -> Array:
        """The strongest rival of each row, that which is asked for; -1 for none."""
        rival = np.full(len(H), -1) if query.rival is None else query.rival.copy()
        open_ = np.flatnonzero(rival < 0)
        assert query.cluster is not None
        H = self.present(H, query)
        for c in np.unique(query.cluster[open_]):
            rows = open_[query.cluster[open_] == c]
            rival[rows] = self._strongest(H[rows], int(c))
        return rival

    def _strongest(self, H: Array, c: int) -> Array:
        A = (self.votes - self.votes[:, [c]]) * self.support_weights.weights[:, None]
        behind = soft_sums(H, np.maximum(-A, 0.0), self.gamma)
        ahead = soft_sums(H, np.maximum(A, 0.0), self.gamma)
        nobody = np.isinf(behind) & np.isinf(ahead)
        ratios = np.where(nobody, 0.0, behind - np.where(nobody, 0.0, ahead))
        ratios[:, c] = np.inf
        return np.where(np.isposinf(ratios).all(axis=1), -1, ratios.argmin(axis=1))

    def _pairs(self, query: Query) -> Iterator[tuple[Array, Side, Side]]:
        """Rows of the same cluster and rival, and the sides of the rival and of c."""
        assert query.cluster is not None and query.rival is not None
        weights = self.support_weights
        asked = np.column_stack([query.cluster, query.rival])
        for c, k in np.unique(asked[asked[:, 1] >= 0], axis=0):
            A = (self.votes[:, k] - self.votes[:, c]) * weights.weights
            rows = np.flatnonzero((asked == [c, k]).all(axis=1))
            rival = Side.of(np.maximum(-A, 0.0), weights.groups)
            yield rows, rival, Side.of(np.maximum(A, 0.0), weights.groups)

    def _offset(self, rival: Side, own: Side, query: Query, n: int) -> Array:
        """The log-ratio of the masses; 0 where a side has none."""
        masses = [side.mass * side.rest(query, n) for side in (own, rival)]
        both = (masses[0] > 0) & (masses[1] > 0)
        ahead, behind = (np.log(np.where(both, mass, 1.0)) for mass in masses)
        return np.asarray((ahead - behind) / self.gamma)

    def offset(self, query: Query) -> Any:
        """The log-ratio where all points are equally near, (n,).

        Of rows whose rival is known; 0 for others.
        """
        if query.cluster is None or query.rival is None:
            return 0.0
        out = np.zeros(len(query.cluster))
        for rows, rival, own in self._pairs(query):
            out[rows] = self._offset(rival, own, query[rows], len(rows))
        return out

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence of each row, shape (n,); +inf where there is no rival."""
        H = self.present(H, query)
        query = replace(query, rival=self.rivals(H, query))
        score = np.full(len(H), np.inf)
        for rows, rival, own in self._pairs(query):
            some = query[rows]
            soft = [side.soft(H[rows], some, self.gamma) for side in (rival, own)]
            score[rows] = _difference(*soft)
            score[rows] += self._offset(rival, own, some, len(rows))
        return score

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and the integrated weights."""
        return self.integrated(H, query)

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and what points count: positive who speaks for the rival."""
        H = self.present(H, query)
        query = replace(query, rival=self.rivals(H, query))
        score, W = np.full(len(H), np.inf), np.zeros_like(H)
        for rows, rival, own in self._pairs(query):
            some, soft = query[rows], []
            for side, sign in ((rival, 1.0), (own, -1.0)):
                there, shares, pooled = side.integrated(H[rows], some, self.gamma)
                soft.append(pooled)
                W[np.ix_(rows[there], side.points)] = sign * shares
            found = _difference(*soft)
            score[rows] = found + self._offset(rival, own, some, len(rows))
            W[rows[~np.isfinite(soft).all(axis=0)]] = 0.0
        return score, W

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The evidence of one row from its points' sums, less its constant."""
        first = query[:1]
        N, gamma = len(self.members), self.gamma
        (_, *sides) = next(self._pairs(first))

        def pool(T: Array) -> Array:
            H = np.full((N, T[0].size), np.inf)
            H[competes] = T.reshape(len(T), -1)
            each = first[np.zeros(T[0].size, dtype=int)]
            soft = [side.soft(H.T, each, gamma) for side in sides]
            return _difference(*soft).reshape(T.shape[1:])

        return pool


class VoterDistance(MemberDistance):
    """Squared distances to support points that have votes.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    pooling : LogRatio
    """

    words = "the squared distance to each training row"
    reference_name = "weighted mean of the rows that speak for the rival"
    pooling: Any

    def __init__(self, support: Array, pooling: LogRatio) -> None:
        SquaredDistance.__init__(self, support)
        self.pooling = pooling

    def nearest(self, X: Array) -> Array:
        """The cluster that most speaks for each row, shape (n,)."""
        return np.asarray(self.pooling.nearest(self.forward(X, Query())))

    def answered(self, X: Array, query: Query) -> Query:
        """The query with the nearest cluster, and the strongest rival."""
        H = self.pooling.present(self.forward(X, query), query)
        if query.cluster is None:
            query = replace(query, cluster=self.pooling.nearest(H))
        return replace(query, rival=self.pooling.rivals(H, query))


def _difference(rival: Array, own: Array) -> Array:
    """How much farther the rival's side is than the own; 0 where both have nobody."""
    nobody = np.isinf(rival) & np.isinf(own)
    return np.where(nobody, 0.0, rival - np.where(nobody, 0.0, own))
