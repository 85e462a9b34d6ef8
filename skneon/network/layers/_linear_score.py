# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A single hidden unit that is a linear function of the columns."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._game_units import GameUnits
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._linear_game import LinearGame
from skneon.network.numerics._types import Array, Table
from skneon.network.rules._rule import Rule
from skneon.network.rules._w_square import square_shares


class LinearScore(GameUnits):
    r"""One linear unit, by what it is at a reference point m.

    .. math:: h = s - w^\top (x - m), \qquad C_i = -w_i (x_i - m_i)

    With s = 0 the point lies on the boundary. The one that is nearest to the origin,
    :math:`m = \rho w / \|w\|^2`, is the midpoint between the origin and its mirror
    image 2m, and h is up to a factor the evidence of two centroids,

    .. math:: \rho - w^\top x
              = \frac{\|w\|^2}{4 \rho} \left[\|x - 2m\|^2 - \|x\|^2\right] ,

    with the same shares (Kauffmann, Esders, Montavon, Samek, Müller, arXiv 1906.07633).

    Parameters
    ----------
    slopes : ndarray of shape (p,)
        w.
    point : ndarray of shape (p,)
        m. Behind a linear step its preimage nearest to the center is taken, moved
        along the slopes to where the score is s.
    level : float
        s.
    of_background : bool, default=False
        Whether the point is the mean of the training rows.
    """

    words = "a linear function of the columns"
    equation = "h_k = s − wᵀ(x − m)"
    n_units = 1
    width = 1
    accepts_sparse = True
    takes_background = True
    marginal: LinearGame

    def __init__(
        self, slopes: Array, point: Array, level: float, of_background: bool = False
    ) -> None:
        self.slopes = slopes
        self.point = point
        self.level = level
        self.of_background = of_background
        super().__init__(Inputs.identity(len(slopes)))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self._slopes = inputs.back(self.slopes)
        self._preimage = inputs.pull(self.point[None])[0]
        if inputs.matrix is not None and self._slopes.any():
            missed = (inputs.project(self._preimage[None])[0] - self.point) @ (
                self.slopes
            )
            along = square_shares(self._slopes[None])[0]
            turned = np.divide(
                along, self._slopes, out=np.zeros_like(along), where=along > 0
            )
            self._preimage = self._preimage - missed * turned
        self.marginal = LinearGame(self)

    @property
    def parts(self) -> str:
        """What a column has of the score."""
        if self.inputs.matrix is None:
            return "C_ki = −w_i (x_i − m_i)"
        return "C_ki = −[A w]_i (y − m̂)_i,  x = y A + b, m = m̂ A + b"

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"s": self.level}

    @property
    def reference_name(self) -> str:  # type: ignore[override]
        """What the reference point is."""
        mean, edge = "mean of the training rows", "boundary point nearest to the origin"
        return mean if self.of_background else edge

    def refuses(self, rule: Rule) -> str | None:
        """Why a rule is not defined: it is meant for other scores."""
        if rule.serves("linear"):
            return None
        return (
            f"rule={rule.name!r} is not defined for a linear score: take one of "
            "'shapley', 'w-square', 'interventional'."
        )

    def forward(self, X: Table, query: Query) -> Array:
        """The score, (n, 1)."""
        Z = self.inputs.project(X)
        if isinstance(Z, np.ndarray):
            h = self.level - np.sum((Z - self.point) * self.slopes, axis=1)
        else:
            h = self.level - (Z @ self.slopes - self.point @ self.slopes)
        return np.asarray(h)[:, None]

    def shares(self, X: Array) -> Array:
        """The C_i, (n, n_columns)."""
        return self.inputs.gather((self._preimage - X) * self._slopes)

    def contributions(self, X: Array, query: Query) -> Array:
        """The C_i, (1, n, n_columns)."""
        return self.shares(X)[None]

    def activation(self, T: Array) -> Array:
        """The score, from the sum of the C_i."""
        return T + self.level

    def sums(self, H: Array) -> Array:
        """The sum of the C_i, from the score."""
        return H - self.level

    def per_sum(self, H: Array) -> Array:
        """The score per sum, and 0 where that is 0."""
        T = self.sums(H)
        return np.divide(H, T, out=np.zeros_like(H), where=T != 0)

    def weighted_squares(self, X: Array, R: Array, query: Query) -> Array:
        """``R w_i^2 / |w|^2``, shape (n, n_columns)."""
        return np.asarray(R @ self.inputs.gather(square_shares(self._slopes[None])))

    def coinciding(self, X: Array, query: Query) -> Array:
        """Whether the score depends on no column; (n, 1)."""
        return np.full((len(X), 1), not self._slopes.any())

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """The point m for all rows, (n, p)."""
        point = self.inputs.project(self._preimage[None])
        return np.repeat(np.asarray(point), len(X), axis=0)
