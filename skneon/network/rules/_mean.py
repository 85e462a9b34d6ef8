# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Mean imputation: what a Gaussian's column adds where the others are at the mean.

.. math:: R_i = z_i \, (\Sigma^{-1} z)_i , \qquad z = x - \mu

The Shapley value of :math:`v(S) = z_S^\top (\Sigma^{-1})_{SS} z_S`, in closed form
(Mayrhofer and Filzmoser 2023, "Multivariate outlier explanations using Shapley values
and Mahalanobis distances"). Process monitoring calls it the partial decomposition of
Hotelling's T^2 (Alcala and Qin 2011, "Analysis and generalization of fault diagnosis
methods for process monitoring").
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._integrated_soft_argmin import weighted_contributions
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule


@register_rule
@dataclass(frozen=True)
class MeanImputation(Rule):
    """Shares z_i (Pz)_i, weighted among components by the integrated soft argmin.

    It asks what changes as columns are put to the overall mean, and so about rows that
    may be impossible: shares are negative where a column is as the others let expect,
    and large, of both signs, where columns go together closely. For a mixture each
    component has its own mean.
    """

    words: ClassVar[str] = "what a column adds where the others are at the mean"
    name: ClassVar[str] = "mean"
    explains: ClassVar[frozenset[str]] = frozenset({"likelihood", "log-odds"})
    needs: ClassVar[tuple[str, ...]] = ("mean_reference", "mean_name")
    pooling_needs: ClassVar[tuple[str, ...]] = ("integrated",)

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        return network.pooling.integral, "R_i = Σ_k R_k C_ki / Σ_j C_kj"

    def keeps(self, network: Any) -> str:
        """The constant of the score."""
        return str(network.pooling.constant)

    def to_units(self, network: Any, H: Array, query: Query) -> Passed:
        """R_k = h_k I_k, as of the integrated soft argmin."""
        score, weights = network.pooling.integrated(H, query)
        finite = np.where(weights != 0, H, 0.0)
        return Passed(score, weights, weights * finite)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, by the shares of each component's distance."""
        return weighted_contributions(network, X, H, passed, query)

    def reference(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The means, (n, p)."""
        return np.asarray(network.units.mean_reference(X, H, passed.weights, query))

    def reference_name(self, units: Any) -> str:
        """Which means these are."""
        return str(units.mean_name)
