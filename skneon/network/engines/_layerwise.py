# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The reference engine: layer by layer, forward and backward.

Every other engine is tested against it.
"""

from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn import get_config

from skneon.network._query import Query
from skneon.network.engines._engine import NetworkToRun, Results
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Passed

# arrays of shape (rows, units) that an explanation holds at a time, at the most
UNIT_ARRAYS = 10
# numbers in such an array that stay in cache, and the least rows that are worth while
CACHED, LEAST_ROWS = 2**18, 16


class Layerwise:
    """Runs the layers one after the other on arrays of shape (rows, units).

    Parameters
    ----------
    network : Network
    X : ndarray or sparse matrix of shape (n, d)
    query : Query
        Of the rows.
    """

    order = None

    def __init__(self, network: NetworkToRun, X: Any, query: Query) -> None:
        self.network = network
        self.X = X
        self.query = query
        units, rule = network.units, network.rule
        width = units.width
        if rule is not None:
            width = max(width, rule.width(width, len(units.inputs.parents)))
        self.rows_at_a_time = rows_in_cache(width, X.shape[1], network.n_jobs)

    def score(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """Score of a slice of the rows."""
        units = self.network.units
        X = self.X[rows] if units.accepts_sparse else dense(self.X[rows])
        query = units.answered(X, self.query[rows])
        H = activations(self.network, X, query)[-1]
        return {"score": self.network.pooling.forward(H, query)}

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """The fields of `Propagation` of a slice of the rows."""
        network, units, rule = self.network, self.network.units, self.network.rule
        X = dense(self.X[rows])
        query = units.answered(X, self.query[rows])
        H = activations(network, X, query)
        passed = rule.to_units(network, H[-1], query)
        for layer, below in zip(
            reversed(network.middle), reversed(H[:-1]), strict=True
        ):
            back = layer.backward(below, passed.R, passed.weights, query)
            check_shape(f"{type(layer).__name__}.backward", back[0], below.shape)
            passed = Passed(passed.score, weights=back[1], R=back[0])
        relevance = rule.to_columns(network, X, H[0], passed, query)
        shape = len(X), units.inputs.n_columns
        check_shape(f"{type(rule).__name__}.to_columns", relevance, shape)
        reference = rule.reference(network, X, H[0], passed, query)
        # one typical point of all rows is broadcast
        shape = len(reference), units.inputs.n_outputs
        check_shape(f"The reference of {type(units).__name__}", reference, shape)
        return {
            "relevance": relevance,
            "score": units.score(X, query, passed.score),
            "reference": reference,
            "rival": units.rivals(X, H[0], query),
            "standard_error": rule.standard_error(network, X, passed, query),
            "cluster": query.cluster,
        }


def activations(network: NetworkToRun, X: Array, query: Query) -> list[Array]:
    """Activations of the units and of each layer behind them.

    At the top those of absent support points are at +inf, for whoever pools or shares.
    """
    H = [network.units.forward(X, query)]
    for layer in network.middle:
        H.append(layer.forward(H[-1], query))
    H[-1] = network.pooling.present(H[-1], query)
    return H


def check_shape(what: str, values: Any, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape, which a rule or layer of one's own may give.

    Raises
    ------
    ValueError
        It says what gave it.
    """
    if np.shape(values) != shape:
        raise ValueError(
            f"{what} has the shape {np.shape(values)}, and must have {shape}."
        )


def rows_in_cache(width: int, n_columns: int, n_jobs: int | None) -> int:
    """Rows whose arrays stay in cache, and fit the ``working_memory``."""
    row_bytes = 8 * (UNIT_ARRAYS * width + 8 * n_columns)
    memory = get_config()["working_memory"] * 2**20
    size = int(memory // (row_bytes * effective_n_jobs(n_jobs)))
    return int(np.clip(size, 1, max(LEAST_ROWS, CACHED // width)))
