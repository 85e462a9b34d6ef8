# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Games of isolation trees: what a forest says without a column.

The terms of each game and their Shapley values are those of `numerics._tree_terms`;
here they are put together, and v(S) is computed by going down the trees, which is
another way.
"""

from abc import abstractmethod
from collections.abc import Iterator
from copy import copy
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from skneon.network._query import Query
from skneon.network.layers._forest import Forest, mean_and_error, single
from skneon.network.layers._game import ScoringGame
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._once import Once
from skneon.network.numerics._isolation_tree import Grove, IsolationTree
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._tree_paths import TreePaths
from skneon.network.numerics._tree_tables import TreeTable, n_cells, pattern_counts
from skneon.network.numerics._tree_terms import LeafTerms, Part, SplitTerms
from skneon.network.numerics._types import Array

# cells of the tables of a forest, at the most: 1 GiB
ROOM = 2**27
# background rows at a time
ROWS = 2**14
# coalitions at a time, and nodes of trees
AT_ONCE, GROVE = 64, 2**16


class ForestGame(Once, ScoringGame):
    """A game of the gains of a forest. Tables are built at the first call, not pickled.

    Parameters
    ----------
    forest : Forest

    Attributes
    ----------
    rule : str
        Name of the rule whose game it is.
    at_empty : str
        What v(empty) is, in plain text; "" where it is 0.
    """

    rule: ClassVar[str]
    at_empty: ClassVar[str] = ""
    by_split: ClassVar[bool] = False
    error_is_free = True

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self.inputs = Inputs.identity(forest.n_columns)
        self._built = {}

    def through(self, inputs: Inputs) -> Self | None:
        """The game behind other inputs; None where they mix columns."""
        if inputs.matrix is not None:
            return None
        other = copy(self)
        other.inputs = inputs
        other._built = {}
        return other

    @abstractmethod
    def parts(self, paths: TreePaths) -> tuple[LeafTerms | SplitTerms, Iterator[Part]]:
        """The terms of a tree, and their tables."""

    def constant(self, query: Query) -> Array | None:
        """What no column carries: the forest's offset, and v(empty)."""
        return np.asarray(self.forest.offset + self.empty)

    @property
    def empty(self) -> float:
        """v(empty)."""
        return 0.0

    @property
    def no_columns(self) -> str:
        """The constant in plain text; "" for the forest's alone."""
        also = "c and " if self.forest.offset else ""
        return f"{also}v(∅), {self.at_empty}" if self.at_empty else ""

    def explained(self, X: Array) -> tuple[Array, Array | None]:
        """Shapley values and their standard error, (n, n_columns) each.

        The error is that of the mean over trees; None for a single tree.
        """
        Z = np.ascontiguousarray(single(dense(X)).T)
        total = np.zeros((Z.shape[1], self.inputs.n_columns))
        squares = np.zeros_like(total)
        for paths, table in self.once("tables", self._tables):
            values = table(paths.patterns(Z.__getitem__, Z.shape[1]))
            total += values
            squares += np.square(values, out=values)
        return mean_and_error(total, squares, len(self.forest))

    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """Shapley values, exact: (n, n_columns)."""
        return self.explained(X)[0]

    def standard_error(self, X: Array, query: Query, n_subsets: int) -> Array | None:
        """Of the mean over trees, (n, n_columns); None for a single tree."""
        return self.explained(X)[1]

    def integrated(self, X: Array, query: Query) -> Array:
        """The same: the gradient along the diagonal of the multilinear extension."""
        return self.explained(X)[0]

    def _tables(self) -> list[tuple[TreePaths, TreeTable]]:
        """Paths and table of each tree that is split at all."""
        split = [tree for tree in self.forest.trees if len(tree.inner)]
        n_columns, cells, paths = self.inputs.n_columns, 0.0, []
        for tree in split:
            paths.append(TreePaths(tree, self.inputs.parents))
            cells += n_cells(paths[-1], self.by_split, n_columns)
            if cells > ROOM:
                self._refuse(len(paths), cells)
        return [(each, TreeTable(*self.parts(each), n_columns)) for each in paths]

    def _refuse(self, n_trees: int, cells: float) -> None:
        deepest = max(int(tree.n_rows.max()) for tree in self.forest.trees)
        size = (
            "" if cells == np.inf else f", {8 * cells / n_trees / 2**20:.0f} MiB each"
        )
        raise MemoryError(
            f"The trees of this forest, of up to {deepest} rows, are too deep for "
            f"rule={self.rule!r}: {len(self.forest)} tables{size} would be more than "
            f'{8 * ROOM / 2**30:.0f} GiB. Take rule="split", which needs none, or fit '
            "with fewer max_samples, such as the default of 256."
        )


