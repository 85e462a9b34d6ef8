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


@register_rule
@dataclass(frozen=True)
class Uniform(Rule):
    """Every feature gets the d-th part of every R_k, whatever its values."""

    name: ClassVar[str] = "uniform"

    def to_columns(
        self, network: Any, X: Array, H: Array, passed: Passed, query: Query
    ) -> Array:
        """R_i = i(x) / d; behind an affine map, what falls to each of its inputs."""
        inputs = network.units.inputs
        d = inputs.n_outputs
        shares = inputs.isotropic(d) / d
        return np.asarray(inputs.gather(passed.R.sum(axis=1)[:, None] * shares))
