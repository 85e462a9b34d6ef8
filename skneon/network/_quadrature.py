# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin integrated over its stiffness."""

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
    T = excess(H, P, gamma, least, out=scratch("T", H.shape, H.dtype))
    total = np.broadcast_to(total, len(T))
    weights, pooled = scratch("weights", H.shape, H.dtype), np.empty(len(T))
    if logs is None:
        todo = _few_nodes(T, P, total, weights, pooled, scratch)
    else:
        logs = np.broadcast_to(logs, T.shape)
        todo = np.arange(len(T))
    if len(todo):
        some = P if len(P) == 1 else P[todo], total[todo]
        some_logs = None if logs is None else logs[todo]
        T = T[todo]
        pooled[todo] = soft_min(T, *some, some_logs)
        tolerance = TOLERANCE * pooled[todo] + FLOOR
        weights[todo] = integrated_by_panels(
            T, *some, some_logs, pooled[todo], tolerance
        )
    return weights, least + pooled / gamma


def _few_nodes(T, P, total, weights, pooled, scratch):
    """Fill weights and pooled by a single rule a row; numbers of the rows it misses."""
    largest = T.max(axis=1, initial=0.0)
    out_n, out_k = np.nonzero(np.isinf(T)) if np.isinf(largest).any() else ((), ())
    if len(out_n):
        T[out_n, out_k] = 0.0
        largest = T.max(axis=1)
    missed = []
    for j, rows in blocks_by_rule(largest, LIMITS, N_NODES, T.shape[1]):
        numbers = np.arange(len(T))[rows]
        if j == len(RULES):
            missed.append(numbers)
            continue
        nodes, node_weights = RULES[j]
        t, p = T[rows], P[0] if len(P) == 1 else P[rows]
        S = scratch("exponentials", (len(t), len(nodes), T.shape[1]), T.dtype)
        # the first node is 0
        S[:, 0] = 1.0
        exponentials(t, nodes[1:], S[:, 1:])
        if len(out_n):
            here = np.flatnonzero(np.isin(out_n, numbers))
            S[np.searchsorted(numbers, out_n[here]), :, out_k[here]] = 0.0
        Z = S @ p if p.ndim == 1 else np.matmul(S, p[:, :, None])[:, :, 0]
        W = np.matmul((node_weights / Z)[:, None], S)[:, 0]
        W *= p
        weights[rows] = W
        pooled[rows] = _pooled(Z[:, -1], t, p, total[rows])
        sums = np.einsum("nk,nk->n", W, t)
        miss = np.abs(sums - pooled[rows]) > TOLERANCE * pooled[rows] + FLOOR
        missed.append(numbers[miss])
    if len(out_n):
        T[out_n, out_k] = np.inf
    return np.concatenate(missed) if missed else np.arange(0)


def _pooled(mass, T, p, total):
    """-log(mass / total), so that no digits cancel; T is 0 for what is left out."""
    out = -np.log(mass / total)
    for row in np.flatnonzero(~(out > SMALL)):
        weights = p if p.ndim == 1 else p[row]
        out[row] = -np.log1p(np.expm1(-T[row]) @ weights / total[row])
    return out
