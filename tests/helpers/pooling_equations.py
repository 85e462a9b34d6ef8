# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The equations of poolings, written by hand."""

from functools import partial

import numpy as np
from scipy.special import logsumexp


def soft(H, log_weights):
    return -logsumexp(log_weights - H, axis=1)


def levelled(p, H, q):
    """Evidence against all other clusters, and for noise."""
    found = []
    for h, c in zip(H[:, :-1], q.cluster, strict=True):
        r = h
        if p.core is not None:
            r = np.maximum(np.maximum(h, p.core), np.sort(h)[p.n_others - 1])
        D = np.array([r[p.members == j].min() for j in range(p.n_clusters)])
        if c == p.noise:
            found.append((D - p.levels).min())
        else:
            found.append(np.delete(D, c).min() - D[c])
    return np.array(found)


def apart(p, H, q):
    """How far the nearest point of any cluster is."""
    r = H[:, :-1]
    if p.core is not None:
        kth = np.sort(r, axis=1)[:, [p.n_others - 1]]
        r = np.maximum(np.maximum(r, p.core), kth)
    return r[:, p.members >= 0].min(axis=1)


def linked(pool, p, H, q):
    """Of each row, how much farther the nearest other cluster is, by linkage."""
    found = []
    for h, c in zip(H, q.cluster, strict=True):
        there = {j: h[(p.members == j) & np.isfinite(h)] for j in range(p.n_clusters)}
        D = {j: pool(some) for j, some in there.items() if len(some)}
        found.append(min(D[j] for j in D if j != c) - D[c])
    return np.array(found)


def nearest(p, H):
    return np.sort(H, axis=1)[:, : p.n_neighbors]


def voted(p, H, q):
    """The least log-ratio of kernel-weighed votes over the rivals."""
    A = p.votes - p.votes[:, q.cluster].T[:, :, None]
    A = A * p.support_weights.weights[:, None]
    E = np.exp(-p.gamma * H)[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.log((np.maximum(A, 0) * E).sum(1) / (np.maximum(-A, 0) * E).sum(1))
    s[np.arange(len(H)), q.cluster] = np.inf
    return s.min(axis=1) / p.gamma


POOLINGS = {
    "f = min_k Σ_n h_n (B_nk − B_nc) over k ≠ c": lambda p, H, q: np.min(
        np.where(
            np.arange(p.n_clusters) == q.cluster[:, None],
            np.inf,
            H @ p.votes - np.einsum("nk,kn->n", H, p.votes[:, q.cluster])[:, None],
        ),
        axis=1,
    ),
    "f = min_k 1/γ log Σ_n π_n A_nk⁺ exp(−γ h_n) / Σ_n": voted,
    "o = −1/γ log Σ_k π_k exp(−γ h_k),": lambda p, H, q: (
        soft(p.gamma * H, np.log(p.support_weights.weights)) / p.gamma
    ),
    "o = −1/γ log Σ_k π_k exp(−γ h_k) + c,": lambda p, H, q: (
        soft(p.gamma * H, np.log(p.support_weights.weights)) / p.gamma + p.offset(q)
    ),
    "o = −log Σ_k exp(a_k − h_k)": lambda p, H, q: soft(
        H, p.support_weights.log_weights
    ),
    "f = −log Σ_k exp(a_k − a_c − h_k),  over k ≠ c": lambda p, H, q: soft(
        H,
        np.where(
            np.arange(H.shape[1]) == q.cluster[:, None],
            -np.inf,
            p.support_weights.log_weights
            - p.support_weights.log_weights[q.cluster][:, None],
        ),
    ),
    "i = Σ_k π_k h_k": lambda p, H, q: H @ p.support_weights.weights,
    "i = 1/H Σ_j h_j": lambda p, H, q: H.mean(axis=1),
    "o = 1/H Σ_j h_j": lambda p, H, q: H.mean(axis=1),
    "o = Σ_k a_k h_k + c": lambda p, H, q: H @ p.weights + p.offset(q),
    "o = Σ_j a_j h_j + c": lambda p, H, q: H @ p.weights + p.offset(q),
    "o = Σ_k h_k": lambda p, H, q: H.sum(axis=1),
    "o = Σ_k h_k + c": lambda p, H, q: H.sum(axis=1) + p.symbols["c"],
    "o = Σ_k a_k h_k": lambda p, H, q: H @ p.weights,
    "o = max_k (a_k h_k + c_k)": lambda p, H, q: (p.weights * H + p.offsets).max(
        axis=1
    ),
    "f = min_k h_k": lambda p, H, q: H.min(axis=1),
    "o = 1/n Σ_k h_k over the n nearest,": lambda p, H, q: nearest(p, H).mean(axis=1),
    "f = min_j D_j − D_c over j ≠ c,  or s λ_c − D_c against noise,": levelled,
    "o = max(κ_p, h_p),  p = argmin_k max(κ_k, h_k)": lambda p, H, q: np.maximum(
        p.core, H
    ).min(axis=1),
    "o = min_k ": apart,
    "f = min_j D_j − D_c over j ≠ c,  D_j = min_k": partial(linked, np.min),
    "f = min_j D_j − D_c over j ≠ c,  D_j = max_k": partial(linked, np.max),
    "f = min_j D_j − D_c over j ≠ c,  D_j = mean_k": partial(linked, np.mean),
    "o = the median of h_k over the n nearest,": lambda p, H, q: np.median(
        nearest(p, H), axis=1
    ),
    "o = s_c h_j,  c = argmin_k h_k, j = c or the nearest large cluster,": (
        lambda p, H, q: (
            p.sizes[H.argmin(axis=1)]
            * np.where(
                p.large[H.argmin(axis=1)],
                H.min(axis=1),
                H[:, p.large].min(axis=1),
            )
        )
    ),
    "o = h_k of the n-th nearest,": lambda p, H, q: nearest(p, H)[:, -1],
    "o = ρ̄ (1/n Σ_k max(δ_k, h_k) + 10⁻¹⁰),  ρ̄ = 1/n Σ_k ρ_k,": lambda p, H, q: (
        np.take(p.density, np.argsort(H, axis=1)[:, : p.n_neighbors]).mean(axis=1)
        * np.maximum(
            np.take(p.k_distance, np.argsort(H, axis=1)[:, : p.n_neighbors]),
            nearest(p, H),
        ).mean(axis=1)
    ),
}
