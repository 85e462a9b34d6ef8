# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A neuralized model: layers in order, run forward and explained in row chunks."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from joblib import effective_n_jobs
from sklearn import get_config

from skneon.network._query import Query
from skneon.network.engines._chunks import in_parallel
from skneon.network.engines._tiled import fused
from skneon.network.engines.pruned._pruned import pruned

# arrays of shape (rows, units) that an explanation holds at a time, at the most
UNIT_ARRAYS = 10
# numbers in such an array that stay in cache, and the least rows that are worth while
CACHED, LEAST_ROWS = 2**18, 16


@dataclass
class Propagation:
    """What one backward pass through a network gives; rows as in the input.

    Attributes
    ----------
    relevance : ndarray of shape (n, d)
    score : ndarray of shape (n,)
    reference : ndarray of shape (n, d)
    rival : ndarray of int, shape (n,), or None
    standard_error : ndarray of shape (n, d), or None
    """

    relevance: np.ndarray
    score: np.ndarray
    reference: np.ndarray
    rival: np.ndarray | None = None
    standard_error: np.ndarray | None = None


class Network:
    """Layers that compute a model's score, and carry it back to the columns.

    Parameters
    ----------
    layers : list
        Preprocessing layers, which others than the network run; then a layer of hidden
        units (`SquaredDistance`, `CentroidPairs`, ...), connected to the columns that
        are explained by its `Inputs`, and a pooling layer (`LogMeanExp`, `Min`, ...).
    n_jobs : int or None, default=None
        Threads that share the rows, or workers of the backend that joblib's
        ``parallel_config`` names.
    """

    # whether to show how far it has come
    verbose = 0

    def __init__(self, layers, n_jobs=None):
        self.layers = layers
        self.n_jobs = n_jobs

    def activate(self, X, query):
        """Forward pass on clean arrays: the score of each row, shape (n,)."""
        both = self._both(X, query, explain=False)
        return self._run(self._activate_rows, X, query, both)["score"]

    def propagate(self, X, query):
        """Forward and backward pass on clean arrays.

        Returns
        -------
        propagation : Propagation
        """
        both = self._both(X, query, explain=True)
        return Propagation(**self._run(self._propagate_rows, X, query, both))

    def _both(self, X, query, explain):
        """The two layers at once, or None where they run one after the other."""
        units, pooling = self.layers[-2:]
        both = fused(units, pooling)
        return both and (pruned(units, pooling, X, query, explain) or both)

    def _activate_rows(self, X, query, both, scratch):
        units, pooling = self.layers[-2:]
        X = X if units.accepts_sparse else _dense(X)
        if both is not None:
            return {"score": both.score(X, query, scratch)}
        return {"score": pooling.forward(units.forward(X, query), query)}

    def _propagate_rows(self, X, query, both, scratch):
        units, pooling = self.layers[-2:]
        X = _dense(X)
        if both is not None:
            return both.explain(X, query, scratch)
        H = units.forward(X, query)
        pooled, weights = pooling.pool(H, query)
        R = pooling.relevance(H, weights, pooled, query)
        return {
            "relevance": units.relevance(X, H, R, weights, query),
            "score": units.score(X, query, pooled),
            "reference": units.reference(X, H, weights, query),
            "rival": units.rivals(X, H, query),
            "standard_error": units.standard_error(X, R, query),
        }

    def _in_chunks(self, function, X):
        """An array of function(rows) for all rows, in chunks."""
        return self._run(partial(_named, function), X, Query(), None)["out"]

    def _run(self, function, X, query, both):
        """Results of function(rows, their query, both, scratch) in chunks of rows."""
        size = self._rows_at_a_time(X) if both is None else both.rows_at_a_time()
        order = getattr(both, "order", None)
        if order is not None:
            X, query = X[order], query[order]
        of = partial(_of_rows, function, X, query, both)
        results = in_parallel(of, X.shape[0], size, self.n_jobs, self.verbose)
        return results if order is None else _put_back(results, order)

    def _rows_at_a_time(self, X):
        """Rows whose arrays stay in cache, and fit the ``working_memory``."""
        width = self.layers[-2].width
        row_bytes = 8 * (UNIT_ARRAYS * width + 8 * X.shape[1])
        memory = get_config()["working_memory"] * 2**20
        size = int(memory // (row_bytes * effective_n_jobs(self.n_jobs)))
        return min(size, max(LEAST_ROWS, CACHED // width))


def _of_rows(function, X, query, both, rows, scratch):
    if hasattr(both, "at"):
        both = both.at(rows)
    return function(X[rows], query[rows], both, scratch)


def _put_back(results, order):
    """Results of rows in an order, as the rows were before."""
    back = np.argsort(order)
    return {
        name: None if values is None else values[back]
        for name, values in results.items()
    }


def _named(function, X, *_):
    return {"out": function(X)}


def _dense(X):
    """Rows as a plain array, whether they come dense or sparse."""
    return X.toarray() if hasattr(X, "toarray") else X
