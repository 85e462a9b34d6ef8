# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Random features (chapter #3.3): inlierness by a sample of cosine features.

With :math:`\omega_j \sim N(0, 2 \gamma I)`, :math:`b_j` uniform, and the mean
:math:`\mu_j` of the feature over the support points,

.. math:: h_j = \sqrt2 \cos(\omega_j^\top x + b_j) \, \mu_j, \qquad
          R_j = h_j / H, \qquad
          R_i = \sum_j \frac{\omega_{ji}^2}{\|\omega_j\|^2} R_j .

(Random Fourier features: Rahimi and Recht 2007.)
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule
from skneon.network.rules._settings import check_count, check_seed


@register_rule
@dataclass(frozen=True)
class RandomFeatures(Rule):
    """The estimate carries noise of order H^-1/2, and each relevance its error.

    What is explained is the exact inlierness; what the features miss is the residual.

    Parameters
    ----------
    n_components : int, default=2500
        H, the number of features.
    random_state : int, default=0
        Seed of the draw.
    """

    n_components: int = 2500
    random_state: int = 0

    words: ClassVar[str] = "columns share each feature by its squared frequencies"
    name: ClassVar[str] = "random-features"
    explains: ClassVar[frozenset[str]] = frozenset({"inlier", "feature-sum"})
    needs: ClassVar[tuple[str, ...]] = (
        "shares_by_feature",
        "error_by_feature",
        "missed",
    )

    def __post_init__(self) -> None:
        check_count(self, "n_components")
        check_seed(self, "random_state")

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        return network.pooling.summand, "R_i = Σ_j R_j ω_ji² / ‖ω_j‖²"

    def keeps(self, network: Any) -> str:
        """What the sample is off, or the constant of a score that is the features'."""
        return str(network.units.missed or network.pooling.constant)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i, by the squares of the frequencies."""
        return np.asarray(passed.R @ network.units.shares_by_feature)

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Standard error of R_i over the draw of the features; NaN for a single one.

        None where the features are the model's own.
        """
        error: Array | None = network.units.error_by_feature(passed.R)
        return error

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """What the units do not add to the score, or add without any frequency."""
        shared = network.units.shares_by_feature.any(axis=1)
        return np.asarray(passed.score - passed.R[:, shared].sum(axis=1))
