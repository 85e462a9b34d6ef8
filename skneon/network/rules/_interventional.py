# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Interventional Shapley values, as the SHAP literature has them.

Columns that are left out take the values of a background row b (Lundberg and Lee 2017;
Janzing, Minorics, Blöbaum 2020). With the signed shares C,

.. math:: v(S) = E_b \min_k \Big[ \sum_{i \in S} C_{ki}(x)
          + \sum_{i \notin S} C_{ki}(b) \Big] .

The relevances sum to f less v(empty), the expected evidence of a background row. For an
isolation forest v(S) is the mean of the scores of such rows: a leaf sees them by the
patterns of the columns on its path alone, so that all training rows are the background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._coalitions import (
    N_BACKGROUND,
    marginal_background,
    pooled_shapley,
)
from skneon.network.numerics._types import Array
from skneon.network.rules._game_rule import GameRule
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule, Scales
from skneon.network.rules._settings import check_count
from skneon.network.rules._shapley import VALUE, played, pooling_of_sums, questions


@register_rule
@dataclass(frozen=True)
class Interventional(GameRule):
    """What sets a row apart from an average row, which keeps its evidence as residual.

    The background is drawn from the columns of the training rows, which a model must
    keep or be given as ``X_train``; it takes up to hundreds of times as long as
    `Shapley`.

    Parameters
    ----------
    n_subsets : int, default=16
        As in `Shapley`.
    """

    n_subsets: int = 16
    # the model's training rows, once the rule is bound
    training_rows: Array | None = field(
        default=None, init=False, repr=False, compare=False
    )
    # rows whose columns are spread like theirs, once it is connected
    background: Array | None = field(
        default=None, init=False, repr=False, compare=False
    )

    words: ClassVar[str] = "what sets a row apart from an average training row"
    name: ClassVar[str] = "interventional"
    explains: ClassVar[frozenset[str]] = frozenset({"cluster", "isolation", "linear"})
    # units that are sums of the columns' parts, or have such a game
    needs: ClassVar[tuple[str, ...]] = ("takes_background",)
    pooling_needs: ClassVar[tuple[str, ...]] = ("of_sums",)

    def __post_init__(self) -> None:
        check_count(self, "n_subsets")

    def bound(self, scales: Scales) -> Interventional:
        """With the model's training rows."""
        instead = 'rule="shapley", which needs no background'
        rows = scales.given("training_rows", self, instead)()
        return self._with("training_rows", rows)

    def settings(self) -> dict[str, Any]:
        """Its name and settings."""
        return {"rule": self.name, "n_subsets": self.n_subsets}

    def width(self, n_units: int, n_columns: int) -> int:
        """Numbers that a row takes: all columns of each unit and background row."""
        return n_units * n_columns * N_BACKGROUND

    def connected(self, inputs: Any) -> Interventional:
        """With a background of these inputs' values."""
        if inputs.matrix is not None:
            raise ValueError(
                'rule="interventional" cannot look through a linear step such as PCA: '
                'take rule="shapley".'
            )
        if self.training_rows is None:
            return self
        connected = self._with("training_rows", self.training_rows)
        background = marginal_background(self.training_rows, inputs.parents)
        return connected._with("background", background)

    def _with(self, name: str, rows: Array) -> Interventional:
        """A copy that keeps some rows; settings alone make two rules equal."""
        new = copy(self)
        object.__setattr__(new, name, rows)
        return new

    def equations(self, network: Any) -> tuple[str, ...]:
        """The value, and the game that is played."""
        if _plays(network):
            return VALUE, str(network.units.marginal.equation)
        return (
            VALUE,
            "v(S): the mean evidence where columns outside S are a background row's",
        )

    def keeps(self, network: Any) -> str:
        """What rows have that are not looked at."""
        if _plays(network):
            return super().keeps(network)
        return "v(∅), the mean evidence of background rows"

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The Shapley values of all rows, at once for those with the same rivals."""
        if _plays(network):
            return super().to_columns(network, X, H, passed, query)
        out = np.zeros((len(X), network.units.inputs.n_columns))
        for rows, C, base, pool in self._games(network, X, H, passed, query):
            out[rows] = self._values(C, base, pool, passed.score[rows])
        return out

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The expected score of a background row."""
        if _plays(network):
            return super().residual(network, X, H, passed, query)
        out = np.array(passed.score)
        for rows, _, base, pool in self._games(network, X, H, passed, query):
            out[rows] = pool(base.sum(axis=2)).mean()
        return out

    def constant(self, network: Any, query: Query) -> Any:
        """That of the game of the units, where they have one."""
        if _plays(network):
            return super().constant(network, query)
        return Rule.constant(self, network, query)

    def standard_error(
        self, network: Any, X: Array, passed: Passed, query: Query
    ) -> Array | None:
        """Of forests, of the mean over trees."""
        if not _plays(network):
            return None
        return super().standard_error(network, X, passed, query)

    def _games(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Iterator[tuple[Array, Array, Array, Callable[[Array], Array]]]:
        """Rows that ask the same, their shares, the background's, and the pooling."""
        background = self.background
        assert background is not None
        units, pooling, H = played(network, X, H, query)
        for rows, competes in questions(H, query, np.isfinite(passed.score)):
            first = query[rows[:1]]
            asked = query[np.full(len(background), rows[0])]
            base = units.contributions(background, asked)[competes]
            C = units.contributions(X[rows], query[rows])[competes]
            yield rows, C, base, pooling_of_sums(units, pooling, first, competes)

    def _values(
        self, C: Array, base: Array, pool: Callable[[Array], Array], score: Array
    ) -> Array:
        """Shapley values (n, d); shares of rows (K, n, d) and background (K, b, d)."""
        # a unit for each rival and background row, whose shares x's take the place of
        base = base[:, :, None]
        offset = base.sum(axis=3)[..., None]
        C = (C[:, None] - base).reshape(-1, *C.shape[1:])
        expected = pool(offset).mean()
        return pooled_shapley(
            C, _mean_of_pools(pool, offset), score - expected, self.n_subsets
        )


def _plays(network: Any) -> bool:
    """Whether the units have a game of background rows of their own."""
    game = network.units.marginal
    return game is not None and bool(game.of_background)


def _mean_of_pools(
    pool: Callable[[Array], Array], offset: Array
) -> Callable[[Array], Array]:
    """Pool (K b, n, m) sums to (n, m): the mean over background rows."""

    def mean(T: Array) -> Array:
        T = T.reshape(*offset.shape[:2], *T.shape[1:]) + offset
        return np.asarray(pool(T).mean(axis=0))

    return mean
