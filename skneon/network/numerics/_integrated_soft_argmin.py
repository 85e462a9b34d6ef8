# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin integrated over its stiffness."""

from dataclasses import dataclass

import numpy as np

from skneon.network.numerics._integrated_panels import integrated_by_panels
from skneon.network.numerics._quadrature_nodes import blocks, exponentials, lobatto
from skneon.network.numerics._soft_min import (
    SMALL,
    excess,
    nearest,
    small_soft_min,
    soft_min,
)
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array

# largest exponent that so many nodes are good for as a rule
LIMITS = np.array([0.8, 1.7, 3.3, 7.5, 10, 14, 17, 25, 45, 80, 160, 330, 600])
RULES = [lobatto(n) for n in (4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 32, 48, 64)]

# by how much the sum may be missed, in the precision of the work and in panels
TOLERANCE = {"d": 1e-12, "f": 1e-5}
# exponents of the nearest point from which differences are taken
FAR = 5.0
# numbers in the exponentials of a row at the most; longer ones go to panels
LONGEST = 2**26
# what rounding alone may miss, where numbers are next to underflow
FLOOR = 1e-290


def integrated_soft_argmin(
    H: Array,
    P: Array,
    gamma: float,
    total: Array | float = 1.0,
    logs: Array | None = None,
    least: Array | None = None,
    scratch: Scratch | None = None,
) -> tuple[Array, Array]:
    """I_k = int_0^1 p_k(s) ds with p_k(s) ~ P_k exp(-s gamma h_k).

    With T_k = gamma (h_k - min h), the soft-min of s T has the derivative
    sum_k p_k(s) T_k, so that the integral of that sum is known exactly from the
    soft-min at 1. A row whose quadrature misses it, or whose exponents are beyond all
    limits, is integrated by adaptive panels.

    Parameters
    ----------
    H : ndarray of shape (n, N)
        Squared distances; +inf leaves a point out of a row.
    P : ndarray of shape (1, N) or (n, N)
        Weights of the support points.
    gamma : float
    total : ndarray of shape (n,), default=1
        Sum of the weights of those that are not left out.
    logs : ndarray of the shape of P, or None
        Logs of weights P some of which underflow (those are any positive number).
    least : ndarray of shape (n,), or None
        The least h of each row, where it is known.
    scratch : Scratch or None
        For arrays, that of the result among them.

    Returns
    -------
    weights : ndarray of shape (n, N)
        Rows sum to 1.
    pooled : ndarray of shape (n,)
        Their log-mean-exp, as of `log_mean_exp`.
    """
    scratch = Scratch() if scratch is None else scratch
    least = nearest(H, P) if least is None else least
    total = np.broadcast_to(total, len(H))
    weights, pooled = scratch("weights", H.shape, H.dtype), np.empty(len(H))
    todo = np.arange(len(H))
    if logs is None:
        todo = _few_nodes(H, P, gamma, total, least, weights, pooled, scratch)
    if len(todo):
        some, total = P if len(P) == 1 else P[todo], total[todo]
        logs = None if logs is None else np.broadcast_to(logs, H.shape)[todo]
        T = excess(H[todo].astype(float), some, gamma, least[todo])
        pooled[todo] = soft_min(T, some, total, logs)
        weights[todo] = integrated_by_panels(
            T, some, total, logs, pooled[todo], TOLERANCE["d"] * pooled[todo] + FLOOR
        )
    return weights, least + pooled / gamma


def _few_nodes(
    H: Array,
    P: Array,
    gamma: float,
    total: Array,
    least: Array,
    weights: Array,
    pooled: Array,
    scratch: Scratch,
) -> Array:
    """Fill weights and pooled by a single rule a row; numbers of the rows it misses."""
    H, dead, largest = _finite(H, P, least)
    with np.errstate(over="ignore"):
        rule = np.searchsorted(LIMITS, gamma * (largest - least))
    # differences are only taken where exponentials or digits would be lost
    base = np.where(least > FAR / gamma, least, 0.0)
    mass, sums = np.empty_like(pooled), np.empty_like(pooled)
    for j in range(len(RULES)):
        rows = np.flatnonzero(rule == j)
        if not len(rows) or len(RULES[j][0]) * H.shape[1] > LONGEST:
            continue
        apply = _Rule(j, P, gamma, total, dead, scratch)
        for some in blocks(rows, len(RULES[j][0]) * H.shape[1], scratch.block):
            D = _differences(H[some], base[some], scratch)
            mass[some], sums[some] = apply(D, some, weights)
        above = gamma * (least - base)[rows]
        soft = -np.log(mass[rows] / total[rows]) - above
        for i in np.flatnonzero(~(soft > SMALL)):
            soft[i] = _small_soft_min_of(rows[i], H, P, gamma, total, least)
        pooled[rows] = soft
        missed = np.abs(gamma * sums[rows] - above - soft)
        misses = missed > TOLERANCE[H.dtype.char] * soft + FLOOR
        # the rule after the next is tried then, and at last panels
        rule[rows] = np.where(misses, j + 2, -1)
    return np.flatnonzero(rule >= 0)


