# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pooling of support points by clusters that end at a level: beyond it is noise."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array

# parts of so many are quicker one by one
LONG = 16


class Decision(NamedTuple):
    """What decides the question of each row.

    Attributes
    ----------
    score : ndarray of shape (n,)
    rival, own : ndarray of int, shape (n,)
        The strongest rival, and the cluster that is asked about; of noise any.
    for_noise, against_noise : ndarray of bool, shape (n,)
        Rows asked why they are noise, and why they are in a cluster and not noise.
    """

    score: Array
    rival: Array
    own: Array
    for_noise: Array
    against_noise: Array


class LevelMin(Pooling):
    r"""Evidence for a cluster that ends at a level, or for noise (ours).

    With the units of `LevelDistance`, squared distances :math:`h_k` and the share s of
    the columns that are there, clusters j end at squared levels :math:`\lambda_j`:

    .. math:: D_j = \min_{k \in j} r_k, \qquad
              f_c = \min_{j \ne c} D_j - D_c, \qquad
              f_{c|\text{noise}} = s \lambda_c - D_c, \qquad
              f_\text{noise} = \min_j (D_j - s \lambda_j).

    As it stands :math:`r_k = h_k`, which with core rows as the support points is DBSCAN
    (Ester, Kriegel, Sander, Xu 1996). With core distances it is the mutual
    reachability of HDBSCAN (Campello, Moulavi, Sander 2013),

    .. math:: r_k = \max(h_k, h_{(m)}, s \kappa_k),

    where :math:`h_{(m)}` is the m-th smallest of all :math:`h_k`, the row's own squared
    core distance, and :math:`\kappa_k` are those of the support points. Levels and
    :math:`\kappa_k` are no column's: they are spread evenly over the columns, so that
    without any of them all is 0.

    Clusters compete among themselves; noise, the last number, where it is asked for as
    the rival, and where there is one cluster.

    Parameters
    ----------
    members : ndarray of int, shape (N,)
        Cluster of each support point, numbered from 0; -1 for none.
    levels : ndarray of shape (n_clusters,)
        Squared; +inf for a cluster that never ends.
    support_weights : SupportWeights
        Who is absent from a row's model; their weights do not count.
    core : ndarray of shape (N,), or None
        Squared core distances; None: the distance alone counts.
    n_others : int, default=0
        m, how many other rows the core distance reaches; 0: it is 0.
    closed : bool, default=True
        Whether a row at the level of a cluster is in it.
    """

    words = "how much nearer cluster c is than a rival, or than where it ends"
    summand = (
        "R_k = ± h_k of the points that decide, + for the rival, − for c; "
        "± λ or κ of the share of columns"
    )

    def __init__(
        self,
        members: Array,
        levels: Array,
        support_weights: SupportWeights,
        core: Array | None = None,
        n_others: int = 0,
        closed: bool = True,
    ) -> None:
        self.members = members
        self.levels = levels
        self.support_weights = support_weights
        self.core = core
        self.n_others = n_others
        self.closed = closed
        self.n_clusters = len(levels)
        order = np.argsort(members, kind="stable")
        self._sorted = bool((np.diff(members) >= 0).all())
        self._order = order
        self._starts = np.searchsorted(members[order], np.arange(len(levels) + 1))

    @property
    def equation(self) -> str:
        """The score in plain text."""
        return (
            "f = min_j D_j − D_c over j ≠ c,  or s λ_c − D_c against noise, or min_j "
            f"(D_j − s λ_j) for it,  D_j = min_k {self.reach_text} over its points k"
        )

    @property
    def reach_text(self) -> str:
        """r_k in plain text."""
        return "h_k" if self.core is None else "max(h_k, m-th least h, s κ_k)"

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        alike = np.ptp(self.levels) == 0 if np.isfinite(self.levels).all() else False
        known: dict[str, Any] = {"clusters": self.n_clusters}
        if alike:
            known["λ"] = float(self.levels[0])
        return known if self.core is None else {**known, "m": self.n_others}

    @property
    def noise(self) -> int:
        """The number by which noise is asked about."""
        return self.n_clusters

    def present(self, H: Array, query: Query) -> Array:
        """Distances with those of the absent at +inf."""
        return self.support_weights.present(H, query)

    def core_of(self, h: Array, axis: int) -> Array | None:
        """The row's squared core distance from all distances; None where it is 0."""
        if self.core is None or self.n_others == 0:
            return None
        m = min(self.n_others, h.shape[axis]) - 1
        return np.asarray(np.partition(h, m, axis=axis).take(m, axis=axis))

    def reach(self, h: Array, share: Array, core: Array | None) -> Array:
        """r_k from h_k of the points of `core`, on axis 0."""
        if core is None:
            return h
        own = self.core_of(h, axis=0)
        r: Array = np.maximum(h, core.reshape(-1, *[1] * (h.ndim - 1)) * share)
        if own is not None:
            np.maximum(r, own, out=r)
        return r

    def reached(self, H: Array, query: Query) -> Array:
        """r_k of all points, shape (n, N)."""
        h = self.present(H, query)[:, :-1]
        if self.core is None:
            return h
        R: Array = np.maximum(h, self.core * H[:, -1:])
        own = self.core_of(h, axis=1)
        return R if own is None else np.maximum(R, own[:, None], out=R)

    def distances(self, H: Array, query: Query) -> tuple[Array, Array]:
        """D_j of every cluster, and the point that it is of; (n, n_clusters)."""
        R = self.reached(H, query)
        if not self._sorted:
            R = R[:, self._order]
        nearest = np.empty((len(H), self.n_clusters), dtype=int)
        for j, (a, b) in enumerate(pairwise(self._starts)):
            nearest[:, j] = a + R[:, a:b].argmin(axis=1)
        D = np.take_along_axis(R, nearest, axis=1)
        return D, nearest if self._sorted else self._order[nearest]

    def assigned(self, H: Array, query: Query) -> Array:
        """The nearest of the clusters whose level a row is within; or noise. (n,)."""
        D, _ = self.distances(H, query)
        within = self.levels >= D if self.closed else self.levels > D
        D = np.where(within, D, np.inf)
        return np.where(np.isfinite(D).any(axis=1), D.argmin(axis=1), self.noise)

    def decide(self, D: Array, share: Array, query: Query) -> Decision:
        """What decides the rows' questions, from the distances of the clusters."""
        assert query.cluster is not None
        cluster = query.cluster
        rival = np.full(len(D), -1) if query.rival is None else query.rival
        for_noise = cluster == self.noise
        against = (rival == self.noise) | ((rival < 0) & (self.n_clusters == 1))
        against &= ~for_noise
        numbers, asked = np.arange(self.n_clusters), rival[:, None]
        competes = (numbers != cluster[:, None]) & ((asked < 0) | (numbers == asked))
        ends = spread(self.levels, share[:, None])
        height = np.where(for_noise[:, None], D - ends, D)
        height = np.where(competes, height, np.inf)
        strongest, rows = height.argmin(axis=1), np.arange(len(D))
        own = np.where(for_noise, 0, cluster)
        above = np.where(against, ends[rows, own], height[rows, strongest])
        below = np.where(for_noise | np.isinf(above), 0.0, D[rows, own])
        return Decision(above - below, strongest, own, for_noise, against)

    def decided(self, H: Array, query: Query) -> tuple[Decision, Array]:
        """What decides the rows' questions, and the nearest point of each cluster."""
        D, nearest = self.distances(H, query)
        return self.decide(D, H[:, -1], query), nearest

    def forward(self, H: Array, query: Query) -> Array:
        """Evidence of each row, shape (n,); +inf without rivals."""
        return self.decided(H, query)[0].score

    def rivals(self, H: Array, query: Query) -> Array:
        """The strongest rival of each row, -1 where there is none; shape (n,)."""
        found, _ = self.decided(H, query)
        number = np.where(found.against_noise, self.noise, found.rival)
        return np.where(np.isfinite(found.score), number, -1)

    def points(self, H: Array, query: Query) -> Array:
        """The point that a row is compared with, -1 where there is none; (n,).

        The deciding one of the rival; against noise of the cluster itself.
        """
        found, nearest = self.decided(H, query)
        of = np.where(found.against_noise, found.own, found.rival)
        return np.where(np.isfinite(found.score), nearest[np.arange(len(of)), of], -1)

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and what each unit counts: sum_k W_nk h_nk is the score."""
        found, nearest = self.decided(H, query)
        W, some = np.zeros_like(H), np.isfinite(found.score)
        beside = np.flatnonzero(some & ~found.against_noise)
        self._count(W, H, query, beside, nearest[beside, found.rival[beside]], 1.0)
        inside = np.flatnonzero(some & ~found.for_noise)
        self._count(W, H, query, inside, nearest[inside, found.own[inside]], -1.0)
        rows = np.flatnonzero(some & found.for_noise)
        W[rows, -1] -= self.levels[found.rival[rows]]
        rows = np.flatnonzero(some & found.against_noise)
        W[rows, -1] += self.levels[found.own[rows]]
        return found.score, W

    def _count(
        self, W: Array, H: Array, query: Query, rows: Array, points: Array, sign: float
    ) -> None:
        """Add to W the unit that is the largest in r_k of one point for each row."""
        if self.core is None or not len(rows):
            W[rows, points] += sign
            return
        h = self.present(H[rows], query[rows])[:, :-1]
        own = self.core_of(h, axis=1)
        own = np.zeros(len(rows)) if own is None else own
        direct, core = h[np.arange(len(rows)), points], self.core[points]
        fixed = core > np.maximum(direct, own)
        W[rows[fixed], -1] += sign * core[fixed]
        straight = ~fixed & (direct >= own)
        W[rows[straight], points[straight]] += sign
        around = np.flatnonzero(~fixed & (direct < own))
        if len(around):
            m = self.n_others - 1
            W[rows[around], np.argpartition(h[around], m, axis=1)[:, m]] += sign

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The evidence of one row from some units' sums, (K, ...) to (...)."""
        points = competes[:-1]
        order = np.argsort(self.members[points], kind="stable")
        members = self.members[points][order]
        there, starts = np.unique(members, return_index=True)
        there, starts = there[there >= 0], starts[there >= 0]
        core = None if self.core is None else self.core[points]
        reorder = (np.diff(order) < 0).any()

        def pool(T: Array) -> Array:
            share = T[-1]
            R = self.reach(T[:-1], share, core)
            R = R[order] if reorder else R
            D = np.full((self.n_clusters, *share.shape), np.inf)
            D[there] = least_of_parts(R, starts)
            flat = D.reshape(self.n_clusters, -1).T
            each = query[np.zeros(len(flat), dtype=int)]
            score = self.decide(flat, share.ravel(), each).score
            return np.asarray(score.reshape(share.shape))

        return pool


def spread(levels: Any, share: Array) -> Array:
    """Levels times a share of the columns; those at +inf stay, whatever the share."""
    endless = np.isinf(levels)
    return np.where(endless, np.inf, np.where(endless, 0.0, levels) * share)


def least_of_parts(R: Array, starts: Array) -> Array:
    """Minima of the parts of axis 0 that begin at these places, the last at the end."""
    if len(R) < LONG * len(starts):
        return np.asarray(np.minimum.reduceat(R, starts, axis=0))
    return np.stack([R[a:b].min(axis=0) for a, b in pairwise([*starts, len(R)])])
