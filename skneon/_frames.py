# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of any make: arrays, sparse matrices, pandas and polars frames."""

import numpy as np


def column_names(X):
    """Names of the columns of a frame, None for other containers."""
    names = getattr(X, "columns", None)
    return None if names is None else list(names)


def as_table(X, names=None):
    """The cells of a table as an array that has them as they are.

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
        return X.toarray()
    given = column_names(X)
    if given is None:
        table = np.array(X)
        return _as_floats(table)
    chosen = given if names is None else list(names)
    table = np.full((len(X), len(chosen)), np.nan, dtype=object)
    for i, name in enumerate(chosen):
        if name in given:
            table[:, i] = np.asarray(X[name], dtype=object)
    return _as_floats(table)


def _as_floats(table):
    """The same as floats, where it holds nothing but numbers and missing values."""
    if table.dtype.kind in "fiub":
        return table.astype(float)
    is_text = np.frompyfunc(lambda value: isinstance(value, str), 1, 1)
    if is_text(table).astype(bool).any():
        return table
    try:
        return table.astype(float)
    except (TypeError, ValueError):
        return table