class RecursiveGame(ForestGame):
    """A game whose v(S) is found by going down each tree, by what is known."""

    @abstractmethod
    def unknown(self, trees: Grove, nodes: Array, below: Array) -> Array:
        """What is saved from k nodes on whose splits are unknown: (k, M).

        From what is saved below them, (2, k, M).
        """

    def from_root(self, x: Array, known: NDArray[np.bool_]) -> Array:
        """Splits saved by one row and coalitions (M, p) of the forest's columns."""
        parts = [known[i : i + AT_ONCE] for i in range(0, len(known), AT_ONCE)]
        groves = self.once("groves", self._groves)
        found = np.concatenate(
            [
                np.sum([self._saved(g, x, part) for g in groves], axis=0)
                for part in parts
            ]
        )
        return np.asarray(found / len(self.forest))

    def _groves(self) -> list[Grove]:
        """The trees, as many at once as do not take too much room."""
        groves, nodes = [list[IsolationTree]()], 0
        for tree in self.forest.trees:
            if groves[-1] and nodes + len(tree.left) > GROVE:
                groves.append([])
                nodes = 0
            groves[-1].append(tree)
            nodes += len(tree.left)
        return [Grove(trees) for trees in groves]

    def _saved(self, trees: Grove, x: Array, known: NDArray[np.bool_]) -> Array:
        """The sum over trees, (M,)."""
        saved = np.zeros((len(trees.feature), len(known)))
        for nodes in trees.levels:
            side = trees.sides(nodes, x)
            saved[nodes] = np.where(
                known[:, trees.feature[nodes]].T,
                trees.gain[side, None] + saved[side],
                self.unknown(trees, nodes, saved[trees.children[:, nodes]]),
            )
        return np.asarray(saved[trees.roots].sum(axis=0))

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row and coalitions of the explained columns, less v(empty)."""
        x = np.asarray(single(dense(X)))[0]
        empty = np.zeros((1, self.inputs.n_columns))
        masks = np.concatenate([empty, masks])
        found = self.from_root(x, self.members(masks))
        return np.asarray(found[1:] - found[0])


class RelativeDepthGame(RecursiveGame):
    """A split by a column that is left out is not made (ours); v(empty) = 0."""

    rule = "shapley"
    equation = (
        "v(S): a split by a column outside S is not made, and the parts of c(n) that "
        "its two sides save are averaged by their rows"
    )
    by_split = True

    def parts(self, paths: TreePaths) -> tuple[SplitTerms, Iterator[Part]]:
        """The terms of a tree, and their tables."""
        terms = SplitTerms(paths)
        return terms, terms.by_relative_depth()

    def unknown(self, trees: Grove, nodes: Array, below: Array) -> Array:
        """The mean of the parts of c(n) that are saved, times c(n) of the node."""
        both = trees.children[:, nodes]
        c = trees.expected[both]
        part = np.divide(trees.share[both], c, out=np.zeros(c.shape), where=c > 0)
        found = np.einsum("k,sk,skm->km", trees.expected[nodes], part, below)
        return np.asarray(found)


class PathGame(RecursiveGame):
    """A split by a column that is left out sends the row to both sides."""

    rule = "path"
    equation = (
        "v(S): a split by a column outside S sends the row to both sides, by their "
        "rows of the fit"
    )
    at_empty = "the mean over the rows of the fit"

    def parts(self, paths: TreePaths) -> tuple[LeafTerms, Iterator[Part]]:
        """The terms of a tree, and their tables."""
        terms = LeafTerms(paths)
        return terms, terms.by_path()

    def unknown(self, trees: Grove, nodes: Array, below: Array) -> Array:
        """The mean over the node's rows of what their sides save."""
        both = trees.children[:, nodes]
        saved = trees.gain[both, None] + below
        return np.asarray(np.einsum("sk,skm->km", trees.share[both], saved))

    @property
    def empty(self) -> float:
        """v(empty): the mean over the rows of the fit."""
        mean: float = self.once("empty", self._mean)
        return mean

    def _mean(self) -> float:
        nobody = np.zeros((1, self.forest.n_columns), dtype=bool)
        x = np.zeros(self.forest.n_columns, dtype=np.float32)
        return float(self.from_root(x, nobody)[0])


class BackgroundGame(ForestGame):
    """Columns that are left out take the values of background rows, of all of them.

    Parameters
    ----------
    forest : Forest
    background : ndarray or sparse matrix of shape (N, d)
    """

    rule = "interventional"
    equation = "v(S): the mean where columns outside S are a background row's"
    at_empty = "the mean of background rows"
    of_background = True

    def __init__(self, forest: Forest, background: Array) -> None:
        super().__init__(forest)
        self.background = background

    def parts(self, paths: TreePaths) -> tuple[LeafTerms, Iterator[Part]]:
        """The terms of a tree, and their tables."""
        terms = LeafTerms(paths)
        chunks = (np.ascontiguousarray(some.T) for some in self._rows())
        counts = pattern_counts(terms, ((Z.__getitem__, Z.shape[1]) for Z in chunks))
        return terms, terms.by_background(counts)

    def _rows(self) -> Iterator[Array]:
        """The background in float32, some rows at a time."""
        for rows in gen_batches(self.background.shape[0], ROWS):
            yield np.asarray(single(dense(self.background[rows])))

    @property
    def empty(self) -> float:
        """v(empty): what a background row saves on the average."""
        mean: float = self.once("empty", self._mean)
        return mean

    def _mean(self) -> float:
        return self._mean_saved(np.zeros(self.forest.n_columns), slice(0, 0))

    def _mean_saved(self, x: Array, known: Array | slice) -> float:
        """The mean over background rows that take some values of x."""
        total: float = 0.0
        for rows in self._rows():
            rows = rows.copy()
            rows[:, known] = x[known]
            total += float(self.forest.saved(self.forest.leaves(rows)).sum())
        return total / (int(self.background.shape[0]) * len(self.forest))

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row and coalitions of the explained columns, less v(empty)."""
        x = np.asarray(single(dense(X)))[0]
        found = [self._mean_saved(x, known) for known in self.members(masks)]
        return np.array(found) - self.empty
