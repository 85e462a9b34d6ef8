# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows of a density that stand out once some rows next to them are left out, too.

Two rows that are far off together are ordinary in a stiff density, each by the other:
outliers mask one another. The remedy has two passes, as in the forward searches of
Hadi (1992) and the block-wise one of Billor, Hadi and Velleman (2000): rows are
suspected by scores that their next rows do not enter, and then judged by the density
of all rows that are not suspected.

A. S. Hadi: Identifying multiple outliers in multivariate data. Journal of the Royal
Statistical Society B 54, 1992. N. Billor, A. S. Hadi, P. F. Velleman: BACON: blocked
adaptive computationally efficient outlier nominators. Computational Statistics and
Data Analysis 34, 2000.
"""

from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.neighbors import NearestNeighbors

from skneon._threshold import CENSORED, threshold
from skneon.network.numerics._soft_min import squared_distances
from skneon.network.numerics._types import Array

# the option of `neuralize`
SUSPECTS = "suspects"
# rows that are left out beside a row itself, at most
NEXT = 4
# a smaller part of a sum is summed by itself: differences would lose its digits
LEAST_PART = 1e-3
TINY = np.finfo(float).tiny
# cells of the distances that are summed at once
CELLS = 2_000_000


def suspected(
    points: Array,
    weights: Array,
    gamma: float,
    scores: Array,
    squared: bool = True,
    rtol: float = 0.0,
    shape: float = 0.0,
) -> Array:
    r"""Which rows stand out with up to four of the rows next to them left out.

    The score of a row :math:`x_i` without itself and the set :math:`N_k(i)` of the k
    rows next to it is

    .. math:: o_k(x_i) = -\frac1\gamma \log
              \frac{\sum_{j \ne i, j \notin N_k(i)} \pi_j e^{-\gamma h(x_i, x_j)}}
              {\sum_{j \ne i, j \notin N_k(i)} \pi_j},

    with the (squared) distance h. Suspected are rows whose score is beyond
    `skneon.threshold` of these scores of all rows, for one k from 0 to 4.

    Parameters
    ----------
    points : ndarray of shape (N, d)
    weights : ndarray of shape (N,), with the sum 1
        Positive.
    gamma : float
    scores : ndarray of shape (N,)
        :math:`o_0`, each row left out of its own model.
    squared : bool, default=True
        Whether h is the squared distance.
    rtol : float, default=0
        The part of the sums that `scores` may miss.
    shape : float, default=0
        Of the tail of ordinary scores, as in `skneon.threshold`.

    Returns
    -------
    suspected : ndarray of bool, shape (N,)
        None where these would be more than an eighth of the rows, as many as a
        threshold takes for outliers: these are a part of the table.
    """
    n, found = len(points), threshold(scores, shape=shape).flagged(scores)
    k = min(NEXT, n - 2)
    if k < 1:
        return np.zeros(n, dtype=bool)
    for further in _scores_without_next(
        points, weights, gamma, scores, k, squared, rtol
    ):
        found |= threshold(further, shape=shape).flagged(further)
    return found if found.mean() <= 1 - CENSORED else np.zeros(n, dtype=bool)


def is_suspects(groups: Any) -> bool:
    """Whether labels of groups are asked for by this name; others are refused."""
    if isinstance(groups, str) and groups != SUSPECTS:
        raise ValueError(
            f"groups must be labels of the training rows, or {SUSPECTS!r}, got "
            f"{groups!r}."
        )
    return isinstance(groups, str)


def as_groups(suspects: Array) -> Array:
    """Labels by which suspected rows are left out together, others one by one."""
    labels = np.arange(len(suspects))
    labels[suspects] = len(suspects)
    return labels


def a_suspect(network: Any) -> int:
    """Number of a row with which all suspected ones are left out, -1 for none."""
    if network.facts().get("n_suspects", 0) < 2:
        return -1
    groups = getattr(network, "last", network).training.absent
    together = np.bincount(groups[groups >= 0]).argmax()
    return int(np.flatnonzero(groups == together)[0])


def _scores_without_next(
    points: Array,
    weights: Array,
    gamma: float,
    scores: Array,
    k: int,
    squared: bool,
    rtol: float,
) -> Array:
    """Scores without 1, 2, ..., k of the next rows, (k, N)."""
    near = NearestNeighbors(n_neighbors=k).fit(points).kneighbors()[1].T
    H = np.stack([_lengths(points - points[column], squared) for column in near])
    # of very unequal weights nothing may be left, but for rounding
    left = np.maximum(1 - weights - np.cumsum(weights[near], axis=0), TINY)
    first = H[0]
    terms = weights[near] * np.exp(-gamma * (H - first))
    # scores are never below the distance to the next row
    whole = (1 - weights) * np.exp(-gamma * np.maximum(scores - first, 0))
    rest = whole - np.cumsum(terms, axis=0)
    few = np.flatnonzero(~(rest[-1] > max(LEAST_PART, 10 * rtol) * whole))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = first - np.log(rest / left) / gamma
    size = max(1, CELLS // len(points))
    for start in range(0, len(few), size):
        rows = few[start : start + size]
        H = squared_distances(points[rows], points)
        H = H if squared else np.sqrt(H)
        np.put_along_axis(H, rows[:, None], np.inf, axis=1)
        for number in range(k):
            np.put_along_axis(H, near[number, rows][:, None], np.inf, axis=1)
            logs = logsumexp(-gamma * H, axis=1, b=weights)
            found[number, rows] = -(logs - np.log(left[number, rows])) / gamma
    return found


def _lengths(gaps: Array, squared: bool) -> Array:
    squares: Array = np.einsum("ij,ij->i", gaps, gaps)
    return squares if squared else np.sqrt(squares)
