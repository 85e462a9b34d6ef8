# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What poolings share that are linear in the units: means and sums."""

from typing import Any

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array


class LinearPooling(Pooling):
    """A weighted sum of the units, and a constant that no unit carries."""

    _offset: float

    @property
    def symbols(self) -> dict[str, Any]:
        """The constant."""
        return {"c": self._offset} if self._offset else {}

    @property
    def constant(self) -> str:
        """The offset, where there is one."""
        return "c" if self._offset else ""

    def offset(self, query: Query) -> Any:
        """Constant of the score, which no unit carries."""
        return self._offset

    def forward(self, H: Array, query: Query) -> Array:
        """Score of each row, shape (n,)."""
        return self.pool(H, query)[0]

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """As `pool`: it is linear."""
        return self.pool(H, query)
