# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How far relevances are from a reference, and from adding up."""

from collections.abc import Callable
from typing import Any, overload

import numpy as np

from skneon.metrics._games import Game
from skneon.network.numerics._types import Array, Table

AVERAGES: dict[str | None, Callable[[Array], Any]] = {
    "median": np.median,
    "mean": np.mean,
    None: np.asarray,
}


@overload
def relevance_distance(
    relevance: Any, reference: Any, average: str = "median"
) -> np.float64: ...
@overload
def relevance_distance(relevance: Any, reference: Any, average: None) -> Array: ...
def relevance_distance(
    relevance: Any, reference: Any, average: str | None = "median"
) -> np.float64 | Array:
    r"""Relative L1 distance of relevances to reference relevances.

    .. math:: \sum_i |R_i - \phi_i| \, / \, \sum_i |\phi_i|

    row by row; 0 where both are 0, inf where only the reference is.

    Parameters
    ----------
    relevance, reference : Explanation or array-like of shape (n, d)
    average : {"median", "mean"} or None, default="median"
        Over the rows; None gives each row's distance.

    Returns
    -------
    distance : float, or ndarray of shape (n,)

    Raises
    ------
    ValueError
        For different shapes, no rows, values that are not finite, or an unknown
        `average`.

    Examples
    --------
    >>> from skneon.metrics import relevance_distance
    >>> relevance_distance([[1.0, 2.0]], [[1.5, 1.5]]).round(3)
    np.float64(0.333)
    """
    relevance = np.asarray(relevance, dtype=float)
    reference = np.asarray(reference, dtype=float)
    if relevance.shape != reference.shape or relevance.ndim != 2:
        raise ValueError(
            "relevance and reference must have the same shape (n, d), got "
            f"{relevance.shape} and {reference.shape}."
        )
    if not len(relevance) or not np.isfinite([relevance, reference]).all():
        raise ValueError(
            "relevance and reference must have at least one row, and no NaN or "
            "infinite values."
        )
    if average not in AVERAGES:
        raise ValueError(f"average must be 'median', 'mean' or None, got {average!r}.")
    difference = np.abs(relevance - reference).sum(axis=1)
    distance: np.float64 | Array = AVERAGES[average](
        _ratio(difference, np.abs(reference).sum(axis=1))
    )
    return distance


def conservation_error(
    model: Any, X: Table = None, relevance: Any = None, **options: Any
) -> float:
    r"""Largest error of the sum, over rows, relative to the sizes of the relevances.

    .. math:: | f - c - \sum_i R_i | \, / \, \sum_i |R_i|

    where f is the score and c its constant, which no column carries and which is no
    loss: of -log p what it is where all distances are 0, of log-odds the prior ones
    (by rule "mean" those where all distances are equal), else 0.

    Parameters
    ----------
    model : fitted estimator or network
        Any model that `neuralize` takes, or its network.
    X : array-like of shape (n, d), default=None
        None: the training rows, for density models each left out of its own model.
    relevance : Explanation or array-like of shape (n, d), default=None
        None: the model's own.
    **options
        As in `skneon.explain`: ``target``, ``cluster``, ``rival``, ...

    Returns
    -------
    error : float
        0 for conservative rules but for rounding; for others what a stabiliser
        dissipates or a sample misses, what the "interventional" rule leaves as the
        evidence of an average row, or what a local outlier factor owes to the
        neighbours' k-distances.
        inf where the score is infinite.

    Raises
    ------
    ValueError
        For bad rows, and relevances of another shape or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon import NeonKDE
    >>> from skneon.metrics import conservation_error
    >>> from skneon.network import SoftArgmin
    >>> X = np.random.default_rng(0).normal(size=(50, 4))
    >>> kde = NeonKDE().fit(X)
    >>> bool(conservation_error(kde) < 1e-12)
    True
    >>> bool(conservation_error(kde, rule=SoftArgmin(epsilon=1.0)) > 0.1)
    True
    """
    game = Game.of(model, X, options)
    propagation = game.propagation()
    own = propagation.relevance
    relevance = own if relevance is None else game.relevance(relevance)
    return float(sum_error(game.shared(propagation.score), relevance).max())


def sum_error(shared: Array, relevance: Array) -> Array:
    """Error of the sum of each row's relevances, relative to their sizes; (n,)."""
    missed = np.abs(shared - relevance.sum(axis=1))
    return _ratio(missed, np.abs(relevance).sum(axis=1))


def _ratio(part: Array, whole: Array) -> Array:
    """part / whole; 0 where both are 0, inf where only the whole is."""
    out = np.where(part > 0, np.inf, 0.0)
    return np.divide(part, whole, out=out, where=whole > 0)
