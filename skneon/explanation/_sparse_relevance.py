# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances of sparse rows: few numbers a row, and what cells at 0 have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import block_diag
from sklearn.utils import gen_batches

from skneon.explanation._asked_table import AskedTable, read_only
from skneon.explanation._row_products import RowProducts, at_cells
from skneon.network.numerics._types import Array

# parts by which the sizes of cells may be rounded
SLACK = 1e-9
# numbers of a block of rows that are worked out together
BLOCK = 2**24


@dataclass(frozen=True, eq=False, repr=False)
class SparseRelevance(AskedTable):
    r"""Relevances of n sparse rows and d features, in memory as the rows are.

    .. math:: R_{ni} = s_{ni} + \sum_k g_{nk} c_{ki} + p_{ni}

    Cells that are 0 in a row have relevance, too: that a text lacks a word speaks for
    one cluster and against another. It depends on few numbers g of the row. `present`
    has the relevances of the cells that are stored, and `absent` the sum of the others.

    It is indexed as an array; `np.asarray` makes it one, where that fits scikit-learn's
    ``working_memory``, and `toarray` whatever it takes.

    Parameters
    ----------
    stored : csr_array of shape (n, d)
        s, with an entry for each cell that is stored in the row.
    weights : ndarray of shape (n, M)
        g.
    constants : ndarray of shape (M, d)
        c.
    products : RowProducts, or None
        p, where a linear step such as `TruncatedSVD` mixes columns.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> from skneon.explanation import SparseRelevance
    >>> stored = csr_array([[4.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    >>> constants = np.array([[-1.0, 0.5, 0.0]])
    >>> relevance = SparseRelevance(stored, np.array([[1.0], [2.0]]), constants)
    >>> relevance.toarray()
    array([[ 3. ,  0.5,  0. ],
           [-2. ,  1. ,  2. ]])
    >>> relevance.present.toarray()
    array([[3., 0., 0.],
           [0., 0., 2.]])
    >>> relevance.absent, relevance.sum(axis=1)
    (array([ 0.5, -1. ]), array([3.5, 1. ]))
    """

    stored: Any
    weights: Array
    constants: Array
    products: RowProducts | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "stored", canonical(self.stored))
        for name in ("weights", "constants"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:
        # so that what comes back cannot be written to
        return type(self), (self.stored, self.weights, self.constants, self.products)

    @classmethod
    def stacked(cls, parts: "Sequence[SparseRelevance]") -> "SparseRelevance":
        """The rows of several tables below one another.

        Raises
        ------
        ValueError
            For tables behind different linear steps.
        """
        weights = [part.weights for part in parts]
        constants = [part.constants for part in parts]
        products = [part.products for part in parts if part.products is not None]
        stored = sparse.vstack([part.stored for part in parts], format="csr")
        same = all(np.array_equal(c, constants[0]) for c in constants)
        if products and not (
            same and all(products[0].alike(part.products) for part in parts)
        ):
            raise ValueError("The explanations are of different linear steps.")
        if same:
            whole = RowProducts.stacked(products) if products else None
            return cls(stored, np.concatenate(weights), constants[0], whole)
        return cls(stored, block_diag(*weights), np.concatenate(constants))

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        n, d = self.stored.shape
        return n, d

    @property
    def dtype(self) -> Any:
        """Of the cells."""
        return np.dtype(float)

    @property
    def present(self) -> Any:
        """Relevances of the cells that are stored; csr_array of shape (n, d)."""
        return with_values(self.stored, self.stored.data + self._common())

    @property
    def absent(self) -> Array:
        """Sum of the relevances of the cells that are not stored, shape (n,)."""
        inside = with_values(self.stored, self._common()) @ np.ones(self.shape[1])
        return np.asarray(self._row_sums() - inside)

    def _common(self) -> Array:
        """What is added to the cells that are stored, in their order."""
        return self._added(*places(self.stored))

    def _added(self, rows: Array, columns: Array) -> Array:
        """All but what is stored, by numbers of rows and columns."""
        added = at_cells(self.weights, self.constants, rows, columns)
        if self.products is not None:
            added += self.products.cells(self.weights, rows, columns)
        return added

    def _row_sums(self) -> Array:
        """Sums over the columns of all but what is stored, shape (n,)."""
        sums = self.weights @ self.constants.sum(axis=1)
        if self.products is not None:
            sums = sums + self.products.row_sums(self.weights)
        return np.asarray(sums)

    def sum(self, axis: int | None = None, **others: Any) -> Any:
        """Sums as of an array, without making it one."""
        if any(value is not None for value in others.values()):
            return np.asarray(self).sum(axis, **others)
        if axis is None:
            return self.sum(axis=1).sum()
        n, d = self.shape
        if axis in (1, -1):
            return self.stored @ np.ones(d) + self._row_sums()
        if axis in (0, -2):
            common = self.weights.sum(axis=0) @ self.constants
            if self.products is not None:
                common = common + self.products.column_sums(self.weights)
            return self.stored.T @ np.ones(n) + common
        raise ValueError(f"axis must be None, 0 or 1, got {axis!r}.")

    def mean(self, axis: int | None = None, **others: Any) -> Any:
        """Means as of an array, without making it one."""
        sums = self.sum(axis, **others)
        return sums / (np.prod(self.shape) if axis is None else self.shape[axis])

    def scaled(self, factors: Array) -> "SparseRelevance":
        """Each row times its factor, shape (n,)."""
        values = self.stored.data * factors[places(self.stored)[0]]
        return SparseRelevance(
            with_values(self.stored, values),
            self.weights * factors[:, None],
            self.constants,
            self.products,
        )

    def grouped(self, groups: Sequence[Sequence[int]]) -> "SparseRelevance":
        """Sums over groups of columns, shape (n, n_groups)."""
        columns = np.concatenate([np.asarray(group, dtype=int) for group in groups])
        numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        shape = self.shape[1], len(groups)
        within = sparse.csr_array((np.ones(len(columns)), (columns, numbers)), shape)
        weights, constants = self.weights, np.asarray(self.constants @ within)
        if self.products is not None:
            more, others = self.products.grouped(weights, within)
            weights = np.hstack([weights, more])
            constants = np.concatenate([constants, others])
        return SparseRelevance(self.stored @ within, weights, constants)

    def cells(self, rows: Array, columns: Array) -> Array:
        """Cells by numbers of rows and columns, which are broadcast."""
        return stored_cells(self.stored, rows, columns) + self._added(rows, columns)

    def some(self, rows: Array | None, columns: Array | None) -> "SparseRelevance":
        """The table of some rows and columns, by number; None: of all."""
        stored, weights, constants = self.stored, self.weights, self.constants
        if rows is not None:
            stored, weights = stored[rows], weights[rows]
        if columns is not None:
            stored, constants = stored[:, columns], constants[:, columns]
        products = self.products
        if products is not None:
            products = products.some(rows, columns)
        return SparseRelevance(stored, weights, constants, products)

    def toarray(self) -> Array:
        """All cells, shape (n, d), however many they are."""
        table = self.weights @ self.constants
        if self.products is not None:
            table += self.products.table(self.weights)
        table[places(self.stored)] += self.stored.data
        return np.asarray(table)

    def leading(self, k: int) -> Array:
        """Numbers of the k columns of largest absolute relevance, row by row.

        Without `products` only those that may be among them are looked at: a cell that
        is not stored is no larger than the sum of the absolute weights of the row
        times the largest absolute constant of the column.

        Returns
        -------
        columns : ndarray of int, shape (n, min(k, d))
            In descending order; of equal ones the first comes first.
        """
        n, d = self.shape
        k = min(k, d)
        if self.products is not None:
            some = gen_batches(n, max(1, BLOCK // max(d, 1)))
            rows = (self.some(np.arange(n)[block], None).toarray() for block in some)
            return np.concatenate([largest(part, k) for part in rows])
        reach = np.abs(self.constants).max(axis=0, initial=0.0)
        order = np.argsort(-reach, kind="stable")
        # ascending, for a search
        below = -reach[order]
        lengths = np.abs(self.weights).sum(axis=1)
        present, starts = self.present, self.stored.indptr
        out = np.empty((n, k), dtype=int)
        for row in range(n):
            own = slice(starts[row], starts[row + 1])
            known, values = present.indices[own], present.data[own]
            sizes, n_near = np.abs(values), d
            if len(known) >= k:
                least = np.partition(sizes, len(sizes) - k)[len(sizes) - k]
                near = least * (1 - SLACK) / max(lengths[row], np.finfo(float).tiny)
                n_near = int(np.searchsorted(below, -near, side="right"))
            candidates = np.union1d(known, order[:n_near])
            sizes = np.abs(self.weights[row] @ self.constants[:, candidates])
            sizes[np.searchsorted(candidates, known)] = np.abs(values)
            out[row] = candidates[np.argsort(-sizes, kind="stable")[:k]]
        return out


def largest(table: Array, k: int) -> Array:
    """Numbers of the k largest absolute values of each row, in descending order."""
    sizes = np.abs(table)
    d = table.shape[1]
    least = np.partition(sizes, d - k, axis=1)[:, d - k]
    out = np.empty((len(table), k), dtype=int)
    for row, (some, bound) in enumerate(zip(sizes, least, strict=True)):
        candidates = np.flatnonzero(some >= bound)
        out[row] = candidates[np.argsort(-some[candidates], kind="stable")[:k]]
    return out


def canonical(rows: Any) -> Any:
    """Sparse rows as CSR in order, without duplicates, that cannot be written to."""
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    parts = tuple(map(read_only, (rows.data, rows.indices, rows.indptr)))
    return type(rows)(parts, shape=rows.shape)


def with_values(rows: Any, values: Array) -> Any:
    """Sparse rows with other values in the cells that are stored."""
    return sparse.csr_array((values, rows.indices, rows.indptr), shape=rows.shape)


def places(rows: Any) -> tuple[Array, Array]:
    """Row and column of each cell that is stored."""
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)), rows.indices


def stored_cells(table: Any, rows: Array, columns: Array) -> Array:
    """Cells of canonical sparse rows by numbers, which are broadcast; 0 for others."""
    rows, columns = np.broadcast_arrays(rows, columns)
    out = np.zeros(rows.shape)
    if not rows.size:
        return out
    first, d = rows.min(), table.shape[1]
    starts = table.indptr[first : rows.max() + 2]
    some = slice(starts[0], starts[-1])
    numbers = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    keys = numbers * d + table.indices[some]
    asked = (rows - first) * d + columns
    at = np.searchsorted(keys, asked)
    found = keys[np.minimum(at, len(keys) - 1)] == asked if len(keys) else asked < 0
    out[found] = table.data[some][at[found]]
    return out
