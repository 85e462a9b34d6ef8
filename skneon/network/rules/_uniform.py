# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Uniform (chapter #3.2): the baseline in which all features count alike.

.. math:: R_i = \frac1d \sum_k R_k
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from skneon.network._query import Query
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import register_rule
from skneon.network.rules._rule import Passed, Rule

MIXED = "R_i = 1/d (A A⁺)_ii Σ_k R_k,  x = y A + b"


@register_rule
@dataclass(frozen=True)
class Uniform(Rule):
    """Every feature gets the d-th part of every R_k, whatever its values."""

    words: ClassVar[str] = "all columns alike, whatever their values"
    name: ClassVar[str] = "uniform"
    explains: ClassVar[frozenset[str]] = frozenset({"inlier"})

    def equations(self, network: Any) -> tuple[str, ...]:
        """Its two steps."""
        mixes = network.units.inputs.matrix is not None
        all_alike = "R_i = 1/d Σ_k R_k"
        return network.pooling.summand, MIXED if mixes else all_alike

    def keeps(self, network: Any) -> str:
        """What the units do not add to the score."""
        return str(network.pooling.unspent)

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i = i(x) / d; behind an affine map, what falls to each of its inputs."""
        inputs = network.units.inputs
        d = inputs.n_outputs
        shares = inputs.isotropic(d) / d
        return np.asarray(inputs.gather(passed.R.sum(axis=1)[:, None] * shares))

    def residual(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """What the units do not add to the score."""
        return np.asarray(passed.score - passed.R.sum(axis=1))