class _Rule:
    """A Gauss-Lobatto rule for rows of differences D = h - base."""

    def __init__(
        self,
        j: int,
        P: Array,
        gamma: float,
        total: Array,
        dead: "_Dead",
        scratch: Scratch,
    ) -> None:
        nodes, self.node_weights = RULES[j]
        # the first node is 0, where every exponential is 1
        self.exponents = gamma * nodes[1:]
        self.P = P
        self.total = total
        self.dead = dead
        self.scratch = scratch
        # weights that all are equal are a factor
        self.common = P[0, 0] if len(P) == 1 and np.ptp(P) == 0 else None

    def __call__(
        self, D: Array, rows: slice | Array, weights: Array
    ) -> tuple[Array, Array]:
        """Fill the rows' weights; sums over k of P exp(-gamma D), and of weights D."""
        P = self.P if len(self.P) == 1 else self.P[rows]
        shape = len(D), len(self.exponents), D.shape[1]
        S = self.scratch("exponentials", shape, D.dtype)
        exponentials(D, self.exponents, S)
        self.dead.set_zero(S, rows)
        Z = S @ P[0] if len(P) == 1 else np.matmul(S, P[:, :, None])[:, :, 0]
        factor = 1.0 if self.common is None else self.common
        shares = factor * self.node_weights[1:] / Z
        W = weights[rows]
        np.matmul(shares.astype(S.dtype)[:, None], S, out=W[:, None])
        W += (factor * self.node_weights[0] / self.total[rows])[:, None]
        self.dead.set_zero(W[:, None], rows)
        if self.common is None:
            W *= P
        if not isinstance(rows, slice):
            weights[rows] = W
        return Z[:, -1], np.matmul(W[:, None], D[:, :, None])[:, 0, 0]


def _differences(H: Array, base: Array, scratch: Scratch) -> Array:
    """H - base, or H itself where that is 0."""
    if not base.any():
        return H
    return np.subtract(H, base[:, None], out=scratch("D", H.shape, H.dtype))


@dataclass
class _Dead:
    """What is left out of some rows: rows n and points k, by increasing row."""

    n: np.ndarray
    k: np.ndarray

    def set_zero(self, S: Array, rows: slice | Array) -> None:
        """Set their numbers in S, of shape (rows, nodes, N), to 0."""
        if len(self.n):
            numbers = np.r_[rows]
            first, last = np.searchsorted(self.n, [numbers, numbers + 1])
            counts = last - first
            place = np.repeat(np.arange(len(numbers)), counts)
            # of each row one after another
            ahead = np.repeat(first - np.cumsum(counts) + counts, counts)
            some = ahead + np.arange(len(place))
            S[place, :, self.k[some]] = 0.0


NONE = _Dead(np.array([], dtype=int), np.array([], dtype=int))


def _finite(H: Array, P: Array, least: Array) -> tuple[Array, _Dead, Array]:
    """H with the least h of the row in the place of what does not count.

    Next to the places, and the largest h of each row.
    """
    counts, largest = len(P) == 1 and P.all(), H.max(axis=1, initial=0.0)
    if counts and np.isfinite(largest).all():
        return H, NONE, largest
    out = np.isinf(H) if counts else np.isinf(H) | (P == 0)
    n, k = np.nonzero(out)
    H = H.copy()
    H[n, k] = least[n]
    return H, _Dead(n, k), H.max(axis=1)


def _small_soft_min_of(
    row: int, H: Array, P: Array, gamma: float, total: Array, least: Array
) -> float:
    """Soft-min of gamma (h - least) of a row, so that no digits cancel."""
    p = P[0] if len(P) == 1 else P[row]
    # what does not count is as near as the nearest, and adds 0
    losses = np.expm1(-gamma * (H[row] - least[row])) @ p
    return float(small_soft_min(losses, total[row]))


def conserving_factor(sums: Array, pooled: Array, where: bool | Array = True) -> Array:
    """What rows are multiplied by, so that what sums to `sums` sums to `pooled`.

    The quadrature is good to its last digits alone. 1 where a sum is not positive.

    Parameters
    ----------
    sums, pooled : ndarray of shape (n,)
    where : ndarray of bool, shape (n,), default=True
        Rows that have a factor; for others it is 1.

    Returns
    -------
    factor : ndarray of shape (n, 1)
    """
    where = np.logical_and(where, sums > 0)
    factor: Array = np.divide(pooled, sums, out=np.ones_like(sums), where=where)
    return factor[:, None]


def conserving(weights: Array, H: Array, pooled: Array) -> Array:
    """Weights I_k scaled row by row, so that sum_k I_k h_k is exactly `pooled`.

    Rows with terms of both signs stay as they are: there the last digits of the
    quadrature have no scale.

    Parameters
    ----------
    weights, H : ndarray of shape (n, N)
        h = +inf goes with the weight 0.
    pooled : ndarray of shape (n,)
    """
    finite = H if np.isfinite(H).all() else np.where(weights > 0, H, 0.0)
    total = np.einsum("nk,nk->n", weights, finite)
    same_sign = finite.min(axis=1, initial=0.0) >= 0
    conserved: Array = weights * conserving_factor(total, pooled, same_sign)
    return conserved
