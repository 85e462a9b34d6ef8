# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as DataFrames: a row per row, or a row per row and feature."""

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
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
LONG = ("feature", "relevance", "share", "value", "typical")


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
    for name, column in zip(LONG, columns, strict=True):
        frame[name] = column
    return frame


def _all_cells(explanation: "Explanation") -> tuple[Array, list[Array]]:
    """Row of each cell, and the columns of the long frame."""
    n, d = explanation.relevance.shape
    values = [explanation.data, explanation.reference]
    if any(cells.dtype.kind not in "fiu" for cells in values):
        # a column of a database has one type
        values = [_texts(cells) for cells in values]
    return np.repeat(np.arange(n), d), [
        np.tile(np.array(explanation.feature_names, dtype=object), n),
        explanation.relevance.ravel(),
        explanation.share.ravel(),
        *(cells.ravel() for cells in values),
    ]


def _stored_cells(explanation: "Explanation") -> tuple[Array, list[Array]]:
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
    columns = [
        (names[features], np.full(n, names[-1])),
        (relevance.present.data, relevance.absent),
        (share.present.data, share.absent),
        (stored_cells(explanation.data, rows, features), nothing),
        (explanation.reference[rows, features], np.full(n, np.nan)),
    ]
    numbers = np.concatenate([rows, others])
    order = np.argsort(numbers, kind="stable")
    return numbers[order], [np.concatenate(both)[order] for both in columns]


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
