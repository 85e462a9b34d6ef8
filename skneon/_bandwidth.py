# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Kernel coefficients gamma = 1 / (2 bandwidth^2) that follow from the data."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from skneon._likelihood import likeliest_gamma
from skneon._weighted import effective_sample_size, total_variance, weighted_quantile
from skneon.network.numerics._types import Array

GAMMAS = {"scale", "scott", "silverman", "nearest", "likelihood"}


def kernel_coefficient(rule: float | str, X: Array, weights: Array) -> float:
    """Gamma as it is given, or as it follows from the data.

    Parameters
    ----------
    rule : float or {"scale", "scott", "silverman", "nearest", "likelihood"}
    X : ndarray of shape (n, d)
    weights : ndarray of shape (n,)

    Returns
    -------
    gamma : float
        1 where the data has no spread.
    """
    if not isinstance(rule, str):
        return float(rule)
    if rule == "likelihood":
        gamma = likeliest_gamma(X, weights)
        return gamma if 0 < gamma < np.inf else 1.0
    if rule == "nearest":
        return _inverse(_median_square(X.astype(float, copy=False), weights))
    if rule == "scale":
        return _inverse(total_variance(X.astype(float, copy=False), weights))
    n, d = effective_sample_size(weights), X.shape[1]
    if rule == "silverman":
        n *= (d + 2) / 4
    # bandwidth n^(-1 / (d + 4))
    return float(0.5 * n ** (2 / (d + 4)))


def _median_square(X: Array, weights: Array) -> float:
    """Weighted median of the squared distances to the nearest row that differs.

    Rows of weight 0 do not count, as neighbours neither.
    """
    X, weights = X[weights > 0], weights[weights > 0]
    rows, of = np.unique(X, axis=0, return_inverse=True)
    if len(rows) < 2:
        return 0.0
    # scaled, so that squares neither overflow nor vanish
    rows = rows - rows.mean(axis=0)
    scale = np.abs(rows).max() or 1.0
    found, _ = NearestNeighbors(n_neighbors=1).fit(rows / scale).kneighbors()
    return weighted_quantile((found[:, 0] * scale)[of.ravel()] ** 2, 0.5, weights)


def _inverse(square: float) -> float:
    with np.errstate(all="ignore"):
        gamma = np.divide(1.0, square)
    return float(gamma) if np.isfinite(gamma) else 1.0
