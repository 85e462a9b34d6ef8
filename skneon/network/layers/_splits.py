# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear units of clusters that are the leaves of a tree of splits."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._centroids import nearest_point
from skneon.network.layers._linear import LinearPairs
from skneon.network.layers._pairs import Pairs
from skneon.network.numerics._types import Array


class SplitPairs(LinearPairs):
    r"""One linear unit for each split above the cluster's leaf (ours).

    At every split a row goes to the nearer of two centers. For the leaf c, with the
    centers :math:`o_t` on the path from the root to it and their siblings
    :math:`s_t`,

    .. math:: h_t = \|x - s_t\|^2 - \|x - o_t\|^2, \qquad f_c = \min_t h_t,

    which is positive exactly where all splits lead to c. A rival is asked about at the
    one split where the paths part.

    Parameters
    ----------
    centers : ndarray of shape (M, d)
        Of the nodes; the first is the root.
    children : ndarray of int, shape (M, 2)
        -1 for leaves.
    labels : ndarray of int, shape (M,)
        Cluster of each leaf, -1 for other nodes.
    """

    reference_name = "center of the other side of the strongest split"
    words = "how much nearer the own side is than the other, at each split above c"
    equation = "h_k = ‖x − s_k‖² − ‖x − o_k‖²"

    @property
    def parts(self) -> str:
        """What a column has of a unit."""
        if self.inputs.matrix is None:
            return "C_ki = (x_i − s_ki)² − (x_i − o_ki)²"
        return (
            "C_ki = (y − ŝ_k)_i [(x − s_k) Aᵀ]_i − the same of o_k,  x = y A + b, "
            "s_k = ŝ_k A + b"
        )

    def __init__(self, centers: Array, children: Array, labels: Array) -> None:
        self.centers = centers
        self.children = children
        self.labels = labels
        paths = dict(_paths(children, 0, ()))
        self.paths = [paths[leaf] for leaf in self.leaves]
        depth = max(len(path) for path in self.paths)
        super().__init__(centers.shape[1], max(depth, 1))

    @property
    def leaves(self) -> Array:
        """Node of each cluster, in the order of the clusters."""
        nodes = np.flatnonzero(self.labels >= 0)
        return nodes[np.argsort(self.labels[nodes])]

    @property
    def own_points(self) -> Array:
        """Centers of the clusters, shape (n_clusters, d)."""
        return np.asarray(self.centers[self.leaves])

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.paths)

    def nearest(self, X: Array) -> Array:
        """The cluster of the leaf that the splits lead to, shape (n,)."""
        nodes = np.zeros(X.shape[0], dtype=int)
        return self.labels[self._descend(self.inputs.project(X), nodes)]

    def _descend(self, Z: Array, nodes: Array) -> Array:
        """Leaves that rows reach from their nodes, shape (n,)."""
        nodes = nodes.copy()
        while True:
            inner = self.children[nodes, 0] >= 0
            if not inner.any():
                return nodes
            for node in np.unique(nodes[inner]):
                rows, both = np.flatnonzero(nodes == node), self.children[node]
                nodes[rows] = both[nearest_point(Z[rows], self.centers[both])]

    def moved(self) -> float:
        """Part of a squared distance that rounding moves from one column to another."""
        return self.inputs.moved(self.centers, self.inputs.pull(self.centers))

    def owners(self, X: Array, query: Query) -> Array:
        """The cluster asked about, shape (n,)."""
        return self.clusters(X, query)

    def pairs(self, owner: int) -> Pairs:
        """The linear units of the splits above this cluster's leaf."""
        own, siblings = self._nodes(owner)
        leaf = self.centers[self.leaves[owner]]
        competes = np.ones(len(own), dtype=bool)
        return Pairs.of(
            leaf, self.centers[own], self.centers[siblings], competes, self.inputs
        )

    @property
    def points(self) -> Array:
        """The points that units contrast, shape (M, d)."""
        return self.centers

    def over_points(self, factor: Array, owners: Array) -> Array:
        """What the points count where the units count as `factor`, shape (n, M)."""
        weights = np.zeros((len(factor), len(self.centers)))
        for owner in np.unique(owners):
            rows = np.flatnonzero(owners == owner)
            own, siblings = self._nodes(owner)
            some = factor[rows, : len(own)]
            weights[np.ix_(rows, siblings)] = some
            weights[np.ix_(rows, own)] = -some
        return weights

    def strongest_point(self, X: Any, H: Array, query: Query) -> Array:
        """Number of the other side's center, -1 where there is none; (n,)."""
        return self._strongest(X, H, query)

    def _nodes(self, owner: int) -> tuple[Array, Array]:
        """Nodes on the path to a cluster without the root, and their siblings."""
        path = self.paths[owner]
        own = np.array([self.children[node, side] for node, side in path], dtype=int)
        sibling = [self.children[node, 1 - side] for node, side in path]
        return own, np.array(sibling, dtype=int)

    def excluded(self, owners: Array, query: Query) -> Array:
        """Units of other splits than that towards the rival; shape (n, n_units)."""
        assert query.rival is not None
        out = np.zeros((len(owners), self.n_units), dtype=bool)
        asked = query.rival >= 0
        for c, j in np.unique(np.column_stack([owners, query.rival])[asked], axis=0):
            both = zip(self.paths[c], self.paths[j], strict=False)
            parting = next(t for t, (a, b) in enumerate(both) if a != b)
            out[(owners == c) & (query.rival == j)] = np.arange(self.n_units) != parting
        return out

    def _strongest(self, X: Array, H: Array, query: Query) -> Array:
        """The sibling at the split that is most nearly lost; -1 for a lone cluster."""
        owners, splits = self.owners(X, query), H.argmin(axis=1)
        nodes = np.full(X.shape[0], -1)
        for owner in np.unique(owners):
            _, siblings = self._nodes(owner)
            if len(siblings):
                rows = owners == owner
                nodes[rows] = siblings[splits[rows]]
        return nodes

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The cluster that x would reach through the strongest split's other side.

        Where a rival is asked about, it is that.
        """
        nodes = self._strongest(X, H, query)
        if (nodes < 0).all():
            return nodes
        reached = self.labels[self._descend(self.inputs.project(X), nodes)]
        if query.rival is None:
            return reached
        return np.where(query.rival >= 0, query.rival, reached)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Center of the other side, shape (n, d); NaN where there is none."""
        nodes = self._strongest(X, H, query)
        return np.where(nodes[:, None] >= 0, self.centers[nodes], np.nan)


def _paths(
    children: Array, node: int, path: tuple[tuple[int, int], ...]
) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """(leaf, ((node, side), ...)) for every leaf below a node."""
    if children[node, 0] < 0:
        yield node, path
        return
    for side in (0, 1):
        yield from _paths(children, children[node, side], (*path, (node, side)))
