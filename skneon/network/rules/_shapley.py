# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Shapley value of the score as a game of the columns.

.. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(d - 1 - |S|)!}{d!}
          \, [v(S \cup i) - v(S)], \qquad
          v(S) = \operatorname{pool}_k \sum_{i \in S} C_{ki} :

what a column adds to the score, averaged over all orders in which columns can come in
(L. S. Shapley 1953). The game leaves the other columns out of every sum. From Gaussians
it integrates them out: v(S) is the score by the submatrix of the covariance, the
`marginal` game of the units.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._coalitions import pooled_shapley
from skneon.network.numerics._types import Array
from skneon.network.rules._marginal_shares import conserving_shares, constant_of
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule
from skneon.network.rules._settings import check_count, check_truth


@register_rule
@dataclass(frozen=True)
class Shapley(Rule):
    """Needs no R_k: the columns share the pooled score itself.

    Parameters
    ----------
    n_subsets : int, default=16
        Accuracy where there are too many columns for all subsets. At the default up to
        12 columns are exact. Errors fall about as its square root, time grows in
        proportion. Clusters: Sobol points, see `pooled_shapley`. Gaussians: the
        number of orders in which columns come in is an eighth of it per column, 2 at
        the default, see `balanced_orders`; for one Gaussian they take time in the
        preparation alone. Orders sum to the score, whatever their number.
    with_error : bool, default=False
        Whether explanations of Gaussians have the `standard_error` of the mean over
        orders. It takes as long as all orders for each row.
    """

    n_subsets: int = 16
    with_error: bool = False

    name: ClassVar[str] = "shapley"
    explains: ClassVar[frozenset[str]] = frozenset(
        {"cluster", "likelihood", "log-odds"}
    )
    pooling_needs: ClassVar[tuple[str, ...]] = ("of_sums",)
    leaves_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self, "n_subsets")
        check_truth(self, "with_error")

    def width(self, n_units: int, n_columns: int) -> int:
        """Numbers that a row takes: all columns of each unit."""
        return n_units * n_columns

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The Shapley values of all rows, at once for those with the same rivals."""
        marginal = network.units.marginal
        if marginal is not None:
            shares = marginal.shapley(X, query, self.n_subsets)
            return conserving_shares(network, shares, passed, query)
        C = network.units.contributions(X, query)
        out = np.zeros(C.shape[1:])
        for rows, competes in questions(H, query):
            if not len(competes):  # a single cluster has no rivals
                continue
            pool = pooling_of_sums(network, query[rows[:1]], competes)
            some = C[np.ix_(competes, rows)]
            score = pool(network.units.sums(H[np.ix_(rows, competes)]).T[..., None])[
                :, 0
            ]
            out[rows] = pooled_shapley(some, pool, score, self.n_subsets)
        return out

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The constant of the score."""
        return np.asarray(np.zeros(len(X)) + constant_of(network, query))

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Of the mean over orders, where that is asked for and they are not all."""
        marginal = network.units.marginal
        if marginal is None or not self.with_error:
            return None
        error: Array | None = marginal.standard_error(X, query, self.n_subsets)
        return error


def pooling_of_sums(
    network: Any, query: Query, competes: Array
) -> Callable[[Array], Array]:
    """The pooled score of some units as a function of their sums, (K, ...) to (...)."""
    pool = network.pooling.of_sums(query, competes)
    return lambda T: np.asarray(pool(network.units.activation(T)))


def questions(H: Array, query: Query) -> Iterator[tuple[Array, Array]]:
    """Rows that ask the same of the same units.

    Yields
    ------
    rows : ndarray of int
    competes : ndarray of int
        Units that are not at +inf for these rows.
    """
    asked = [a for a in (query.cluster, query.rival, query.absent) if a is not None]
    competes = np.isfinite(H)
    keys = np.column_stack([*asked, competes])
    _, first, of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    for question, row in enumerate(first):
        yield np.flatnonzero(of.ravel() == question), np.flatnonzero(competes[row])
