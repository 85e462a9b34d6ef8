# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Poolings that see the nearest support points alone."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array

# distances that differ by so little, relative to the k-th, tie
TIE = 1e-9
# by statistic: words, equation, and what a unit adds
WORDS = {
    "mean": "the mean over the nearest",
    "kth": "the last of the nearest",
    "median": "the median over the nearest",
}
EQUATIONS = {
    "mean": "o = 1/n Σ_k h_k over the n nearest",
    "kth": "o = h_k of the n-th nearest",
    "median": "o = the median of h_k over the n nearest",
}
SUMMANDS = {
    "mean": "R_k = h_k / n of the n nearest, 0 of the others",
    "kth": "R_k = h_k of the n-th nearest, 0 of the others",
    "median": "R_k = h_k of the middle one, or half of each of the middle two",
}


class NearestNeighborsPooling(Pooling):
    r"""Hard pooling of the distances to the k nearest support points (ours).

    .. math:: o = \frac1k \sum_{k \in \text{nearest}} h_k \quad\text{("mean")},
              \qquad o = h_{(k)} \quad\text{("kth")}, \qquad
              o = \operatorname{median}_{k \in \text{nearest}} h_k
              \quad\text{("median")}

    Parameters
    ----------
    n_neighbors : int
    statistic : {"mean", "kth", "median"}
    support_weights : SupportWeights
        Who is absent from a row's model; their weights do not count.
    """

    @property
    def words(self) -> str:
        """What the score is."""
        return WORDS[self.statistic]

    @property
    def equation(self) -> str:
        """The score in plain text."""
        return EQUATIONS[self.statistic]

    @property
    def summand(self) -> str:
        """What a unit adds."""
        return SUMMANDS[self.statistic]

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"n": self.n_neighbors}

    def __init__(
        self, n_neighbors: int, statistic: str, support_weights: SupportWeights
    ) -> None:
        self.n_neighbors = n_neighbors
        self.statistic = statistic
        self.support_weights = support_weights

    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""
        return self.pool(H, query)[0]

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and what each unit's distance counts, (n, N); rows sum to 1."""
        weights = self._weights(H, query)
        return np.sum(self.summands(H, weights, query), axis=1), weights

    def present(self, H: Array, query: Query) -> Array:
        """Distances with those of the absent at +inf."""
        return self.support_weights.present(H, query)

    def neighbors(self, H: Array, query: Query) -> Array:
        """The nearest support points in order of distance, shape (n, k).

        Those that the model finds, where they are as near as any.
        """
        H = self.present(H, query)
        k = self.n_neighbors
        some = np.argpartition(H, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(H, some, axis=1), axis=1, kind="stable")
        nearest = np.take_along_axis(some, order, axis=1)
        if query.neighbors is None:
            return nearest
        ours = np.take_along_axis(H, nearest, axis=1)
        theirs = np.take_along_axis(H, query.neighbors, axis=1)
        # one by one: k points that are no farther than the k-th may lack a nearer one
        slack = TIE * ours[:, -1:]
        tied = np.all(theirs <= ours + slack, axis=1, keepdims=True)
        return np.where(tied, query.neighbors, nearest)

    def _weights(self, H: Array, query: Query) -> Array:
        """What each unit's distance counts, shape (n, N)."""
        W = np.zeros_like(H)
        nearest, k = self.neighbors(H, query), self.n_neighbors
        if self.statistic == "kth":
            nearest = nearest[:, -1:]
        elif self.statistic == "median":
            nearest = nearest[:, (k - 1) // 2 : k // 2 + 1]
        np.put_along_axis(W, nearest, 1 / nearest.shape[1], axis=1)
        return W


class LocalOutlierFactorPooling(NearestNeighborsPooling):
    r"""The local outlier factor (Breunig et al. 2000) of h_k, the distances.

    .. math:: \mathrm{LOF}(x) = \bar\rho \,
              \Big( \frac1k \sum_{k \in \text{nearest}} \max(\delta_k, h_k)
              + 10^{-10} \Big),
              \qquad \bar\rho = \frac1k \sum_{k \in \text{nearest}} \rho_k,

    with the k-distances :math:`\delta_k` and the local reachability densities
    :math:`\rho_k` of the support points. The choice of neighbours and their densities
    are what the row is compared with, as weights are (ours); a unit adds
    :math:`\bar\rho h_k / k` where its distance is the greater, and nothing where the
    k-distance is, which does not depend on x. That part stays as the residual.

    Parameters
    ----------
    k_distance, density : ndarray of shape (N,)
    n_neighbors : int
    support_weights : SupportWeights
        As in `NearestNeighborsPooling`; densities stay those of the fit.
    """

    words = "the local outlier factor, which the n nearest make"
    equation = (
        "o = ρ̄ (1/n Σ_k max(δ_k, h_k) + 10⁻¹⁰),  ρ̄ = 1/n Σ_k ρ_k,  "
        "over the n nearest, of k-distances δ_k and densities ρ_k"
    )
    summand = "R_k = ρ̄ h_k / n of the n nearest where h_k > δ_k, 0 of the others"
    unspent = "ρ̄ (1/n Σ_k δ_k where h_k ≤ δ_k, + 10⁻¹⁰), which is no column's"

    def __init__(
        self,
        k_distance: Array,
        density: Array,
        n_neighbors: int,
        support_weights: SupportWeights,
    ) -> None:
        super().__init__(n_neighbors, "mean", support_weights)
        self.k_distance = k_distance
        self.density = density

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """LOF of each row, shape (n,), and what each unit's distance counts."""
        nearest = self.neighbors(H, query)
        h = np.take_along_axis(H, nearest, axis=1)
        reach = np.maximum(h, self.k_distance[nearest]).mean(axis=1) + 1e-10
        score = self.density[nearest].mean(axis=1) * reach
        return score, self._weights(H, query)

    def summands(self, H: Array, weights: Array, query: Query) -> Array:
        """What each unit's distance adds to the score, shape (n, N)."""
        density = weights @ self.density
        counts = (self.k_distance < H) & (H < np.inf)
        return np.asarray(weights * np.where(counts, H, 0.0) * density[:, None])
