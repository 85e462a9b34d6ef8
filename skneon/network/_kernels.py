# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The hot array functions: squared distances, soft-min pooling, soft argmin.

Shapes: ``X`` (n, d) are query rows, ``U`` (N, d) support points, ``H`` (n, N)
activations of the hidden units, ``P`` (1, N) or (n, N) weights of the support
points; each row of ``P`` sums to 1 and a zero leaves a support point out.
"""

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

# A pair is near when rounding in the expansion of (x - u)^2 could be felt: the
# expansion errs by about eps (x^2 + u^2), so beyond this ratio by eps / NEAR.
NEAR = 1e-4


def squared_distances(X, U):
    """h_nk = sum_i (x_ni - u_ki)^2, from plain differences. Shape (n, N)."""
    return cdist(X, U, metric="sqeuclidean")


def center_of(U):
    """Mean of the rows, exactly their value in columns where all are equal."""
    return np.clip(U.mean(axis=0), U.min(axis=0), U.max(axis=0))


def weighted_squared_differences(X, U, W, H, center):
    """r_ni = sum_k W_nk (x_ni - u_ki)^2 without an (n, N, d) array.

    Expanded into two matrix products, x^2 sum_k W - 2 x (W U) + W U^2, on centred
    data; pairs too near for that (see `NEAR`) are added from plain differences.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    U : ndarray of shape (N, d)
    W : ndarray of shape (n, N)
        Not negative.
    H : ndarray of shape (n, N)
        Squared distances of the pairs.
    center : ndarray of shape (d,)
        Subtracted from both `X` and `U` before the products.

    Returns
    -------
    R : ndarray of shape (n, d)
    """
    Xc, Uc = X - center, U - center
    X2, U2 = Xc**2, Uc**2
    near = H < NEAR * (X2.sum(axis=1)[:, None] + U2.sum(axis=1))
    far_W = np.where(near, 0.0, W)
    R = X2 * far_W.sum(axis=1)[:, None] - 2 * Xc * (far_W @ Uc) + far_W @ U2
    np.maximum(R, 0.0, out=R)
    _add_pairs(R, lambda n, k: (X[n] - U[k]) ** 2, W, near & (W != 0))
    return R


def weighted_products(Y, V, Z, U, W, H, inputs):
    """r_nj = sum_k W_nk (y_n - v_k)_j [(z_n - u_k) A']_j without an (n, N, m) array.

    The same where an affine map is folded in: rows y with images z = y A + b, support
    points u with preimages v.

    Parameters
    ----------
    Y, V : ndarray of shape (n, m) and (N, m)
    Z, U : ndarray of shape (n, p) and (N, p)
    W, H : ndarray of shape (n, N)
        Weights, and the squared distances of z and u.
    inputs : Inputs
        That hold A.

    Returns
    -------
    R : ndarray of shape (n, m)
    """
    middle, center = V.mean(axis=0), U.mean(axis=0)
    Yc, Vc, Zc, Uc = Y - middle, V - middle, Z - center, U - center
    G, B = inputs.back(Zc), inputs.back(Uc)
    near = H < NEAR * (np.sum(Zc**2, axis=1)[:, None] + np.sum(Uc**2, axis=1))
    far_W = np.where(near, 0.0, W)
    R = Yc * (G * far_W.sum(axis=1)[:, None] - far_W @ B)
    R += far_W @ (Vc * B) - G * (far_W @ Vc)

    def shares(n, k):
        return (Y[n] - V[k]) * inputs.back(Z[n] - U[k])

    _add_pairs(R, shares, W, near & (W != 0))
    return R


def _add_pairs(R, shares, W, pairs):
    """Add W_nk shares(n, k) to R for the marked pairs, block by block."""
    rows, cols = np.nonzero(pairs)
    block = max(1, pairs.size // R.shape[1])
    for start in range(0, len(rows), block):
        n, k = rows[start : start + block], cols[start : start + block]
        np.add.at(R, n, W[n, k][:, None] * shares(n, k))


def nearest(H, P):
    """min_k h_nk over the support points with a weight. Shape (n,)."""
    return np.min(H, axis=1, initial=np.inf, where=P > 0)


def soft_min(T, P, logs=None):
    """-log sum_k P_k exp(-T_k), for T >= 0 with a zero in every row. Shape (n,).

    Accurate for small and for large results alike: log1p where the sum is near 1.
    `logs` are the logs of weights P that may underflow, shape (n, N).
    """
    deficit = np.einsum("nk,nk->n", np.expm1(-T), np.broadcast_to(P, T.shape))
    out = -np.log1p(np.maximum(deficit, -0.5))
    large = deficit < -0.5
    if large.any() and logs is not None:
        out[large] = -logsumexp(logs[large] - T[large], axis=1)
    elif large.any():
        P_large = P if len(P) == 1 else P[large]
        out[large] = -np.log(np.sum(P_large * np.exp(-T[large]), axis=1))
    return out


def exponent(H, gamma):
    """gamma h, at most 1e300: exp(-gamma h) is 0 long before, and products finite."""
    with np.errstate(over="ignore"):
        T = gamma * H
    return np.minimum(T, 1e300, out=T)


def excess(H, P, gamma):
    """gamma (h_nk - min_k h_nk), and 0 where P is 0: what soft-min pooling sees."""
    return exponent(np.where(P > 0, H - nearest(H, P)[:, None], 0.0), gamma)


def log_mean_exp(H, P, gamma):
    """LME^{-gamma}: -(1/gamma) log sum_k P_k exp(-gamma h_k). Shape (n,)."""
    return nearest(H, P) + soft_min(excess(H, P, gamma), P) / gamma


def soft_argmin(H, P, beta):
    """p_k = P_k exp(-beta h_k) / sum_l P_l exp(-beta h_l). Shape (n, N)."""
    E = P * np.exp(-excess(H, P, beta))
    return E / E.sum(axis=1, keepdims=True)
