# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of a tree's gains for many rows, by tables of their patterns."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import sparse

from skneon.network.numerics._tree_paths import MOST_PLAYERS, TreePaths
from skneon.network.numerics._tree_terms import LeafTerms, Part, SplitTerms
from skneon.network.numerics._types import Array

# tables of more columns hold those that are on a path alone
NARROW = 24


class TreeTable:
    """The table of one tree: a line for each pattern of each of its terms.

    Parameters
    ----------
    terms : LeafTerms or SplitTerms
    parts : iterable of Part
        The terms' tables.
    n_columns : int
        Number of columns that are explained.
    """

    def __init__(
        self, terms: LeafTerms | SplitTerms, parts: Iterable[Part], n_columns: int
    ) -> None:
        self.terms = terms
        sizes = 2**terms.bits
        self.starts = (np.cumsum(sizes) - sizes).astype(np.int32)
        self.table = _assembled(terms, parts, self.starts, int(sizes.sum()), n_columns)

    def __call__(self, patterns: Array) -> Array:
        """Shapley values of rows, (n, n_columns), by their patterns (N, n)."""
        numbers = self.terms.numbers(patterns)
        numbers += self.starts[:, None]
        found = one_hot(np.ascontiguousarray(numbers.T), self.table.shape[0])
        values = found @ self.table
        return values.toarray() if sparse.issparse(values) else np.asarray(values)


def one_hot(numbers: Array, size: int) -> Any:
    """Rows with a 1 at each of their numbers, (n, K) to a sparse (n, size)."""
    n, K = numbers.shape
    starts = np.arange(0, n * K + 1, K, dtype=numbers.dtype)
    return sparse.csr_array((np.ones(n * K), numbers.ravel(), starts), shape=(n, size))


def n_cells(paths: TreePaths, by_split: bool, n_columns: int) -> float:
    """Cells of the table that a tree will need; inf where patterns have no room."""
    if paths.n_players.max() > MOST_PLAYERS:
        return np.inf
    terms = SplitTerms(paths) if by_split else LeafTerms(paths)
    width = n_columns if n_columns <= NARROW else terms.n_players
    return float(np.sum(2.0**terms.bits * width))


def pattern_counts(
    terms: LeafTerms,
    parts: Iterable[tuple[Callable[[int], Array], int]],
) -> list[Array]:
    """How many background rows have each pattern at each leaf.

    Parameters
    ----------
    terms : LeafTerms
    parts : iterable of tuple (columns, n)
        Some of the rows at a time, as `TreePaths.patterns` takes them.
    """
    counts = [np.zeros(2**m, dtype=int) for m in terms.n_players]
    for columns, n in parts:
        numbers = terms.numbers(terms.paths.patterns(columns, n))
        for count, some in zip(counts, numbers, strict=True):
            count += np.bincount(some, minlength=len(count))
    return counts


def _assembled(
    terms: LeafTerms | SplitTerms,
    parts: Iterable[Part],
    starts: Array,
    size: int,
    n_columns: int,
) -> Any:
    """The parts as one table, (size, n_columns)."""
    players = terms.paths.players
    narrow = n_columns <= NARROW
    table = np.zeros((size, n_columns)) if narrow else None
    cells: list[tuple[Array, Array, Array]] = []
    for part in parts:
        lines = starts[part.terms, None, None] + np.arange(part.table.shape[1])[:, None]
        columns = players[part.players][:, None, :]
        if table is not None:
            table[lines, columns] = part.table
        else:
            shape = part.table.shape
            whole = np.broadcast_to(lines, shape), np.broadcast_to(columns, shape)
            cells.append((part.table.ravel(), whole[0].ravel(), whole[1].ravel()))
    if table is not None:
        return table
    values, rows, columns = map(np.concatenate, zip(*cells, strict=True))
    wide = sparse.csr_array((values, (rows, columns)), shape=(size, n_columns))
    wide.eliminate_zeros()
    return wide
