# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Cells of tables: as arrays, of unknown value, missing ones."""

import numpy as np
from scipy import sparse

from skneon.network.numerics._types import Array, Table


def dense(X: Table) -> Array:
    """Rows as an array of two axes, whether sparse, a frame or a column."""
    out: Array = X.toarray() if sparse.issparse(X) else np.asarray(X)
    return out.reshape(len(out), -1)


def numbers(X: Table) -> Array:
    """Rows as `dense` gives them, cast to float."""
    return dense(X).astype(float)


def divided(X: Table, lengths: Array) -> Table:
    """Each row divided by its length; sparse rows stay sparse."""
    if not sparse.issparse(X):
        return X / lengths[:, None]
    X = X.tocsr(copy=True)
    X.data /= np.repeat(lengths, np.diff(X.indptr))
    return X


def unknown(n: int, d: int) -> Array:
    """A table of shape (n, d) of which no value is known: all NaN, of type object."""
    return np.full((n, d), np.nan, dtype=object)


def is_missing(values: Table) -> Array:
    """Whether values are None, NaN or pandas' NA; ndarray of bool."""
    missing: Array = np.asarray(np.frompyfunc(_is_missing, 1, 1)(values), dtype=bool)
    return missing


def _is_missing(value: object) -> bool:
    if isinstance(value, str):
        return False
    # NA is neither equal nor unequal to itself
    return value is None or type(value).__name__ == "NAType" or value != value
