# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Slow formulas written straight from the equations, in extended precision.

One query row x at a time; u support points, pi their weights, mu centroids.
"""

import itertools

import mpmath
import numpy as np

LONG = np.longdouble


def squared_differences(x, u):
    return (LONG(1) * np.asarray(x) - np.asarray(u)) ** 2


def distances(x, u):
    return squared_differences(x, u).sum(axis=1)


def log_mean_exp(h, pi, gamma):
    h, pi, gamma = LONG(1) * h, LONG(1) * np.asarray(pi), LONG(gamma)
    h, pi = h[pi > 0], pi[pi > 0] / pi.sum()
    low = h.min()
    return low - np.log1p(np.sum(pi * np.expm1(-gamma * (h - low)))) / gamma


def soft_argmin(h, pi, beta):
    e = LONG(1) * pi * np.exp(-LONG(beta) * (h - h.min()))
    return e / e.sum()


def outlier_soft_argmin(x, u, pi, gamma, beta, epsilon):
    """Chapter #3.1: relevances, and what the stabiliser dissipates."""
    squares = squared_differences(x, u)
    h = squares.sum(axis=1)
    R_k = soft_argmin(h, pi, beta) * log_mean_exp(h, pi, gamma)
    relevance = LONG(0) * squares[0]
    dissipated = LONG(0)
    for square, h_k, r_k in zip(squares, h, R_k, strict=True):
        if epsilon + h_k == 0:
            dissipated += r_k
        else:
            relevance += square / (epsilon + h_k) * r_k
            dissipated += epsilon / (epsilon + h_k) * r_k
    return relevance, dissipated


def integrated_weights(h, pi, gamma):
    """int_0^1 p_k(s) ds on geometric panels: a quadrature unlike the package's."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = np.concatenate([[0.0], 2.0 ** np.arange(-60, 1)])
    total = LONG(0) * h
    for a, b in itertools.pairwise(edges):
        for node, weight in zip(nodes, weights, strict=True):
            s = (a + b) / 2 + (b - a) / 2 * node
            total += weight * (b - a) / 2 * soft_argmin(h, pi, s * gamma)
    return total


def outlier_integrated(x, u, pi, gamma):
    squares = squared_differences(x, u)
    return integrated_weights(squares.sum(axis=1), pi, gamma) @ squares


def inlierness(x, u, pi, gamma):
    return np.sum(LONG(1) * pi * np.exp(-LONG(gamma) * distances(x, u)))


def inlier_exact(x, u, pi, gamma):
    """sum_k pi_k [A(t_k) - B(t_k) d_ki^2 / h_k], with mpmath's incomplete gamma."""
    d = len(x)
    s = mpmath.mpf(d) / 2
    squares = squared_differences(x, u).astype(float)
    relevance = [mpmath.mpf(0)] * d
    for pi_k, square in zip(pi, squares, strict=True):
        h = mpmath.fsum(square)
        t = gamma * h
        if t == 0:
            A, B = 1 / (2 * s), mpmath.mpf(0)
        else:
            A = mpmath.gammainc(s, 0, t) / (2 * t**s)
            B = mpmath.gammainc(s + 1, 0, t) / t**s
        for i in range(d):
            relevance[i] += pi_k * (A - (B * square[i] / h if h > 0 else 0))
    return np.array([float(r) for r in relevance])


def random_features(x, u, pi, omega, phase):
    """Chapter #3.3, feature by feature: relevances, and the standard errors."""
    n_components = len(omega)
    terms = []
    for w, b in zip(omega, phase, strict=True):
        mean = np.sum(pi * np.sqrt(2) * np.cos(u @ w + b))
        h = np.sqrt(2) * np.cos(x @ w + b) * mean
        terms.append(w**2 / np.sum(w**2) * h / n_components)
    terms = np.array(terms)
    return terms.sum(axis=0), np.std(terms, axis=0, ddof=1) * np.sqrt(n_components)


def evidence_units(x, mu, c, rival=None):
    """Rivals k, and h_k = |x - mu_k|^2 - |x - mu_c|^2."""
    rivals = [k for k in range(len(mu)) if k != c] if rival is None else [rival]
    x, mu = LONG(1) * x, LONG(1) * mu
    h = [np.sum((mu[c] - mu[k]) * (2 * x - mu[c] - mu[k])) for k in rivals]
    return rivals, np.array(h)


