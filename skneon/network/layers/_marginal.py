# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""The marginal game of Gaussian units: columns that are left out are integrated out.

.. math:: p(x_S) = \int p(x) \, dx_{\bar S} , \qquad
          \Sigma \to \Sigma_{SS} ,

the submatrix of the *covariance*. That of the precision would set them to the mean.
"""

from abc import abstractmethod
from copy import copy
from typing import Any, Self

from skneon.network._query import Query
from skneon.network.layers._game import ScoringGame
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._once import Once
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule

# forms of more numbers are not made
ROOM = 2**25


class Marginal(Once, ScoringGame):
    """The game of units from whose Gaussians columns are integrated out.

    What it takes to play it is built at the first call, kept, and not pickled. Rows X
    are the y of `Inputs`; columns with the same parent are one player.

    Parameters
    ----------
    d : int
        Number of columns of the Gaussians.

    Attributes
    ----------
    metric : str
        What the metric of a Gaussian's distance is, in plain text.
    """

    metric: Any = ""

    @property
    def _row(self) -> str:
        """What a row is called: behind an affine map the game is of its inputs y."""
        return "x" if self.inputs.matrix is None else "y"

    def __init__(self, d: int) -> None:
        self.inputs = Inputs.identity(d)
        self._built: dict[Any, Any] = {}

    def through(self, inputs: Inputs) -> Self | None:
        """The game behind other inputs; None where these do not define it.

        An affine map of the columns defines it where it can be inverted.
        """
        inverse = inputs.inverse()
        if inputs.matrix is not None and inverse is None:
            return None
        other = copy(self) if inverse is None else self.mapped(inputs, inverse)
        other.inputs = inputs
        other._built = {}
        return other

    def note(self, rule: Rule) -> str | None:
        """What users are to know of explanations by a rule, if anything."""
        return None

    @abstractmethod
    def mapped(self, inputs: Inputs, inverse: Array) -> Self:
        """The game of the y whose affine images have these Gaussians."""

    @abstractmethod
    def expected(self, X: Array, query: Query) -> Array:
        """What the other columns let expect of each y, (n, m)."""
