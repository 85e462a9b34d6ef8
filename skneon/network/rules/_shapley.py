# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Shapley value of the score as a game of the columns.

.. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(d - 1 - |S|)!}{d!}
          \, [v(S \cup i) - v(S)], \qquad
          v(S) = \operatorname{pool}_k \sum_{i \in S} C_{ki} :

what a column adds to the score, averaged over all orders in which columns can come in
(L. S. Shapley 1953). The game leaves the other columns out of every sum. From Gaussians
it integrates them out: v(S) is the score by the submatrix of the covariance, the
`marginal` game of the units. From Gaussian kernels it does so, too,

.. math:: v(S) = \sum_k \pi_k \prod_{i \in S} e^{-\gamma d_{ki}^2}, \qquad
          \phi_i = \frac1d - \sum_k \pi_k l_{ki}
          \int_0^1 \prod_{j \ne i} (1 - q l_{kj}) dq, \qquad
          l_{ki} = 1 - e^{-\gamma d_{ki}^2},

by Gauss-Legendre nodes that are exact at any number of columns: Shapley values of
product kernels are due to PKeX-Shapley (arXiv 2505.16516), the quadrature to QuadraSHAP
(arXiv 2605.05870). v(empty) = 0, so that the 1 of the empty product is shared equally.
In isolation forests a split by a column that is left out is not made, see
`numerics._tree_terms`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._coalitions import pooled_shapley
from skneon.network.numerics._types import Array
from skneon.network.rules._game_rule import GameRule
from skneon.network.rules._marginal_shares import error_of_game
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed
from skneon.network.rules._settings import check_count, check_truth

VALUE = "R_i = Σ_S |S|! (d − 1 − |S|)! / d! · [v(S ∪ i) − v(S)] over all S without i"
ALONE = (
    "v(S): the score where every h_k is of the columns in S alone, Σ_i C_ki over i ∈ S"
)


@register_rule
@dataclass(frozen=True)
class Shapley(GameRule):
    """Needs no R_k: the columns share the pooled score itself.

    Parameters
    ----------
    n_subsets : int, default=16
        Accuracy where there are too many columns for all subsets. At the default up to
        12 columns are exact, for inlierness any number. Errors fall about as its square
        root, time grows in proportion. Clusters: Sobol points, see `pooled_shapley`.
        Gaussians: the number of orders in which columns come in is an eighth of it per
        column, 2 at the default, see `balanced_orders`; for one Gaussian they take time
        in the preparation alone. Orders sum to the score, whatever their number.
    with_error : bool, default=False
        Whether explanations of Gaussians have the `standard_error` of the mean over
        orders, None where all subsets are taken. It takes as long as all orders for
        each row.
    """

    n_subsets: int = 16
    with_error: bool = False

    words: ClassVar[str] = "what a column adds, in the mean over all orders of columns"
    name: ClassVar[str] = "shapley"
    explains: ClassVar[frozenset[str]] = frozenset(
        {
            "inlier",
            "cluster",
            "likelihood",
            "log-odds",
            "isolation",
            "log-ratio",
            "distance",
            "linear",
            "kernel-sum",
        }
    )
    pooling_needs: ClassVar[tuple[str, ...]] = ("of_sums",)
    leaves_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self, "n_subsets")
        check_truth(self, "with_error")

    def width(self, n_units: int, n_columns: int) -> int:
        """Numbers that a row takes: all columns of each unit."""
        return n_units * n_columns

    def equations(self, network: Any) -> tuple[str, ...]:
        """The value, and the game that is played."""
        game = network.units.marginal
        played = ALONE if game is None else game.equation
        return VALUE, played

    def keeps(self, network: Any) -> str:
        """The constant of the score, with a game or without."""
        return super().keeps(network)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The Shapley values of all rows, at once for those with the same rivals."""
        if network.units.marginal is not None:
            return super().to_columns(network, X, H, passed, query)
        units, pooling, H = played(network, X, H, query)
        C = units.contributions(X, query)
        out = np.zeros(C.shape[1:])
        # a single cluster has no rivals
        for rows, competes in questions(H, query, np.isfinite(passed.score)):
            pool = pooling_of_sums(units, pooling, query[rows[:1]], competes)
            some = C[competes[:, None], rows]
            score = pool(units.sums(H[rows[:, None], competes]).T[..., None])[:, 0]
            out[rows] = pooled_shapley(some, pool, score, self.n_subsets)
        return out

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Of the mean over orders, where that is asked for and they are not all.

        Of forests always, of the mean over trees.
        """
        return error_of_game(network, X, query, self.n_subsets, self.with_error)


def played(network: Any, X: Array, H: Array, query: Query) -> tuple[Any, Any, Array]:
    """The layers whose game it is, see `Units.in_game`, and their activations."""
    units, pooling = network.units.in_game(network.pooling)
    return units, pooling, H if units is network.units else units.forward(X, query)


def pooling_of_sums(
    units: Any, pooling: Any, query: Query, competes: Array
) -> Callable[[Array], Array]:
    """The pooled score of some units as a function of their sums, (K, ...) to (...)."""
    pool = pooling.of_sums(query, competes)
    return lambda T: np.asarray(pool(units.activation(T)))


def questions(
    H: Array, query: Query, asked: Array | None = None
) -> Iterator[tuple[Array, Array]]:
    """Rows that ask the same of the same units.

    Parameters
    ----------
    H : ndarray of shape (n, K)
        Activations, at +inf where a unit does not compete.
    query : Query
    asked : ndarray of bool, shape (n,), or None
        The rows that ask at all. None: those for which a unit competes.

    Yields
    ------
    rows : ndarray of int
    competes : ndarray of int
        Units that are not at +inf for these rows.
    """
    competes = np.isfinite(H)
    some = competes.any(axis=1) if asked is None else asked & competes.any(axis=1)
    numbers = np.flatnonzero(some)
    fields = (query.cluster, query.rival, query.absent)
    parts = [np.packbits(competes, axis=1)]
    parts += [
        a.astype(np.int64)[:, None].view(np.uint8) for a in fields if a is not None
    ]
    # by their bytes: many units are many columns to sort by
    keys, found = np.hstack(parts)[numbers], dict[bytes, int]()
    of = np.array([found.setdefault(key.tobytes(), len(found)) for key in keys], int)
    for question in range(len(found)):
        rows = numbers[of == question]
        yield rows, np.flatnonzero(competes[rows[0]])
