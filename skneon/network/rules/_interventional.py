# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Interventional Shapley values, as the SHAP literature has them.

Columns that are left out take the values of a background row b (Lundberg and Lee 2017;
Janzing, Minorics, Blöbaum 2020). With the signed shares C,

.. math:: v(S) = E_b \min_k \Big[ \sum_{i \in S} C_{ki}(x)
          + \sum_{i \notin S} C_{ki}(b) \Big] .

The relevances sum to f less v(empty), the expected evidence of a background row.
"""

from __future__ import annotations

from collections.abc import Callable
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
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule, Scales
from skneon.network.rules._settings import check_count
from skneon.network.rules._shapley import questions


@register_rule
@dataclass(frozen=True)
class Interventional(Rule):
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

    name: ClassVar[str] = "interventional"
    needs: ClassVar[tuple[str, ...]] = ("owners", "shares_of")

    def __post_init__(self) -> None:
        check_count(self, "n_subsets")

    def bound(self, scales: Scales) -> Interventional:
        """With the model's training rows."""
        assert scales.training_rows is not None
        return self._with("training_rows", scales.training_rows())

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

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """The Shapley values of all rows, at once for those with the same rivals."""
        units = network.units
        owners = units.owners(X, query)
        out = np.zeros((len(X), units.inputs.n_columns))
        for owner in np.unique(owners):
            of_owner = np.flatnonzero(owners == owner)
            base = units.shares_of(self.background, owner)
            own = units.shares_of(X[of_owner], owner)
            for some, competes in questions(H[of_owner], Query()):
                if not len(competes):
                    continue
                rows = of_owner[some]
                shares = own[np.ix_(competes, some)]
                score = H[rows].min(axis=1)
                out[rows] = self._values(shares, base[competes], score)
        return out

    def _values(self, C: Array, base: Array, score: Array) -> Array:
        """Shapley values (n, d); shares of rows (K, n, d) and background (K, b, d)."""
        # a unit for each rival and background row, whose shares x's take the place of
        base = base[:, :, None]
        offset = base.sum(axis=3)[..., None]
        C = (C[:, None] - base).reshape(-1, *C.shape[1:])
        expected = offset.min(axis=0).mean()
        return pooled_shapley(
            C, _mean_of_minima(offset), score - expected, self.n_subsets
        )


def _mean_of_minima(offset: Array) -> Callable[[Array], Array]:
    """Pool (K b, n, m) sums to (n, m): the mean over background rows of the minima."""

    def pool(T: Array) -> Array:
        T = T.reshape(*offset.shape[:2], *T.shape[1:]) + offset
        return np.asarray(T.min(axis=0).mean(axis=0))

    return pool
