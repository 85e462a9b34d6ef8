# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The marginal game of one Gaussian, whose score is its squared Mahalanobis distance.

.. math:: v(S) = \lambda \, z_S^\top (\Sigma_{SS})^{-1} z_S , \qquad z = x - \mu
"""

from copy import copy
from typing import Self

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._marginal import ROOM, Marginal
from skneon.network.numerics._conditional_means import conditional_coefficients
from skneon.network.numerics._gaussian_integrated import (
    IntegratedForms,
    integrated_forms,
)
from skneon.network.numerics._gaussian_orders import (
    gaussian_order_forms,
    gaussian_order_shares,
)
from skneon.network.numerics._gaussian_shapley import (
    QuadraticForms,
    gaussian_coalition_forms,
    gaussian_shapley_forms,
)
from skneon.network.numerics._near_singular import near_relation, words
from skneon.network.numerics._orders import Orders, orders_for
from skneon.network.numerics._submatrices import (
    Inverse,
    is_positive_definite,
    missing_directions,
    no_density,
    products,
)
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule

# multiplications in the inverses of all submatrices, at the most
WORK = 2**35


class GaussianMarginal(Marginal):
    r"""One Gaussian, from which columns are integrated out.

    Parameters
    ----------
    mean : ndarray of shape (d,)
    covariance : ndarray of shape (d, d)
        Singular ones are defined in `gaussian_shapley_forms`.
    inverse : {"pinvh", "cholesky"}
        How the model inverts its covariance.
    scale : float, default=1.0
        :math:`\lambda`: 1 for a squared distance, 1/2 for minus a log-density.
    """

    @property
    def metric(self) -> str:
        """What the metric of the distance is."""
        return f"{self._factor}Σ⁻¹"

    @property
    def equation(self) -> str:
        """What a coalition is worth: the distance by its part of the covariance."""
        x = self._row
        return f"v(S) = {self._factor}({x} − μ)_Sᵀ (Σ_SS)⁻¹ ({x} − μ)_S"

    @property
    def integral(self) -> str:
        """What a column gets where all come in alike."""
        integral = "∫₀¹ [((1 − s) I + s P)⁻¹ t]_i² ds"
        where = f"t_i = ({self._row}_i − μ_i)/σ_i, P the correlations"
        return f"R_i = {self._factor}{integral},  {where}"

    @property
    def _factor(self) -> str:
        known = {1.0: "", 0.5: "½ "}
        return known.get(self.scale, f"{self.scale:.4g} ")

    def __init__(
        self, mean: Array, covariance: Array, inverse: Inverse, scale: float = 1.0
    ) -> None:
        super().__init__(len(mean))
        self.mean = mean
        self.covariance = covariance
        self.inverse = inverse
        self.scale = scale

    def mapped(self, inputs: Inputs, inverse: Array) -> Self:
        """The Gaussian of y, where z = y A + b has this one."""
        other = copy(self)
        other.mean = inputs.pull(self.mean[None])[0]
        covariance = inverse.T @ self.covariance @ inverse
        other.covariance = (covariance + covariance.T) / 2
        other.inverse = "cholesky"
        return other

    def _density(self) -> Array:
        """The covariance, once it is known that columns can be integrated out.

        Raises
        ------
        ValueError
            Where it is singular behind linear steps: its pseudo-inverse would not be
            the model's, which drops directions of their outputs.
        """
        return np.asarray(self.once("density", self._checked))

    def _checked(self) -> Array:
        behind = self.inputs.matrix is not None
        if behind and not is_positive_definite(self.covariance):
            raise ValueError(no_density(""))
        return self.covariance

    def note(self, rule: Rule) -> str | None:
        """What a singular covariance means for explanations by a rule."""
        missing: tuple[Array, int] | None = self.once(
            "missing", lambda: missing_directions(self.covariance, self.inverse)
        )
        if missing is None:
            relation = self.once("relation", lambda: near_relation(self.covariance))
            if relation is None:
                return None
            return words(relation[0], np.unique(self.inputs.parents[relation[1]]))
        ignored, rank = missing
        if ignored.any():
            columns = ", ".join(map(str, np.unique(self.inputs.parents[ignored])))
            return (
                f"columns {columns} (counted from 0) vary so little beside others that "
                "the model's pseudo-inverse leaves them out of the score: put a "
                "StandardScaler in front of the model"
            )
        if rule.name != "shapley":
            return None
        return (
            f"the covariance is singular, of rank {rank} for {len(ignored)} columns, "
            "and the model takes its pseudo-inverse: relevances of rows that break the "
            "linear relations of the training rows can be large and of both signs. "
            "rule='integrated' has none below 0, LedoitWolf and OAS are regular"
        )

    def constant(self, query: Query) -> None:
        """The pooling's offset."""
        return None

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """Squared distances of one row by the submatrices of coalitions, (M,)."""
        # rows are asked about one after the other, with the same coalitions
        last = self._built.get("coalitions")
        if last is None or not np.array_equal(last[0], masks):
            forms = gaussian_coalition_forms(
                self._density(), self.members(masks), self.inverse
            )
            last = self._built["coalitions"] = masks, forms
        return np.asarray(self.scale * last[1] @ products(X - self.mean)[:, 0])

    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """Shapley values, exact or in the mean over orders: (n, n_columns)."""
        orders = self._orders(n_subsets)
        Z, d = X - self.mean, len(self.mean)
        if orders is not None and self.n_players * d * (d + 1) / 2 > ROOM:
            shares = gaussian_order_shares(
                Z, self._density(), orders, self.groups, self.inverse
            ).shares
        else:
            forms = self.once(("shapley", n_subsets), lambda: self._forms(orders))
            shares = forms.shares(Z)
        return self.by_column(self.scale * shares)

    def _orders(self, n_subsets: int) -> Orders | None:
        work = 2.0**self.n_players * len(self.mean) ** 3
        return orders_for(self.n_players, n_subsets, work <= WORK)

    def _forms(self, orders: Orders | None) -> QuadraticForms:
        if orders is None:
            return gaussian_shapley_forms(self._density(), self.groups, self.inverse)
        return gaussian_order_forms(self._density(), orders, self.groups, self.inverse)

    def standard_error(self, X: Array, query: Query, n_subsets: int) -> Array | None:
        """Standard error of the mean over orders; None where there are none."""
        orders = self._orders(n_subsets)
        if orders is None:
            return None
        mean = gaussian_order_shares(
            X - self.mean, self._density(), orders, self.groups, self.inverse
        )
        return self.by_column(self.scale * mean.standard_error)

    def integrated(self, X: Array, query: Query) -> Array:
        """Aumann-Shapley values, (n, n_columns)."""
        forms: IntegratedForms = self.once(
            "integrated",
            lambda: integrated_forms(self._density(), self.groups, self.inverse),
        )
        return self.by_column(self.scale * forms.shares(X - self.mean))

    def expected(self, X: Array, query: Query) -> Array:
        """Conditional means, (n, m)."""
        coefficients: Array = self.once(
            "expected",
            lambda: conditional_coefficients(
                self._density(), self.groups, self.inverse
            ),
        )
        return np.asarray(self.mean + (X - self.mean) @ coefficients.T)
