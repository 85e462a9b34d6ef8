# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Ensembles: columns get what the members hand to them (ours).

.. math:: R_i = \sum_k w_k R_i^{(k)}

with the relevances of each member by its own rule, and its weight in the score: 1 / K
in a mean, and in a maximum 1 for the largest member of the row. What members leave as
residual, these weights leave, too.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule


@register_rule
@dataclass(frozen=True)
class ByMembers(Rule):
    """Weighted sums of what the members of an ensemble hand to the columns."""

    words: ClassVar[str] = "columns get what the members hand to them"
    name: ClassVar[str] = "members"
    explains: ClassVar[frozenset[str]] = frozenset({"ensemble"})
    needs: ClassVar[tuple[str, ...]] = ("explained",)

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        return (
            network.pooling.summand,
            "R_i = Σ_k w_k C_ki,  w_k of member k in the sum",
        )

    def keeps(self, network: Any) -> str:
        """What members keep, and the constant."""
        kept = "the residuals of the members, by their weights"
        return " and ".join(filter(None, [network.pooling.constant, kept]))

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """Weighted sums over the members."""
        C, _ = network.units.explained(X, query)
        w = np.broadcast_to(passed.weights, H.shape)
        return np.asarray(np.einsum("nk,kni->ni", w, C))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The members' residuals, and the constant of the score."""
        _, kept = network.units.explained(X, query)
        constant = self.constant(network, query)
        return np.asarray(np.sum(passed.weights * kept.T, axis=1) + constant)
