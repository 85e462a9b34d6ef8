# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Columns that are nearer to symmetric on a log scale."""

import numpy as np

from skneon.network.numerics._types import Array

# quantiles that are compared, how far apart they are at least, and how skewed
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
SPREAD, SKEWED, ROWS = 10.0, 0.3, 10


def skewed(values: Array) -> Array:
    """Which columns are positive, spread over orders of magnitude, and skewed.

    The measure is that of quantiles, (q95 + q5 - 2 q50) / (q95 - q5) (Hinkley 1975),
    which a few outliers do not move: it is above .3, and the logarithm lowers its size.
    """
    values = np.sort(values, axis=0)
    n = (~np.isnan(values)).sum(axis=0)
    columns = np.arange(values.shape[1])
    last = np.maximum(n - 1, 0)
    low, middle, high = (
        values[np.rint(q * last).astype(int), columns] for q in (LOW, MIDDLE, HIGH)
    )
    with np.errstate(all="ignore"):
        wide = (values[0] > 0) & (high >= SPREAD * low) & (n >= ROWS)
        before = _skewness(low, middle, high)
        after = _skewness(np.log(low), np.log(middle), np.log(high))
        mask: Array = wide & (before > SKEWED) & (np.abs(after) < before)
    return mask


def _skewness(low: Array, middle: Array, high: Array) -> Array:
    result: Array = (high + low - 2 * middle) / (high - low)
    return result
