# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Integrated soft argmin (ours): the Aumann-Shapley value of a soft minimum.

With :math:`p_k(s) \propto \pi_k e^{-s \gamma h_k}`,

.. math:: R_k = h_k \int_0^1 p_k(s) \, ds, \qquad
          R_i = \sum_k C_{ki} \frac{h_k}{\sum_j C_{kj}} \int_0^1 p_k(s) \, ds .

Since s o(s), the score at the stiffness s gamma, has the derivative
:math:`\sum_k p_k(s) h_k`, the R_k sum to o: no stiffness to choose, no division,
nothing dissipated. It is the chapter's two-step propagation with the top layer
integrated from h = 0, and in the columns the Aumann-Shapley value of the score.

Of Gaussian units, from which columns are integrated out, it is that value in another
way, see `integrated_forms` and `mixture_path`: a column takes part to the degree s if
it is observed with noise, and all do to the same degree,

.. math:: R_i = \int_0^1 \left[((1 - s) I + s C)^{-1} y\right]_i^2 ds

for one Gaussian with the correlations C and the z-scores y. Of inlierness, the mean of
Gaussian kernels, it is

.. math:: R_i = \frac1d + \sum_k \pi_k \frac{d_{ki}^2}{h_k} (e^{-\gamma h_k} - 1) .

Aumann and Shapley 1974, "Values of non-atomic games".
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._marginal_shares import (
    conserving_shares,
    constant_of,
    constant_words,
)
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule


@register_rule
@dataclass(frozen=True)
class IntegratedSoftArgmin(Rule):
    """Soft argmin integrated over its stiffness, from 0 to that of the score.

    For Gaussians integrated over how well columns are observed, for kernels over the
    degree to which they take part.
    """

    words: ClassVar[str] = "parts averaged on the way from nothing to the whole"
    name: ClassVar[str] = "integrated"
    explains: ClassVar[frozenset[str]] = frozenset(
        {
            "outlier",
            "inlier",
            "likelihood",
            "log-odds",
            "log-ratio",
            "kernel-sum",
            "distance",
        }
    )
    leaves_out: ClassVar[bool] = True
    pooling_needs: ClassVar[tuple[str, ...]] = ("integrated",)

    def equations(self, network: Any) -> tuple[str, ...]:
        """Of sums in two steps, of units with a game in one, and the game."""
        game = network.units.marginal
        if game is None:
            return network.pooling.integral, "R_i = Σ_k R_k C_ki / Σ_j C_kj"
        return game.integral, game.equation

    def keeps(self, network: Any) -> str:
        """The constant of the score."""
        return constant_words(network)

    def to_units(self, network: Any, H: Array, query: Query) -> Passed:
        """R_k = h_k I_k."""
        score, weights = network.pooling.integrated(H, query)
        # units that do not compete are at +inf, with the weight 0
        finite = H if np.isfinite(H).all() else np.where(weights != 0, H, 0.0)
        return Passed(score, weights, weights * finite)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, which divides by no distance but where activations are no sums."""
        marginal = network.units.marginal
        if marginal is None:
            return weighted_contributions(network, X, H, passed, query)
        shares = marginal.integrated(X, query)
        return conserving_shares(network, shares, passed, query)

    def constant(self, network: Any, query: Query) -> Any:
        """That of the game that is played."""
        return constant_of(network, query)

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The constant of the score."""
        return np.asarray(np.zeros(len(X)) + self.constant(network, query))


def weighted_contributions(
    network: Any, X: Array, H: Array, passed: Passed, query: Query
) -> Array:
    """sum_k of the units' weights times the columns' shares of h_k, (n, n_columns)."""
    units = network.units
    W = passed.weights * units.per_sum(H)
    return np.asarray(units.weighted_shares(X, W, units.sums(H), query))
