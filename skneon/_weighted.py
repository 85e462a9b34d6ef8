# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weighted statistics, for which a row of weight 0 is as good as absent."""

from typing import Any

import numpy as np

from skneon._compat import check_sample_weight
from skneon.network.numerics._types import Array


def unit_weights(sample_weight: Any, X: Array) -> Array:
    """Sample weights as floats with the sum 1; checked by `check_sample_weight`."""
    weights = check_sample_weight(sample_weight, X)
    shares: Array = weights / weights.sum()
    return shares


def total_variance(X: Array, weights: Array) -> float:
    """Sum over the columns of the weighted variance (ddof 0).

    Parameters
    ----------
    X : ndarray of shape (n, d)
    weights : ndarray of shape (n,), with the sum 1
    """
    # about one row first: where all rows are equal the variance is exactly 0
    Z = X - X[np.argmax(weights)]
    Z -= weights @ Z
    return float(weights @ np.sum(Z**2, axis=1))


def effective_sample_size(weights: Array) -> float:
    """Kish's (sum w)^2 / sum w^2: the number of rows where all weigh the same."""
    return float(weights.sum() ** 2 / np.sum(weights**2))


def weighted_quantile(values: Array, q: float, weights: Array) -> float:
    """Averaged inverse of the weighted distribution function.

    For integer weights that of the repeated values, as NumPy's
    ``method="averaged_inverted_cdf"`` gives it.

    Parameters
    ----------
    values : ndarray of shape (n,)
    q : float
        Between 0 and 1.
    weights : ndarray of shape (n,), with the sum 1
    """
    order = np.argsort(values, kind="stable")
    order = order[weights[order] > 0]
    values, cumulative = values[order], np.cumsum(weights[order])
    # the sums are rounded: those within a few units in the last place are equal
    slack = 1e-12
    last = len(values) - 1
    low = min(int(np.searchsorted(cumulative, q - slack)), last)
    high = min(int(np.searchsorted(cumulative, q + slack)), last)
    return float((values[low] + values[high]) / 2)
