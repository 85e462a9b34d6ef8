# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Random cosine features that a linear model weights."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule
from skneon.network.rules._w_square import square_shares


class CosineFeatures(Units):
    r"""Random cosine features of the Gaussian kernel (Rahimi and Recht 2007).

    .. math:: h_j = \cos(\omega_j^\top x + b_j)

    Parameters
    ----------
    omega : ndarray of shape (H, d)
    phase : ndarray of shape (H,)
    """

    words = "random cosine features"
    equation = "h_j = cos(ω_jᵀx + b_j)"
    reference_name = "nothing: random features have no typical row"
    # what features miss of the score: nothing, which is theirs
    missed = ""
    no_game = (
        "A cosine of all columns together has no value without some of them: take "
        'rule="random-features", or Nystroem(kernel="rbf") in the place of RBFSampler, '
        'whose kernels take rule="shapley".'
    )

    def __init__(self, omega: Array, phase: Array) -> None:
        self.omega = omega
        self.phase = phase
        super().__init__(Inputs.identity(omega.shape[1]))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        # omega_ji^2 / |omega_j|^2 by column, (H, n_columns)
        shares = square_shares(inputs.back(self.omega))
        self.shares_by_feature = inputs.gather(shares)

    @property
    def n_units(self) -> int:
        """Number of features, H."""
        return len(self.omega)

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"H": len(self.omega)}

    @property
    def width(self) -> int:
        """Numbers that a row takes."""
        return len(self.omega)

    def refuses(self, rule: Rule) -> str | None:
        """Why a rule is not defined: it asks for more than features."""
        return None if rule.serves("feature-sum") else self.no_game

    def forward(self, X: Array, query: Query) -> Array:
        """Activations h, shape (n, H)."""
        return np.asarray(np.cos(self.inputs.project(X) @ self.omega.T + self.phase))

    def contributions(self, X: Array, query: Query) -> Array:
        """None: columns cannot be left out of a cosine.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError(self.no_game)

    def error_by_feature(self, R: Array) -> None:
        """None: the features are the model's own, and no sample of another score."""
        return None

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """NaN, (n, d): there are no points to compare with."""
        return np.full((len(X), self.omega.shape[1]), np.nan)
