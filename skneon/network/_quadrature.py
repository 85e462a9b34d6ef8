# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin integrated over its stiffness."""

from dataclasses import dataclass

import numpy as np

from skneon.network._exponentials import blocks_by_rule, exponentials, lobatto
from skneon.network._kernels import SMALL, excess, nearest, soft_min
from skneon.network._panels import integrated_by_panels
from skneon.network._tiles import Scratch

# largest exponent that so many nodes are good for
LIMITS = np.array([1.7, 3.3, 6.5, 10, 14, 17, 25, 45, 80, 160])
RULES = [lobatto(n) for n in (5, 6, 7, 8, 9, 10, 12, 16, 24, 32)]
N_NODES = [len(nodes) for nodes, _ in RULES]

TOLERANCE = 1e-12
# what rounding alone may miss, where numbers are next to underflow
FLOOR = 1e-290


def integrated_soft_argmin(H, P, gamma, total=1.0, logs=None, least=None, scratch=None):
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
        T = excess(H[todo], some, gamma, least[todo])
        pooled[todo] = soft_min(T, some, total, logs)
        weights[todo] = integrated_by_panels(
            T, some, total, logs, pooled[todo], TOLERANCE * pooled[todo] + FLOOR
        )
    return weights, least + pooled / gamma


def _few_nodes(H, P, gamma, total, least, weights, pooled, scratch):
    """Fill weights and pooled by a single rule a row; numbers of the rows it misses."""
    D, dead = _differences(H, P, least, scratch("D", H.shape, H.dtype))
    # weights that all are equal come in at the end
    common = P[0, 0] if len(P) == 1 and np.ptp(P) == 0 else None
    rule = np.searchsorted(LIMITS, gamma * D.max(axis=1, initial=0.0))
    for j, rows in blocks_by_rule(rule, N_NODES, D.shape[1]):
        nodes, node_weights = RULES[j]
        t, p = D[rows], P[0] if len(P) == 1 else P[rows]
        S = scratch("exponentials", (len(t), len(nodes), t.shape[1]), t.dtype)
        # the first node is 0
        S[:, 0] = 1.0
        exponentials(t, gamma * nodes[1:], S[:, 1:])
        dead.set_zero(S, rows)
        Z = S @ p if p.ndim == 1 else np.matmul(S, p[:, :, None])[:, :, 0]
        shares = (node_weights / Z)[:, None] * (1.0 if common is None else common)
        W = np.matmul(shares, S)[:, 0]
        if common is None:
            W *= p
        weights[rows] = W
        pooled[rows] = _pooled(Z[:, -1], t, p, gamma, total[rows])
        sums = gamma * np.einsum("nk,nk->n", W, t)
        miss = np.abs(sums - pooled[rows]) > TOLERANCE * pooled[rows] + FLOOR
        # the rule after the next is tried then, and at last panels
        rule[rows] = np.where(miss, j + 2, -1)
    return np.flatnonzero(rule >= 0)


@dataclass
class _Dead:
    """What is left out of some rows, at +inf: rows n and points k, by row."""

    n: np.ndarray
    k: np.ndarray

    def set_zero(self, S, rows):
        """Set their numbers in S, of shape (rows, nodes, N), to 0."""
        if len(self.n):
            numbers = np.arange(self.n[-1] + 1)[rows]
            some = np.flatnonzero(np.isin(self.n, numbers))
            S[np.searchsorted(numbers, self.n[some]), :, self.k[some]] = 0.0


def _differences(H, P, least, out):
    """h - least, and 0 for what does not count."""
    D = np.subtract(H, least[:, None], out=out)
    if not (len(P) == 1 and P.all()):
        np.copyto(D, 0.0, where=P == 0)
    n, k = np.nonzero(np.isinf(D)) if np.isinf(D.max(initial=0.0)) else ([], [])
    D[n, k] = 0.0
    return D, _Dead(n, k)


def _pooled(mass, D, p, gamma, total):
    """-log(mass / total), so that no digits cancel; D is 0 for what is left out."""
    out = -np.log(mass / total)
    for row in np.flatnonzero(~(out > SMALL)):
        weights = p if p.ndim == 1 else p[row]
        out[row] = -np.log1p(np.expm1(-gamma * D[row]) @ weights / total[row])
    return out
