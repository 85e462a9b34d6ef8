# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A layer that mixes columns linearly: z = (x - center) V."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.sparse import issparse

from skneon.network.layers._inputs import Inputs, pseudo_inverse
from skneon.network.layers._untraceable import Untraceable
from skneon.network.numerics._table_cells import numbers
from skneon.network.numerics._types import Array, Table

# rows that a step is compared with its matrix on, and to what part of the terms
TRIED, SINGLE = 2, 1e-4


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

    Raises
    ------
    ValueError
        For a matrix or a center of another shape.

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

    words: ClassVar[str] = "a linear map, folded into the units"
    returned: ClassVar[str] = "the R_i are those of its inputs y already"

    @property
    def equation(self) -> str:
        """The outputs z of inputs x in plain text, for `Network.diagram`."""
        return "z = x V" if self.center is None else "z = (x − m) V"

    def __post_init__(self) -> None:
        if np.ndim(self.matrix) != 2:
            raise ValueError(
                f"The matrix of a LinearMap must be of shape (d, p), got "
                f"{np.shape(self.matrix)}."
            )
        if self.center is not None and np.shape(self.center) != (len(self.matrix),):
            raise ValueError(
                f"The center of a LinearMap must be of shape ({len(self.matrix)},), "
                f"as its matrix has rows, got {np.shape(self.center)}."
            )

    def wire(self, inputs: Inputs) -> "WiredLinearMap":
        """The layer behind these inputs.

        Raises
        ------
        Untraceable
            Where the matrix takes another number of inputs.
        """
        if len(self.matrix) != inputs.n_outputs:
            raise Untraceable(
                f"the matrix of its LinearMap takes {len(self.matrix)} columns, and "
                f"{inputs.n_outputs} come in. Fix its `matrix`."
            )
        # preimages of points are no better than the numbers of the matrix
        matrix = self.matrix.astype(float, copy=False)
        center = np.zeros(len(matrix)) if self.center is None else self.center
        center = center.astype(float, copy=False)
        if inputs.matrix is None or inputs.offset is None:
            behind = inputs.mixed(matrix, -center @ matrix, center)
        else:
            offset = (inputs.offset - center) @ matrix
            behind = inputs.then(inputs.matrix @ matrix, offset)
        fitted = np.finfo(np.result_type(self.matrix.dtype, np.float32))
        precision = max(behind.precision, float(fitted.eps))
        return WiredLinearMap(self, center, replace(behind, precision=precision))


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

    def trace(self, X: Table, Y: Table | None) -> tuple[Table, Table | None]:
        """Outputs, and the columns behind them.

        Raises
        ------
        Untraceable
            Where the first rows show that the step is another map.
        """
        Z = self.layer.transform(X)
        self._try(numbers(X[:TRIED]), numbers(Z[:TRIED]))
        if Y is None:
            # sparse rows are not filled up
            Y = X.tocsr().astype(float) if issparse(X) else numbers(X)
        return Z, Y

    def _try(self, X: Array, Z: Array) -> None:
        """Compare some rows' outputs with what the matrix gives."""
        matrix = self.layer.matrix
        expected = (X - self.center) @ matrix
        if Z.shape != expected.shape:
            return  # the chain says so
        # to rounding of steps that work in float32
        terms = (np.abs(X) + np.abs(self.center)) @ np.abs(matrix)
        bad = np.argwhere(~(np.abs(Z - expected) <= SINGLE * terms))
        if len(bad):
            n, j = bad[0]
            raise Untraceable(
                f"output {j} of row {n} is {Z[n, j]:.6g}, and (X - center) @ matrix of "
                f"its LinearMap gives {expected[n, j]:.6g}. Fix its `matrix` or "
                "`center`."
            )

    def restore(self, R: Array) -> Array:
        """The preimages nearest to the center, shape (n, d)."""
        preimages: Array = R.astype(float) @ self._inverse
        return preimages + self.center

    @cached_property
    def _inverse(self) -> Array:
        return pseudo_inverse(self.layer.matrix.astype(float, copy=False))
