# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Passes over the support points of a kernel density on tiles that stay in cache.

What `SquaredDistance` with `LogMeanExp`, and `GaussianKernel` with `Mean`, compute one
after the other on arrays of shape (n, N): the same formulas with fewer passes, in
arrays that are used again. Distances come times gamma from their matrix product.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.engines._engine import Results
from skneon.network.numerics._distances_to_many import ALL, NearPairs, Rows
from skneon.network.numerics._integrated_soft_argmin import (
    conserving_factor,
    integrated_soft_argmin,
)
from skneon.network.numerics._mean_slope import mean_slope
from skneon.network.numerics._quadrature_nodes import IncompleteGamma
from skneon.network.numerics._soft_min import (
    HUGE,
    SMALL,
    exponent,
    least_divisor,
    log_mean_exp,
)
from skneon.network.numerics._tiles import (
    ROWS,
    TILE,
    Running,
    Scratch,
    support_tiles,
    tile_size,
)
from skneon.network.numerics._types import Array
from skneon.network.rules._soft_argmin import SoftArgmin

# exponentials of what is below count as 0: next to underflow they take many times as
# long, and so do sums over them
LOWEST = {"d": -700.0, "f": -80.0}
# gamma for which exponents t of rows that are allowed, and 1 / t times columns, are
# numbers of a precision
RANGE = {"d": (1e-100, 1e12), "f": (1e-12, 1e12)}
# by what the stiffnesses of rule and score differ at the most, in every precision
APART = 1e30


def resolved(units: Any, gamma: float, beta: float | str | None = None) -> bool:
    """Whether tiles and trees hold exponents of these stiffnesses.

    They work on t = gamma h and on (beta / gamma) t in the precision of the support
    points, where layers, one after the other, work on h.

    Parameters
    ----------
    units : SupportUnits
    gamma : float
    beta : float, default=None
        Stiffness of a rule.
    """
    least, largest = RANGE[units.support.dtype.char]
    if not least <= gamma < largest:
        return False
    assert not isinstance(beta, str)
    # the ratio is a number, and 0 for 0 alone
    return not beta or gamma / APART <= beta <= gamma * APART


@dataclass
class Tile:
    """Exponents of some rows for some support points.

    Attributes
    ----------
    columns : slice
        Of the support points.
    T : ndarray of shape (n, tile)
        +inf for who is absent.
    least : ndarray of shape (n,)
        The least t so far, 0 where all so far are absent.
    fall : ndarray of shape (n,)
        By how much it fell at this tile.
    near : NearPairs or None
    absent : tuple of ndarray of int
        Rows, and points by their number in the tile.
    largest : float
        A bound of all t.
    """

    columns: slice
    T: Array
    least: Array
    fall: Array
    near: NearPairs | None
    absent: tuple[Array, Array]
    largest: float


