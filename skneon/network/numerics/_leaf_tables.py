# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What depends on a row's leaf alone: gains by the columns that were split."""

import numpy as np

from skneon.network.numerics._isolation_tree import IsolationTree
from skneon.network.numerics._types import Array


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
    won = np.maximum(tree.gain, 0.0)
    at = tree.border[np.maximum(tree.parent, 0)]
    return _summed(tree, d, won * at), _summed(tree, d, won)


def _summed(tree: IsolationTree, d: int, values: Array) -> Array:
    """Values of the edges on the path to each leaf, by column."""
    sums = np.zeros((len(tree.left), d))
    for nodes in tree.levels():
        up = tree.parent[nodes]
        sums[nodes] = sums[up]
        sums[nodes, tree.feature[up]] += values[nodes]
    return sums[tree.leaves]
