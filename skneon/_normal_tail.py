# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How heavy the tail of scores by distances is where rows are normal.

Squared distances to near rows go with the density to the power -2 / d: of d-variate
normal rows, their tail is heavier than any exponential where d is small. How much
heavier depends on the number of rows as well, since the outermost ones are alone. The
squared distance of a normal row at the radius r to another one has a noncentral
chi-square distribution of d degrees of freedom and the noncentrality r^2, of which the
distances to all others are taken to be the quantiles.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from skneon._threshold import CENSORED, MEDIAN
from skneon.network.numerics._types import Array

# the part of n rows beyond which tails are matched, times n
BEYOND = 0.05
# quantiles that stand for all distances; more columns never need a heavier tail
NODES, MOST_COLUMNS = 64, 30
SAMPLE = 1000
KERNEL, MEAN = "kernel", "mean_distance"


# what ``meta["tail"]`` of an explanation says: arguments of `normal_shape`
Tail = list[Any]


def kernel_tail(points: Array, gamma: float) -> Tail:
    """By which normal rows the tail of a density's outlierness is told."""
    d = _n_varying(points)
    # of normal rows of variance 1; the median, as some rows may be anything
    some = points[:: max(1, len(points) // SAMPLE)].astype(float)
    squares = np.sum((some - np.median(some, axis=0)) ** 2, axis=1)
    relative = gamma * float(np.median(squares) / chi2.median(max(d, 1)))
    return [KERNEL, len(points), d if 0 < relative < np.inf else 0, relative]


def neighbors_tail(points: Array, target: str, n_neighbors: int) -> Tail:
    """The same for distances to neighbours."""
    return [target, len(points), _n_varying(points), n_neighbors]


def _n_varying(points: Array) -> int:
    return int(np.count_nonzero(np.ptp(points, axis=0)))


def tail_shape(meta: Mapping[str, Any]) -> float:
    """The shape for `threshold` that ``meta["tail"]`` of an explanation says; or 0."""
    known = meta.get("tail")
    return 0.0 if known is None else normal_shape(*known)


@lru_cache(maxsize=256)
def normal_shape(kind: str, n: int, d: int, parameter: float) -> float:
    r"""Shape of the tail of the scores of n normal rows of d columns.

    Between the median m, the quantile c at 7/8 and the score q that .05 of n rows are
    expected beyond, a generalised Pareto tail of the shape :math:`\xi` has

    .. math:: \frac{q - m}{c - m} = \frac{(10 n)^\xi - 1}{4^\xi - 1}.

    Parameters
    ----------
    kind : {"kernel", "mean_distance", "kth_distance"}
        Outlierness of a density, or the mean or last of the squared distances to
        neighbours.
    n, d : int
    parameter : float
        gamma where each column has the variance 1; or the number of neighbours.

    Returns
    -------
    shape : float
        0, an exponential tail, where that is no lighter.
    """
    if not (n > 2 and 0 < d <= MOST_COLUMNS):
        return 0.0
    chances = [1 - MEDIAN, 1 - CENSORED, BEYOND / n]
    scores = [_score(kind, n, d, parameter, r) for r in chi2.isf(chances, d)]
    middle, upper, last = scores
    ratio = (last - middle) / (upper - middle) if upper > middle else np.nan
    halvings = np.log2(n / (2 * BEYOND))

    def excess(shape: float) -> float:
        return float(np.expm1(shape * halvings * np.log(2)) / np.expm1(
            2 * shape * np.log(2))) - ratio  # fmt: skip

    least, most = 1e-6, 4.0
    if not excess(least) < 0:
        return 0.0
    return float(brentq(excess, least, most)) if excess(most) > 0 else most


def _score(kind: str, n: int, d: int, parameter: float, square: float) -> float:
    """The score of a row of this squared radius."""
    if kind == KERNEL:
        parts, shares = _nodes(n)
        H = ncx2.ppf(parts, d, square)
        least = H.min()
        # the mean distance where gamma is next to 0
        beyond = np.sum(shares * np.expm1(-parameter * (H - least)))
        return float(least - np.log1p(beyond) / parameter)
    k = min(int(parameter), n)
    ranks = np.arange(k) if kind == MEAN else np.array([k - 1])
    return float(np.mean(ncx2.ppf((ranks + 0.5) / n, d, square)))


def _nodes(n: int) -> tuple[Array, Array]:
    """Quantiles in whose place all n stand, and their shares; fine for next rows."""
    ends = np.unique(np.round(np.geomspace(1, n, NODES)).astype(int))
    ends = np.concatenate([[0], ends])
    return (ends[:-1] + ends[1:]) / (2 * n), np.diff(ends) / n
