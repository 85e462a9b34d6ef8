# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The marginal game of a Gaussian mixture: minus its log-density, or log-odds.

.. math:: p(x_S) = \sum_k w_k \, N(x_S; \mu_{kS}, \Sigma_{kSS})
"""

from copy import copy
from dataclasses import replace
from typing import Self

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._marginal import ROOM, Marginal
from skneon.network.layers._weights import rivals_of
from skneon.network.numerics._conditional_means import (
    MixtureConditionals,
    mixture_conditionals,
)
from skneon.network.numerics._mixture_components import (
    Components,
    Odds,
    prior_log_odds,
    with_densities,
)
from skneon.network.numerics._mixture_integrated import MixturePath, mixture_path
from skneon.network.numerics._mixture_orders import MixtureOrders, mixture_orders
from skneon.network.numerics._mixture_shapley import (
    MixtureCoalitions,
    coalition_terms,
    mixture_coalitions,
)
from skneon.network.numerics._near_singular import near_relation, words
from skneon.network.numerics._orders import OrderMean, Orders, orders_for
from skneon.network.numerics._players import Ints
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule


class MixtureMarginal(Marginal):
    """A Gaussian mixture, from all of whose components columns are integrated out.

    What coalitions are worth says `mixture_values`: log-determinants are those of the
    coalition's columns.

    Parameters
    ----------
    components : Components
    odds : bool
        Whether the log-odds of the row's cluster are asked for; else minus the
        log-density.
    """

    metric = "½ Σ_k⁻¹"
    integral = (
        "R_i = ∫₀¹ ∂v/∂t_i (s, …, s) ds,  "
        "column i observed with noise of the variance (1/t_i − 1) D_i,  "
        "D_i its mean variance within components"
    )

    @property
    def equation(self) -> str:
        """What a coalition is worth, by the densities of its columns alone."""
        x = self._row
        if self.odds:
            odds = f"log [p(c | {x}_S) / Σ_k p(k | {x}_S)]"
            return f"v(S) = {odds} − log [w_c / Σ_k w_k],  k ≠ c"
        return (
            "v(S) = log Σ_k exp(a_k(S)) − log Σ_k exp(a_k(S) − m_k(S)),  "
            "a_k(S) = log w_k − ½ log det Σ_kSS,  "
            f"m_k(S) = ½ ({x} − μ_k)_Sᵀ (Σ_kSS)⁻¹ ({x} − μ_k)_S"
        )

    def note(self, rule: Rule) -> str | None:
        """What a component means in which columns nearly follow from others."""
        if self.components.diagonal:
            return None
        relation = self.once("relation", self._relation)
        if relation is None:
            return None
        return words(relation[0], np.unique(self.inputs.parents[relation[1]]))

    def _relation(self) -> tuple[float, Ints] | None:
        """The nearest relation of columns in a component, if there is one."""
        found = map(near_relation, self.components.covariances)
        return min(filter(None, found), key=lambda it: it[0], default=None)

    @property
    def no_columns(self) -> str:
        """The odds without any column."""
        return "the prior log-odds, log [w_c / Σ_k w_k]" if self.odds else ""

    def __init__(self, components: Components, odds: bool) -> None:
        super().__init__(components.n_columns)
        self.components = components
        self.odds = odds

    def mapped(self, inputs: Inputs, inverse: Array) -> Self:
        """The mixture of y, where z = y A + b has this one."""
        covariances = self.components.covariances
        if self.components.diagonal:
            covariances = covariances[:, :, None] * np.eye(covariances.shape[1])
        covariances = inverse.T @ covariances @ inverse
        other = copy(self)
        other.components = replace(
            self.components,
            means=inputs.pull(self.components.means),
            covariances=(covariances + covariances.transpose(0, 2, 1)) / 2,
        )
        return other

    def _densities(self) -> Components:
        """The components, once it is known that columns can be integrated out."""
        checked: Components = self.once(
            "densities", lambda: with_densities(self.components)
        )
        return checked

    def asked(self, query: Query) -> Odds | None:
        """The question as the numerics take it."""
        if not self.odds:
            return None
        assert query.cluster is not None
        rivals = rivals_of(query, len(self.components.means))
        return Odds(np.asarray(query.cluster, dtype=np.intp), rivals)

    def constant(self, query: Query) -> Array | None:
        """The prior log-odds; None, the pooling's offset, for log-densities."""
        odds = self.asked(query)
        return None if odds is None else prior_log_odds(self.components, odds)

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row and coalitions of the explained columns, (M,)."""
        # rows are asked about one after the other, with the same coalitions
        last = self._built.get("coalitions")
        if last is None or not np.array_equal(last[0], masks):
            terms = coalition_terms(self._densities(), self.members(masks))
            last = masks, MixtureCoalitions(self.components, (), *terms)
            self._built["coalitions"] = last
        return np.asarray(last[1].values(X, self.asked(query))[0])

    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """Shapley values, exact or in the mean over orders: (n, n_columns)."""
        orders = self._orders(n_subsets)
        if orders is not None:
            mean = self._over_orders(X, query, n_subsets, orders)
            return self.by_column(mean.shares)
        coalitions: MixtureCoalitions = self.once(
            "shapley", lambda: mixture_coalitions(self._densities(), self.groups)
        )
        return self.by_column(coalitions.shares(X, self.asked(query)))

    def _orders(self, n_subsets: int) -> Orders | None:
        d = self.components.n_columns
        packed = d if self.components.diagonal else d * (d + 1) / 2
        size = 2.0**self.n_players * packed * len(self.components.means)
        return orders_for(self.n_players, n_subsets, size <= ROOM)

    def _over_orders(
        self, X: Array, query: Query, n_subsets: int, orders: Orders
    ) -> OrderMean:
        mixture: MixtureOrders = self.once(
            ("orders", n_subsets),
            lambda: mixture_orders(self._densities(), orders, self.groups),
        )
        return mixture.shares(X, self.asked(query))

    def standard_error(self, X: Array, query: Query, n_subsets: int) -> Array | None:
        """Standard error of the mean over orders; None where there are none."""
        orders = self._orders(n_subsets)
        if orders is None:
            return None
        mean = self._over_orders(X, query, n_subsets, orders)
        return self.by_column(mean.standard_error)

    def integrated(self, X: Array, query: Query) -> Array:
        """Aumann-Shapley values, (n, n_columns)."""
        path: MixturePath = self.once(
            "integrated", lambda: mixture_path(self._densities(), self.groups)
        )
        return self.by_column(path.shares(X, self.asked(query)))

    def expected(self, X: Array, query: Query) -> Array:
        """Conditional means, (n, m): of the rivals alone where odds are asked for."""
        conditionals: MixtureConditionals = self.once(
            "expected", lambda: mixture_conditionals(self._densities(), self.groups)
        )
        odds = self.asked(query)
        return conditionals.expected(X, None if odds is None else odds.rivals)
