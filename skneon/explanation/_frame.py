# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as DataFrames: a row per row, or a row per row and feature."""

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
from skneon.explanation._ranking import excess, importance
from skneon.explanation._sparse_relevance import (
    SparseRelevance,
    places,
    stored_cells,
)
from skneon.explanation._tables import filled
from skneon.explanation._text import is_missing
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation

# what the cells are called that sparse rows do not store
OTHERS = "(all others)"
LONG = (
    "feature", "relevance", "excess", "share", "rank",
    "value", "typical", "percentile", "own", "compared_with",
)  # fmt: skip


def wide_frame(explanation: "Explanation") -> Any:
    """See `Explanation.to_frame`."""
    pandas = import_optional("pandas", "pandas")
    frame = pandas.DataFrame(
        filled(explanation.relevance),
        columns=explanation.feature_names,
        index=_frame_index(explanation, pandas),
    )
    for name in ("score", "residual"):
        free = name
        while free in frame:
            free += "_"
        frame[free] = getattr(explanation, name)
    return frame


def long_frame(explanation: "Explanation") -> Any:
    """See `Explanation.to_frame`."""
    pandas = import_optional("pandas", "pandas")
    is_sparse = isinstance(explanation.relevance, SparseRelevance)
    numbers, columns = (_stored_cells if is_sparse else _all_cells)(explanation)
    labels = _row_columns(explanation, pandas)
    frame = pandas.DataFrame({name: labels[name][numbers] for name in labels})
    for name in LONG:
        frame[name] = columns[name]
    return frame


def _all_cells(explanation: "Explanation") -> tuple[Array, dict[str, Array]]:
    """Row of each cell, and the columns of the long frame."""
    n, d = explanation.relevance.shape
    cells = _compared(explanation)
    if any(values.dtype.kind not in "fiu" for values in cells.values()):
        # a column of a database has one type
        cells = {name: _texts(values) for name, values in cells.items()}
    return np.repeat(np.arange(n), d), {
        "feature": np.tile(np.array(explanation.feature_names, dtype=object), n),
        "relevance": explanation.relevance.ravel(),
        "excess": _known_excess(explanation).ravel(),
        "share": explanation.share.ravel(),
        "rank": _ranks(importance(explanation, None)).ravel(),
        "percentile": _or_nan(explanation.percentile, n, d).ravel(),
        **{name: values.ravel() for name, values in cells.items()},
    }


def _compared(explanation: "Explanation") -> dict[str, Array]:
    """Values and what they compare with, (n, d) each; NaN where nothing is known."""
    n, d = explanation.relevance.shape
    typical = explanation.typical
    return {
        "value": explanation.data,
        "typical": _or_nan(None if typical is None else np.tile(typical, (n, 1)), n, d),
        "own": _or_nan(explanation.own, n, d),
        "compared_with": explanation.compared_with,
    }


def _or_nan(values: Array | None, n: int, d: int) -> Array:
    return np.full((n, d), np.nan) if values is None else values


def _known_excess(explanation: "Explanation") -> Array:
    """Excess, NaN where there is none."""
    try:
        return excess(explanation)
    except ValueError:
        return np.full(explanation.relevance.shape, np.nan)


def _ranks(size: Array) -> Array:
    """Places of the columns in each row, 1 for the largest; (n, d)."""
    order = np.argsort(-size, axis=1, kind="stable")
    ranks = np.empty(size.shape, dtype=int)
    np.put_along_axis(ranks, order, np.arange(1, size.shape[1] + 1)[None], axis=1)
    return ranks


def _stored_cells(explanation: "Explanation") -> tuple[Array, dict[str, Array]]:
    """The same of the cells that are stored; at last in each row the sum of others."""
    relevance: Any = explanation.relevance
    share: Any = explanation.share
    rows, features = places(relevance.stored)
    n = len(explanation)
    names = np.array([*explanation.feature_names, None], dtype=object)
    names[-1] = OTHERS
    while names[-1] in explanation.feature_names:
        names[-1] += "_"
    others, nothing = np.arange(n), np.zeros(n)
    own, unknown = explanation.own, np.full(n, np.nan)
    known = {
        "feature": (names[features], np.full(n, names[-1])),
        "relevance": (relevance.present.data, relevance.absent),
        "share": (share.present.data, share.absent),
        "value": (stored_cells(explanation.data, rows, features), nothing),
        "compared_with": (explanation.compared_with[rows, features], unknown),
    }
    if own is not None:
        known["own"] = own[rows, features], unknown
    numbers = np.concatenate([rows, others])
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    columns = {name: np.concatenate(both)[order] for name, both in known.items()}
    lacking = [name for name in LONG if name not in columns]
    columns |= dict.fromkeys(lacking, np.full(len(numbers), np.nan))
    columns["rank"] = _ranks_within(numbers, np.abs(columns["relevance"]))
    return numbers, columns


def _ranks_within(rows: Array, size: Array) -> Array:
    """Places of cells among those of their row, 1 for the largest; rows ascend."""
    order = np.lexsort((-size, rows))
    starts = np.searchsorted(rows, rows[order])
    ranks = np.empty(len(rows), dtype=int)
    ranks[order] = np.arange(len(rows)) - starts + 1
    return ranks


def _frame_index(explanation: "Explanation", pandas: Any) -> Any:
    """The row labels as pandas has them, with their levels and names."""
    labels, names = explanation.index, explanation.index_names
    if labels is None:
        return None
    if names is None or len(names) == 1:
        name = None if names is None else names[0]
        return pandas.Index(labels, name=name, tupleize_cols=False)
    return pandas.MultiIndex.from_tuples(list(labels), names=names)


def _row_columns(explanation: "Explanation", pandas: Any) -> dict[str, Any]:
    """Columns that name the rows: "row", or one per level of the labels."""
    index = _frame_index(explanation, pandas)
    if index is None:
        index = pandas.RangeIndex(len(explanation))
    if index.nlevels == 1:
        return {"row": index}
    columns: dict[str, Any] = {}
    for i, name in enumerate(index.names):
        text = f"row_{i}" if name is None else str(name)
        while text in (*LONG, *columns):
            text += "_"
        columns[text] = index.get_level_values(i)
    return columns


def _texts(cells: Array) -> Array:
    """Cells as texts from which numbers can be read again; None for missing ones."""
    texts = np.empty(cells.shape, dtype=object)
    for place, value in np.ndenumerate(cells):
        texts[place] = None if is_missing(value) else _text(value)
    return texts


def _text(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    number = isinstance(plain, Real) and not isinstance(plain, bool)
    return repr(float(plain)) if number else str(value)
