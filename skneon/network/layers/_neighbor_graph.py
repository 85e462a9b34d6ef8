# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Affinities in the graph of nearest neighbours, and the game of its columns (ours).

A graph is no sum over columns: it is built anew for each set S of them,

.. math:: v(S) = \sum_n p_n^S(x) A_n - \frac1N \sum_n A_n ,

with the affinities :math:`p^S` in the graph of the columns in S, which sum to 1, and
the votes A of the whole clustering. Without columns all points are neighbours alike.
All rows share the graphs.
"""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._game import ScoringGame
from skneon.network.layers._game_units import GameUnits
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._vote_mean import VoteMean
from skneon.network.numerics._coalitions import all_coalitions, shapley_weights
from skneon.network.numerics._neighbor_graph import Reach, graph_affinities
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule
from skneon.network.rules._shapley import Shapley

# with more columns there are too many graphs
MOST = 12


class NeighborGraph(GameUnits):
    """Affinities of a row to the points, in the graph of nearest neighbours.

    As `sklearn.cluster.SpectralClustering` has it for a training row that is left out;
    a new row is inserted. Rows sum to 1, see `graph_affinities`.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    n_neighbors : int
        The k nearest, a row not among its own.
    pooling : VoteMean
    """

    words = "the affinity to each training row in the graph of nearest neighbours"
    equation = (
        "h_n = ([n among the k nearest of x] + [x among the k nearest of n]) / "
        "the sum of these"
    )
    parts = "none: a graph is built for each set of columns"
    reference_name = "weighted mean of the neighbours that speak for the rival"

    def __init__(self, support: Array, n_neighbors: int, pooling: VoteMean) -> None:
        self.support = support
        self.n_neighbors = n_neighbors
        self.pooling = pooling
        super().__init__(Inputs.identity(support.shape[1]))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self.marginal: GraphGame | None = GraphGame(self)

    @property
    def symbols(self) -> dict[str, Any]:
        """Number of neighbours."""
        return {"k": self.n_neighbors}

    @property
    def n_units(self) -> int:
        """Number of points."""
        return len(self.support)

    @property
    def width(self) -> int:
        """Numbers that a row takes: one for each point."""
        return len(self.support)

    def refuses(self, rule: Rule) -> str | None:
        """All rules but "shapley", and that behind linear steps or of many columns."""
        if not isinstance(rule, Shapley):
            return (
                f"Rule {rule.name!r} is not defined for a graph: take rule='shapley'."
            )
        if self.inputs.matrix is not None:
            return (
                "Behind a linear step such as PCA there is no graph without a column: "
                'take rule="integrated".'
            )
        d = len(np.unique(self.inputs.parents))
        if d <= MOST:
            return None
        return (
            f'rule="shapley" builds a graph for every set of columns, of which {d} '
            f'columns have 2^{d}: take rule="integrated", or at most {MOST} columns.'
        )

    def forward(self, X: Array, query: Query) -> Array:
        """Affinities, (n, N); 0 to the absent."""
        return self.affinities(X, query, np.ones(len(self.inputs.parents), dtype=bool))

    def affinities(self, X: Array, query: Query, columns: Array) -> Array:
        """Affinities in the graph of some of its columns, (n, N)."""
        game = self.marginal
        assert game is not None
        Z, absent = self.inputs.project(X)[:, columns], query.absent
        reach = game.reach(columns)
        U = self.support[:, columns]
        return graph_affinities(Z, U, self.n_neighbors, reach, absent)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the neighbours that speak for the rival, NaN where none does."""
        against = H * np.maximum(-weights, 0.0)
        total = against.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            return np.asarray((against / total) @ self.support)

    def nearest(self, X: Array) -> Array:
        """The cluster whose mean is nearest in the embedding, shape (n,)."""
        return np.asarray(
            (self.forward(X, Query()) @ self.pooling.votes).argmin(axis=1)
        )

    def answered(self, X: Array, query: Query) -> Query:
        """The query with the nearest cluster, and the nearest rival."""
        return self.pooling.answered(self.forward(X, query), query)

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The nearest rival; -1 where there is none. Shape (n,)."""
        return self.pooling.rivals(H, query)

    @property
    def own_points(self) -> Array:
        """Means of the clusters' members, shape (n_clusters, d)."""
        own = self.pooling.members == np.arange(self.pooling.n_clusters)[:, None]
        return np.asarray((own / own.sum(axis=1, keepdims=True)) @ self.support)

    def owners(self, X: Array, query: Query) -> Array:
        """The cluster that is asked about, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster


class GraphGame(ScoringGame):
    """The game of `NeighborGraph` under `VoteMean`.

    Parameters
    ----------
    units : NeighborGraph
    """

    equation = (
        "v(S) = Σ_n h_n (B_nk − B_nc) in the graph of the columns in S, "
        "less the mean of B_nk − B_nc"
    )
    no_columns = "the mean of B_nk − B_nc"

    def __init__(self, units: NeighborGraph) -> None:
        self.units = units
        self.inputs = units.inputs
        self._reaches: dict[bytes, Reach] = {}

    def reach(self, columns: Array) -> Reach:
        """Of the points, in some of their columns; kept, as all rows need it."""
        key = np.packbits(columns).tobytes()
        if key not in self._reaches:
            points = self.units.support[:, columns]
            self._reaches[key] = Reach.of(points, self.units.n_neighbors)
        return self._reaches[key]

    def constant(self, query: Query) -> Array:
        """The mean of the votes of those who are not absent, (n,)."""
        A = self.units.pooling.contrasts(query)
        there = np.ones(A.shape)
        if query.absent is not None:
            rows = np.flatnonzero(query.absent >= 0)
            there[rows, query.absent[rows]] = 0.0
        return np.asarray((A * there).sum(axis=1) / there.sum(axis=1))

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row, (M,)."""
        A, constant = self.units.pooling.contrasts(query)[0], self.constant(query)[0]
        chosen = self.members(masks)
        means = [self.units.affinities(X, query, S)[0] @ A for S in chosen]
        return np.asarray(np.array(means) - constant)

    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """Shapley values by all graphs, (n, n_columns)."""
        players, p = np.unique(self.inputs.parents, return_inverse=True)
        A, d = self.units.pooling.contrasts(query), len(players)
        shares = np.zeros((len(X), d))
        for mask, weights in zip(all_coalitions(d), shapley_weights(d), strict=True):
            H = self.units.affinities(X, query, mask[p] > 0)
            shares += np.einsum("nk,nk->n", H, A)[:, None] * weights
        return self.by_column(shares)

    def standard_error(self, X: Array, query: Query, n_subsets: int) -> None:
        """None: nothing is sampled."""
        return None

    def integrated(self, X: Array, query: Query) -> Array:
        """There is no way from no column to all: graphs have steps."""
        raise TypeError('A graph has no values by rule "integrated".')
