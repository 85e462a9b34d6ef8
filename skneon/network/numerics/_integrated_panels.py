# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin integrated over its stiffness by adaptive Gauss-Legendre panels."""

import numpy as np

from skneon.network.numerics._soft_min import soft_min, weighted_sum

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(12)

# panels narrower than this, relative to their end, or nearer to 0 are not divided
NARROWEST, LEAST = 1e-13, 1e-300
# and none are after so many batches, far more than any row has been seen to need
MOST_BATCHES = 3000


def integrated_by_panels(T, P, total, logs, pooled, tolerance):
    """int_0^1 p_k(s) ds for each row.

    With p_k(s) ~ P_k exp(-s T_k), the soft-min of s T has the derivative
    sum_k p_k(s) T_k, so on every panel [a, b] the integral of that sum is known
    exactly from the soft-min at a and at b. A panel whose quadrature misses it is
    divided: stiff rows get the graded nodes they need.

    Parameters
    ----------
    T : ndarray of shape (n, N)
        gamma (h - min h); +inf leaves a point out of a row.
    P, total, logs
        As in `integrated_soft_argmin`, of these rows.
    pooled : ndarray of shape (n,)
        Soft-min of T.
    tolerance : ndarray of shape (n,)
        By how much a panel may miss its integral.

    Returns
    -------
    weights : ndarray of shape (n, N)
    """

    def of(rows):
        weights = P if len(P) == 1 else P[rows]
        return weights, total[rows], None if logs is None else logs[rows]

    def halves(rows, a, b, pooled_a, pooled_b):
        # toward 0 far points end their say one after the other: graded panels
        middle = np.where(a == 0, b / 8, (a + b) / 2)
        pooled_m = soft_min(middle[:, None] * T[rows], *of(rows))
        yield rows, a, middle, pooled_a, pooled_m
        yield rows, middle, b, pooled_m, pooled_b

    weights = np.zeros_like(T)
    rows, zeros = np.arange(len(T)), np.zeros(len(T))
    todo = [(rows, zeros, zeros + 1, zeros, pooled)]
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
    return weights


def _panel(T, P, total, logs, a, b):
    """int_a^b p_k(s) ds and int_a^b sum_k p_k(s) T_k ds, row by row."""
    weights, E = np.zeros_like(T), np.empty_like(T)
    for node, node_weight in zip((NODES + 1) / 2, NODE_WEIGHTS / 2, strict=True):
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
