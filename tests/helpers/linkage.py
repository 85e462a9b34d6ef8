# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linkage clusterings, slowly: nodes as sets of rows, and every distance from these."""

import numpy as np
from scipy.spatial.distance import cdist

from helpers.shapley import by_permutations

LINKAGES = ("single", "complete", "average", "ward")


def linkage_of(A, B, kind, columns=slice(None)):
    """Height at which two sets of rows merge; squared, but for average linkage."""
    A, B = A[:, columns], B[:, columns]
    if kind == "ward":
        n, m = len(A), len(B)
        apart = A.mean(axis=0) - B.mean(axis=0)
        return 2 * n * m / (n + m) * (apart @ apart)
    if kind == "average":
        return cdist(A, B).mean()
    squared = cdist(A, B, "sqeuclidean")
    return squared.min() if kind == "single" else squared.max()


class Slow:
    """The nodes within the flat clusters of a model: rows, birth, death, parent."""

    def __init__(self, model, X):
        self.model, self.X, self.kind = model, X, model.linkage
        n = len(X)
        self.rows = [[i] for i in range(n)]
        self.birth, self.death, self.parent = [0.0] * n, [np.inf] * n, [None] * n
        for a, b in model.children_.tolist():
            own = self.rows[a] + self.rows[b]
            height = linkage_of(X[self.rows[a]], X[self.rows[b]], self.kind)
            if len(set(model.labels_[own])) == 1:
                for child in (a, b):
                    self.death[child], self.parent[child] = height, len(self.rows)
            self.rows.append(own)
            self.birth.append(height)
            self.death.append(np.inf)
            self.parent.append(None)
        self.nodes = [
            k for k, own in enumerate(self.rows) if len(set(model.labels_[own])) == 1
        ]
        self.cut = max(self.birth[k] for k in self.nodes)

    def value(self, x, k, columns=slice(None)):
        return linkage_of(x[None], self.X[self.rows[k]], self.kind, columns)

    def sibling(self, n):
        """The node that row n is merged with first; None for a lone row."""
        others = [k for k in self.nodes if k != n and self.parent[k] == self.parent[n]]
        return others[0] if self.parent[n] is not None else None

    def joined(self, x, cluster, own=None):
        """D* of a cluster and the node that gives it; inf and None for a lone row."""
        found = [(np.inf, None)]
        for k in self.nodes:
            if self.model.labels_[self.rows[k][0]] != cluster or own in self.rows[k]:
                continue
            height = self.value(x, k)
            tie = 1e-9 * (1 + height)
            lives = self.birth[k] - tie <= height < self.death[k] - tie
            if lives or (own is not None and k == self.sibling(own)):
                found.append((height, k))
        return min(found, key=lambda pair: pair[0])

    def evidence(self, x, cluster, own=None, rival=None):
        """Score, and its Shapley values with the two nodes held fixed."""
        heights = {j: self.joined(x, j, own) for j in range(self.model.n_clusters_)}
        others = [rival] if rival is not None else [j for j in heights if j != cluster]
        strongest = min(others, key=lambda j: heights[j][0])
        nodes = heights[strongest][1], heights[cluster][1]

        def value(columns):
            parts = [0.0 if k is None else self.value(x, k, columns) for k in nodes]
            return parts[0] - parts[1]

        phi = by_permutations(value, len(x))
        # a lone row ends at the last merge that was done
        constant = -self.cut if nodes[1] is None else 0.0
        return value(range(len(x))) + constant, phi, constant, strongest


def whole(model, X, x, cluster, own=None):
    """Score by whole clusters, and its Shapley values; rivals compete by all sets."""
    labels = model.labels_
    keep = np.ones(len(X), dtype=bool)
    if own is not None and np.sum(labels == labels[own]) > 1:
        keep[own] = False
    members = [X[(labels == j) & keep] for j in range(model.n_clusters_)]

    def value(columns):
        D = [linkage_of(x[None], rows, model.linkage, columns) for rows in members]
        own = D.pop(cluster)
        return min(D) - own

    return value(range(len(x))), by_permutations(value, len(x))
