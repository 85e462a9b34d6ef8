# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which columns lead a row: by relevance, or by excess over an ordinary row."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields

RANKINGS = ("excess", "relevance")
# part of the rows that is looked at where none are chosen
LARGEST = 0.05

NO_ROWS = (
    "Excess compares with ordinary rows, and the training rows are not at hand. Pass "
    "them as X_train= to explain, where the model takes them; or compare with rows of "
    "your own: reasons.beside(explain(model, X)).excess()."
)
CLUSTERS = (
    "Excess is for scores that ordinary rows have, too. The evidence for a cluster is "
    "compared with a rival already, and its members all have it: rank by relevance."
)


def excess(explanation: "Fields") -> Array:
    """See `Explanation.excess`."""
    if not isinstance(explanation.target, str):
        raise ValueError(CLUSTERS)
    if explanation.ordinary is None:
        raise ValueError(NO_ROWS)
    found: Array = explanation.relevance - explanation.ordinary.relevance
    return found


def usual_relevance(explanation: "Fields") -> Array | None:
    """What columns have in an ordinary row, (d,); None where there is no excess."""
    ordinary = explanation.ordinary
    if not isinstance(explanation.target, str) or ordinary is None or ordinary.why:
        return None
    return ordinary.relevance


def chosen_ranking(explanation: "Fields", by: str | None) -> str:
    """What to rank by; None is by excess where that says what is unusual.

    Raises
    ------
    ValueError
        For another word.
    """
    if by is None:
        return "excess" if _is_unusualness(explanation) else "relevance"
    if by not in RANKINGS:
        raise ValueError(f"by must be one of {RANKINGS}, got {by!r}.")
    return by


def _is_unusualness(explanation: "Fields") -> bool:
    """Whether the score grows with what is unusual, and ordinary rows are known."""
    target, ordinary = explanation.target, explanation.ordinary
    if not isinstance(target, str) or target == "inlier" or ordinary is None:
        return False
    return not ordinary.why


def importance(explanation: "Fields", by: str | None) -> Array:
    """What columns are ranked by, the largest first: excess, or |relevance|; (n, d)."""
    if chosen_ranking(explanation, by) == "excess":
        return excess(explanation)
    size: Array = np.abs(np.asarray(explanation.relevance))
    return size


def chosen_rows(explanation: "Fields", rows: Any) -> Array:
    """Numbers of the rows that are meant.

    Parameters
    ----------
    explanation : Explanation
    rows : float, mask, array of int, or None
        A part of the rows, those of the largest scores; or which ones. None: the 5 %
        of the largest scores, and all for clusters.

    Returns
    -------
    numbers : ndarray of int

    Raises
    ------
    ValueError
        For anything else, and where that is no row.
    """
    n = len(explanation)
    if rows is None:
        rows = LARGEST if isinstance(explanation.target, str) else np.arange(n)
    if isinstance(rows, float):
        if not 0 < rows <= 1:
            raise ValueError(f"A part of the rows is between 0 and 1, got {rows}.")
        largest = np.argsort(-explanation.score, kind="stable")
        numbers = largest[: max(1, round(rows * n))]
    else:
        numbers = _numbers(np.asarray(rows), n)
    if not len(numbers):
        raise ValueError("No rows are chosen: there is nothing to summarize.")
    return numbers


def _numbers(rows: Array, n: int) -> Array:
    if rows.dtype == bool and rows.shape == (n,):
        return np.flatnonzero(rows)
    if rows.dtype.kind not in "iu" or rows.ndim != 1:
        raise ValueError(
            f"rows must be a part between 0 and 1, a mask of {n} rows or numbers of "
            f"rows, got {rows!r}."
        )
    outside = rows[(rows < -n) | (rows >= n)]
    if len(outside):
        raise ValueError(f"Row {outside[0]} is out of range for {n} rows.")
    return rows