def cluster_evidence(x, mu, c, rule, beta, rival=None):
    """Chapter #4.1 and arXiv 1906.07633: evidence, relevances, dissipated part."""
    rivals, h = evidence_units(x, mu, c, rival)
    relevance = LONG(0) * np.asarray(x)
    if not rivals:
        return np.inf, relevance, np.inf
    f = h.min()
    p = soft_argmin(h, np.ones(len(h)), beta)
    dissipated = LONG(0)
    for k, h_k, p_k in zip(rivals, h, p, strict=True):
        w = 2 * (LONG(1) * mu[c] - mu[k])
        if rule == "w-square":
            if np.any(w != 0):
                relevance += w**2 / np.sum(w**2) * p_k * f
            else:
                dissipated += p_k * f
        else:
            m = (LONG(1) * mu[c] + mu[k]) / 2
            ratio = (
                np.clip(f / h_k, -1, 1) if h_k != 0 else (1 if f == 0 else np.sign(f))
            )
            relevance += ratio * p_k * (x - m) * w
            dissipated += p_k * (f - ratio * h_k)
    return f, relevance, dissipated


def defined_ratio(R, terms):
    """R over the sum of the terms, NaN where that is 0 or nothing but rounding."""
    whole = terms.sum()
    none = abs(whole) <= 1e-10 * np.abs(terms).sum()
    # terms that all are 0 have no share to be undefined
    return np.nan if none and np.any(terms != 0) else R / (whole or LONG(1))


def outlier_activations(a, u, pi, gamma, p):
    """Chapter A.1 as printed: relevances, and the sum of the R_k^res.

    The relevances are NaN where a denominator vanishes.
    """
    a, u = LONG(1) * np.asarray(a), LONG(1) * np.asarray(u)
    h = distances(a, u)
    relevance, residual = 0 * a, LONG(0)
    for p_k, u_k, h_k in zip(p, u, h, strict=True):
        terms = a * (a - u_k)
        R_dot = p_k * terms.sum()
        relevance += terms * defined_ratio(R_dot, terms)
        residual += p_k * (u_k @ (u_k - a) + log_mean_exp(h - h_k, pi, gamma))
    return relevance, residual


def inlier_activations(a, u, pi, omega, b, epsilon):
    """Chapter A.2 as printed: terms by feature, R_j, and what epsilon dissipates."""
    n_components = len(omega)
    terms, R, dissipated = [], [], LONG(0)
    for w_j, b_j in zip(LONG(1) * omega, LONG(1) * b, strict=True):
        mean = np.sum(pi * np.sqrt(LONG(2)) * np.cos(u @ w_j + b_j))
        c = np.sqrt(LONG(2)) * mean / n_components
        theta = np.sum(a * w_j)
        R_sin = -np.sin(theta) * np.sin(b_j) * c
        R_cos = np.cos(theta) * np.cos(b_j) * c
        epsilon_j = epsilon if theta >= 0 else -epsilon
        share = a * w_j / (epsilon_j + theta)
        terms.append(a * w_j / theta * R_sin + share * R_cos)
        R.append(R_sin + R_cos)
        dissipated += epsilon_j / (epsilon_j + theta) * R_cos
    return np.array(terms), np.array(R), dissipated


def cluster_activations(a, mu, c, beta, rival=None):
    """Chapter A.3 as printed: relevances, and the sum of the R_k^res.

    The relevances are NaN where a denominator vanishes.
    """
    rivals, h = evidence_units(a, mu, c, rival)
    a, mu = LONG(1) * np.asarray(a), LONG(1) * np.asarray(mu)
    relevance, residual = 0 * a, LONG(0)
    if not rivals:
        return relevance, LONG(np.inf)
    p = soft_argmin(h, np.ones(len(h)), beta)
    for k, p_k, h_k in zip(rivals, p, h, strict=True):
        w, b = 2 * (mu[c] - mu[k]), mu[k] @ mu[k] - mu[c] @ mu[c]
        R_dot = p_k * (a @ w)
        relevance += a * w * defined_ratio(R_dot, a * w)
        residual += p_k * (b + np.min(h - h_k))
    return relevance, residual
