# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""A layer that makes each output of one input: y_j = phi_j(x_{parent(j)})."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from skneon.network.layers._inputs import Inputs
from skneon.network.layers._untraceable import Untraceable
from skneon.network.numerics._table_cells import unknown
from skneon.network.numerics._types import Array, Table


@dataclass(frozen=True, eq=False)
class ColumnWise:
    r"""A step that makes each of its outputs of one input: y_j = phi_j(x_{parent(j)}).

    Relevance is handed straight down, R_i = sum of R_j over the children j of i.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted step does.
    parents : array-like of int, shape (p,)
        The input of each output.
    restore : callable, or None
        Takes values of the outputs, shape (n, p), to those of the inputs; NaN or None
        where that is unknown. None: nothing is known.
    affine : tuple (scale, shift) of ndarrays of shape (p,), or None
        Where phi_j(x) = scale_j x + shift_j. Behind a linear step only affine ones
        can stand.
    check : callable, or None
        Takes some rows, and raises `Untraceable` where they show that an output has
        other parents.

    Raises
    ------
    TypeError
        For parents that are no numbers.
    ValueError
        For an affine map of another number of outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import ColumnWise, Inputs
    >>> swapped = ColumnWise(lambda X: np.log(X[:, [1, 0]]), parents=[1, 0])
    >>> swapped.wire(Inputs.identity(2)).inputs.parents
    array([1, 0])
    """

    transform: Callable[[Table], Table]
    parents: ArrayLike
    restore: Callable[[Array], Array] | None = None
    affine: tuple[Array, Array] | None = None
    check: Callable[[Table], None] | None = None

    def __post_init__(self) -> None:
        parents = np.array(self.parents)
        if parents.ndim != 1 or (len(parents) and parents.dtype.kind not in "iu"):
            raise TypeError(
                "The parents of a ColumnWise must be numbers of inputs, one for each "
                f"output, got {self.parents!r}."
            )
        parents = parents.astype(int)
        for part in self.affine or ():
            if np.shape(part) not in [(), parents.shape]:
                raise ValueError(
                    "affine of a ColumnWise must be (scale, shift), each of shape "
                    f"{parents.shape} as its outputs, got one of {np.shape(part)}."
                )
        parents.setflags(write=False)
        object.__setattr__(self, "parents", parents)

    words: ClassVar[str] = "each output is made of one column"
    returned: ClassVar[str] = "the outputs of a column count together, as column i"

    @property
    def equation(self) -> str:
        """The outputs z of inputs x in plain text, for `Network.diagram`."""
        if self._is_identity():
            return "z_j = x_i,  i the parent of j"
        known = "z_j = φ_j(x_i)" if self.affine is None else "z_j = a_j x_i + b_j"
        return f"{known},  i the parent of j"

    def wire(self, inputs: Inputs) -> "WiredColumnWise":
        """The layer behind these inputs.

        Raises
        ------
        Untraceable
            Where a parent is none of the inputs, or where the layer is not affine and
            the inputs are mixed by a linear step.
        """
        parents = _checked(self.parents, inputs.n_outputs)
        chosen = inputs.select(parents)
        return WiredColumnWise(self, inputs.n_outputs, self._behind(chosen))

    def _behind(self, chosen: Inputs) -> Inputs:
        """Inputs behind the layer, from those of the parents."""
        if chosen.matrix is None or chosen.offset is None:
            if self._is_identity():
                return chosen
            # equal origins mean equal values: those of a step are new ones
            step = object()
            return chosen.renamed([(step, j) for j in range(chosen.n_outputs)])
        if self.affine is None:
            raise Untraceable(
                "it is not affine, and comes after a linear step that mixes columns. "
                "Put it before that step."
            )
        scale, shift = self.affine
        return chosen.then(chosen.matrix * scale, chosen.offset * scale + shift)

    def _is_identity(self) -> bool:
        """Whether the outputs have exactly the values of the inputs."""
        if self.affine is None:
            return False
        scale, shift = self.affine
        return bool(np.all(scale == 1) and np.all(shift == 0))


@dataclass(frozen=True, eq=False)
class WiredColumnWise:
    """A `ColumnWise` layer behind certain inputs.

    Parameters
    ----------
    layer : ColumnWise
    n_inputs : int
        Number of columns that the layer takes.
    inputs : Inputs
        How its outputs come from the explained columns.
    """

    layer: ColumnWise
    n_inputs: int
    inputs: Inputs

    def trace(self, X: Table, Y: Array | None) -> tuple[Table, Array | None]:
        """Outputs, and the columns behind them; None where these are the outputs."""
        return self.layer.transform(X), Y

    def restore(self, R: Array) -> Array:
        """Values of the outputs as values of the inputs, shape (n, n_inputs)."""
        if self.layer.restore is None:
            return unknown(len(R), self.n_inputs)
        return self.layer.restore(R)


def _checked(parents: ArrayLike, n_inputs: int) -> Array:
    """Parents as an array, where all of them are among the inputs."""
    numbers = np.asarray(parents, dtype=int)
    outside = (numbers < 0) | (numbers >= n_inputs)
    if outside.any():
        raise Untraceable(
            f"`parents` contains {numbers[outside][0]}, but the step has inputs 0 to "
            f"{n_inputs - 1}. Fix the `parents` argument of its ColumnWise layer."
        )
    return numbers
