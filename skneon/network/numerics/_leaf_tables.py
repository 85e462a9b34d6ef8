# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What depends on a row's leaf alone: gains by the columns that were split.

Either for all leaves, in a table, or from the leaf of each row up.
"""

import numpy as np

from skneon.network.numerics._isolation_tree import IsolationTree
from skneon.network.numerics._types import Array


def upward(
    tree: IsolationTree, leaves: Array, values: tuple[Array, ...]
) -> tuple[Array, list[Array]]:
    """Values of the edges on the paths of some rows, summed by column.

    Parameters
    ----------
    tree : IsolationTree
    leaves : ndarray of int, shape (n,)
        The leaf of each row.
    values : tuple of ndarray of shape (N,)
        Of the edges that lead to each node.

    Returns
    -------
    columns : ndarray of int, shape (p,)
        Those that split the tree.
    sums : list of ndarray of shape (n, p)
        One for each of the values.
    """
    columns = np.unique(tree.feature[tree.inner])
    sums = [np.zeros((len(leaves), len(columns))) for _ in values]
    rows, nodes = np.arange(len(leaves)), leaves
    while True:
        below = tree.parent[nodes] >= 0
        rows, nodes = rows[below], nodes[below]
        if not len(rows):
            return columns, sums
        up = tree.parent[nodes]
        places = np.searchsorted(columns, tree.feature[up])
        for total, of_node in zip(sums, values, strict=True):
            total[rows, places] += of_node[nodes]
        nodes = up


def gains_by_column(tree: IsolationTree, d: int) -> Array:
    """Gains on the path to each leaf, summed by the column of their split: (L, d)."""
    return _summed(tree, d, tree.gain)


def borders_by_column(tree: IsolationTree, d: int) -> tuple[Array, Array]:
    """Thresholds on the path to each leaf, weighted by what they saved.

    Returns
    -------
    borders, weights : ndarray of shape (L, d)
        Sums of thresholds times gains, of the splits with a positive gain, and of these
        gains. Their ratio is the border beyond which the row would be among more rows.
    """
    won, at = won_borders(tree)
    return _summed(tree, d, at), _summed(tree, d, won)


def won_borders(tree: IsolationTree) -> tuple[Array, Array]:
    """Positive gains of the edges to each node, and the thresholds times these."""
    won = np.maximum(tree.gain, 0.0)
    return won, won * tree.border[np.maximum(tree.parent, 0)]


def _summed(tree: IsolationTree, d: int, values: Array) -> Array:
    """Values of the edges on the path to each leaf, by column."""
    sums = np.zeros((len(tree.left), d))
    for nodes in tree.levels():
        up = tree.parent[nodes]
        sums[nodes] = sums[up]
        sums[nodes, tree.feature[up]] += values[nodes]
    return sums[tree.leaves]
