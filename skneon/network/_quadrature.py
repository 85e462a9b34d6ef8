# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin integrated over its stiffness, by adaptive Gauss-Legendre panels."""

import numpy as np

from skneon.network._kernels import excess, soft_min

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(12)
NODES, NODE_WEIGHTS = (NODES + 1) / 2, NODE_WEIGHTS / 2

TOLERANCE = 1e-12
# what rounding alone may miss, where numbers are next to underflow
FLOOR = 1e-290
# panels narrower than this, relative to their end, or nearer to 0 are not divided
NARROWEST, LEAST = 1e-13, 1e-300
# and none are after so many batches, far more than any row has been seen to need
MOST_BATCHES = 3000


def integrated_soft_argmin(H, P, gamma, logs=None):
    """I_k = int_0^1 p_k(s) ds with p_k(s) ~ P_k exp(-s gamma h_k). Shape (n, N).

    With T_k = gamma (h_k - min h), the soft-min of s T has the derivative
    sum_k p_k(s) T_k, so on every panel [a, b] the integral of that sum is known
    exactly from the soft-min at a and at b. A panel whose quadrature misses it is
    divided: stiff rows get the graded nodes they need, and usual rows end with the
    first panel or two.

    Parameters
    ----------
    H : ndarray of shape (n, N)
        Squared distances.
    P : ndarray of shape (1, N) or (n, N)
        Weights of the support points.
    gamma : float
    logs : ndarray of the shape of P, or None
        Logs of weights P some of which underflow (those are any positive number).

    Returns
    -------
    weights : ndarray of shape (n, N)
        Rows sum to 1.
    """
    T = excess(H, P, gamma)
    P = np.broadcast_to(P, T.shape)
    logs = None if logs is None else np.broadcast_to(logs, T.shape)
    weights = np.zeros_like(T)
    pooled = soft_min(T, P, logs)
    n = len(T)
    tolerance = TOLERANCE * pooled + FLOOR
    todo = [(np.arange(n), np.zeros(n), np.ones(n), np.zeros(n), pooled)]
    batches = 0
    while todo:
        batches += 1
        rows, a, b, pooled_a, pooled_b = todo.pop()
        some = T[rows], P[rows], None if logs is None else logs[rows]
        panel, total = _panel(*some, a, b)
        missed = np.abs(total - (pooled_b - pooled_a)) > tolerance[rows]
        missed &= (b - a > NARROWEST * b) & (b > LEAST) & (batches < MOST_BATCHES)
        # a batch holds a row at most once, so plain indexing adds up
        weights[rows[~missed]] += panel[~missed]
        if missed.any():
            rows, a, b = rows[missed], a[missed], b[missed]
            # toward 0 far points end their say one after the other: graded panels
            middle = np.where(a == 0, b / 8, (a + b) / 2)
            some = P[rows], None if logs is None else logs[rows]
            pooled_m = soft_min(middle[:, None] * T[rows], *some)
            todo.append((rows, a, middle, pooled_a[missed], pooled_m))
            todo.append((rows, middle, b, pooled_m, pooled_b[missed]))
    return weights


def _panel(T, P, logs, a, b):
    """int_a^b p_k(s) ds and int_a^b sum_k p_k(s) T_k ds, row by row."""
    weights, total = np.zeros_like(T), np.zeros(len(T))
    for node, node_weight in zip(NODES, NODE_WEIGHTS, strict=True):
        s = a + node * (b - a)
        E = _terms(s[:, None] * T, P, logs)
        E *= (node_weight * (b - a) / E.sum(axis=1))[:, None]
        weights += E
        total += np.einsum("nk,nk->n", E, T)
    return weights, total


def _terms(T, P, logs):
    """P_k exp(-T_k), each row up to a factor where there are logs."""
    if logs is None:
        return P * np.exp(-T)
    exponents = logs - T
    return np.exp(exponents - exponents.max(axis=1, keepdims=True))
