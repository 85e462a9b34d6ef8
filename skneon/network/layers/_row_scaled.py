# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""A layer that divides each row by its length: z = x / \|x\|."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from skneon.network.layers._inputs import Inputs
from skneon.network.layers._untraceable import Untraceable
from skneon.network.numerics._table_cells import divided, unknown
from skneon.network.numerics._types import Array, Table


@dataclass(frozen=True, eq=False)
class RowScaled:
    r"""A step that divides each row by its length: z = x / l(x).

    The length is a function of all columns. It is taken as a constant of the row, as if
    its columns had been divided by it beforehand: with :math:`x = y A` the layer is
    linear in :math:`y / l`, :math:`z = (y / l) A`. So relevance is handed down as if
    there were no such layer, and what is explained is the direction of the row.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted step does.
    lengths : callable
        Takes rows to their lengths, shape (n,), positive.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Inputs, RowScaled
    >>> lengths = lambda X: np.linalg.norm(X, axis=1)
    >>> layer = RowScaled(lambda X: X / lengths(X)[:, None], lengths)
    >>> layer.wire(Inputs.identity(2)).trace(np.array([[3.0, 4.0]]), None)
    (array([[0.6, 0.8]]), None)
    """

    transform: Callable[[Table], Table]
    lengths: Callable[[Table], Array]

    words: ClassVar[str] = "each row divided by its length"
    equation: ClassVar[str] = "z_j = x_j / ℓ(x)"
    returned: ClassVar[str] = "R_j as it is: the length ℓ(x) counts as a constant"

    def wire(self, inputs: Inputs) -> "WiredRowScaled":
        """The layer behind these inputs.

        Raises
        ------
        Untraceable
            Behind a linear step that moves the origin, as centering does.
        """
        moved = [inputs.offset, inputs.center]
        if inputs.matrix is not None and any(map(np.any, moved)):
            raise Untraceable(
                "it divides each row by its length, and comes after a linear step that "
                "moves the origin, as the centering of PCA does. Take TruncatedSVD in "
                "the place of PCA, or leave it out."
            )
        # columns that are divided by the length have other values
        step = object()
        origins = [(step, j) for j in range(len(inputs.parents))]
        return WiredRowScaled(self, inputs.n_outputs, inputs.renamed(origins))


@dataclass(frozen=True, eq=False)
class WiredRowScaled:
    """A `RowScaled` layer behind certain inputs.

    Parameters
    ----------
    layer : RowScaled
    n_inputs : int
        Number of columns that the layer takes.
    inputs : Inputs
        How its outputs come from the explained columns.
    """

    layer: RowScaled
    n_inputs: int
    inputs: Inputs

    def trace(self, X: Table, Y: Table | None) -> tuple[Table, Table | None]:
        """Outputs, and the columns behind them; None where these are the outputs."""
        Y = None if Y is None else divided(Y, self.layer.lengths(X))
        return self.layer.transform(X), Y

    def restore(self, R: Array) -> Array:
        """Nothing is known: values of any length have the same direction."""
        return unknown(len(R), self.n_inputs)
