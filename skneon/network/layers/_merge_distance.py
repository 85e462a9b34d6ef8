# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The height of a merge of a dendrogram."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._once import Once
from skneon.network.layers._units import Units
from skneon.network.numerics._linkage_tree import Tree
from skneon.network.numerics._merges import (
    Space,
    merge_pairs,
    merge_shares,
    node_means,
)
from skneon.network.numerics._types import Array

HEIGHTS = {
    "single": "h² = min_ab ‖a − b‖² over rows a, b of the two sides",
    "complete": "h² = max_ab ‖a − b‖² over rows a, b of the two sides",
    "average": "h = 1/(n_A n_B) Σ_ab ‖a − b‖ over rows a, b of the two sides",
    "ward": "h² = 2 n_A n_B / (n_A + n_B) ‖μ_A − μ_B‖²",
}


class MergeDistance(Once, Units):
    r"""One unit: how far the two sides of a merge are apart, by linkage.

    Which merge it is the query says, ``query.neighbors[:, 0]``, or else it is the last.
    Rows X are where its first side is, see `sides`, and do not matter. The height, its
    square but for average linkage, is a sum over columns, see `numerics._merges`.

    Parameters
    ----------
    points : ndarray of shape (N, d)
        The rows of the fit.
    tree : Tree
    linkage : {"single", "complete", "average", "ward"}
    """

    words = "how far the two sides of the merge are apart"

    @property
    def equation(self) -> str:
        """A unit in plain text."""
        return HEIGHTS[self.linkage]

    @property
    def parts(self) -> str:
        """What a column has of a unit."""
        if self.linkage == "average":
            return "C_i = 1/(n_A n_B) Σ_ab (a_i − b_i)² / ‖a − b‖"
        return "C_i: the same of column i alone, in the place of ‖ ‖²"

    @property
    def reference_name(self) -> str:  # type: ignore[override]
        """What `reference` is."""
        pairs = {"single": "nearest", "complete": "farthest"}
        if self.linkage in pairs:
            return f"row of the other side, of the {pairs[self.linkage]} pair"
        return "mean of the other side"

    def __init__(self, points: Array, tree: Tree, linkage: str) -> None:
        self.points = points
        self.tree = tree
        self.linkage = linkage
        self._built = {}
        super().__init__(Inputs.identity(points.shape[1]))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self._built = {}

    @property
    def width(self) -> int:
        """Numbers that a row takes."""
        return 1

    @property
    def n_units(self) -> int:
        """One."""
        return 1

    @property
    def shares(self) -> Array:
        """What each explained column has of each merge, (N - 1, n_columns)."""
        return np.asarray(self.once("shares", self._shares))

    def _shares(self) -> Array:
        left, center = self.inputs.pull(self.points), self.points.mean(axis=0)
        centred = self.points - center
        left = left - left.mean(axis=0)
        space = Space(centred, left, self.inputs.back(centred))
        return self.inputs.gather(merge_shares(space, self.tree, self.linkage))

    @property
    def sides(self) -> tuple[Array, Array]:
        """Where the two sides of each merge are, two arrays (N - 1, d).

        The pair of rows that decides, by average and ward linkage the means.
        """
        if self.linkage in ("single", "complete"):
            i, j = merge_pairs(self.points, self.tree, self.linkage).T
            return self.points[i], self.points[j]
        center = self.points.mean(axis=0)
        means = node_means(self.points - center, self.tree) + center
        return means[self.tree.children[:, 0]], means[self.tree.children[:, 1]]

    def forward(self, X: Array, query: Query) -> Array:
        """Heights, shape (n, 1)."""
        return self.activation(self.contributions(X, query)[0].sum(axis=1)[:, None])

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of the merges; shape (1, n, n_columns)."""
        return self.shares[_merge_of(X, query)][None]

    def activation(self, T: Array) -> Array:
        """Heights, from sums of shares."""
        return T if self.linkage == "average" else np.sqrt(np.maximum(T, 0.0))

    def sums(self, H: Array) -> Array:
        """Sums of the shares."""
        return H if self.linkage == "average" else H**2

    def per_sum(self, H: Array) -> Any:
        """Height per unit of the sum, and 0 where that is 0."""
        if self.linkage == "average":
            return 1.0
        return np.divide(1.0, H, out=np.zeros_like(H), where=H > 0)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Where the other side is, shape (n, d)."""
        other = self.once("other", lambda: self.sides[1])
        return np.asarray(other[_merge_of(X, query)])


def _merge_of(X: Array, query: Query) -> Array:
    """Number of the merge that each row stands for, shape (n,)."""
    if query.neighbors is None:
        return np.full(len(X), -1)
    return query.neighbors[:, 0]
