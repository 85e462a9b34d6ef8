# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Isolation trees as arrays, and the gains of their splits.

A row whose leaf has the depth D, counting what a leaf of n rows would still have taken,
c(n), is isolated early where D is small (Liu, Ting, Zhou: Isolation Forest, 2008). The
splits that it saved are a sum over the edges of its path,

.. math:: c(n_\text{root}) - D = \sum_{u \to v} g_v, \qquad
          g_v = c(n_u) - 1 - c(n_v) :

splits expected before, less the one that is made, less those expected after. A gain is
positive where the row falls to the side of the few.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array, Table


def expected_depth(n: Any) -> Array:
    """c(n): splits that isolate a row among n on the average, as scikit-learn has it.

    With a logarithm in the place of the harmonic number; 0 for n < 2 and 1 for n = 2.
    """
    n = np.asarray(n, dtype=float)
    many = np.maximum(n, 3.0)
    c = 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many
    return np.where(n > 2, c, np.where(n == 2, 1.0, 0.0))


class IsolationTree:
    """One tree, by its nodes; node 0 is the root, and children come after it.

    Parameters
    ----------
    left, right : ndarray of int, shape (N,)
        Children; -1 for leaves.
    feature : ndarray of int, shape (N,)
        Number of the column that a node is split by; whatever for leaves.
    border : ndarray of shape (N,)
        Rows at or below it go left. Rows are compared as float32, as in scikit-learn.
    n_rows : ndarray of shape (N,)
        Different rows of the fit in each node.
    missing_left : ndarray of bool, shape (N,), or None
        Whether rows whose value is missing go left; None: they go right.

    Attributes
    ----------
    parent : ndarray of int, shape (N,)
        -1 for the root.
    inner, leaves : ndarray of int
        Numbers of the nodes that are split, parents before their children, and of the
        others.
    expected : ndarray of shape (N,)
        c(n) of the nodes.
    share : ndarray of shape (N,)
        Of the parent's rows.
    gain : ndarray of shape (N,)
        g of the edge that leads to a node; 0 for the root.
    saved : ndarray of shape (N,)
        The sum of the gains on the path to a node.
    threshold : ndarray of float32, shape (N,)
        What values of float32 are compared with: `border`, rounded down.

    Raises
    ------
    ValueError
        For arrays of different lengths, and a node that comes before its parent.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import IsolationTree
    >>> left, right, feature = [1, -1, -1], [2, -1, -1], [0, 0, 0]
    >>> tree = IsolationTree(left, right, feature, [0.5, 0.0, 0.0], [8, 7, 1])
    >>> tree.apply(np.array([[0.0], [3.0]]))
    array([1, 2])
    >>> tree.saved.round(2)
    array([ 0.  , -0.73,  2.3 ])
    """

    def __init__(
        self,
        left: ArrayLike,
        right: ArrayLike,
        feature: ArrayLike,
        border: ArrayLike,
        n_rows: ArrayLike,
        missing_left: ArrayLike | None = None,
    ) -> None:
        left, right, feature = np.asarray(left), np.asarray(right), np.asarray(feature)
        border, n_rows = np.asarray(border, dtype=float), np.asarray(n_rows)
        if missing_left is None:
            missing_left = np.zeros(left.shape, dtype=bool)
        missing_left = np.asarray(missing_left)
        lengths = {
            np.shape(a) for a in (left, right, feature, border, n_rows, missing_left)
        }
        if lengths != {(len(left),)}:
            raise ValueError(
                "The arrays of a tree have one number for each node, got those of "
                f"shapes {sorted(lengths)}."
            )
        self.left, self.right = left, right
        self.n_rows = n_rows
        self.border, self.missing_left = border, missing_left
        self.inner, self.leaves = np.flatnonzero(left >= 0), np.flatnonzero(left < 0)
        self.feature = np.where(left >= 0, feature, -1)
        self.parent = np.full(len(left), -1)
        for children in (left, right):
            self.parent[children[self.inner]] = self.inner
        if (self.parent >= np.arange(len(left))).any():
            raise ValueError("A tree's nodes come before their parents.")
        up, c = np.maximum(self.parent, 0), expected_depth(n_rows)
        below = self.parent >= 0
        self.expected = c
        self.share = np.where(below, n_rows / n_rows[up], 1.0)
        self.gain = np.where(below, c[up] - 1 - c, 0.0)
        self.threshold = rounded_down(border)
        self.saved = np.zeros(len(left))
        for nodes in self.levels():
            self.saved[nodes] = self.saved[self.parent[nodes]] + self.gain[nodes]

    def apply(self, X: Table) -> Array:
        """The leaf of each row, (n,)."""
        with np.errstate(over="ignore"):
            X = dense(X).astype(np.float32, copy=False)
        rows, node = np.arange(len(X)), np.zeros(len(X), dtype=np.intp)
        for _ in self.levels():
            value = X[rows, self.feature[node]]
            down = value <= self.threshold[node]
            down |= np.isnan(value) & self.missing_left[node]
            child = np.where(down, self.left[node], self.right[node])
            node = np.where(self.left[node] >= 0, child, node)
        return node

    def levels(self) -> Iterator[Array]:
        """The nodes of one depth after the other, from the root's children on."""
        nodes = self.inner[:1]
        while len(nodes):
            nodes = np.concatenate([self.left[nodes], self.right[nodes]])
            yield nodes
            nodes = nodes[self.left[nodes] >= 0]


