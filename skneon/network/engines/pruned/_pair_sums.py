# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin pair by pair, for rows that have few support points each."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.engines._engine import Results
from skneon.network.engines.pruned._kept_weights import missing_mass, present
from skneon.network.layers._pooling import LogMeanExp
from skneon.network.numerics._distances_to_many import Rows
from skneon.network.numerics._soft_min import SMALL, small_soft_min
from skneon.network.numerics._types import Array
from skneon.network.rules._soft_argmin import SoftArgmin


class PairSums:
    """What `SoftArgminDensity` computes, from lists of a row's support points.

    Parameters
    ----------
    units : SquaredDistance
    pooling : LogMeanExp
    rule : SoftArgmin
    order : ndarray of int, shape (N,)
        Numbers of the support points in an order in which a row's lie together. Lists
        hold places in it.
    """

    def __init__(
        self, units: Any, pooling: LogMeanExp, rule: SoftArgmin, order: Array
    ) -> None:
        self.units = units
        self.pooling = pooling
        self.rule = rule
        self.order = order
        self.place = np.empty_like(order)
        self.place[order] = np.arange(len(order))
        # column by column: sums over pairs are sums over contiguous numbers
        self.columns = np.ascontiguousarray(units.support[order].T)
        self.weights = pooling.support_weights.weights[order]

    def __call__(
        self, rows: Rows, query: Query, lists: list[Array], explain: bool
    ) -> Results:
        """Results of some rows as a dict.

        Parameters
        ----------
        rows : Rows
        query : Query
        lists : list of ndarray of int
            The support points of each row by place; none is empty.
        explain : bool
            Whether relevance is asked for, or the score alone.
        """
        n, k, starts = self._pairs(lists, query)
        D = np.empty((len(self.columns), len(n)), dtype=self.columns.dtype)
        for difference, column, z in zip(D, self.columns, rows.Z.T, strict=True):
            np.subtract(z[n], column[k], out=difference)
        H = np.einsum("ip,ip->p", D, D)
        least = np.minimum.reduceat(H, starts)
        T = H - least[n]
        E = self._exponentials(T, k, self.pooling.gamma)
        mass = np.add.reduceat(E, starts)
        total = self.pooling.support_weights.total(query)
        soft = -np.log(mass / total)
        if np.any(~(soft > SMALL)):
            soft = self._small_soft_min(soft, T, k, starts, query, total)
        pooled = least + soft / self.pooling.gamma
        score = pooled + self.pooling.offset(query)
        if not explain:
            return {"score": score}
        if self.rule.beta != self.pooling.gamma:
            E = self._exponentials(T, k, self.rule.beta)
            mass = np.add.reduceat(E, starts)
        E *= (1 / mass)[n]
        # sum_k p_k u_k = z - sum_k p_k (z - u_k)
        reference = rows.Z - np.add.reduceat(E * D, starts, axis=1).T
        H += self.rule.stabiliser(self.units)
        W = np.divide(E, H, out=np.zeros_like(E), where=H > 0)
        if self.units.inputs.matrix is None:
            relevance = np.add.reduceat(np.square(D, out=D) * W, starts, axis=1).T
        else:
            shares = self.units.shares.of_pairs(rows, n, self.order[k])
            relevance = np.add.reduceat(W[:, None] * shares, starts)
        return {
            "relevance": self.units.inputs.gather(relevance * pooled[:, None]),
            "score": score,
            "reference": reference,
        }

    def _small_soft_min(
        self, soft: Array, T: Array, k: Array, starts: Array, query: Query, total: Any
    ) -> Array:
        """The soft-min of rows, so that no digits cancel where it is small."""
        with np.errstate(over="ignore"):
            losses = self.weights[k] * np.expm1(-self.pooling.gamma * T)
        n_present = present(self.pooling.support_weights, query)
        complete = np.diff(starts, append=len(k)) == n_present
        kept = np.add.reduceat(self.weights[k], starts)
        missing = missing_mass(total, kept, complete)
        accurate = small_soft_min(np.add.reduceat(losses, starts), total, missing)
        return np.where(soft > SMALL, soft, accurate)

    def _exponentials(self, T: Array, k: Array, stiffness: Any) -> Array:
        """pi_k exp(-stiffness t) of the pairs."""
        with np.errstate(over="ignore"):
            E: Array = self.weights[k] * np.exp(-stiffness * T)
        return E

    def _pairs(self, lists: list[Array], query: Query) -> tuple[Array, Array, Array]:
        """Rows n and points k of the pairs that count; where each row starts."""
        sizes = np.array([len(places) for places in lists])
        n, k = np.repeat(np.arange(len(lists)), sizes), np.concatenate(lists)
        if query.absent is not None:
            some = query.absent >= 0
            absent = np.where(some, self.place[query.absent], -1)
            counts = k != absent[n]
            n, k = n[counts], k[counts]
            sizes = np.bincount(n, minlength=len(lists))
        return n, k, np.cumsum(sizes) - sizes
