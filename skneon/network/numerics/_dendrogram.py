# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The dendrogram of a linkage clustering, and where a row would be inserted into it.

Node B lives from its birth, the height of its own merge, to its death, the height of
the merge into its parent; flat clusters never die. A row x joins the first living node
that is near enough:

.. math:: D^*_j(x) = \min \{ D(x, B) : B \subseteq j, \;
          \mathrm{birth}(B) \le D(x, B) < \mathrm{death}(B) \}

with D the linkage between {x} and B. For single, complete, average and ward linkage, in
which no merge is lower than those before it, this is what greedy merging does
(doc/linkage.md has the proof).

Heights and distances are held as values that sums over columns give: squares, but for
average linkage plain distances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from skneon.network.numerics._linkage_tree import Tree
from skneon.network.numerics._merges import node_means
from skneon.network.numerics._types import Array

# heights that differ by so little, relative to themselves and to the coordinates, tie
TIE, ROUNDED = 1e-9, 1e-14
# births are taken so many ties early: then each cluster has a living node for any row
EARLY = 4


class Level(NamedTuple):
    """Merges whose children are known when those of the levels before it are."""

    nodes: Array
    left: Array
    right: Array


@dataclass(frozen=True, eq=False)
class Dendrogram:
    """The nodes within flat clusters, cluster by cluster, children before parents.

    Attributes
    ----------
    linkage : {"single", "complete", "average", "ward"}
    center : ndarray of shape (p,)
        Mean of the rows, about which points and means are.
    points : ndarray of shape (N, p)
        The rows, cluster by cluster, so that those of a node are in one piece.
    order : ndarray of int, shape (N,)
        Their numbers in the fit.
    cluster : ndarray of int, shape (M,)
        Of each node.
    first, size : ndarray of int, shape (M,)
        A node's rows are ``points[first:first + size]``.
    means : ndarray of shape (M, p)
    leaves : ndarray of int, shape (N,)
        Nodes of the points.
    sibling : ndarray of int, shape (N,)
        The node that each point is first merged with, -1 for a lone point.
    lower, upper : ndarray of shape (M,)
        Values between which a node is alive, ties apart.
    levels : sequence of Level
    cut : float
        Value of the last merge that was done, 0 if none was.
    """

    linkage: str
    center: Array
    points: Array
    order: Array
    cluster: Array
    first: Array
    size: Array
    means: Array
    leaves: Array
    sibling: Array
    lower: Array
    upper: Array
    levels: Sequence[Level]
    cut: float

    @property
    def n_clusters(self) -> int:
        """Number of flat clusters."""
        return int(self.cluster[-1]) + 1

    @property
    def factors(self) -> Array:
        """What squared distances to the means count in ward linkage; shape (M,)."""
        return np.asarray(2 * self.size / (self.size + 1))

    def values(self, Z: Array) -> Array:
        """Linkage between rows and every node, as a value; shape (M, n)."""
        Z = Z - self.center
        if self.linkage == "ward":
            squared = cdist(self.means, Z, "sqeuclidean")
            return np.asarray(self.factors[:, None] * squared)
        V = np.empty((len(self.cluster), len(Z)))
        squared = cdist(self.points, Z, "sqeuclidean")
        average = self.linkage == "average"
        V[self.leaves] = np.sqrt(squared) if average else squared
        for nodes, left, right in self.levels:
            if average:
                total = (
                    self.size[left, None] * V[left] + self.size[right, None] * V[right]
                )
                V[nodes] = total / self.size[nodes, None]
            elif self.linkage == "single":
                V[nodes] = np.minimum(V[left], V[right])
            else:
                V[nodes] = np.maximum(V[left], V[right])
        return V

    def alive(self, V: Array, absent: Array | None) -> Array:
        """Values of the nodes that rows could join, +inf of others; shape (M, n).

        Parameters
        ----------
        V : ndarray of shape (M, n)
        absent : ndarray of int, shape (n,), or None
            The point that each row is, -1 for new rows. Its own nodes do not count. The
            node that it is merged with does, since it dies of that very merge.
        """
        living = (self.lower[:, None] <= V) & (self.upper[:, None] > V)
        alive = np.where(living, V, np.inf)
        if absent is None:
            return alive
        rows = np.flatnonzero(absent >= 0)
        place = absent[rows]
        after = self.first[:, None] <= place
        within = after & (place < (self.first + self.size)[:, None])
        alive[:, rows] = np.where(within, np.inf, alive[:, rows])
        paired = self.sibling[place] >= 0
        rows, sibling = rows[paired], self.sibling[place[paired]]
        alive[sibling, rows] = V[sibling, rows]
        return alive

    def nearest(self, alive: Array) -> Array:
        """Least value of each cluster, (n, n_clusters); +inf where none is alive."""
        starts = np.searchsorted(self.cluster, np.arange(self.n_clusters))
        return np.asarray(np.minimum.reduceat(alive, starts, axis=0).T)

    def node(self, alive: Array, cluster: Array) -> Array:
        """The node of each row's cluster that gives its least value; shape (n,)."""
        own = self.cluster[:, None] == cluster
        return np.asarray(np.where(own, alive, np.inf).argmin(axis=0))


