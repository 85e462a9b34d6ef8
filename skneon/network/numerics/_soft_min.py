# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The hot array functions: squared distances, soft-min pooling, soft argmin.

Shapes: ``X`` (n, d) are query rows, ``U`` (N, d) support points, ``H`` (n, N)
activations of the hidden units, ``P`` (1, N) or (n, N) weights of the support
points; each row of ``P`` sums to 1 and a zero leaves a support point out.
"""

from functools import cache
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from skneon.network.numerics._types import Array

# soft minima below this are summed so that no digits cancel
SMALL = 0.01
# exponents are no larger: exp(-t) is 0 long before, and products stay finite
HUGE = 1e300


def squared_distances(X: Array, U: Array) -> Array:
    """h_nk = sum_i (x_ni - u_ki)^2, from plain differences. Shape (n, N)."""
    H: Array = cdist(X, U, metric="sqeuclidean")
    return H


def nearest(H: Array, P: Array) -> Array:
    """min_k h_nk over the support points with a weight. Shape (n,)."""
    if len(P) == 1 and P.all():
        least: Array = H.min(axis=1)
    else:
        least = np.min(H, axis=1, initial=np.inf, where=P > 0)
    return least


def soft_min(
    T: Array,
    P: Array,
    total: Array | float = 1.0,
    logs: Array | None = None,
    E: Array | None = None,
    missing: Array | float = 0.0,
) -> Array:
    """-log sum_k P_k exp(-T_k) / total, for T >= 0 with a zero in every row: (n,).

    Accurate for small and for large results alike: log1p where the sum is near 1.
    T = inf leaves a point out of the row; `total` is the sum of the others' P, (n,).
    `logs` are the logs of weights P that may underflow, shape (n, N); `E` is exp(-T);
    `missing` what `total` counts of points that P does not have, (n,).
    """
    total = np.broadcast_to(total, len(T))
    if logs is not None:
        out: Array = -logsumexp(logs - T, axis=1)
    else:
        E = np.exp(-T) if E is None else E
        with np.errstate(divide="ignore"):
            out = -np.log(weighted_sum(E, P) / total)
    small = np.flatnonzero(~(out > SMALL))
    if len(small):
        loss = np.where(np.isinf(T[small]), 0.0, np.expm1(-T[small]))
        loss = weighted_sum(loss, P if len(P) == 1 else P[small])
        absent = np.broadcast_to(missing, len(T))[small]
        out[small] = small_soft_min(loss, total[small], absent)
    return out


def small_soft_min(
    losses: Array, total: Array | float = 1.0, missing: Array | float = 0.0
) -> Array:
    """-log(1 + (losses - missing) / total), where no digits cancel: (n,).

    Parameters
    ----------
    losses : ndarray of shape (n,)
        sum_k P_k (exp(-T_k) - 1) over the points that are kept.
    total, missing : ndarray of shape (n,), or float
        As in `soft_min`.
    """
    return -np.log1p((losses - missing) / total)


def weighted_sum(E: Array, P: Array) -> Array:
    """sum_k P_k E_nk, for weights (1, N) or (n, N). Shape (n,)."""
    out: Array = E @ P[0] if len(P) == 1 else np.einsum("nk,nk->n", E, P)
    return out


def exponent(H: Array, gamma: float) -> Array:
    """gamma h, at most `HUGE`."""
    with np.errstate(over="ignore"):
        T = gamma * H
    return np.minimum(T, largest_exponent(T.dtype), out=T)


def largest_exponent(dtype: Any) -> float:
    """`HUGE`, or the largest number of a dtype that has none so large."""
    return min(HUGE, float(np.finfo(dtype).max))


@cache
def least_divisor(dtype: Any) -> float:
    """What counts as 0 in a division: quotients, and sums of many, stay finite."""
    return 1e8 * float(np.finfo(dtype).tiny)


def holding(H: Array, stiffness: float) -> Array:
    """Distances in float64 where their own precision lacks the stiffness."""
    limits = np.finfo(H.dtype)
    held = float(limits.tiny) <= stiffness <= float(limits.max)
    return H if held else H.astype(float, copy=False)


def excess(
    H: Array,
    P: Array,
    gamma: float,
    least: Array | None = None,
    out: Array | None = None,
) -> Array:
    """gamma (h_nk - min_k h_nk), what soft-min pooling sees; inf stays inf.

    Where P is 0 it is 0.
    """
    least = nearest(H, P) if least is None else least
    T = np.subtract(H, least[:, None], out=out)
    if not (len(P) == 1 and P.all()):
        np.copyto(T, 0.0, where=P == 0)
    if gamma == 0:
        return np.where(np.isinf(T), T, T.dtype.type(0))
    T = holding(T, gamma)
    with np.errstate(over="ignore"):
        T *= gamma
    if np.isinf(T.max(initial=0.0)):
        n, k = np.nonzero(np.isinf(T))
        overflown = np.isfinite(H[n, k])
        T[n[overflown], k[overflown]] = largest_exponent(T.dtype)
    return T


def log_mean_exp(
    H: Array,
    P: Array,
    gamma: float,
    total: Array | float = 1.0,
    missing: Array | float = 0.0,
) -> Array:
    """LME^{-gamma}: -(1/gamma) log sum_k P_k exp(-gamma h_k) / total. Shape (n,).

    h = inf leaves a point out of the row; `total` is the sum of the others' P.
    """
    least = nearest(H, P)
    T = excess(H, P, gamma, least)
    return least + soft_min(T, P, total, missing=missing) / gamma


def soft_argmin(H: Array, P: Array, beta: float) -> Array:
    """p_k = P_k exp(-beta h_k) / sum_l P_l exp(-beta h_l). Shape (n, N)."""
    E = excess(H, P, beta)
    return _shares(np.exp(np.negative(E, out=E), out=E), P)


def pooled_and_shares(
    H: Array, P: Array, gamma: float, total: Array | float = 1.0
) -> tuple[Array, Array]:
    """`log_mean_exp` and the `soft_argmin` of the same stiffness, from one pass."""
    least = nearest(H, P)
    T = excess(H, P, gamma, least)
    E = np.exp(-T)
    pooled = least + soft_min(T, P, total, E=E) / gamma
    return pooled, _shares(E, P)


def _shares(E: Array, P: Array) -> Array:
    """P_k E_k over their sum, in the place of E."""
    if len(P) != 1 or np.ptp(P) > 0:
        E *= P
    E /= E.sum(axis=1, keepdims=True)
    return E