class Density(ABC):
    """Passes over the support points of a kernel density, for some rows at a time.

    Parameters
    ----------
    units : SupportUnits
    support_weights : SupportWeights
    gamma : float
    shift : float, default=0
        Is added to all exponents.
    """

    def __init__(
        self, units: Any, support_weights: Any, gamma: float, shift: float = 0.0
    ) -> None:
        self.units = units
        self.shift = shift
        self.points = units.points.scaled(gamma, shift)
        self.support_weights = support_weights
        self.gamma = gamma
        self.dtype = self.points.points.dtype
        weights = support_weights.weights.astype(self.dtype)
        # weights that all are equal are left out of the sums, and come in at the end
        self.equal = np.ptp(weights) == 0
        self.weights = np.ones_like(weights) if self.equal else weights
        self.common = weights[0] if self.equal else 1.0
        self.means = self.points.augmented

    def tiles(self, rows: Rows, query: Query, scratch: Scratch) -> Iterator[Tile]:
        """Exponents t = gamma h + shift of the rows, a `Tile` at a time."""
        absent_points = self.support_weights.absent(query)
        largest = self.points.largest_distance(rows)
        least = np.full(len(rows), np.inf, dtype=self.dtype)
        for columns in support_tiles(len(self.points), len(rows)):
            shape = len(rows), columns.stop - columns.start
            out = scratch("T", shape, self.dtype)
            T, lower, near = self.points.squared_distances(rows, columns, out)
            absent = absent_points.in_tile(columns)
            if len(absent[0]):
                T[absent] = np.inf
                lower = T.min(axis=1)
            before, least = least, np.minimum(least, lower)
            base = np.where(np.isfinite(least), least, 0.0)
            fall = np.where(np.isfinite(before), before - base, 0.0)
            yield Tile(columns, T, base, fall, near, absent, largest)

    def exponentials(self, tile: Tile, out: Array, stiffness: float = 1.0) -> Array:
        """pi_k exp(-stiffness (t - least)), and 0 for who is absent."""
        E = np.subtract(tile.least[:, None], tile.T, out=out)
        if stiffness != 1.0:
            with np.errstate(over="ignore", invalid="ignore"):
                E *= stiffness
        lowest = LOWEST[E.dtype.char]
        if tile.largest * stiffness > -lowest:
            np.exp(np.maximum(E, lowest, out=E), out=E)
            E -= 2 * np.exp(lowest)
            np.maximum(E, 0.0, out=E)
        else:
            np.exp(E, out=E)
        if len(tile.absent[0]):
            E[tile.absent] = 0.0
        if not self.equal:
            E *= self.weights[tile.columns]
        return E

    def soft_min(self, least: Array, mass: Array, rows: Rows, query: Query) -> Array:
        """o of each row from the sum of its `exponentials`, shape (n,)."""
        total = self.support_weights.total(query)
        soft = -np.log(mass * self.common / total)
        pooled: Array = (least - self.shift + soft) / self.gamma
        small = np.flatnonzero(~(soft > SMALL))
        if len(small):
            some, query = self.units.rows(rows.X[small]), query[small]
            H = self.units.points.squared_distances(some)[0]
            H[self.support_weights.absent(query).in_tile(ALL)] = np.inf
            total, missing = (
                np.broadcast_to(values, len(rows))[small]
                for values in (total, self.support_weights.missing)
            )
            P = self.support_weights.weights[None]
            pooled[small] = log_mean_exp(H.astype(float), P, self.gamma, total, missing)
        return pooled

    def outlierness(self, X: Array, query: Query, scratch: Scratch) -> Array:
        """Soft minimum o of the squared distances, shape (n,)."""
        rows, mass = self.units.rows(X), Running()
        for tile in self.tiles(rows, query, scratch):
            E = self.exponentials(tile, out=tile.T)
            mass.add(tile.fall, E.sum(axis=1))
        return self.soft_min(tile.least, mass.sums[0], rows, query)

    def score(self, X: Array, query: Query, scratch: Scratch) -> Array:
        """Score of each row, shape (n,)."""
        offset = self.support_weights.offset(query)
        score: Array = self.outlierness(X, query, scratch) + offset
        return score.astype(self.dtype, copy=False)

    @abstractmethod
    def explain(self, X: Array, query: Query, scratch: Scratch) -> Results:
        """Relevance, score and reference of each row, as a dict."""

    def results(self, relevance: Array, score: Array, means: Array) -> Results:
        """Of some rows, from relevance before gathering and the sums of `means`."""
        results = {
            "relevance": self.units.inputs.gather(relevance),
            "score": score,
            "reference": means[:, :-1] / means[:, -1:] + self.points.center,
        }
        return {k: v.astype(self.dtype, copy=False) for k, v in results.items()}

    def rows_at_a_time(self) -> int:
        """Rows of a tile."""
        return ROWS


class SoftArgminDensity(Density):
    """`SquaredDistance` under `LogMeanExp`, by soft argmin."""

    def __init__(self, units: Any, pooling: Any, rule: SoftArgmin) -> None:
        # what the shares are divided by
        shift = pooling.gamma * rule.stabiliser(units)
        super().__init__(units, pooling.support_weights, pooling.gamma, shift)
        assert not isinstance(rule.beta, str)
        self.stiffness = rule.beta / pooling.gamma

    def explain(self, X: Array, query: Query, scratch: Scratch) -> Results:
        """Relevance, score and reference of each row, as a dict."""
        rows, shares = self.units.rows(X), self.units.shares
        mass, weighted = Running(), Running(self.stiffness)
        for tile in self.tiles(rows, query, scratch):
            out = scratch("E", tile.T.shape, self.dtype)
            if self.stiffness != 1.0:
                mass.add(tile.fall, self.exponentials(tile, out).sum(axis=1))
            E = self.exponentials(tile, out, self.stiffness)
            means = E @ self.means[tile.columns]
            if self.stiffness == 1.0:
                mass.add(tile.fall, means[:, -1])
            W = self._ratio(E, tile)
            sums = shares.sums(rows, W, tile.near, tile.columns)
            weighted.add(tile.fall, means, *sums)
        pooled = self.soft_min(tile.least, mass.sums[0], rows, query)
        means, sums, extra = weighted.sums
        relevance = shares.combine(rows, sums) + extra
        relevance *= (self.gamma * pooled / means[:, -1])[:, None]
        score = pooled + self.support_weights.offset(query)
        return self.results(relevance, score, means)

    def _ratio(self, E: Array, tile: Tile) -> Array:
        """E / t in the place of E, and 0 where t is next to 0."""
        least = least_divisor(self.dtype)
        if tile.least.min(initial=np.inf) > least:
            return np.divide(E, tile.T, out=E)
        positive = tile.T > least
        np.divide(E, tile.T, out=E, where=positive)
        E[~positive] = 0.0
        return E


