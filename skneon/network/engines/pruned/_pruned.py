# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin without the support points that weigh next to nothing."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.engines._densities import SoftArgminDensity, resolved
from skneon.network.engines._engine import NetworkToRun, Results
from skneon.network.engines.pruned._kept_weights import KeptWeights
from skneon.network.engines.pruned._pair_sums import PairSums
from skneon.network.engines.pruned._trees import EXTENT, Tree
from skneon.network.layers._distance import SquaredDistance
from skneon.network.layers._pooling import LogMeanExp
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array
from skneon.network.rules._soft_argmin import SoftArgmin

# rows that are searched for together
ROWS = 2**13
# pairs of a group from which matrix products pay, and pairs that are summed together
MANY_PAIRS, BLOCK = 2**15, 2**17


class Pruned:
    """Soft argmin, group by group of rows, on the support points that a tree keeps.

    Groups are those of all rows, so that the points kept do not depend on the chunks
    that the rows come in.

    Parameters
    ----------
    network : Network
        Of `SquaredDistance` and `LogMeanExp`, by soft argmin.
    tree : Tree
    X : ndarray of shape (n, m)
        All rows, n > 0.
    query : Query
        Theirs.
    explain : bool
        Whether relevance is asked for, or scores alone.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Rows group by group.
    """

    def __init__(
        self, network: NetworkToRun, tree: Tree, X: Array, query: Query, explain: bool
    ) -> None:
        self.units, self.pooling = network.units, network.pooling
        gamma = self.pooling.gamma
        self.rule = network.rule if explain else SoftArgmin(gamma)
        self.tree = tree
        self.rtol = network.search.rtol
        self.pair_sums = PairSums(self.units, self.pooling, self.rule, tree.order)
        self.stiffness = sorted({gamma, self.rule.beta})
        Z = self.units.inputs.project(X).astype(float, copy=False)
        extent = EXTENT / np.sqrt(2 * self.stiffness[-1])
        groups = tree.groups(Z, extent=extent)
        self.order = np.concatenate(groups)
        self.edges = np.cumsum([0] + [len(rows) for rows in groups])
        self.X, self.query = X[self.order], query[self.order]
        self.Z = Z[self.order]
        self.rows_at_a_time = ROWS

    @classmethod
    def of(
        cls, network: NetworkToRun, X: Any, query: Query, explain: bool
    ) -> "Pruned | None":
        """The engine, or None where all support points are to be taken.

        Integrated soft argmin takes all: at small stiffness far points count as much.
        """
        units, pooling, search = network.units, network.pooling, network.search
        if search is None or not len(X) or network.middle:
            return None
        if (type(units), type(pooling)) != (SquaredDistance, LogMeanExp):
            return None
        if np.any(units.bias) or pooling.support_weights.groups is not None:
            return None
        rule = network.rule if explain else SoftArgmin(pooling.gamma)
        if type(rule) is not SoftArgmin or not rule.beta:
            return None
        if not resolved(units, pooling.gamma, rule.beta):
            return None
        weights, Z = pooling.support_weights.weights, units.inputs.project(X)
        tree = search.tree(units.support, weights, Z, pooling.gamma)
        return None if tree is None else cls(network, tree, X, query, explain)

    def score(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """Score of a slice of the rows in order."""
        return self._results(rows, False, scratch or Scratch())

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """Relevance, score and reference of a slice of the rows in order."""
        return self._results(rows, True, scratch or Scratch())

    def _results(self, chunk: slice, explain: bool, scratch: Scratch) -> Results:
        """Rows with few points pair by pair, others by matrix products."""
        X, query = self.X[chunk], self.query[chunk]
        results: Results = {}
        single: list[int] = []
        lists: list[Array] = []
        n_pairs, dtype = 0, self.units.support.dtype

        def flush() -> None:
            rows = np.array(single)
            part = self.units.rows(X[rows])
            part = self.pair_sums(part, query[rows], lists, explain)
            _put(results, part, rows, len(X), dtype)
            single.clear()
            lists.clear()

        for rows, k, size in self._groups(chunk):
            if size * len(k) > MANY_PAIRS:
                density, some = self._density(self.tree.order[k], query[rows])
                if explain:
                    part = density.explain(X[rows], some, scratch)
                else:
                    part = {"score": density.score(X[rows], some, scratch)}
                _put(results, part, rows, len(X), dtype)
                continue
            single += list(rows)
            lists += [k] * len(rows)
            n_pairs += len(rows) * len(k)
            if n_pairs > BLOCK:
                flush()
                n_pairs = 0
        if single:
            flush()
        return results

    def _groups(self, chunk: slice) -> Iterator[tuple[Array, Array, int]]:
        """Rows that lie near one another, by their number in the chunk.

        Next to the places of the points that count, and the size of the whole group.
        """
        first = np.searchsorted(self.edges, chunk.start, side="right") - 1
        last = np.searchsorted(self.edges, chunk.stop)
        bounds = list(pairwise(self.edges[first : last + 1].tolist()))
        groups = [np.arange(a, b) for a, b in bounds]
        searches = [
            self.tree.kept_by_group(self.Z, groups, s, self.rtol, self.query.absent)
            for s in self.stiffness
        ]
        for group, *kept in zip(groups, *searches, strict=True):
            places = [_places(*slices) for slices in kept]
            if len(places) > 1:
                places = [np.unique(np.concatenate(places))]
            inside = (group >= chunk.start) & (group < chunk.stop)
            yield group[inside] - chunk.start, places[0], len(group)

    def _density(self, k: Array, query: Query) -> tuple[SoftArgminDensity, Query]:
        """What explains rows by the points k, and the query in terms of these."""
        units = SquaredDistance(self.units.support[k]).through(self.units.inputs)
        weights = KeptWeights(self.pooling.support_weights, k, query)
        pooling = LogMeanExp(self.pooling.gamma, weights)
        return SoftArgminDensity(units, pooling, self.rule), weights.query


def _places(starts: Array, stops: Array) -> Array:
    """Numbers that slices hold, one after the other."""
    sizes = stops - starts
    skipped = starts - (np.cumsum(sizes) - sizes)
    places: Array = np.arange(sizes.sum()) + np.repeat(skipped, sizes)
    return places


def _put(
    results: Results, part: Results, rows: Array, n: int, dtype: np.dtype[Any]
) -> None:
    """Put the results of some rows into those of all n, as a dict of arrays."""
    for name, values in part.items():
        if values is None:
            continue
        place = results.get(name)
        if place is None:
            place = results[name] = np.empty((n, *values.shape[1:]), dtype=dtype)
        place[rows] = values
