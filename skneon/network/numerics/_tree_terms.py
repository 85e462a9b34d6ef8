# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The terms of games on a tree, and the Shapley values of each for every pattern.

The gains of a tree are a sum over terms that a row enters by its pattern alone:

relative depth
    A split by a column that is left out is not made. What its two cells say of the row,
    in units of the depth that is expected there, is averaged as their rows are:
    with :math:`\rho_S(u)` the share of c(n_u) that is saved below a node,

    .. math:: \rho_S(u) = 1 - \frac{1 + c(n_v) (1 - \rho_S(v))}{c(n_u)}
              \quad\text{or}\quad
              \rho_S(u) = \sum_v \frac{n_v}{n_u} \rho_S(v)

    where the split to v is known, and where it is not; 0 at leaves. So a gain counts
    where its split is known, times a factor n_v c(n_u) / (n_u c(n_v)) for each unknown
    split above: a term per split.
path
    A split by a column that is left out sends the row to both sides, in proportion to
    their rows (Lundberg, Erion, Lee 2018: path-dependent TreeSHAP): a term per leaf.
background rows
    They take the place of the columns that are left out: a term per leaf.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from skneon.network.numerics._product_tables import (
    background_shapley_table,
    product_shapley_table,
)
from skneon.network.numerics._tree_paths import TreePaths
from skneon.network.numerics._types import Array


@dataclass(frozen=True, eq=False)
class Part:
    """Terms of the same size.

    Attributes
    ----------
    terms : ndarray of int, shape (K,)
        Their numbers.
    players : ndarray of int, shape (K, m)
        Local numbers of the players in the order of the bits.
    table : ndarray of shape (K, 2^b, m)
        Shapley values for all patterns.
    """

    terms: Array
    players: Array
    table: Array


class LeafTerms:
    """One term per leaf that is not the root: what it saved, for rows of its pattern.

    Parameters
    ----------
    paths : TreePaths
    """

    def __init__(self, paths: TreePaths) -> None:
        self.paths = paths
        leaves = paths.tree.leaves
        self.nodes = leaves[paths.n_players[leaves] > 0]
        self.n_players = paths.n_players[self.nodes]
        self.bits = self.n_players

    def numbers(self, patterns: Array) -> Array:
        """Where the terms' tables have the rows, (K, n)."""
        found: Array = patterns[self.nodes].astype(np.int32)
        return found

    def by_path(self) -> Iterator[Part]:
        """Tables of the game in which unknown splits send rows to both sides."""
        factors = self.paths.factors(self.paths.tree.share)
        for some in self._alike():
            nodes = self.nodes[some]
            players = self.paths.on_path(nodes)
            q = np.take_along_axis(factors[nodes], players, axis=1)
            yield self._part(some, players, product_shapley_table(q))

    def by_background(self, counts: list[Array]) -> Iterator[Part]:
        """Tables of the game of background rows.

        Parameters
        ----------
        counts : list of ndarray of shape (2^m,)
            How many of them have each pattern, by term.
        """
        for some in self._alike():
            P = np.array([counts[k] for k in some], dtype=float)
            P /= P.sum(axis=1, keepdims=True)
            players = self.paths.on_path(self.nodes[some])
            yield self._part(some, players, background_shapley_table(P))

    def _alike(self) -> Iterator[Array]:
        for m in np.unique(self.n_players):
            yield np.flatnonzero(self.n_players == m)

    def _part(self, some: Array, players: Array, table: Array) -> Part:
        table *= self.paths.tree.saved[self.nodes[some], None, None]
        return Part(some, players, table)


class SplitTerms:
    """One term per split: the gain on the row's side, if the row comes there.

    The pattern at the left child says all that is needed where its player splits the
    path for the first time: rows that are not there by this player are on the right. A
    player that did so before may have kept the row from either side, which is one more
    bit: whether it is on the right.

    Parameters
    ----------
    paths : TreePaths
    """

    def __init__(self, paths: TreePaths) -> None:
        self.paths = paths
        tree = paths.tree
        self.nodes, self.right = tree.left[tree.inner], tree.right[tree.inner]
        self.n_players = paths.n_players[self.nodes]
        self.own = paths.slot[self.nodes, paths.local[tree.inner]].astype(int)
        self.again = self.n_players == paths.n_players[tree.inner]
        self.bits = self.n_players + self.again

    def numbers(self, patterns: Array) -> Array:
        """Where the terms' tables have the rows, (K, n)."""
        found: Array = patterns[self.nodes].astype(np.int32)
        again = np.flatnonzero(self.again)
        on_right = patterns[self.right[again]] >> self.own[again, None].astype(
            np.uint16
        )
        on_right &= np.uint16(1)
        place = self.n_players[again, None].astype(np.int32)
        found[again] |= on_right.astype(np.int32) << place
        return found

    def by_relative_depth(self) -> Iterator[Part]:
        """Tables of the game of relative depth."""
        tree = self.paths.tree
        up, c = np.maximum(tree.parent, 0), tree.expected
        edge = tree.share * np.divide(c[up], c, out=np.zeros_like(c), where=c > 0)
        factors = self.paths.factors(edge)
        for m, again in np.unique(
            np.column_stack([self.n_players, self.again]), axis=0
        ):
            some = np.flatnonzero((self.n_players == m) & (self.again == again))
            players = self.paths.on_path(self.nodes[some])
            q = np.take_along_axis(factors[self.nodes[some]], players, axis=1)
            # nothing is gained at a split that is not made
            np.put_along_axis(q, self.own[some, None], 0.0, axis=1)
            table = product_shapley_table(q)
            yield Part(some, players, self._by_side(some, table, bool(again)))

    def _by_side(self, some: Array, table: Array, again: bool) -> Array:
        """Values where the row is at the split, times the gain on its side."""
        tree, own = self.paths.tree, self.own[some, None]
        z = np.arange(table.shape[1])
        there = np.take_along_axis(table, (z | 1 << own)[..., None], axis=1)
        left = ((z >> own) & 1)[..., None] > 0
        to_left = there * tree.gain[self.nodes[some], None, None]
        to_right = there * tree.gain[self.right[some], None, None]
        if not again:
            return np.where(left, to_left, to_right)
        return np.concatenate(
            [np.where(left, to_left, 0.0), np.where(left, 0.0, to_right)], axis=1
        )
