# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Soft argmin (chapter #3.1).

.. math:: R_k = \frac{\pi_k e^{-\beta h_k}}{\sum_l \pi_l e^{-\beta h_l}} \, o, \qquad
          R_i = \sum_k \frac{(x_i - u_{ki})^2}{\epsilon + h_k} R_k
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import (
    Passed,
    Rule,
    Scales,
    ratio,
    score_symbol,
    soft_shares,
    taken,
)
from skneon.network.rules._settings import check_number


@register_rule
@dataclass(frozen=True)
class SoftArgmin(Rule):
    """Soft argmin among the units; then by shares of the squared distance.

    The stabiliser dissipates the share epsilon / (epsilon + h_k) of R_k, and all of it
    where x and u_k coincide. Behind linear steps it is at least what h_k may be by
    rounding alone.

    Parameters
    ----------
    beta : float or "gamma", default="gamma"
        Stiffness, in units of one over the squared data: 0 counts all support points
        alike, a large value the nearest alone. "gamma", the choice in the chapter's
        experiments, is the stiffness of the score.
    epsilon : float, default=1e-9
        Stabiliser, in squared units of the data. Units with a bias, those of
        `OneClassSVM`, are stabilised by it already: the larger of both counts.
    """

    beta: float | str = "gamma"
    epsilon: float = 1e-9

    words: ClassVar[str] = "near units count most; columns share their distances"
    name: ClassVar[str] = "soft-argmin"
    explains: ClassVar[frozenset[str]] = frozenset({"outlier"})
    pooling_needs: ClassVar[tuple[str, ...]] = ("soft_argmin",)

    def __post_init__(self) -> None:
        check_number(self, "beta", also=("gamma",))
        check_number(self, "epsilon")

    def bound(self, scales: Scales) -> SoftArgmin:
        """With the model's gamma for "gamma"."""
        if self.beta != "gamma":
            return self
        instead = f"a number, such as rule={type(self).__name__}(beta=1.0)"
        return replace(self, beta=scales.given("gamma", self, instead))

    def stabiliser(self, units: Any) -> Any:
        """What is added to sums T before they divide their shares.

        The units' biases, or epsilon where that is larger. That is at least what
        rounding may make of T where a linear step is in front of the units: it keeps a
        row on a support point from coinciding with it, and has no shares.
        """
        least = max(self.epsilon, units.rounding)
        # a number keeps the precision of what it is added to
        wide = np.ndim(units.bias) > 0
        return np.maximum(units.bias, least) if wide else max(units.bias, least)

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        score, constant = score_symbol(network), network.pooling.constant
        if constant:
            score = f"({score} − {constant})".replace("− −", "+ ")
        taken = "max(ε, b_k)" if np.any(network.units.bias) else "ε"
        whole = f"R_i = Σ_k R_k C_ki / (Σ_j C_kj + {taken})"
        return soft_shares(network, score), whole

    def symbols(self, network: Any) -> dict[str, Any]:
        """Numbers in the equations."""
        return {"β": self.beta, "ε": max(self.epsilon, network.units.rounding)}

    def keeps(self, network: Any) -> str:
        """The constant, and what the stabiliser takes."""
        biased = np.any(network.units.bias)
        lost = "what the biases b_k take" if biased else "what ε takes"
        some = biased or self.epsilon or network.units.rounding
        return " and ".join(filter(None, [network.pooling.constant, lost * bool(some)]))

    def to_units(self, network: Any, H: Array, query: Query) -> Passed:
        """R_k, by soft argmin."""
        score, weights = network.pooling.soft_argmin(H, query, self.beta)
        pooled = score - network.pooling.offset(query)
        return Passed(score, weights, weights * pooled[:, None])

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, by shares that the stabiliser and the units' biases take part of."""
        units = network.units
        T = units.sums(H)
        W = ratio(passed.R, T + self.stabiliser(units))
        return np.asarray(units.weighted_shares(X, W, T, query))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The constant of the score, and what stabiliser and biases take."""
        units, offset = network.units, network.pooling.offset(query)
        lost = taken(passed.R, units.sums(H), self.stabiliser(units))
        return np.asarray(offset + lost)
