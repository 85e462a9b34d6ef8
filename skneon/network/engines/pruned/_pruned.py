# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin without the support points that weigh next to nothing."""

from copy import copy
from itertools import pairwise
from threading import Lock

import numpy as np

from skneon.network._query import Query
from skneon.network.engines._tiled import SoftArgmin
from skneon.network.engines.pruned._pair_sums import PairSums
from skneon.network.engines.pruned._trees import EXTENT, Tree, worthwhile
from skneon.network.layers._distance import SquaredDistance
from skneon.network.layers._pooling import LogMeanExp

# rows that are searched for together
ROWS = 2**13
# pairs of a group from which matrix products pay, and pairs that are summed together
MANY_PAIRS, BLOCK = 2**15, 2**17


class Search:
    """How support points are searched for, and the tree once there is one.

    Parameters
    ----------
    algorithm : {"auto", "brute", "kd_tree", "ball_tree"}
        "auto" takes a kd_tree where one is likely to pay.
    rtol : float
        Share of a row's kernel sum that may be dropped; with 0 nothing is.
    """

    def __init__(self, algorithm="auto", rtol=0.0):
        self.algorithm = algorithm
        self.rtol = rtol
        self._tree = None
        self._lock = Lock()

    def __getstate__(self):
        """Without the tree, which is soon built again."""
        return {"algorithm": self.algorithm, "rtol": self.rtol}

    def __setstate__(self, state):
        """As new."""
        self.__init__(**state)

    def tree(self, points, weights, Z, gamma):
        """The tree for the rows Z, or None where all points are taken."""
        if self.algorithm == "brute" or self.rtol == 0:
            return None
        built = self._tree is not None
        if self.algorithm == "auto" and not worthwhile(
            points, Z, weights, gamma, self.rtol, built
        ):
            return None
        with self._lock:
            if self._tree is None:
                kind = "kd_tree" if self.algorithm == "auto" else self.algorithm
                self._tree = Tree(points.astype(float, copy=False), weights, kind)
        return self._tree


class PrunedSoftArgmin:
    """`SoftArgmin`, group by group of rows, on the support points that a tree keeps.

    Groups are those of all rows, so that the points kept do not depend on the chunks
    that the rows come in.

    Parameters
    ----------
    units : SquaredDistance
    pooling : LogMeanExp
    tree : Tree
    rtol : float
    X : ndarray of shape (n, m)
        All rows, n > 0.
    query : Query
        Theirs.
    explain : bool
        Whether relevance is asked for, or scores alone.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Rows group by group; chunks are to be in this order.
    """

    def __init__(self, units, pooling, tree, rtol, X, query, explain):
        self.units = units
        self.pooling = pooling
        self.tree = tree
        self.rtol = rtol
        self.pair_sums = PairSums(units, pooling, tree.order)
        stiffness = {pooling.gamma, pooling.beta} if explain else {pooling.gamma}
        self.stiffness = sorted(stiffness)
        Z = units.inputs.project(X).astype(float, copy=False)
        extent = EXTENT / np.sqrt(2 * self.stiffness[-1])
        groups = tree.groups(Z, extent=extent)
        self.order = np.concatenate(groups)
        self.edges = np.cumsum([0] + [len(rows) for rows in groups])
        self.Z, self.leave_out = Z[self.order], query[self.order].leave_out
        self.chunk = slice(0, len(Z))

    def rows_at_a_time(self):
        """Rows that are searched for together."""
        return ROWS

    def at(self, chunk):
        """The same for a chunk, a slice of the rows in order."""
        both = copy(self)
        both.chunk = chunk
        return both

    def score(self, X, query, scratch):
        """Score of each row of the chunk, shape (n,)."""
        return self._results(X, query, False, scratch)["score"]

    def explain(self, X, query, scratch):
        """Relevance, score and reference of each row of the chunk, as a dict."""
        return self._results(X, query, True, scratch)

    def _results(self, X, query, explain, scratch):
        """Rows with few points pair by pair, others by matrix products."""
        results, single, lists, n_pairs = {}, [], [], 0
        dtype = self.units.support.dtype

        def flush():
            rows = np.array(single)
            part = self.units.rows(X[rows])
            part = self.pair_sums(part, query[rows], lists, explain)
            _put(results, part, rows, len(X), dtype)
            single.clear()
            lists.clear()

        for rows, k, size in self._groups():
            if size * len(k) > MANY_PAIRS:
                both, some = self._network(self.tree.order[k], query[rows])
                if explain:
                    part = both.explain(X[rows], some, scratch)
                else:
                    part = {"score": both.score(X[rows], some, scratch)}
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

    def _groups(self):
        """Rows that lie near one another, by their number in the chunk.

        Next to the places of the points that count, and the size of the whole group.
        """
        first = np.searchsorted(self.edges, self.chunk.start, side="right") - 1
        last = np.searchsorted(self.edges, self.chunk.stop)
        bounds = list(pairwise(self.edges[first : last + 1].tolist()))
        groups = [np.arange(a, b) for a, b in bounds]
        searches = [
            self.tree.kept_by_group(self.Z, groups, s, self.rtol, self.leave_out)
            for s in self.stiffness
        ]
        for group, *kept in zip(groups, *searches, strict=True):
            places = [_places(*slices) for slices in kept]
            if len(places) > 1:
                places = [np.unique(np.concatenate(places))]
            inside = (group >= self.chunk.start) & (group < self.chunk.stop)
            yield group[inside] - self.chunk.start, places[0], len(group)

    def _network(self, k, query):
        """What explains rows by the points k, and the query in terms of these."""
        units = SquaredDistance(self.units.support[k], self.units.epsilon)
        units = units.through(self.units.inputs)
        weights = _KeptWeights(self.pooling.support_weights, k, query)
        pooling = LogMeanExp(self.pooling.gamma, weights, self.pooling.beta)
        return SoftArgmin(units, pooling), weights.query


