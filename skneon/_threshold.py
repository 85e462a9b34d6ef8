# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""From which score on a training row is unusual, by a model of the scores' tail."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from scipy.optimize import brentq

from skneon._compat import Interval, validate_parameter_constraints
from skneon.network.numerics._types import Array

# with fewer rows the upper quarter is no ground for a tail
FEWEST = 20
MEDIAN = 0.5
# what lies beyond may be outliers, of which only the number counts
CENSORED = 0.875
# scores that differ by less, relative to the larger, are tied
TIED = 1e-9
LOG2 = float(np.log(2))
# counts beyond are no longer told apart
RARE = 1e6


@dataclass(frozen=True)
class Threshold:
    r"""From which score on a row is unusual among the training rows.

    Made by `threshold`. The tail of ordinary scores is taken to fall by half with every
    `step` above their `median`,

    .. math:: P(\text{score} > s) = \tfrac12 \, 2^{-(s - \text{median}) / \text{step}},

    or more slowly by a generalised Pareto tail of a `shape` :math:`\xi > 0`,

    .. math:: P(\text{score} > s) = \tfrac12 \left(1 + (2^\xi - 1)
              \frac{s - \text{median}}{\text{step}}\right)^{-1 / \xi},

    and `value` is where `alpha` of `n_rows` ordinary rows are expected beyond. It is a
    model of the tail, and no proof.

    Attributes
    ----------
    value : float
        Scores above are flagged; inf where there is no threshold.
    median : float
        Of the scores; of an even number the lower one in the middle, which keeps the
        threshold of few scores from being too low.
    step : float
        By how much a score grows from the median on while half of the rows are left;
        NaN without a threshold.
    n_rows : int
        Number of scores.
    alpha : float
        Ordinary rows that are expected beyond `value`, of `n_rows`.
    is_ratio : bool
        Whether multiples of the median mean something: no score is negative, and the
        median is above 0.
    note : str or None
        Why there is no threshold; None where there is one.
    shape : float
        0 for an exponential tail; larger for heavier ones.

    See Also
    --------
    threshold : Makes it.
    """

    value: float
    median: float
    step: float
    n_rows: int
    alpha: float
    is_ratio: bool
    note: str | None = None
    shape: float = 0.0

    def flagged(self, scores: Array) -> Array:
        """Whether scores are above the threshold.

        Parameters
        ----------
        scores : array-like of shape (n,)

        Returns
        -------
        flagged : ndarray of bool, shape (n,)
        """
        return np.asarray(scores) > self.value

    def multiple(self, scores: Array) -> Array:
        """How many times the median each score is.

        Parameters
        ----------
        scores : array-like of shape (n,)

        Returns
        -------
        multiple : ndarray of float, shape (n,)
            NaN where not `is_ratio`, as for minus a log density.
        """
        scores = np.asarray(scores, dtype=float)
        return scores / self.median if self.is_ratio else np.full_like(scores, np.nan)

    def once_in(self, scores: Array) -> Array:
        """Among how many ordinary rows one score of this size is expected.

        Parameters
        ----------
        scores : array-like of shape (n,)

        Returns
        -------
        rows : ndarray of float, shape (n,)
            2 at the median and, where the tail is exponential, twice as many with every
            `step`; at least 1. Above the largest float it is inf; NaN without a
            threshold.
        """
        scores = np.asarray(scores, dtype=float)
        with np.errstate(over="ignore", invalid="ignore"):
            steps = (scores - self.median) / self.step
            if self.shape:
                # below the median, where the tail is not meant, it may have no value
                base = np.maximum(1 + np.expm1(self.shape * LOG2) * steps, 0.0)
                return np.asarray(np.maximum(2 * base ** (1 / self.shape), 1.0))
            return np.asarray(np.maximum(2 * np.exp2(steps), 1.0))

    def words(self, score: float) -> str:
        """What a score means, in a few words.

        Parameters
        ----------
        score : float

        Returns
        -------
        words : str
            Such as "2.3 times the median; expected once in 4,000 ordinary rows".

        Examples
        --------
        >>> import numpy as np
        >>> from skneon import threshold
        >>> scores = np.random.default_rng(0).gamma(3.0, size=1000)
        >>> threshold(scores).words(10.0)
        '3.7 times the median; expected once in 140 ordinary rows'
        """
        one = np.array([score])
        multiple, once = self.multiple(one)[0], self.once_in(one)[0]
        said = []
        if np.isfinite(multiple):
            digits = 1 if multiple < 10 else 0
            said.append(f"{multiple:,.{digits}f} times the median")
        if once > RARE:
            said.append("expected less than once in a million ordinary rows")
        elif once >= 10:
            said.append(f"expected once in {_rounded(once):,} ordinary rows")
        elif once >= 1:
            said.append("as expected of ordinary rows")
        return "; ".join(said) or "no scale"


