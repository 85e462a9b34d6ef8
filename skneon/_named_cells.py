# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Errors about cells that are no finite numbers say where the first one is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, issparse

from skneon._frames import as_table, column_names

# what scikit-learn calls cells, and which these are
KINDS: dict[str, Callable[[Any], Any]] = {
    "contains NaN": np.isnan,
    "contains infinity": np.isinf,
}


@contextmanager
def named_cells(X: Any) -> Iterator[None]:
    """Errors within also have the row and the column of the first cell they are about.

    Parameters
    ----------
    X : table
        What is checked.

    Raises
    ------
    ValueError
        scikit-learn's own, with a sentence after it.
    """
    try:
        yield
    except ValueError as error:
        asks = [asks for kind, asks in KINDS.items() if kind in str(error)]
        where = _first(X, asks[0]) if asks else None
        if where is None:
            raise
        raise ValueError(f"{error}\n{where}") from None


def _first(X: Any, asks: Callable[[Any], Any]) -> str | None:
    """A sentence about the first cell of a kind, by row; None where none is found."""
    if issparse(X):
        cells = coo_matrix(X)
        found = np.column_stack([cells.row, cells.col])[asks(cells.data)]
        found = found[np.lexsort(found.T[::-1])]
    else:
        table = as_table(X)
        if table.dtype == object or table.ndim != 2:
            return None
        found = np.argwhere(asks(table))
    if not len(found):
        return None
    row, column = found[0].tolist()
    names = column_names(X)
    name = column if names is None else repr(names[column])
    return f"The first of them is in row {row}, column {name}."
