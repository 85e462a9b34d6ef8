# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as DataFrames: a row per row, or a row per row and feature."""

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
from skneon.explanation._text import is_missing
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation

LONG = ("feature", "relevance", "share", "value", "compared_with")


def wide_frame(explanation: "Explanation") -> Any:
    """See `Explanation.to_frame`."""
    pandas = import_optional("pandas", "pandas")
    frame = pandas.DataFrame(
        np.array(explanation.relevance),
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
    n, d = explanation.relevance.shape
    numbers = np.repeat(np.arange(n), d)
    values = [explanation.data, explanation.compared_with]
    if any(cells.dtype.kind not in "fiu" for cells in values):
        # a column of a database has one type
        values = [_texts(cells) for cells in values]
    columns: list[Any] = [
        np.tile(np.array(explanation.feature_names, dtype=object), n),
        explanation.relevance.ravel(),
        explanation.share.ravel(),
        *(cells.ravel() for cells in values),
    ]
    labels = _row_columns(explanation, pandas)
    frame = pandas.DataFrame({name: labels[name][numbers] for name in labels})
    for name, column in zip(LONG, columns, strict=True):
        frame[name] = column
    return frame


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