def threshold(scores: Array, alpha: float = 0.05, shape: float = 0.0) -> Threshold:
    r"""From which score on a training row is unusual among the training rows.

    Training rows among themselves have ranks that are uniform by construction: some row
    is always the most outlying. Whether it is unusual, too, needs a model of the tail,
    fitted to the body of the scores. Here it is the simplest: an exponential from the
    median m on, whose mean is estimated by maximum likelihood with the upper eighth
    censored (Epstein and Sobel 1953). With the quantile c at 7/8 that is

    .. math:: \text{step} = \ln 2 \,
              \frac{\sum_{s_k > m} (\min(s_k, c) - m)}{\#\{m < s_k \le c\}}, \qquad
              \text{value} = m + \text{step} \cdot \log_2 \frac{N}{2 \alpha}.

    Up to an eighth of the rows may be outliers, however far. Where ordinary scores have
    a rising hazard rate, as those of gamma (with shapes from 1), normal and all other
    log-concave densities have, the true tail lies below from c on (as in Barlow and
    Marshall 1964), and fewer than alpha ordinary rows are expected beyond. Scores with
    heavier tails are flagged more often: see :doc:`thresholds </thresholds>` for
    measured shares, and for what other models of the tail do.

    Parameters
    ----------
    scores : array-like of shape (n,)
        Scores of the training rows, larger for more unusual ones, each of a model
        without the row itself: ``explain(model).score``. +inf and -inf are allowed.
        Weights of the rows do not count.
    alpha : float, default=0.05
        How many of n ordinary rows are to be expected beyond the threshold; where it is
        small, also the chance that there is one. Above 0.
    shape : float, default=0
        Of a generalised Pareto tail in the place of the exponential, with the step by
        maximum likelihood as well. For scores whose ordinary tail is known to be
        heavier, as distances in few columns: `Explanation.threshold` takes that of
        normal rows, for densities and neighbours. At least 0.

    Returns
    -------
    threshold : Threshold
        Without a value, and with a note, for fewer than 20 scores, and where scores are
        tied from the median to the upper eighth.

    Raises
    ------
    ValueError
        For scores that are no vector, or hold NaN, and a bad alpha or shape.

    See Also
    --------
    p_values : For new rows.

    References
    ----------
    R. E. Barlow and A. W. Marshall: Bounds for distributions with monotone hazard rate.
    Annals of Mathematical Statistics 35, 1964. B. Epstein and M. Sobel: Life testing.
    Journal of the American Statistical Association 48, 1953.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.preprocessing import scale
    >>> from skneon import NeonKDE, explain, threshold
    >>> reasons = explain(NeonKDE().fit(scale(load_wine().data)))
    >>> limit = threshold(reasons.score)
    >>> print(f"{limit.value:.1f}, the median is {limit.median:.1f}")
    51.3, the median is 19.3
    >>> limit.words(reasons.score[121])
    '2.3 times the median; expected once in 670 ordinary rows'
    """
    validate_parameter_constraints(
        {
            "alpha": [Interval(Real, 0, None, closed="neither")],
            "shape": [Interval(Real, 0, None, closed="left")],
        },
        {"alpha": alpha, "shape": shape},
        caller_name="threshold",
    )
    scores = checked_scores(scores)
    n = len(scores)
    if n < FEWEST:
        middle = float(_quantile(scores, MEDIAN)) if n else float("nan")
        return _none(
            scores, middle, alpha, f"{n} rows are too few: a threshold needs {FEWEST}."
        )
    median = float(_quantile(scores, MEDIAN))
    step = _step(scores, median, shape)
    if np.isnan(step):
        note = "scores are tied from the median on, or infinite: there is no threshold."
        return _none(scores, median, alpha, note)
    # fewer than half of the rows are to be expected beyond
    steps = max(0.0, float(np.log2(n / (2 * alpha))))
    if shape:
        steps = float(np.expm1(shape * LOG2 * steps) / np.expm1(shape * LOG2))
    ratio = _is_ratio(scores, median)
    return Threshold(median + step * steps, median, step, n, alpha, ratio, None, shape)


