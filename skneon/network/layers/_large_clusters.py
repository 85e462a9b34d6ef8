# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The pooling that sees one centre: the own one, or the nearest of a large cluster."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array


class LargeClusters(Pooling):
    r"""The cluster-based local outlier factor (He, Xu and Deng 2003) of distances h_k.

    .. math:: o = s_c h_j, \qquad c = \arg\min_k h_k, \qquad
              j = \begin{cases} c & c \text{ is large} \
              \arg\min_{k \text{ large}} h_k & \text{else} \end{cases}

    Parameters
    ----------
    large : ndarray of bool, shape (K,)
        Which clusters are large; one at least.
    sizes : ndarray of shape (K,), or None
        The factors :math:`s_c`; None: they are 1.
    """

    words = "the distance to the own centre, or the nearest of a large cluster"
    summand = "R_j = o of that centre, 0 of the others"

    @property
    def equation(self) -> str:
        """The score in plain text."""
        size = "" if self.sizes is None else "s_c "
        return f"o = {size}h_j,  c = argmin_k h_k, j = c or the nearest large cluster"

    @property
    def symbols(self) -> dict[str, Any]:
        """How many clusters are large."""
        return {"large": int(np.count_nonzero(self.large))}

    def __init__(self, large: Array, sizes: Array | None = None) -> None:
        self.large = large
        self.sizes = sizes

    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""
        return self.pool(H, query)[0]

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and a weight of 1 for the centre that counts: (n,) and (n, K)."""
        own = H.argmin(axis=1)
        nearest = np.where(self.large, H, np.inf).argmin(axis=1)
        centre = np.where(self.large[own], own, nearest)
        W = np.zeros_like(H)
        np.put_along_axis(W, centre[:, None], 1.0, axis=1)
        return self.summands(H, W, query).sum(axis=1), W

    def summands(self, H: Array, weights: Array, query: Query) -> Array:
        """The distance to the centre that counts, times the size, (n, K)."""
        distances = super().summands(H, weights, query)
        if self.sizes is None:
            return distances
        return np.asarray(self.sizes[H.argmin(axis=1)][:, None] * distances)
