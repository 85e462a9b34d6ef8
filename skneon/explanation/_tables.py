# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What forms of explanations ask of their tables, whether dense or sparse."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from skneon.explanation._asked_table import check_room
from skneon.explanation._shared_rows import SharedRows
from skneon.explanation._sparse_relevance import SparseRelevance, stored_cells
from skneon.network.numerics._types import Array


def largest_parts(relevance: Any, k: int) -> Array:
    """Numbers of the k columns of largest absolute relevance, row by row, (n, k)."""
    if isinstance(relevance, SparseRelevance):
        return relevance.leading(k)
    order: Array = np.argsort(-np.abs(relevance), axis=1, kind="stable")[:, :k]
    return order


def some_cells(table: Any, columns: Array) -> Array:
    """Cells of each row by numbers of columns, (n, k), of any table."""
    rows = np.arange(len(columns))[:, None]
    if sparse.issparse(table):
        return stored_cells(table, rows, columns)
    return np.asarray(table[rows, columns])


def filled(table: Any) -> Array:
    """A table as an array that can be written to.

    Raises
    ------
    MemoryError
        Where it is sparse, and ``working_memory`` has no room for that.
    """
    if sparse.issparse(table):
        check_room(table.shape)
        return np.asarray(table.toarray())
    return np.array(table)


def stacked(tables: Sequence[Any]) -> Any:
    """The rows of tables of one kind below one another; else as arrays."""
    for kind in (SparseRelevance, SharedRows):
        if all(isinstance(table, kind) for table in tables):
            return kind.stacked(tables)
    if all(map(sparse.issparse, tables)):
        return sparse.vstack(tables, format="csr")
    return np.concatenate(list(map(filled, tables)))


def summed(table: Any, groups: Sequence[Sequence[int]]) -> Any:
    """Relevances summed over groups of columns, shape (n, n_groups)."""
    if isinstance(table, SparseRelevance):
        return table.grouped(groups)
    return np.column_stack([table[:, list(c)].sum(axis=1) for c in groups])


def lone(table: Any, groups: Sequence[Sequence[int]]) -> Any:
    """Columns of groups of one column, NaN for others: shape (n, n_groups)."""
    if isinstance(table, SharedRows):
        return SharedRows(lone(table.points, groups), table.numbers)
    first = np.array([group[0] for group in groups])
    several = np.flatnonzero([len(group) != 1 for group in groups])
    if not sparse.issparse(table):
        columns = table[:, first]
        if len(several):
            kind = np.result_type(columns, float) if columns.dtype != object else object
            columns = columns.astype(kind)
            columns[:, several] = np.nan
        return columns
    alone = np.delete(np.arange(len(groups)), several)
    nothing = sparse.csr_array(np.full((table.shape[0], len(several)), np.nan))
    back = np.argsort(np.concatenate([alone, several]), kind="stable")
    both = sparse.hstack([table[:, first[alone]], nothing], format="csr")
    return type(table)(both[:, back])
