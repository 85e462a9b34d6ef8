# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A neuralized model: layers in order, run forward and explained in row chunks."""

from dataclasses import dataclass

import numpy as np
from joblib import effective_n_jobs
from sklearn import get_config
from sklearn.utils import gen_batches
from sklearn.utils.parallel import Parallel, delayed

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
        Threads that share the chunks.
    """

    def __init__(self, layers, n_jobs=None):
        self.layers = layers
        self.n_jobs = n_jobs

    def activate(self, X, query):
        """Forward pass on clean arrays: the score of each row, shape (n,)."""
        return np.concatenate(self._in_chunks(self._activate_rows, X, query))

    def propagate(self, X, query):
        """Forward and backward pass on clean arrays.

        Returns
        -------
        propagation : Propagation
        """
        parts = self._in_chunks(self._propagate_rows, X, query)
        names = Propagation.__dataclass_fields__
        columns = {name: [getattr(part, name) for part in parts] for name in names}
        return Propagation(
            **{
                name: None if values[0] is None else np.concatenate(values)
                for name, values in columns.items()
            }
        )

    def _in_chunks(self, function, X, query):
        """function(rows, their query) in chunks that fit the ``working_memory``."""
        row_bytes = 8 * (UNIT_ARRAYS * self.layers[-2].width + 8 * X.shape[1])
        memory = get_config()["working_memory"] * 2**20
        size = int(memory // (row_bytes * effective_n_jobs(self.n_jobs)))
        size = min(size, max(LEAST_ROWS, CACHED // self.layers[-2].width))
        chunks = gen_batches(X.shape[0], max(1, size))
        return Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(function)(X[rows], query[rows]) for rows in chunks
        )

    def _activate_rows(self, X, query):
        units, pooling = self.layers[-2:]
        X = X if units.accepts_sparse else _dense(X)
        return pooling.forward(units.forward(X, query), query)

    def _propagate_rows(self, X, query):
        units, pooling = self.layers[-2:]
        X = _dense(X)
        H = units.forward(X, query)
        pooled, weights = pooling.pool(H, query)
        R = pooling.relevance(H, weights, pooled, query)
        return Propagation(
            relevance=units.relevance(X, H, R, weights, query),
            score=units.score(X, query, pooled),
            reference=units.reference(X, H, weights, query),
            rival=units.rivals(X, H, query),
            standard_error=units.standard_error(R),
        )


def _dense(X):
    """Rows as a plain array, whether they come dense or sparse."""
    return X.toarray() if hasattr(X, "toarray") else X
