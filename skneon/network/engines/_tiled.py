# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Kernel densities: both layers at once, forward and backward, on tiles."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.engines._densities import (
    Density,
    InlierDensity,
    IntegratedDensity,
    SoftArgminDensity,
    resolved,
)
from skneon.network.engines._engine import NetworkToRun, Results
from skneon.network.layers._distance import SquaredDistance
from skneon.network.layers._gaussian_kernel import GaussianKernel
from skneon.network.layers._mean import Mean
from skneon.network.layers._pooling import LogMeanExp
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._tiles import Scratch
from skneon.network.rules._exact_inlier import ExactInlier
from skneon.network.rules._integrated_soft_argmin import IntegratedSoftArgmin
from skneon.network.rules._rule import Rule
from skneon.network.rules._soft_argmin import SoftArgmin

# stabiliser, in units of 1 / gamma, above which it would take digits from distances
WIDEST = 1.0


class Tiled:
    """Runs a `Density` on rows.

    Parameters
    ----------
    density : Density
    X : ndarray or sparse matrix of shape (n, d)
    query : Query
        Of the rows.
    """

    order = None

    def __init__(self, density: Density, X: Any, query: Query) -> None:
        self.density = density
        self.X = X
        self.query = query
        self.rows_at_a_time = density.rows_at_a_time()

    @classmethod
    def of(
        cls, network: NetworkToRun, X: Any, query: Query, explain: bool
    ) -> "Tiled | None":
        """The engine, or None where layers run one after the other."""
        density = density_of(network, explain)
        return None if density is None else cls(density, X, query)

    def score(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """Score of a slice of the rows."""
        X, query = dense(self.X[rows]), self.query[rows]
        return {"score": self.density.score(X, query, scratch or Scratch())}

    def explain(
        self, rows: slice, scratch: Scratch | None = None, out: Any = None
    ) -> Results:
        """The fields of `Propagation` of a slice of the rows."""
        X, query = dense(self.X[rows]), self.query[rows]
        return self.density.explain(X, query, scratch or Scratch())


def density_of(network: NetworkToRun, explain: bool = True) -> Density | None:
    """The passes of these layers and this rule; None where they have none."""
    units, pooling, rule = network.units, network.pooling, network.rule
    kinds = type(units), type(pooling)
    if network.middle:
        return None
    if kinds == (GaussianKernel, Mean):
        return _inlier_density(units, pooling, rule if explain else ExactInlier())
    if kinds != (SquaredDistance, LogMeanExp):
        return None
    if type(rule) is SoftArgmin:
        narrow = np.ndim(units.bias) == 0
        narrow = narrow and rule.stabiliser(units) * pooling.gamma <= WIDEST
        fits = narrow and resolved(units, pooling.gamma, rule.beta)
        return SoftArgminDensity(units, pooling, rule) if fits else None
    if np.any(units.bias) or not resolved(units, pooling.gamma):
        return None
    if type(rule) is IntegratedSoftArgmin or not explain:
        return IntegratedDensity(units, pooling)
    return None


def _inlier_density(units: Any, pooling: Any, rule: Rule | None) -> Density | None:
    """The passes of inlierness by this rule; None where there are none."""
    if not resolved(units, units.gamma):
        return None
    if type(rule) is IntegratedSoftArgmin:
        return InlierDensity(units, pooling, integrated=True)
    # a single column takes it all
    exact = type(rule) is ExactInlier and units.support.shape[1] > 1
    return InlierDensity(units, pooling) if exact else None
