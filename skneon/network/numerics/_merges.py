# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Heights of the merges of a dendrogram, shared among the columns.

.. math:: D^2 = \min_{a, b} \|a - b\|^2, \qquad
          D^2 = \max_{a, b} \|a - b\|^2, \qquad
          D = \frac{1}{n_A n_B} \sum_{a, b} \|a - b\|, \qquad
          D^2 = \frac{2 n_A n_B}{n_A + n_B} \|\mu_A - \mu_B\|^2

by single, complete, average and ward linkage. Each is a sum over columns, once the pair
is chosen; of the average each pair's distance is divided as its square is.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from skneon.network.numerics._linkage_tree import Tree
from skneon.network.numerics._types import Array

# pairs whose distances are held at a time
PAIRS = 2**22


class Space(NamedTuple):
    """Rows as distances see them, and the factors of a column's share of a square.

    Behind an affine map z = y A + b squared distances are sums of (y - y')_i times
    [(z - z') A']_i, see `Inputs`.

    Attributes
    ----------
    points : ndarray of shape (N, p)
    left, right : ndarray of shape (N, m)
        The y, and the z A'; both the points themselves where there is no map.
    """

    points: Array
    left: Array
    right: Array


def space_of(points: Array) -> Space:
    """Rows about their mean, without a map."""
    centred = points - points.mean(axis=0)
    return Space(centred, centred, centred)


def merge_values(points: Array, tree: Tree, linkage: str) -> Array:
    """Heights of the merges, as values that are sums over columns; shape (N - 1,).

    Squares, but for average linkage.
    """
    return np.asarray(merge_shares(space_of(points), tree, linkage).sum(axis=1))


def merge_shares(space: Space, tree: Tree, linkage: str) -> Array:
    """What each column has of the value of each merge; shape (N - 1, m)."""
    if linkage == "ward":
        return _of_means(space, tree)
    if linkage == "average":
        return np.array([_of_all_pairs(space, A, B) for A, B in _sides(tree)])
    i, j = merge_pairs(space.points, tree, linkage).T
    steps = space.left[i] - space.left[j]
    return np.asarray(steps * (space.right[i] - space.right[j]))


def merge_pairs(points: Array, tree: Tree, linkage: str) -> Array:
    """The nearest, or by complete linkage the farthest, pair of each merge; (N - 1, 2).

    Of pairs that tie, the first.
    """
    sign = 1.0 if linkage == "single" else -1.0
    return np.array([_extreme(points, A, B, sign) for A, B in _sides(tree)])


def node_means(values: Array, tree: Tree) -> Array:
    """Means of the rows of every node; shape (2N - 1, m)."""
    n = len(values)
    means = np.empty((2 * n - 1, values.shape[1]))
    means[:n] = values
    for t, (a, b) in enumerate(tree.children.tolist()):
        total = tree.size[a] * means[a] + tree.size[b] * means[b]
        means[n + t] = total / tree.size[n + t]
    return means


def _sides(tree: Tree) -> Iterator[tuple[Array, Array]]:
    """Rows of both sides of each merge."""
    for a, b in tree.children.tolist():
        yield tree.rows(a), tree.rows(b)


def _of_means(space: Space, tree: Tree) -> Array:
    left, right = (node_means(V, tree) for V in (space.left, space.right))
    a, b = tree.children.T
    n_a, n_b = tree.size[a], tree.size[b]
    steps = (left[a] - left[b]) * (right[a] - right[b])
    return np.asarray((2 * n_a * n_b / (n_a + n_b))[:, None] * steps)


def _blocks(A: Array, B: Array) -> Iterator[Array]:
    """Parts of A whose pairs with B are few enough to be held."""
    step = max(1, PAIRS // len(B))
    ends = [*range(0, len(A), step), len(A)]
    for start, stop in pairwise(ends):
        yield A[start:stop]


def _extreme(points: Array, A: Array, B: Array, sign: float) -> tuple[int, int]:
    """The pair of the least distance, or with the other sign of the largest."""
    best, found = np.inf, (A[0], B[0])
    for some in _blocks(A, B):
        squared = sign * cdist(points[some], points[B], "sqeuclidean")
        i, j = np.unravel_index(squared.argmin(), squared.shape)
        if squared[i, j] < best:
            best, found = squared[i, j], (some[i], B[j])
    return found


def _of_all_pairs(space: Space, A: Array, B: Array) -> Array:
    """What each column has of the mean distance."""
    # about the mean of one side: far clusters do not cancel
    left, right = (V - V[B].mean(axis=0) for V in (space.left, space.right))
    out = np.zeros(left.shape[1])
    for some in _blocks(A, B):
        lengths = cdist(space.points[some], space.points[B])
        W = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        out += W.sum(axis=1) @ (left[some] * right[some])
        out += W.sum(axis=0) @ (left[B] * right[B])
        out -= np.sum(left[some] * (W @ right[B]), axis=0)
        out -= np.sum(right[some] * (W @ left[B]), axis=0)
    return np.asarray(out / (len(A) * len(B)))