class _KeptWeights:
    """`SupportWeights` of some points; what they sum to is that of all points."""

    def __init__(self, support_weights, k, query):
        self.weights = support_weights.weights[k]
        self._total = support_weights.common(query)[1]
        self._offset = support_weights.offset(query)
        self.query = Query()
        if query.leave_out is not None:
            equal = query.leave_out[:, None] == k
            place = np.where(equal.any(axis=1), equal.argmax(axis=1), -1)
            self.query = Query(leave_out=place)
        self.missing = self._missing(support_weights, query)

    def _missing(self, support_weights, query):
        """The weights of points that count but are not kept, by row or 0."""
        kept, n_kept = self.weights.sum(), len(self.weights)
        n_all = len(support_weights.weights)
        if query.leave_out is not None:
            place = self.query.leave_out
            kept = kept - np.where(place >= 0, self.weights[place], 0.0)
            n_kept = n_kept - (place >= 0)
            n_all = n_all - (query.leave_out >= 0)
        missing = np.maximum(self._total - kept, 0.0)
        # of all of them nothing is missing but rounded digits
        return np.where(n_kept == n_all, 0.0, missing)

    def common(self, query):
        """Weights (1, N) of these, and the sum of all that are not left out."""
        return self.weights[None], self._total

    def offset(self, query):
        """The constant."""
        return self._offset


def _places(starts, stops):
    """Numbers that slices hold, one after the other."""
    sizes = stops - starts
    skipped = starts - (np.cumsum(sizes) - sizes)
    return np.arange(sizes.sum()) + np.repeat(skipped, sizes)


def _put(results, part, rows, n, dtype):
    """Put the results of some rows into those of all n, as a dict of arrays."""
    for name, values in part.items():
        if values is None:
            continue
        if name not in results:
            results[name] = np.empty((n, *values.shape[1:]), dtype=dtype)
        results[name][rows] = values


def pruned(units, pooling, X, query, explain):
    """The two layers without points that weigh nothing; None where all are taken.

    Integrated soft argmin takes all: at small stiffness far points count as much.
    """
    kinds = type(units), type(pooling)
    if kinds != (SquaredDistance, LogMeanExp) or units.search is None or not len(X):
        return None
    if explain and pooling.beta in ("integrated", 0):
        return None
    weights, search = pooling.support_weights.weights, units.search
    tree = search.tree(units.support, weights, units.inputs.project(X), pooling.gamma)
    if tree is None:
        return None
    return PrunedSoftArgmin(units, pooling, tree, search.rtol, X, query, explain)
