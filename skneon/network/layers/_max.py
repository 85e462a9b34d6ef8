# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hard max-pooling."""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array


class Max(Pooling):
    r"""The largest unit (ours); of those that tie, the first.

    .. math:: o = \max_k h_k
    """

    words = "the largest unit"
    equation = "o = max_k h_k"
    summand = "R_k = h_k of the largest unit, 0 of the others"

    def forward(self, H: Array, query: Query) -> Array:
        """The largest unit of each row, (n,)."""
        return np.asarray(H.max(axis=1))

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and a weight of 1 for the first unit that attains it."""
        weights = np.zeros(H.shape)
        np.put_along_axis(weights, H.argmax(axis=1)[:, None], 1.0, axis=1)
        return self.forward(H, query), weights
