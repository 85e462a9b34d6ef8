# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A hidden layer on which rules and engines are checked."""

from skneon.network import Query
from skneon.network.numerics._types import Array


class Halves:
    """A layer between units and pooling, which passes on half of each."""

    def forward(self, H: Array, query: Query) -> Array:
        """Half of each activation."""
        return H / 2

    def backward(
        self, H: Array, R: Array, weights: Array, query: Query
    ) -> tuple[Array, Array]:
        """Relevance and weights as they come: one unit below each."""
        return R, weights
