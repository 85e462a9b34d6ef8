# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of any make: arrays, sparse matrices, frames.

pandas and its like are read by position, as their columns may have any names; other
frames, such as those of polars and pyarrow, through narwhals.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import narwhals as nw
import numpy as np
from scipy.sparse import issparse

from skneon._lazy import refuse_lazy
from skneon.network.numerics._table_cells import dense, is_missing
from skneon.network.numerics._types import Array, Table


def column_names(X: Table) -> list[Any] | None:
    """Names of the columns of a frame, None for other containers."""
    frame = frame_of(X)
    return list(X.columns if frame is None else frame.columns) if is_frame(X) else None


def is_frame(X: Table) -> bool:
    """Whether a table has named columns."""
    return hasattr(X, "columns") and not issparse(X)


def frame_of(X: Table) -> nw.DataFrame[Any] | None:
    """A frame as narwhals has it; None for pandas' frames, their like, and others.

    Raises
    ------
    TypeError
        For a lazy frame.
    """
    refuse_lazy(X)
    if not is_frame(X) or hasattr(X, "iloc"):
        return None
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame) else None


def first_places(names: Iterable[Hashable]) -> dict[Hashable, int]:
    """The number of each name; of a name that several have, the first."""
    return {name: i for i, name in reversed(list(enumerate(names)))}


def as_table(X: Table, names: Sequence[Any] | Array | None = None) -> Array:
    """The cells of a table as an array that has them as they are, NaN for missing ones.

    Parameters
    ----------
    X : table of shape (n, d)
    names : array-like of str, or None
        Columns to take from a frame, in that order; those that it lacks are NaN.

    Returns
    -------
    table : ndarray of shape (n, d)
        Of floats where all cells are numbers or missing, else of objects.
    """
    if hasattr(X, "toarray"):
        cells: Array = X.toarray()
        return cells
    given = column_names(X)
    if given is None:
        # lists of numbers and texts stay what they are
        return as_floats(np.array(X, dtype=getattr(X, "dtype", object)))
    columns: Sequence[int | None] = range(len(given))
    if names is not None and list(names) != given:
        columns = list(map(first_places(given).get, names))
    frame = frame_of(X)
    source = X if frame is None else frame
    if _has_numbers_alone(source) and None not in columns:
        # one step for all columns, of which there may be many
        numbers = np.asarray(source.to_numpy(), float)
        return numbers[:, np.array(columns, dtype=int)]
    table = np.full((len(X), len(columns)), np.nan, dtype=object)
    for i, column in enumerate(columns):
        if column is not None:
            table[:, i] = _cells(source, column)
    return as_floats(table)


def _has_numbers_alone(X: Table) -> bool:
    """Whether all columns of a frame are of number types, without a mask."""
    if isinstance(X, nw.DataFrame):
        columns = X.iter_columns()
        return all(c.dtype.is_numeric() and not c.null_count() for c in columns)
    dtypes = X.dtypes if hasattr(X, "isetitem") else [None]
    return all(isinstance(t, np.dtype) and t.kind in "fiub" for t in dtypes)


def as_floats(table: Array) -> Array:
    """The same as floats, where it holds nothing but numbers and missing values."""
    if table.dtype.kind in "fiub":
        return table.astype(float, copy=False)
    table = np.where(is_missing(table), np.nan, table.astype(object))
    is_text = np.frompyfunc(lambda value: isinstance(value, str), 1, 1)
    if is_text(table).astype(bool).any():
        return table
    try:
        return table.astype(float)
    except (TypeError, ValueError):
        return table


def all_float32(X: Table) -> bool:
    """Whether all cells are float32; also of frames."""
    return all(_are_float32(X))


def some_float32(X: Table) -> bool:
    """Whether some cells are float32; also of frames."""
    return any(_are_float32(X))


def _are_float32(X: Table) -> list[bool]:
    """Whether each column of a frame is float32, or all of another table."""
    dtypes = getattr(X, "dtypes", [getattr(X, "dtype", None)])
    return [str(dtype).lower() == "float32" for dtype in dtypes]


def some_rows(X: Table, numbers: Array) -> Table:
    """Rows of a table by their numbers, as a table of the same make."""
    if hasattr(X, "iloc"):
        return X.iloc[numbers]
    frame = frame_of(X)
    if frame is not None:
        return frame[numbers].to_native()
    if isinstance(X, list | tuple) and not np.ndim(X[0] if len(X) else 0):
        # texts, or dicts
        return [X[number] for number in numbers]
    one_axis = getattr(X, "ndim", 2) == 1
    return X[numbers] if issparse(X) or one_axis else dense(X)[numbers]


def first_rows(X: Table, n: int) -> Table:
    """The first rows of a table, n at the most, as a table of the same make."""
    length = X.shape[0] if hasattr(X, "shape") else len(X)
    return some_rows(X, np.arange(min(n, length)))


def shaken(X: Table) -> Table:
    """The rows with other numbers: half as large again, and 1 for a stored 0."""
    if issparse(X):
        return 1.5 * X
    if hasattr(X, "isetitem"):
        X = X.copy()
        for column in range(X.shape[1]):
            values = X.iloc[:, column]
            if values.dtype.kind in "fiu":
                X.isetitem(column, (1.5 * values).where(values != 0, 1.0))
        return X
    frame = frame_of(X)
    if frame is not None:
        names = [name for name, kind in frame.schema.items() if kind.is_numeric()]
        return frame.with_columns(1.5 * frame[name] for name in names).to_native()
    return np.where(X == 0, 1.0, 1.5 * X) if X.dtype.kind in "fiu" else X


def with_column(X: Table, other: Table, column: int) -> Table:
    """The rows X with one column, by its number, from others."""
    if hasattr(X, "isetitem"):
        X = X.copy()
        X.isetitem(column, _column(other, column).set_axis(X.index))
    elif (frame := frame_of(X)) is not None:
        source = frame_of(other)
        assert source is not None
        X = frame.with_columns(source[:, column]).to_native()
    else:
        X = X.tolil() if issparse(X) else X.copy()
        X[:, column] = other[:, [column]] if issparse(X) else other[:, column]
    return X.tocsr() if issparse(X) else X


def _column(X: Table, number: int) -> Table:
    return X.iloc[:, number] if hasattr(X, "iloc") else X[:, number]


def _cells(X: Table, number: int) -> Array:
    """The cells of one column as objects, None or NaN for missing ones."""
    if not isinstance(X, nw.DataFrame):
        return np.asarray(_column(X, number), dtype=object)
    # as arrays, dates would become plain integers
    column = X[:, number]
    cells = np.empty(len(column), dtype=object)
    cells[:] = column.to_list()
    return cells
