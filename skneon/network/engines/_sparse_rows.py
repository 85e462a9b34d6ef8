# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Sparse rows and clusters that contrast points: relevances that are not filled up.

What `LinearPairs` under `Min` compute cell by cell by the midpoint rule. The factors of
the units, gathered by points u_k, sum to 0, so that

.. math:: R_{ni} = \sum_k g_{nk} \left[(x_{ni} - u_{ki})^2\right]
                 = -2 x_{ni} \sum_k g_{nk} (u_k - b)_i + \sum_k g_{nk} c_{ki}

with any base b, and any c that is :math:`u_{ki}^2` up to what is common to all k. The
first term is 0 where x is, and the second takes the M numbers g of a row.

Behind a linear step z = y A + a, with preimages :math:`\hat u_k` of the points, and the
base of the z at one of them, the shares of `Inputs` give

.. math:: R_{ni} = -y_{ni} \sum_k g_{nk} \lambda_{ki}
                 + \sum_k g_{nk} \hat u_{ki} \lambda_{ki}
                 - [(z_n - b) A^\top]_i \sum_k g_{nk} (\hat u_k - \hat b)_i, \qquad
          \lambda_k = (u_k - b) A^\top .
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from skneon.network._query import Query
from skneon.network.engines._engine import NetworkToRun, Results
from skneon.network.engines._layerwise import LEAST_ROWS
from skneon.network.layers._centroids import CentroidPairs
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._pooling import Min
from skneon.network.layers._splits import SplitPairs
from skneon.network.numerics._tiles import Scratch
from skneon.network.numerics._types import Array
from skneon.network.rules._midpoint import Midpoint, midpoint_factor

# numbers of a chunk by row and unit: for each chunk points are put in pairs again
CHUNK = 2**22


@dataclass(frozen=True)
class SparsePropagation:
    """What a pass through a network gives for sparse rows; see `Propagation`.

    Attributes
    ----------
    stored : csr_array of shape (n, d)
    weights : ndarray of shape (n, M)
    constants : ndarray of shape (M, d)
        Relevances are ``stored + weights @ constants``; `stored` has the rows' cells.
    products : tuple (left, right, slopes), or None
        To which behind a linear step ``(left @ right) * (weights @ slopes)`` is added;
        of shapes (n, p), (p, d) and (M, d).
    points : ndarray of shape (M + 1, p)
    number : ndarray of int, shape (n,)
        The point that each row is compared with; the last is NaN, for none.
    score, rival, cluster : ndarray of shape (n,)
    """

    stored: Any
    weights: Array
    constants: Array
    products: tuple[Array, Array, Array] | None
    points: Array
    number: Array
    score: Array
    rival: Array
    cluster: Array


class SparseRows:
    """Runs such a network on sparse rows.

    Parameters
    ----------
    network : Network
    X : sparse matrix of shape (n, d)
        In CSR format.
    query : Query
        Of the rows.
    """

    order = None

    def __init__(self, network: NetworkToRun, X: Any, query: Query) -> None:
        self.network = network
        self.X = X
        self.query = query
        self.units = network.units
        if self.units.inputs.matrix is not None:
            # points are contrasted in the space behind the linear step
            inputs = Inputs.identity(self.units.inputs.n_outputs)
            self.units = self.units.through(inputs)
        self.rows_at_a_time = max(LEAST_ROWS, CHUNK // network.units.width)

    @classmethod
    def of(cls, network: NetworkToRun, X: Any, query: Query) -> "SparseRows | None":
        """The engine, or None where relevances do not take this form."""
        units = network.units
        pairs = type(units) in (CentroidPairs, SplitPairs)
        if not pairs or type(network.pooling) is not Min or network.middle:
            return None
        mixed = units.inputs.matrix is not None and not units.inputs.one_to_one
        if type(network.rule) is not Midpoint or mixed:
            return None
        return cls(network, X, query) if sparse.issparse(X) else None

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """The fields of `SparsePropagation` of a slice of the rows, those by row."""
        units, rule = self.units, self.network.rule
        X = self.network.units.inputs.project(self.X[rows])
        query = units.answered(X, self.query[rows])
        H = units.forward(X, query)
        passed = rule.to_units(self.network, H, query)
        factor = midpoint_factor(H, passed.R, passed.weights)
        return {
            "weights": units.over_points(factor, units.owners(X, query)),
            "number": units.strongest_point(X, H, query),
            "score": passed.score,
            "rival": units.rivals(X, H, query),
            "cluster": query.cluster,
        }

    def finished(self, results: dict[str, Any]) -> SparsePropagation:
        """The results of all rows, and what they have in common."""
        units, weights = self.network.units, results["weights"]
        points, inputs, products = units.points, units.inputs, None
        differences = points - points[0]
        if inputs.matrix is None:
            stored = carried(self.X, weights, -2 * differences)
            constants = differences * (points + points[0])
        else:
            preimages, slopes = inputs.pull(points), inputs.back(differences)
            stored = carried(self.X, weights, -slopes)
            constants = preimages * slopes
            left = inputs.project(self.X) - points[0]
            products = left, inputs.matrix.T, preimages[0] - preimages
        if not inputs.one_to_one:
            children = np.arange(len(inputs.parents)), inputs.parents
            shape = len(inputs.parents), inputs.n_columns
            routing = sparse.csr_array((np.ones(shape[0]), children), shape)
            stored, constants = stored @ routing, np.asarray(constants @ routing)
        # small ones are known to be small
        constants = constants - (constants.max(axis=0) + constants.min(axis=0)) / 2
        none = np.full((1, points.shape[1]), np.nan)
        return SparsePropagation(
            stored,
            constants=constants,
            products=products,
            points=np.vstack([points, none]),
            **results,
        )


def carried(X: Any, weights: Array, slopes: Array) -> Any:
    """x_ni sum_k weights_nk slopes_ki, in the cells that X stores; csr_array (n, d)."""
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    factor = np.zeros(len(X.data))
    for weight, slope in zip(weights.T, slopes, strict=True):
        factor += weight[rows] * slope[X.indices]
    cells = X.data * factor, X.indices.copy(), X.indptr.copy()
    return sparse.csr_array(cells, shape=X.shape)