class IntegratedDensity(Density):
    """`SquaredDistance` under `LogMeanExp`, by integrated soft argmin."""

    def __init__(self, units: Any, pooling: Any) -> None:
        super().__init__(units, pooling.support_weights, pooling.gamma)

    def rows_at_a_time(self) -> int:
        """Rows whose arrays stay in cache, but enough for a matrix product."""
        rows = np.clip(TILE // len(self.points), 8, ROWS)
        return int(min(rows, max(1, tile_size() // len(self.points))))

    def explain(self, X: Array, query: Query, scratch: Scratch) -> Results:
        """Relevance, score and reference of each row, as a dict."""
        rows, shares = self.units.rows(X), self.units.shares
        out = scratch("T", (len(rows), len(self.points)), self.dtype)
        T, least, near = self.points.squared_distances(rows, out=out)
        absent = self.support_weights.absent(query).in_tile(ALL)
        if len(absent[0]):
            T[absent] = np.inf
            least = T.min(axis=1)
        P = self.support_weights.weights[None]
        total = self.support_weights.total(query)
        weights, pooled = integrated_soft_argmin(
            T, P, 1.0, total, least=least, scratch=scratch
        )
        pooled /= self.gamma
        means, relevance = shares.weighted_with_means(rows, weights, near)
        relevance *= conserving_factor(relevance.sum(axis=1), pooled)
        score = pooled + self.support_weights.offset(query)
        return self.results(relevance, score, means)


class InlierDensity(Density):
    r"""`GaussianKernel` under `Mean`, by rules of two terms.

    .. math:: R_i = a_i \Big( i + \sum_k \pi_k \gamma F(t_k) h_k \Big)
              - \sum_k \pi_k \gamma F(t_k) d_{ki}^2, \qquad \sum_i a_i = 1

    F is :math:`F_{d/2+1}` of the exact inlier rule. The integrated rule has
    :math:`F_1(t) = (1 - e^{-t}) / t`, for which the bracket is 1.

    Parameters
    ----------
    units : GaussianKernel
    pooling : Mean
    integrated : bool, default=False
        Whether by the integrated rule.
    """

    def __init__(self, units: Any, pooling: Any, integrated: bool = False) -> None:
        super().__init__(units, pooling.support_weights, units.gamma)
        d = units.support.shape[1]
        inputs = units.inputs
        self.upper: Callable[..., Array]
        if integrated:
            parents = inputs.parents
            of_parent = units.marginal.equal_shares / np.bincount(
                parents, minlength=inputs.n_columns
            ).clip(1)
            self.share, self.upper = of_parent[parents], _mean_slope
        else:
            self.share = inputs.isotropic(d) / d
            self.upper = IncompleteGamma(d / 2 + 1)

    def score(self, X: Array, query: Query, scratch: Scratch) -> Array:
        """Inlierness of each row, shape (n,)."""
        pooled = self.outlierness(X, query, scratch).astype(float)
        score = np.exp(-exponent(pooled, self.gamma))
        return score.astype(self.dtype, copy=False)

    def explain(self, X: Array, query: Query, scratch: Scratch) -> Results:
        """Relevance, score and reference of each row, as a dict."""
        rows, shares = self.units.rows(X), self.units.shares
        means, squares = Running(), Running(0.0)
        for tile in self.tiles(rows, query, scratch):
            out, T = scratch("E", tile.T.shape, self.dtype), tile.T
            means.add(
                tile.fall, self.exponentials(tile, out) @ self.means[tile.columns]
            )
            T[tile.absent] = 0.0
            W = self.upper(T, out, scratch)
            W[tile.absent] = 0.0
            if not self.equal:
                W *= self.weights[tile.columns]
            sums = shares.sums(rows, W, tile.near, tile.columns)
            squares.add(tile.fall, *sums)
        mass = means.sums[0][:, -1]
        total = self.support_weights.total(query)
        factor = self.common / total
        sums, extra = squares.sums
        square = shares.combine(rows, sums) + extra
        square *= np.broadcast_to(self.gamma * factor, len(rows))[:, None]
        score = mass * factor * np.exp(-np.minimum(tile.least.astype(float), HUGE))
        shared = score + square.sum(axis=1)
        relevance = shared[:, None] * self.share - square
        return self.results(relevance, score, means.sums[0])


def _mean_slope(T: Array, out: Array, scratch: Scratch) -> Array:
    """(1 - exp(-t)) / t in `out`."""
    return mean_slope(T, 1.0, out)
