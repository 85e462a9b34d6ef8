# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A layer that mixes columns linearly: z = (x - center) V."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skneon.network.layers._inputs import Inputs, pseudo_inverse
from skneon.network.numerics._table_cells import numbers
from skneon.network.numerics._types import Array, Table


@dataclass(frozen=True, eq=False)
class LinearMap:
    """A linear step, z = (x - center) V: PCA, truncated SVD, random projections.

    It is folded into the units behind it; see `Inputs`.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted step does.
    matrix : ndarray of shape (d, p)
        V.
    center : ndarray of shape (d,), or None
        None: the origin.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Inputs, LinearMap
    >>> V = np.array([[1.0], [2.0]])
    >>> LinearMap(lambda X: X @ V, V).wire(Inputs.identity(2)).inputs.n_outputs
    1
    """

    transform: Callable[[Table], Table]
    matrix: Array
    center: Array | None = None

    def wire(self, inputs: Inputs) -> "WiredLinearMap":
        """The layer behind these inputs."""
        center = np.zeros(len(self.matrix)) if self.center is None else self.center
        if inputs.matrix is None or inputs.offset is None:
            behind = inputs.mixed(self.matrix, -center @ self.matrix, center)
        else:
            offset = (inputs.offset - center) @ self.matrix
            behind = inputs.then(inputs.matrix @ self.matrix, offset)
        return WiredLinearMap(self, center, behind)


@dataclass(frozen=True, eq=False)
class WiredLinearMap:
    """A `LinearMap` behind certain inputs.

    Parameters
    ----------
    layer : LinearMap
    center : ndarray of shape (d,)
    inputs : Inputs
        How its outputs come from the explained columns.
    """

    layer: LinearMap
    center: Array
    inputs: Inputs

    def trace(self, X: Table, Y: Array | None) -> tuple[Table, Array | None]:
        """Outputs, and the columns behind them."""
        return self.layer.transform(X), numbers(X) if Y is None else Y

    def restore(self, R: Array) -> Array:
        """The preimages nearest to the center, shape (n, d)."""
        preimages: Array = R.astype(float) @ pseudo_inverse(self.layer.matrix)
        return preimages + self.center