class Grove:
    """Some trees side by side, whose nodes are numbered through.

    Parameters
    ----------
    trees : sequence of IsolationTree

    Attributes
    ----------
    children : ndarray of int, shape (2, N)
        Left and right; below the first node of a tree for leaves.
    feature, expected, share, gain, threshold, missing_left : ndarray of shape (N,)
        As of the trees.
    roots : ndarray of int, shape (T,)
    levels : list of ndarray of int
        The nodes that are split, of one depth after the other, the deepest first.
    """

    def __init__(self, trees: Sequence[IsolationTree]) -> None:
        sizes = [len(tree.left) for tree in trees]
        self.roots = np.cumsum(sizes) - sizes
        first = np.repeat(self.roots, sizes)
        sides = ([tree.left for tree in trees], [tree.right for tree in trees])
        self.children = np.stack([np.concatenate(side) + first for side in sides])
        self.feature = np.concatenate([tree.feature for tree in trees])
        self.expected = np.concatenate([tree.expected for tree in trees])
        self.share = np.concatenate([tree.share for tree in trees])
        self.gain = np.concatenate([tree.gain for tree in trees])
        self.threshold = np.concatenate([tree.threshold for tree in trees])
        self.missing_left = np.concatenate([tree.missing_left for tree in trees])
        self.levels: list[Array] = []
        nodes = self.roots
        while len(nodes := nodes[self.feature[nodes] >= 0]):
            self.levels.insert(0, nodes)
            nodes = self.children[:, nodes].ravel()

    def sides(self, nodes: Array, x: Array) -> Array:
        """The child of each node that a row of float32 goes to, (k,)."""
        values = x[self.feature[nodes]]
        left = values <= self.threshold[nodes]
        left |= self.missing_left[nodes] & np.isnan(values)
        to_left, to_right = self.children[:, nodes]
        return np.asarray(np.where(left, to_left, to_right))


def rounded_down(values: Array) -> Array:
    """The largest float32 that is not above each value of float64.

    Numbers of float32 are at or below the one exactly where they are the other.
    """
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    above = single > values
    return np.where(above, np.nextafter(single, np.float32(-np.inf)), single)


def goes_left(tree: IsolationTree, node: int, values: Array) -> Array:
    """Which values of float32, of the node's column, go left; NaN is missing."""
    left = values <= tree.threshold[node]
    if tree.missing_left[node]:
        left |= np.isnan(values)
    return np.asarray(left)
