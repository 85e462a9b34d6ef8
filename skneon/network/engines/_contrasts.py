# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that are cells of centroids: contrasts of all pairs by one product.

What `CentroidPairs` under `Min` computes pair by pair: heights s_k over a base are
linear in the rows, and every h_k is a difference of two.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import issparse

from skneon.network._query import Query
from skneon.network.engines._engine import NetworkToRun, Results
from skneon.network.engines._layerwise import rows_in_cache
from skneon.network.layers._centroids import CentroidPairs
from skneon.network.layers._linear import grouped
from skneon.network.layers._pooling import Min
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array
from skneon.network.rules._midpoint import Midpoint, midpoint_factor
from skneon.network.rules._rule import Passed
from skneon.network.rules._w_square import WSquare, square_shares

# numbers that are kept for all pairs of centroids
KEPT = 2**22
# numbers in a block that stays in a core's own cache
BLOCK = 2**17


class Contrasts:
    """Evidence and relevance of rows without a loop over clusters.

    Parameters
    ----------
    network : Network
        Of `CentroidPairs` whose `cells` are sharp, and `Min`.
    X : ndarray of shape (n, d)
    query : Query
        Of the rows.
    """

    order = None

    def __init__(self, network: NetworkToRun, X: Array, query: Query) -> None:
        self.network = network
        self.X = X
        self.query = query
        self.units: CentroidPairs = network.units
        assert self.units.cells is not None
        self.cells = self.units.cells
        rule, (K, d) = network.rule, self.units.centroids.shape
        self.squares: list[Array] | None = None
        if type(rule) is WSquare and K**2 * d <= KEPT:
            points = self.units.centroids
            self.squares = [square_shares(c - points) for c in points]
        self.by_products = type(rule) is Midpoint or self.squares is not None
        if rule is None or self.by_products:
            self.rows_at_a_time = max(1, BLOCK // max(d, K))
        else:
            width = rule.width(K, d)
            self.rows_at_a_time = rows_in_cache(width, d, network.n_jobs)

    @classmethod
    def of(
        cls, network: NetworkToRun, X: Any, query: Query, explain: bool
    ) -> "Contrasts | None":
        """The engine, or None where contrasts are to be taken cluster by cluster."""
        units = network.units
        kinds = type(units), type(network.pooling)
        if kinds != (CentroidPairs, Min) or network.middle or issparse(X):
            return None
        if units.cells is None or units.inputs.matrix is not None:
            return None
        return cls(network, X, query)

    def score(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """Score of a slice of the rows."""
        query = self.query[rows]
        _, _, H = self.contrasts(self.X[rows], query)
        return {"score": self.network.pooling.forward(H, query)}

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """The fields of `Propagation` of a slice of the rows."""
        out = out or {}
        units, rule = self.units, self.network.rule
        X, query = self.X[rows], self.query[rows]
        Y, owners, H = self.contrasts(X, query)
        cluster = query.cluster
        if cluster is None:
            cluster = units.labels[owners]
        passed = rule.to_units(self.network, H, query)
        strongest = units.strongest(H, passed.score)
        reference = None
        if query.references:
            # by "raise" it would go through a copy
            reference = units.references.take(
                strongest, axis=0, out=out.get("reference"), mode="clip"
            )
        if type(rule) is Midpoint:
            factor = midpoint_factor(H, passed.R, passed.weights)
            relevance = self._gathered(
                self.cells.weighted_shares(Y, factor, owners, self._into(X, out)), out
            )
        elif self.squares is not None:
            squares = self._weighted_squares(passed, owners, self._into(X, out))
            relevance = self._gathered(squares, out)
        else:
            asked = Query(cluster=cluster, rival=query.rival)
            relevance = rule.to_columns(self.network, X, H, passed, asked)
        return {
            "relevance": relevance,
            "score": passed.score,
            "reference": reference,
            "rival": units.rival_labels[strongest],
            "standard_error": None,
            "cluster": cluster,
        }

    def contrasts(self, X: Array, query: Query) -> tuple[Array, Array, Array]:
        """Rows from the base, their own centroids, and activations: by one product.

        Returns
        -------
        Y : ndarray of shape (n, d)
        owners : ndarray of int, shape (n,)
        H : ndarray of shape (n, K)
            As of `CentroidPairs.forward`, each unit's in one piece.
        """
        units, cells = self.units, self.cells
        Y = cells.centred(X)
        S = cells.heights(Y)
        if query.cluster is None:
            owners = cells.nearest(X, Y, S)
        else:
            owners = units.owners(X, query)
        H = cells.contrast(S, owners)
        if units.sole is None:
            H[units.labels[owners][:, None] == units.labels] = np.inf
            H[units.outdone(X)] = np.inf
        if query.rival is not None:
            H[units.excluded(owners, query)] = np.inf
        return Y, owners, H

    def _into(self, X: Array, out: dict[str, Array]) -> Array:
        """Where relevances before gathering go."""
        relevance = out.get("relevance") if self.units.inputs.one_to_one else None
        return np.empty_like(X) if relevance is None else relevance

    def _gathered(self, R: Array, out: dict[str, Array]) -> Array:
        return R if R is out.get("relevance") else self.units.inputs.gather(R)

    def _weighted_squares(self, passed: Passed, owners: Array, out: Array) -> Array:
        """sum_k R_nk w_ki^2 / |w_k|^2, by the shares that are kept."""
        assert self.squares is not None
        order, starts = grouped(owners)
        R = passed.R.T.take(order, axis=1).T
        parts = np.empty_like(out)
        for a, b in pairwise([*starts, len(order)]):
            np.matmul(R[a:b], self.squares[owners[order[a]]], out=parts[a:b])
        out[order] = parts
        return out
