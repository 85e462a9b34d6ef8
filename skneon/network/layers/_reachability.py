# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The distance at which a row is reached from another one."""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import Distance
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array

# distances that differ by so little, relative to them, tie
TIE = 1e-9


class Reachability(Pooling):
    r"""Distance at which a row is reached from a support point (Ankerst et al. 1999).

    .. math:: r = \max(\kappa_p, h_p), \qquad
              p = \operatorname{argmin}_k \max(\kappa_k, h_k)

    with distances :math:`h_k` and core distances :math:`\kappa_k`. ``Query.neighbors``
    of one column names the point p where that is known, as of training rows, which are
    reached from rows that were there before them; -1 for rows that were reached from
    none, whose score is +inf. Where the core distance is the greater, the distance of
    the row plays no part, and the score stays as the residual (ours).

    Parameters
    ----------
    core : ndarray of shape (N,)
        +inf for points from which no row is reached.
    support_weights : SupportWeights
        Who is absent from a row's model; their weights do not count.
    limit : float, default=inf
        How far a row can be reached; a score beyond it is +inf.
    """

    words = "the distance at which the row is reached from the nearest point"
    equation = "o = max(κ_p, h_p),  p = argmin_k max(κ_k, h_k)"
    summand = "R_p = h_p where h_p ≥ κ_p, else 0; 0 of all other points"
    unspent = "κ_p where h_p < κ_p, which is no column's"

    def __init__(
        self, core: Array, support_weights: SupportWeights, limit: float = np.inf
    ) -> None:
        self.core = core
        self.support_weights = support_weights
        self.limit = limit

    def present(self, H: Array, query: Query) -> Array:
        """Distances with those of the absent at +inf."""
        return self.support_weights.present(H, query)

    def _reached_from(self, H: Array, query: Query) -> tuple[Array, Array]:
        """The point p of each row, -1 for none, and the score: (n,) and (n,)."""
        reach = np.maximum(self.present(H, query), self.core)
        if query.neighbors is None:
            reach = np.where(reach > self.limit, np.inf, reach)
            point = reach.argmin(axis=1)
        else:
            point = query.neighbors[:, 0]
        score = np.where(point < 0, np.inf, reach[np.arange(len(H)), point])
        return np.where(np.isfinite(score), point, -1), score

    def forward(self, H: Array, query: Query) -> Array:
        """Reachability of each row, shape (n,)."""
        return self._reached_from(H, query)[1]

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and 1 for the point p of each row."""
        point, score = self._reached_from(H, query)
        W = np.zeros_like(H)
        rows = np.flatnonzero(point >= 0)
        W[rows, point[rows]] = 1.0
        return score, W

    def summands(self, H: Array, weights: Array, query: Query) -> Array:
        """h_p of each row where the core distance is not greater; (n, N)."""
        # a core distance is the distance of one of the rows
        counts = (self.core * (1 - TIE) <= H) & (H < np.inf)
        return np.asarray(weights * np.where(counts, H, 0.0))


class ReachedDistance(Distance):
    """Distances to support points, of which one reaches the row.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    """

    words = "the distance to each row"
    reference_name = "row from which it is reached"

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """The point that reaches the row, (n, d); NaN where there is none."""
        points = np.vstack([self.support, np.full(self.support.shape[1], np.nan)])
        found = np.where(weights.any(axis=1), weights.argmax(axis=1), -1)
        return np.asarray(points[found])
