# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How unusual new rows are among the training rows: conformal p-values."""

from numbers import Real

import numpy as np

from skneon._compat import Interval, validate_parameter_constraints
from skneon._threshold import checked_scores
from skneon.network.numerics._types import Array

# share of ordinary rows that are flagged where nothing else is asked for
ALPHA = 0.05
LEVEL = Interval(Real, 0, 1, closed="neither")


def p_values(scores: Array, training_scores: Array) -> Array:
    r"""How unusual new rows are among the training rows: conformal p-values.

    .. math:: p(x) = \frac{1 + \#\{k : s_k \ge s(x)\}}{N + 1}

    for the scores :math:`s_k` of N rows that the model of s(x) has not seen. Where a
    new row is exchangeable with them, :math:`p \le \alpha` has at most the chance
    alpha, whatever the model and the distribution (Vovk, Gammerman, Shafer 2005). The
    p-values of several new rows, which share the :math:`s_k`, are positively dependent,
    under which the procedure of Benjamini and Hochberg (1995) holds its false discovery
    rate (Bates, Candès, Lei, Romano, Sesia 2023).

    That is exact for held-out rows ("split conformal"). With training rows, each scored
    by the model without it, nothing is given away, but s(x) comes from a model of one
    row more, and the guarantee is a close approximation ("jackknife"; Barber, Candès,
    Ramdas, Tibshirani 2021 on the difference); for models that score training rows with
    themselves p-values are too small where one row counts. See
    :doc:`thresholds </thresholds>` for measured levels.

    Parameters
    ----------
    scores : array-like of shape (n,)
        Scores of new rows, larger for more unusual ones.
    training_scores : array-like of shape (N,)
        Scores of held-out rows, or of training rows, each of a model without the row.

    Returns
    -------
    p : ndarray of shape (n,)
        At least 1 / (N + 1): less needs more training rows. Ties count as more unusual,
        which makes p larger.

    Raises
    ------
    ValueError
        For scores that are no vectors or hold NaN, and where there are no training
        scores.

    Notes
    -----
    Rows must be exchangeable: not, for example, a drifting series, or a training table
    of selected rows. Unusual rows among the training rows make p larger, never smaller:
    fewer rows are flagged.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer: Algorithmic Learning in a Random World. 2005.

    S. Bates, E. Candès, L. Lei, Y. Romano, M. Sesia: Testing for outliers with
    conformal p-values. Annals of Statistics 51, 2023.

    Y. Benjamini, Y. Hochberg: Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 1995.

    R. F. Barber, E. J. Candès, A. Ramdas, R. J. Tibshirani: Predictive inference with
    the jackknife+. Annals of Statistics 49, 2021.

    Examples
    --------
    Scores of any kind, beside those of rows held out for that:

    >>> from sklearn.datasets import load_wine
    >>> from sklearn.ensemble import IsolationForest
    >>> from skneon import p_values
    >>> X = load_wine().data
    >>> forest = IsolationForest(random_state=0).fit(X[::2])
    >>> p = p_values(-forest.score_samples(2 * X[1::2]), -forest.score_samples(X[1::2]))
    >>> round(float(p.min()), 4)
    0.0111
    """
    scores = checked_scores(scores)
    ordered = np.sort(checked_scores(training_scores, "training_scores"))
    n = len(ordered)
    if n == 0:
        raise ValueError("training_scores is empty: p-values need training rows.")
    at_least = n - np.searchsorted(ordered, scores, side="left")
    return np.asarray((1 + at_least) / (n + 1))


def flagged_by(p: Array, alpha: float | None, fdr: float | None) -> Array:
    """Which rows are flagged, by their p-values.

    Parameters
    ----------
    p : ndarray of shape (n,)
    alpha : float or None
        The share of ordinary rows that is flagged; .05 where both are None.
    fdr : float or None
        The share of ordinary rows among those that are flagged, by the procedure of
        Benjamini and Hochberg over the n rows.

    Returns
    -------
    flagged : ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        For both, and levels that are not between 0 and 1.
    """
    levels = {"alpha": alpha, "fdr": fdr}
    given = {name: level for name, level in levels.items() if level is not None}
    if len(given) == 2:
        raise ValueError(
            f"alpha={alpha} and fdr={fdr} are two ways to flag rows: give one of them."
        )
    constraints = {name: [LEVEL] for name in given}
    validate_parameter_constraints(constraints, given, caller_name="flagged")
    if fdr is None:
        return p <= (ALPHA if alpha is None else alpha)
    ordered = np.sort(p)
    below = ordered <= fdr * np.arange(1, len(p) + 1) / len(p)
    return np.asarray(p <= np.max(ordered[below], initial=0.0))
