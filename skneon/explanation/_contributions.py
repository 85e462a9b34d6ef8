# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The columns that lead a row, and those of them that say something to people."""

from numbers import Number
from operator import index as as_integer
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skneon.explanation._ranking import chosen_ranking, excess, importance
from skneon.explanation._sparse_relevance import SparseRelevance
from skneon.explanation._tables import largest_parts, some_cells
from skneon.explanation._text import is_alike, is_conditional, is_missing, is_number
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields

# shares below round to 0 %
LEAST_SHARE = 0.005


class Contribution(NamedTuple):
    """One feature's part in the explanation of one row; see `Explanation.top`.

    Value, typical, own and compared_with are floats, or categories; NaN where nothing
    is known. So are excess and percentile.
    """

    feature: str
    relevance: float
    share: float
    value: object
    typical: object
    percentile: float
    excess: float
    own: object
    compared_with: object


def leading(explanation: "Fields", k: int, by: str | None) -> list[list[Contribution]]:
    """See `Explanation.top`."""
    if as_integer(k) < 1:
        raise ValueError(f"k must be at least 1, got {k}.")
    order = _first(explanation, k, by)
    make = _maker(explanation)
    return [[make(row, i) for i in some] for row, some in enumerate(order.tolist())]


def telling(explanation: "Fields", k: int, by: str | None) -> list[list[Contribution]]:
    """See `Explanation.reasons`."""
    make = _maker(explanation)
    columns = enumerate(telling_columns(explanation, k, by))
    return [[make(row, i) for i in some] for row, some in columns]


def telling_columns(
    explanation: "Fields", k: int, by: str | None = None
) -> list[list[int]]:
    """Numbers of the columns of `Explanation.reasons`, row by row."""
    if as_integer(k) < 1:
        raise ValueError(f"k must be at least 1, got {k}.")
    if isinstance(explanation.relevance, SparseRelevance):
        order = _first(explanation, k, by)
        says = np.abs(some_cells(explanation.share, order)) >= LEAST_SHARE
        return [list(row[kept]) for row, kept in zip(order, says, strict=True)]
    size = importance(explanation, by)
    says = _says_something(explanation, chosen_ranking(explanation, by))
    found = []
    for row, order in enumerate(_order(size).tolist()):
        kept = [i for i in order if says[row, i]]
        found.append(_unlike(explanation, row, kept, k))
    return found


def _first(explanation: "Fields", k: int, by: str | None) -> Array:
    """Numbers of the k columns that lead each row, (n, k)."""
    if chosen_ranking(explanation, by) == "relevance":
        return largest_parts(explanation.relevance, k)
    return _order(importance(explanation, by))[:, :k]


def _order(size: Array) -> Array:
    return np.argsort(-size, axis=1, kind="stable")


def _says_something(explanation: "Fields", by: str) -> Array:
    """Whether parts do not round to 0 %, and by excess are beyond usual; (n, d)."""
    parts = np.abs(explanation.relevance)
    if by == "excess":
        # what lowers the score by less than in an ordinary row is no reason for it
        parts = np.minimum(explanation.relevance, excess(explanation))
    finite = np.isfinite(explanation.score)
    # of an infinite score all parts are 0 %
    least = LEAST_SHARE * np.abs(np.where(finite, explanation.score, 0.0))
    says: Array = (parts > 0) & (parts >= least[:, None])
    return says


def _unlike(explanation: "Fields", row: int, columns: list[int], k: int) -> list[int]:
    """The first k of the columns whose value is another than the typical one."""
    typical = explanation.typical
    if typical is None or not isinstance(explanation.target, str):
        return columns[:k]
    found: list[int] = []
    # beside what the other columns let expect, a typical value may be unusual
    expects = is_conditional(explanation)
    for i in columns:
        value, compared = explanation.data[row, i], explanation.compared_with[row, i]
        size = abs(compared) if is_number(compared) and np.isfinite(compared) else 0.0
        alike = is_alike(value, typical[i], size)
        if expects or not alike or is_missing(typical[i]):
            found.append(i)
        if len(found) == k:
            break
    return found


def _maker(explanation: "Fields") -> Any:
    """What makes the contribution of a column of a row."""
    share, typical = explanation.share, explanation.typical
    known = explanation.ordinary is not None and isinstance(explanation.target, str)
    beyond = None
    if known and explanation.ordinary is not None and not explanation.ordinary.why:
        beyond = excess(explanation)
    percentile, own = explanation.percentile, explanation.own

    def make(row: int, i: int) -> Contribution:
        return Contribution(
            explanation.feature_names[i],
            float(explanation.relevance[row, i]),
            float(share[row, i]),
            _cell(explanation.data[row, i]),
            np.nan if typical is None else _cell(typical[i]),
            np.nan if percentile is None else float(percentile[row, i]),
            np.nan if beyond is None else float(beyond[row, i]),
            np.nan if own is None else _cell(own[row, i]),
            _cell(explanation.compared_with[row, i]),
        )

    return make


def _cell(value: Any) -> Any:
    """A number as a float, anything else as it is."""
    number = isinstance(value, Number | np.bool_)
    return float(value) if number else value
