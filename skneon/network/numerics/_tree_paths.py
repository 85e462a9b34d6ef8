# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which players split the paths of a tree, and how rows stand to them.

A player is a column, or several that are left out together. A node that m players have
split the way to knows a row by its pattern, m bits: the j-th is 1 where the row is on
the node's side at all splits of the j-th player.
"""

from collections.abc import Callable

import numpy as np

from skneon.network.numerics._isolation_tree import IsolationTree, goes_left
from skneon.network.numerics._types import Array

# patterns are numbers of 16 bits, of which one may be needed beside the players
MOST_PLAYERS = 15


class TreePaths:
    """The players on the path to every node.

    Parameters
    ----------
    tree : IsolationTree
    player_of : ndarray of int, shape (d,)
        The player of each column.

    Attributes
    ----------
    players : ndarray of int, shape (p,)
        Those that split the tree anywhere.
    local : ndarray of int, shape (N,)
        Number, among these, of the one that splits a node; 0 for leaves.
    slot : ndarray of int8, shape (N, p)
        Which bit of a node's pattern is a player's; -1 where it is not on the path.
    n_players : ndarray of int, shape (N,)
        How many are on the path.
    """

    def __init__(self, tree: IsolationTree, player_of: Array) -> None:
        self.tree = tree
        splits = player_of[tree.feature[tree.inner]]
        self.players, local = np.unique(splits, return_inverse=True)
        self.local = np.zeros(len(tree.left), dtype=int)
        self.local[tree.inner] = local
        self.slot = np.full((len(tree.left), len(self.players)), -1, dtype=np.int8)
        self.n_players = np.zeros(len(tree.left), dtype=int)
        for nodes in tree.levels():
            up = tree.parent[nodes]
            self.slot[nodes] = self.slot[up]
            self.n_players[nodes] = self.n_players[up]
            by = self.local[up]
            new = nodes[self.slot[nodes, by] < 0]
            self.slot[new, self.local[tree.parent[new]]] = self.n_players[new]
            self.n_players[new] += 1

    def on_path(self, nodes: Array) -> Array:
        """Local numbers of the players in the order of their bits: (K, m).

        Parameters
        ----------
        nodes : ndarray of int, shape (K,)
            With the same number m of players.
        """
        k, players = np.nonzero(self.slot[nodes] >= 0)
        out = np.zeros((len(nodes), self.n_players[nodes[0]]), dtype=int)
        out[k, self.slot[nodes][k, players]] = players
        return out

    def factors(self, edge: Array) -> Array:
        """Products of the edges' values on the path to each node, by player: (N, p)."""
        tree = self.tree
        products = np.ones(self.slot.shape)
        for nodes in tree.levels():
            up = tree.parent[nodes]
            products[nodes] = products[up]
            products[nodes, self.local[up]] *= edge[nodes]
        return products

    def patterns(self, columns: Callable[[int], Array], n: int) -> Array:
        """Patterns of rows at every node, (N, n) of uint16.

        Parameters
        ----------
        columns : callable
            Gives the values of a column, (n,) of float32.
        n : int
            Number of the rows.
        """
        tree = self.tree
        out = np.zeros((len(tree.left), n), dtype=np.uint16)
        step = np.empty(n, dtype=np.uint16)
        for u in tree.inner:
            left, right = tree.left[u], tree.right[u]
            bit = np.uint16(1 << int(self.slot[left, self.local[u]]))
            goes = goes_left(tree, int(u), columns(tree.feature[u]))
            np.multiply(goes, bit, out=step)
            if self.n_players[left] > self.n_players[u]:
                np.bitwise_or(out[u], step, out=out[left])
                np.bitwise_xor(out[left], bit, out=out[right])
            else:
                # of a player that is there already, a row stays inside on one side
                np.bitwise_and(out[u], ~step, out=out[right])
                step |= ~bit
                np.bitwise_and(out[u], step, out=out[left])
        return out
