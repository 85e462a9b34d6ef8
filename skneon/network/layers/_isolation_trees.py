# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are isolation trees: splits saved, by the gains of the splits."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import issparse

from skneon.network._query import Query
from skneon.network.layers._forest import Forest, mean_and_error, single
from skneon.network.layers._forest_games import ForestGame
from skneon.network.layers._game_units import GameUnits
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._once import Once
from skneon.network.numerics._leaf_tables import (
    borders_by_column,
    gains_by_column,
    upward,
    won_borders,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._tree_tables import one_hot
from skneon.network.numerics._types import Array, Table
from skneon.network.rules._rule import Rule
from skneon.network.rules._w_square import square_shares

OF_TREES = ("split", "shapley", "path", "interventional")
# cells of tables by leaf, at the most: 256 MiB
ROOM = 2**25


class IsolationTrees(Once, GameUnits):
    r"""One unit per isolation tree: the splits that a row's path saved (ours).

    .. math:: h_t = c(n_\text{root}) - D_t(x) = \sum_{u \to v} g_v, \qquad
              C_{ti} = \sum_{u \to v \text{ by } i} g_v

    with the gains g of the edges of the row's path, see `numerics._isolation_tree`. The
    contributions are those of DIFFI's idea (Carletti, Terzi, Susto 2023) that credit
    goes to the splits of the path, made to add up. They are the Shapley values of the
    game in which gains by other columns are not counted. Behind a linear step a split
    is a threshold of a sum w'y, and its gain is shared by w-square.

    Parameters
    ----------
    forest : Forest
    game : ForestGame, or None
        What the trees say without a column; None: the gains of its splits do not count.
    """

    words = "the splits that a tree saves on the row's path"
    equation = (
        "h_k = Σ_v g_v over the nodes v of the row's path,  "
        "g_v = c(n_u) − 1 − c(n_v),  v below u"
    )
    accepts_sparse = True
    takes_background = True
    reference_name = "mean threshold of the splits that isolated the row"
    marginal: ForestGame | None

    def __init__(self, forest: Forest, game: ForestGame | None = None) -> None:
        self.forest = forest
        self._own_game = game
        self._built = {}
        super().__init__(Inputs.identity(forest.n_columns))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self._built = {}
        own = self._own_game
        self.marginal = None if own is None else own.through(inputs)

    @property
    def parts(self) -> str:
        """What the contributions are, in plain text."""
        if self.inputs.matrix is None:
            return "C_ki = Σ_v g_v over those v that a split by x_i leads to"
        return "C_ki = Σ_v g_v w_i² / ‖w‖²,  w the weights in the split above v"

    @property
    def width(self) -> int:
        """Numbers that a row takes in the forward pass: one per tree."""
        return len(self.forest)

    @property
    def n_units(self) -> int:
        """Number of trees."""
        return len(self.forest)

    def refuses(self, rule: Rule) -> str | None:
        """Why a rule is not defined for these units: theirs is another game."""
        own = "split" if self.marginal is None else self.marginal.rule
        if not rule.serves("isolation"):
            names = ", ".join(map(repr, OF_TREES))
            return f"rule={rule.name!r} is not defined for trees: take one of {names}."
        if rule.name not in OF_TREES or rule.name == own:
            return None
        if self.inputs.matrix is not None:
            return (
                f"rule={rule.name!r} leaves columns out of splits, and a linear step "
                'such as PCA mixes columns in each of them: take rule="split".'
            )
        return f"These trees play the game of rule {own!r}, and not of {rule.name!r}."

    def leaves(self, X: Table) -> Array:
        """The node that is each row's leaf, by tree: (n, T)."""
        return self.forest.leaves(single(self.inputs.project(X)))

    def forward(self, X: Array, query: Query) -> Array:
        """Splits saved, shape (n, T)."""
        return self.forest.saved(self.leaves(X))

    def contributions(self, X: Array, query: Query) -> Array:
        """Gains by column; shape (T, n, n_columns)."""
        out = np.zeros((len(self.forest), X.shape[0], self.inputs.n_columns))
        for of_tree, (columns, gains) in zip(out, self._gains(X), strict=True):
            of_tree[:, columns] = gains
        return out

    def path_shares(self, X: Array) -> tuple[Array, Array | None]:
        """Mean gains by column, and their standard error: (n, n_columns) each.

        The error is that of the mean over trees; None for a single tree.
        """
        total = np.zeros((X.shape[0], self.inputs.n_columns))
        squares = np.zeros_like(total)
        for columns, gains in self._gains(X):
            total[:, columns] += gains
            squares[:, columns] += gains**2
        return mean_and_error(total, squares, len(self.forest))

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Thresholds beyond which the row would be among more rows, (n, p).

        The mean of those of the splits of its paths that saved something, weighted by
        what they saved; NaN where there are none. Behind a linear step these outputs
        keep the row's own value, so that the columns are known.
        """
        Z = self.inputs.project(X)
        leaves = self.forest.leaves(single(Z))
        borders, weight = np.zeros(Z.shape), np.zeros(Z.shape)
        for tree, of_rows in zip(self.forest.trees, leaves.T, strict=True):
            columns, (won, at) = upward(tree, of_rows, won_borders(tree))
            borders[:, columns] += at
            weight[:, columns] += won
        return self._border(Z, borders, weight)

    def _border(self, Z: Array, borders: Array, weight: Array) -> Array:
        """Weighted means, where there are any."""
        none = np.full(Z.shape, np.nan) if self.inputs.matrix is None else np.array(Z)
        found: Array = np.divide(borders, weight, out=none, where=weight > 0)
        return found

    def _gains(self, X: Array) -> Iterator[tuple[Any, Array]]:
        """Explained columns, and each tree's gains by these: (n, p)."""
        for tree, leaves in zip(self.forest.trees, self.leaves(X).T, strict=True):
            columns, (gains,) = upward(tree, leaves, (tree.gain,))
            if self.routing is None:
                yield columns, gains
            else:
                yield slice(None), np.asarray(gains @ self.routing[columns])

    @property
    def routing(self) -> Any:
        """How gains by the forest's columns fall to the explained ones; None: as is."""
        inputs = self.inputs
        if inputs.matrix is not None:
            return inputs.gather(square_shares(inputs.matrix.T))
        if inputs.one_to_one:
            return None
        m = len(inputs.parents)
        cells = np.ones(m), (np.arange(m), inputs.parents)
        return sparse.csr_array(cells, shape=(m, inputs.n_columns))

    @property
    def has_room(self) -> bool:
        """Whether there is room for tables by leaf."""
        n_leaves = sum(len(tree.leaves) for tree in self.forest.trees)
        width = 2 * (self.inputs.n_columns + self.forest.n_columns)
        return bool(n_leaves * width <= ROOM)

    def by_leaf(self, X: Table, gains: bool) -> tuple[Array, Any, Array]:
        """Score, mean gains with their error, and reference, by one look at the leaves.

        Parameters
        ----------
        X : ndarray or sparse matrix of shape (n, m)
        gains : bool
            Whether the gains are asked for.

        Returns
        -------
        saved : ndarray of shape (n,)
            The mean of the activations.
        shares : tuple as of `path_shares`, or None
        reference : ndarray of shape (n, p)
        """
        Z = self.inputs.project(X)
        leaves = self.forest.leaves(single(Z))
        table = self.once(("leaves", gains), lambda: self._leaf_table(gains))
        line, starts = self.once("lines", self._lines)
        found = one_hot(line[leaves + starts], len(table)) @ table
        p, d = self.forest.n_columns, self.inputs.n_columns
        Z = dense(Z) if issparse(Z) else Z
        reference = self._border(Z, found[:, 1 : 1 + p], found[:, 1 + p : 1 + 2 * p])
        shares = None
        if gains:
            total, squares = np.split(found[:, 1 + 2 * p :], [d], axis=1)
            shares = mean_and_error(total, squares, len(self.forest))
        return found[:, 0] / len(self.forest), shares, reference

    def _lines(self) -> tuple[Array, Array]:
        """Lines of the leaf table by node of all trees, and where each tree starts."""
        is_leaf = np.concatenate([tree.left < 0 for tree in self.forest.trees])
        sizes = [len(tree.left) for tree in self.forest.trees]
        starts = np.cumsum(sizes) - sizes
        line = np.cumsum(is_leaf) - 1
        return line.astype(np.int32), starts.astype(np.int32)

    def _leaf_table(self, gains: bool) -> Array:
        """Per leaf: splits saved, borders, their weights, gains and their squares."""
        lines = []
        for tree in self.forest.trees:
            parts = [tree.saved[tree.leaves][:, None]]
            parts += borders_by_column(tree, self.forest.n_columns)
            if gains:
                own = gains_by_column(tree, self.forest.n_columns)
                own = own if self.routing is None else own @ self.routing
                parts += [own, own**2]
            lines.append(np.hstack(parts))
        return np.concatenate(lines)
