# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""w-square (chapter #4.1, after the rule of that name for linear layers).

.. math:: R_k = \frac{e^{-\beta h_k}}{\sum_l e^{-\beta h_l}} f_c, \qquad
          R_i = \sum_k \frac{w_{ki}^2}{\|w_k\|^2} R_k
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._midpoint import Midpoint
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, score_symbol, soft_shares


@register_rule
@dataclass(frozen=True)
class WSquare(Midpoint):
    """Soft argmin among the rivals; then by squared differences of the centroids.

    All of one sign. A unit whose centroids coincide dissipates its R_k.

    Parameters
    ----------
    beta : float or "auto", default="auto"
        As in `Midpoint`.
    """

    words: ClassVar[str] = "near rivals count most; columns share by squared weights"
    name: ClassVar[str] = "w-square"
    explains: ClassVar[frozenset[str]] = frozenset({"cluster", "linear"})
    needs: ClassVar[tuple[str, ...]] = ("weighted_squares", "coinciding")

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        return soft_shares(
            network, score_symbol(network)
        ), "R_i = Σ_k R_k w_ki² / ‖w_k‖²"

    def keeps(self, network: Any) -> str:
        """What units without a direction get."""
        return "R_k of rivals whose points coincide with the own"

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, by squared differences of the centroids."""
        return np.asarray(network.units.weighted_squares(X, passed.R, query))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The R_k of units whose centroids coincide."""
        coincide = network.units.coinciding(X, query)
        return np.asarray(np.where(coincide, passed.R, 0.0).sum(axis=1))


def square_shares(w: Array) -> Array:
    """w_ki^2 / |w_k|^2, and 0 for a unit without direction. Shape (K, d)."""
    largest = np.abs(w).max(axis=1, keepdims=True, initial=0.0)
    # of numbers near 1, so that no square underflows
    square = np.divide(w, largest, out=np.zeros_like(w), where=largest > 0) ** 2
    norm = square.sum(axis=1, keepdims=True)
    shares: Array = np.divide(square, norm, out=np.zeros_like(w), where=norm > 0)
    return shares