def is_beyond_reach(limit: Threshold, facts: Mapping[str, Any]) -> bool:
    """Whether a threshold is higher than any score of the model can be.

    Parameters
    ----------
    limit : Threshold
    facts : mapping
        ``meta`` of an explanation, with the model's ``highest_score`` if it has one.
    """
    most = facts.get("highest_score")
    return most is not None and bool(most < limit.value < np.inf)


def checked_scores(scores: Array, name: str = "scores") -> Array:
    """Scores as floats, or a ValueError that says what they are."""
    scores = np.asarray(scores)
    if scores.ndim != 1 or scores.dtype.kind not in "fiub":
        raise ValueError(
            f"{name} must be a vector of numbers, got an array of shape "
            f"{scores.shape} and dtype {scores.dtype}."
        )
    scores = scores.astype(float)
    missing = np.flatnonzero(np.isnan(scores))
    if len(missing):
        raise ValueError(f"{name} has NaN at {missing[0]}: drop rows without a score.")
    return scores


def _quantile(scores: Array, q: float) -> float:
    # no interpolation between infinities
    return float(np.quantile(scores, q, method="inverted_cdf"))


def _step(scores: Array, median: float, shape: float) -> float:
    """What halves the share of rows beyond; NaN where scores do not say."""
    upper = _quantile(scores, CENSORED)
    if not np.isfinite([median, upper]).all():
        return float("nan")
    width, tied = upper - median, TIED * max(abs(upper), abs(median))
    if width <= tied:
        return float("nan")
    beyond = scores[scores > median + tied]
    # parts of the width, which do not overflow
    covered = (np.minimum(beyond, upper) - median) / width
    ended = np.count_nonzero(beyond <= upper + tied)
    mean = float(covered.sum() / ended)
    if shape:
        return width * _pareto_step(covered, int(ended), mean, shape)
    return LOG2 * width * mean


def _pareto_step(covered: Array, n_ended: int, mean: float, shape: float) -> float:
    """The same of a generalised Pareto tail, by maximum likelihood.

    ``covered`` are scores above the median, up to the quantile; ``n_ended`` of them
    end there or before, and of the others it is known that they are not below.
    """
    ended = np.argsort(np.argsort(covered, kind="stable"), kind="stable") < n_ended
    weights = np.where(ended, 1 + shape, 1.0)

    def slope(scale: float) -> float:
        return float(np.sum(weights * covered / (scale + shape * covered)) - n_ended)

    # at the least scale every score counts for 1 / shape, or more
    scale = float(brentq(slope, 1e-12 * mean, (1 + shape) * mean * 1.001))
    return scale * float(np.expm1(shape * LOG2)) / shape


def _is_ratio(scores: Array, median: float) -> bool:
    return bool(0 < median < np.inf and scores.min() >= 0)


def _none(scores: Array, median: float, alpha: float, note: str) -> Threshold:
    ratio = len(scores) > 0 and _is_ratio(scores, median)
    return Threshold(np.inf, median, np.nan, len(scores), alpha, ratio, note)


def _rounded(count: float) -> int:
    """A count of two significant digits."""
    unit = 10 ** (int(np.log10(count)) - 1)
    return int(round(count / unit) * unit)