def dendrogram_of(points: Array, tree: Tree, linkage: str, values: Array) -> Dendrogram:
    """The dendrogram of rows, cut into flat clusters.

    Parameters
    ----------
    points : ndarray of shape (N, p)
        In the order of the fit.
    tree : Tree
    linkage : str
    values : ndarray of shape (N - 1,)
        Of the heights of the merges, see `merge_values`.
    """
    n, center = len(points), points.mean(axis=0)
    points = points - center
    born = np.concatenate([np.zeros(n), values])
    inside = np.flatnonzero(tree.label >= 0)
    nodes = inside[np.argsort(tree.label[inside], kind="stable")]
    # the last for the parent of the root, which is none
    number = np.full(2 * n, -1)
    number[nodes] = np.arange(len(nodes))
    # cluster by cluster, and within a cluster along the dendrogram
    order = tree.order[np.argsort(tree.label[tree.order], kind="stable")]
    place = np.empty(n, dtype=int)
    place[order] = np.arange(n)
    above = tree.parent[nodes]
    parent = number[above]
    died = np.where(parent >= 0, born[above], np.inf)
    merged = np.flatnonzero(nodes >= n)
    pairs = number[tree.children[nodes[merged] - n]]
    leaves = number[order]
    ties = {
        "power": 1.0 if linkage == "average" else 0.5,
        "slack": ROUNDED * float(np.abs(points).max()),
    }
    return Dendrogram(
        linkage=linkage,
        center=center,
        points=points[order],
        order=order,
        cluster=tree.label[nodes],
        first=place[tree.order[tree.start[nodes]]],
        size=tree.size[nodes],
        means=node_means(points, tree)[nodes],
        leaves=leaves,
        sibling=_siblings(leaves, parent, merged, pairs),
        lower=_earlier(born[nodes], EARLY, **ties),
        upper=_earlier(died, 1, **ties),
        levels=_levels(merged, pairs, len(nodes)),
        cut=float(born[nodes].max()),
    )


def _earlier(values: Array, ties: int, power: float, slack: float) -> Array:
    """Values of heights that are lower by so many ties; not below 0."""
    heights = values**power
    earlier = np.maximum(heights * (1 - ties * TIE) - ties * slack, 0.0)
    return np.asarray(earlier ** (1 / power))


def _siblings(leaves: Array, parent: Array, merged: Array, pairs: Array) -> Array:
    """The other child of each leaf's parent, -1 for a lone leaf."""
    children = np.full((len(parent), 2), -1)
    children[merged] = pairs
    above = parent[leaves]
    both = children[above]
    other = np.where(both[:, 0] == leaves, both[:, 1], both[:, 0])
    return np.where(above >= 0, other, -1)


def _levels(merged: Array, pairs: Array, n_nodes: int) -> list[Level]:
    """Merges that can be taken at once, from the bottom up."""
    depth = [0] * n_nodes
    for node, (a, b) in zip(merged.tolist(), pairs.tolist(), strict=True):
        depth[node] = 1 + max(depth[a], depth[b])
    of = np.array(depth)[merged]
    order = np.argsort(of, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(of[order])) + 1)
    return [Level(merged[some], *pairs[some].T) for some in parts if len(some)]
