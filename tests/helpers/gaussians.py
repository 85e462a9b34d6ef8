# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Slow references for Gaussian games: one submatrix and log-determinant at a time."""

from itertools import chain, combinations
from math import factorial

import numpy as np
from hypothesis import strategies as st


def coalitions(players):
    """All coalitions as tuples of players."""
    players = list(players)
    return chain.from_iterable(
        combinations(players, s) for s in range(len(players) + 1)
    )


def shapley(value, n_players):
    """Shapley values by their definition; `value` takes a tuple of players."""
    values = {S: value(S) for S in coalitions(range(n_players))}
    phi = [0.0] * n_players
    for i in range(n_players):
        for S in coalitions(j for j in range(n_players) if j != i):
            weight = factorial(len(S)) * factorial(n_players - 1 - len(S))
            joined = tuple(sorted((*S, i)))
            phi[i] += weight / factorial(n_players) * (values[joined] - values[S])
    return np.stack(phi, axis=-1)


def columns_of(S, groups):
    """Columns of the players of S, for a label per column."""
    labels = np.unique(groups)
    return np.flatnonzero(np.isin(groups, labels[list(S)]))


def distance(Z, covariance, columns):
    """Squared Mahalanobis distance of some columns, (n,)."""
    if len(columns) == 0:
        return np.zeros(len(Z))
    part = covariance[np.ix_(columns, columns)]
    inverse = np.linalg.pinv(part, rcond=1e-12, hermitian=True)
    z = Z[:, columns]
    return np.array([row @ inverse @ row for row in z])


def log_terms(X, weights, means, covariances, columns):
    """log w_k - 1/2 log det, (K,), and that less half the distance, (K, n)."""
    with np.errstate(divide="ignore"):
        at_means = np.log(weights)
    L = []
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        if len(columns):
            part = covariance[np.ix_(columns, columns)]
            at_means[k] -= np.linalg.slogdet(part)[1] / 2
        L.append(at_means[k] - distance(X - mean, covariance, columns) / 2)
    return at_means, np.stack(L)


def log_sum(values):
    """log sum exp over the first axis, without overflow."""
    top = values.max(axis=0)
    return top + np.log(np.exp(values - top).sum(axis=0))


def density_value(X, weights, means, covariances, columns):
    """-log p(x_S), less its value where all distances are 0."""
    at_means, L = log_terms(X, weights, means, covariances, columns)
    return log_sum(at_means) - log_sum(L)


def odds_value(X, weights, means, covariances, columns, own, rivals):
    """Log-odds of a component against rivals given x_S, less the prior log-odds."""
    rivals = np.flatnonzero(rivals)
    _, L = log_terms(X, weights, means, covariances, columns)
    prior = np.log(weights[own]) - np.log(weights[rivals].sum())
    return L[own] - log_sum(L[rivals]) - prior


def covariance_of(rng, d, correlation=1.0):
    """A regular covariance in columns of different units."""
    A = rng.normal(size=(d, d)) * correlation
    C = A @ A.T + np.eye(d)
    scale = np.exp(rng.uniform(-2, 2, d))
    return C * np.outer(scale, scale)


def mixture_of(rng, n_components, d, kind="full"):
    """Weights, means, covariances as scikit-learn has them, and one matrix each."""
    weights = rng.dirichlet(np.full(n_components, 3.0))
    means = rng.normal(size=(n_components, d)) * 2
    if kind == "full":
        own = np.stack([covariance_of(rng, d, 0.5) for _ in range(n_components)])
        return weights, means, own, own
    if kind == "tied":
        own = covariance_of(rng, d, 0.5)
        return weights, means, own, np.stack([own] * n_components)
    if kind == "diag":
        own = rng.uniform(0.3, 3, (n_components, d))
        return weights, means, own, np.stack([np.diag(v) for v in own])
    own = rng.uniform(0.3, 3, n_components)
    return weights, means, own, np.stack([v * np.eye(d) for v in own])


seeds = st.integers(0, 2**32 - 1)
