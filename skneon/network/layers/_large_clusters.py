# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of the cluster-based local outlier factor: one centre counts."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import Distance
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array


class CentreDistance(Distance):
    """Euclidean distances to the centres of clusters, one of which counts."""

    words = "the distance to each centre"
    reference_name = "centre that counts"

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """That centre, shape (n, d)."""
        return self.mean_support(np.sign(weights))


class LargeClusters(Pooling):
    r"""The cluster-based local outlier factor (He, Xu and Deng 2003) of distances h_k.

    .. math:: o = s_c h_j, \qquad c = \arg\min_k h_k, \qquad
              j = \begin{cases} c & c \text{ is large} \\
              \arg\min_{k \text{ large}} h_k & \text{else} \end{cases}

    Parameters
    ----------
    large : ndarray of bool, shape (K,)
        Which clusters are large; one at least.
    sizes : ndarray of shape (K,), or None
        The factors :math:`s_c`, positive; None: they are 1.
    """

    words = "the distance to the own centre, or the nearest of a large cluster"
    summand = "R_j = o of the centre that counts, 0 of the others"
    integral = summand

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
        """Score, and the size that the centre that counts has, (n,) and (n, K)."""
        centre, size = self._counted(H.T)
        W = np.zeros_like(H)
        np.put_along_axis(W, centre[:, None], size[:, None], axis=1)
        return np.sum(W * H, axis=1), W

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """As `pool`: who is nearest is so at all scales of the h_k."""
        return self.pool(H, query)

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The score of all units, (K, ...) to (...)."""

        def pool(T: Array) -> Array:
            centre, size = self._counted(T)
            return np.asarray(size * np.take_along_axis(T, centre[None], axis=0)[0])

        return pool

    def _counted(self, T: Array) -> tuple[Array, Array]:
        """The centre that counts, and the own cluster's size, (K, ...) to (...)."""
        own, large = T.argmin(axis=0), np.flatnonzero(self.large)
        nearest = large[T[large].argmin(axis=0)]
        centre = np.where(self.large[own], own, nearest)
        size = np.ones(own.shape) if self.sizes is None else self.sizes[own]
        return centre, size
