# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Midpoint (Kauffmann, Esders, Montavon, Samek, Müller, arXiv 1906.07633).

With the midpoint :math:`m_k = (\mu_c + \mu_k) / 2` of the centroid and a rival's,

.. math:: R_k = \frac{e^{-\beta h_k}}{\sum_l e^{-\beta h_l}} f_c, \qquad
          R_i = \sum_k (x_i - m_{ki}) \, w_{ki} \, \frac{R_k}{h_k} .

Signed: the shares :math:`(x_i - m_{ki}) w_{ki}` are
:math:`(x_i - \mu_{ki})^2 - (x_i - \mu_{ci})^2`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule, Scales, score_symbol, soft_shares
from skneon.network.rules._settings import check_number


@register_rule
@dataclass(frozen=True)
class Midpoint(Rule):
    """Soft argmin among the rivals; then by the signed contrasts with each.

    The factor R_k / h_k is clipped to the unit's soft argmin weight p_k, that is
    f / h_k to [-1, 1]: a unit hands on no more than its own activation. Nothing is
    clipped for the cluster that x is assigned to, where 0 <= f <= h_k.

    Parameters
    ----------
    beta : float or "auto", default="auto"
        Stiffness of the soft argmin, in units of one over the squared data: 0 counts
        all rivals alike. "auto" is 1 / E[f_c] over the training rows.
    """

    beta: float | str = "auto"

    words: ClassVar[str] = "near rivals count most; columns share what they contrast"
    name: ClassVar[str] = "midpoint"
    explains: ClassVar[frozenset[str]] = frozenset({"cluster"})
    pooling_needs: ClassVar[tuple[str, ...]] = ("soft_argmin",)
    needs: ClassVar[tuple[str, ...]] = ("pairs",)

    def __post_init__(self) -> None:
        check_number(self, "beta", also=("auto",))

    def bound(self, scales: Scales) -> Midpoint:
        """With the model's stiffness for "auto"."""
        if self.beta != "auto":
            return self
        instead = f"a number, such as rule={type(self).__name__}(beta=1.0)"
        return replace(self, beta=scales.given("auto_beta", self, instead)())

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        return soft_shares(network, score_symbol(network)), "R_i = Σ_k R_k C_ki / h_k"

    def symbols(self, network: Any) -> dict[str, Any]:
        """Numbers in the equations."""
        return {"β": self.beta}

    def keeps(self, network: Any) -> str:
        """What clipping keeps back."""
        return "what clipping |R_k / h_k| to p_k keeps back: 0 for the assigned cluster"

    def to_units(self, network: Any, H: Array, query: Query) -> Passed:
        """R_k, by soft argmin."""
        score, weights = network.pooling.soft_argmin(H, query, self.beta)
        finite = np.where(np.isfinite(score), score, 0.0)
        return Passed(score, weights, weights * finite[:, None])

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, by the signed contrasts."""
        factor = midpoint_factor(H, passed.R, passed.weights)
        return np.asarray(network.units.weighted_shares(X, factor, H, query))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """What clipping keeps back of the R_k; nothing for the assigned cluster."""
        factor = midpoint_factor(H, passed.R, passed.weights)
        kept = passed.R - factor * np.where(np.isfinite(H), H, 0.0)
        return np.asarray(kept.sum(axis=1))


def midpoint_factor(H: Array, R: Array, weights: Array) -> Array:
    """R_k / h_k clipped to [-p_k, p_k]; p_k where both are 0. Shape (n, K)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = R / H
    # where both are 0 it is no number, which fmin passes over
    np.fmin(factor, weights, out=factor)
    if R.min(initial=0.0) < 0:
        np.maximum(factor, -weights, out=factor)
    return np.asarray(factor)
