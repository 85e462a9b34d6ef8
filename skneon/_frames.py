# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of any make: arrays, sparse matrices, pandas and polars frames."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse

from skneon.network.numerics._table_cells import dense, is_missing
from skneon.network.numerics._types import Array, Table


def column_names(X: Table) -> list[Any] | None:
    """Names of the columns of a frame, None for other containers."""
    names = getattr(X, "columns", None)
    return None if names is None else list(names)


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
        places = {name: i for i, name in enumerate(given)}
        columns = [places.get(name) for name in names]
    table = np.full((len(X), len(columns)), np.nan, dtype=object)
    for i, column in enumerate(columns):
        if column is not None:
            table[:, i] = np.asarray(_column(X, column), dtype=object)
    return as_floats(table)


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
    dtypes = getattr(X, "dtypes", [getattr(X, "dtype", None)])
    return all(str(dtype).lower() == "float32" for dtype in dtypes)


def some_rows(X: Table, numbers: Array) -> Table:
    """Rows of a table by their numbers, as a table of the same make."""
    if hasattr(X, "iloc"):
        return X.iloc[numbers]
    known = column_names(X) is not None or issparse(X)
    return X[numbers] if known else dense(X)[numbers]


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
    if hasattr(X, "with_columns"):
        return X.with_columns(
            1.5 * X[name] for name in X.columns if X[name].dtype.is_numeric()
        )
    return np.where(X == 0, 1.0, 1.5 * X) if X.dtype.kind in "fiu" else X


def with_column(X: Table, other: Table, column: int) -> Table:
    """The rows X with one column, by its number, from others."""
    if hasattr(X, "isetitem"):
        X = X.copy()
        X.isetitem(column, _column(other, column).set_axis(X.index))
    elif hasattr(X, "with_columns"):
        X = X.with_columns(_column(other, column))
    else:
        X = X.tolil() if issparse(X) else X.copy()
        X[:, column] = other[:, [column]] if issparse(X) else other[:, column]
    return X.tocsr() if issparse(X) else X


def _column(X: Table, number: int) -> Table:
    return X.iloc[:, number] if hasattr(X, "iloc") else X[:, number]
