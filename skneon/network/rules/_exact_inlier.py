# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Exact inlier (ours): the limit of random features (chapter #3.3) in closed form.

For infinitely many features :math:`R_i = \sum_j \omega_{ji}^2 / \|\omega_j\|^2 R_j` is,
with s = d/2, :math:`t_k = \gamma \|x - u_k\|^2` and
:math:`F_s(t) = t^{-s} g(s, t)`, g the lower incomplete gamma function,

.. math:: R_i = \sum_k \pi_k \left[ \tfrac12 F_s(t_k)
                - \gamma F_{s+1}(t_k) (x_i - u_{ki})^2 \right] .

The sum over i is :math:`\sum_k \pi_k e^{-t_k}`, because
:math:`s F_s(t) = t F_{s+1}(t) + e^{-t}`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._soft_min import exponent
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule
from skneon.network.rules._uniform import Uniform


@register_rule
@dataclass(frozen=True)
class ExactInlier(Rule):
    """Deterministic. Negative where the row differs from its neighbours in a feature.

    Where an affine map A is folded in, the isotropic part falls to the inputs by
    :math:`(A A^+)_{jj}` and the rest by their shares of the squared distance.
    """

    words: ClassVar[str] = "the limit of infinitely many random features"
    name: ClassVar[str] = "exact-inlier"
    explains: ClassVar[frozenset[str]] = frozenset({"inlier"})
    needs: ClassVar[tuple[str, ...]] = (
        "gamma",
        "squared_distances",
        "shares_by_input",
    )

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its one step."""
        where = "t_k = γ ‖x − u_k‖²,  F(s, t) = ∫₀¹ v^(s−1) exp(−t v) dv"
        if network.units.inputs.n_outputs == 1:
            return Uniform().equations(network)
        mixes = network.units.inputs.matrix is not None
        part = " (A A⁺)_ii" if mixes else ""
        share = f"½ F(d/2, t_k){part} − γ F(d/2 + 1, t_k) C_ki"
        return (f"R_i = Σ_k π_k [{share}],  {where}",)

    def keeps(self, network: Any) -> str:
        """Nothing."""
        return Uniform().keeps(network)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, which sum to the inlierness."""
        units, weights, R = network.units, passed.weights, passed.R
        d = units.inputs.n_outputs
        if d == 1:
            return Uniform().to_columns(network, X, H, passed, query)
        share = units.inputs.isotropic(d)
        squared = units.squared_distances(X)
        t = exponent(squared, units.gamma)
        upper = scaled_incomplete_gamma(d / 2 + 1, t)
        lower = (t * upper + H) / (d / 2)
        W = weights * units.gamma * upper
        relevance = np.sum(weights * lower, axis=1)[:, None] / 2 * share
        relevance = relevance - units.shares_by_input(X, W, squared)
        # far rows have large relevances of both signs: spread what rounding lost
        lost = R.sum(axis=1) - relevance.sum(axis=1)
        return np.asarray(units.inputs.gather(relevance + lost[:, None] / d * share))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """What the units do not add to the score."""
        return np.asarray(passed.score - passed.R.sum(axis=1))
