# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin integrated over its stiffness, by adaptive Gauss-Legendre panels."""

import numpy as np

from skneon.network._kernels import excess, nearest, soft_min, weighted_sum


def _rule(n):
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, node_weights = np.polynomial.legendre.leggauss(n)
    return list(zip((nodes + 1) / 2, node_weights / 2, strict=True))


# few nodes do where exponents are below SMALL
FEW, MANY, SMALL = _rule(8), _rule(12), 6.0

TOLERANCE = 1e-12
# what rounding alone may miss, where numbers are next to underflow
FLOOR = 1e-290
# panels narrower than this, relative to their end, or nearer to 0 are not divided
NARROWEST, LEAST = 1e-13, 1e-300
# and none are after so many batches, far more than any row has been seen to need
MOST_BATCHES = 3000


def integrated_soft_argmin(H, P, gamma, total=1.0, logs=None):
    """I_k = int_0^1 p_k(s) ds with p_k(s) ~ P_k exp(-s gamma h_k).

    With T_k = gamma (h_k - min h), the soft-min of s T has the derivative
    sum_k p_k(s) T_k, so on every panel [a, b] the integral of that sum is known
    exactly from the soft-min at a and at b. A panel whose quadrature misses it is
    divided: stiff rows get the graded nodes they need, and usual rows end with the
    first panel or two.

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

    Returns
    -------
    weights : ndarray of shape (n, N)
        Rows sum to 1.
    pooled : ndarray of shape (n,)
        Their log-mean-exp, as of `log_mean_exp`.
    """
    least = nearest(H, P)
    T = excess(H, P, gamma, least)
    n = len(T)
    total = np.broadcast_to(total, n)
    logs = None if logs is None else np.broadcast_to(logs, T.shape)

    def of(rows):
        weights = P if len(P) == 1 else P[rows]
        return weights, total[rows], None if logs is None else logs[rows]

    everything = slice(None)
    pooled = soft_min(T, *of(everything))
    tolerance = TOLERANCE * pooled + FLOOR
    weights, sums = _panel(T, *of(everything), np.zeros(n), np.ones(n))
    missed = np.flatnonzero(np.abs(sums - pooled) > tolerance)
    score = least + pooled / gamma
    if not len(missed):
        return weights, score
    weights[missed] = 0.0

    def halves(rows, a, b, pooled_a, pooled_b):
        # toward 0 far points end their say one after the other: graded panels
        middle = np.where(a == 0, b / 8, (a + b) / 2)
        pooled_m = soft_min(middle[:, None] * T[rows], *of(rows))
        yield rows, a, middle, pooled_a, pooled_m
        yield rows, middle, b, pooled_m, pooled_b

    zeros = np.zeros(len(missed))
    todo = [*halves(missed, zeros, zeros + 1, zeros, pooled[missed])]
    batches = 0
    while todo:
        batches += 1
        rows, a, b, pooled_a, pooled_b = todo.pop()
        panel, sums = _panel(T[rows], *of(rows), a, b)
        divide = np.abs(sums - (pooled_b - pooled_a)) > tolerance[rows]
        divide &= (b - a > NARROWEST * b) & (b > LEAST) & (batches < MOST_BATCHES)
        # a batch holds a row at most once, so plain indexing adds up
        weights[rows[~divide]] += panel[~divide]
        if divide.any():
            panels = (rows, a, b, pooled_a, pooled_b)
            todo += halves(*(values[divide] for values in panels))
    return weights, score


def _panel(T, P, total, logs, a, b):
    """int_a^b p_k(s) ds and int_a^b sum_k p_k(s) T_k ds, row by row."""
    weights, E = np.zeros_like(T), np.empty_like(T)
    for node, node_weight in FEW if T.max(initial=0.0) < SMALL else MANY:
        s = a + node * (b - a)
        np.multiply(T, -s[:, None], out=E)
        if logs is not None:
            E += logs
            E -= E.max(axis=1, keepdims=True)
        np.exp(E, out=E)
        Z = E.sum(axis=1) if logs is not None else weighted_sum(E, P)
        E *= (node_weight * (b - a) / Z)[:, None]
        weights += E
    if logs is None:
        weights *= P
    # what is left out has the weight 0, and 0 times inf is no number
    counted = np.multiply(weights, T, out=E, where=weights > 0)
    counted[weights == 0] = 0.0
    return weights, counted.sum(axis=1)
