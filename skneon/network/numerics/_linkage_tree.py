# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""All nodes of a dendrogram, and what its merges share."""

from typing import NamedTuple

import numpy as np

from skneon.network.numerics._types import Array


class Tree(NamedTuple):
    """The nodes of a dendrogram: the N rows, then the merges.

    Attributes
    ----------
    children : ndarray of int, shape (N - 1, 2)
    parent, size : ndarray of int, shape (2N - 1,)
        -1 is the parent of the root.
    start : ndarray of int, shape (2N - 1,)
        A node's rows are ``order[start:start + size]``.
    order : ndarray of int, shape (N,)
        Rows from one end of the dendrogram to the other.
    label : ndarray of int, shape (2N - 1,)
        Flat cluster of a node, -1 for nodes of several.
    """

    children: Array
    parent: Array
    size: Array
    start: Array
    order: Array
    label: Array

    def rows(self, node: int) -> Array:
        """Numbers of the rows of a node."""
        return self.order[self.start[node] : self.start[node] + self.size[node]]


def tree_of(children: Array, labels: Array) -> Tree:
    """The nodes of a dendrogram.

    Parameters
    ----------
    children : ndarray of int, shape (N - 1, 2)
        As scikit-learn and SciPy number them.
    labels : ndarray of int, shape (N,)
        Flat clusters of the rows, which are subtrees.

    Returns
    -------
    tree : Tree

    Examples
    --------
    >>> import numpy as np
    >>> tree = tree_of(np.array([[1, 2], [0, 3]]), np.array([0, 1, 1]))
    >>> tree.size, tree.label, tree.order
    (array([1, 1, 1, 2, 3]), array([ 0,  1,  1,  1, -1]), array([0, 1, 2]))
    """
    n = len(labels)
    size, label, parent = [1] * n, labels.tolist(), [-1] * (2 * n - 1)
    for t, (a, b) in enumerate(children.tolist()):
        size.append(size[a] + size[b])
        label.append(label[a] if label[a] == label[b] else -1)
        parent[a] = parent[b] = n + t
    start = [0] * len(size)
    for t in range(n - 2, -1, -1):
        a, b = children[t].tolist()
        start[a] = start[n + t]
        start[b] = start[a] + size[a]
    order = np.argsort(start[:n])
    above, sizes, starts = (np.array(column) for column in (parent, size, start))
    return Tree(children, above, sizes, starts, order, np.array(label))
