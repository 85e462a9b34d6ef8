# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A layer of steps side by side: a ColumnTransformer or FeatureUnion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from skneon.network.layers._chain import Chain, Step, check_of, check_steps
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._row_scaled import RowScaled
from skneon.network.layers._untraceable import Untraceable
from skneon.network.numerics._table_cells import is_missing, numbers, unknown
from skneon.network.numerics._types import Array, Table


@dataclass(frozen=True, eq=False)
class Branches:
    """Steps side by side: a ColumnTransformer or FeatureUnion.

    Parameters
    ----------
    transform : callable
        Takes rows to rows, as the fitted whole does.
    branches : sequence of tuple (columns, steps)
        In the order of their outputs. Columns are an int array; a scalar for those
        whose step takes a single column as a vector. Steps are tuples (name, layer),
        in the order in which the columns pass through them.
    names : ndarray of str, or None
        Names of the inputs, where these are known.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Branches, ColumnWise, Inputs
    >>> log = ColumnWise(np.log, [0])
    >>> branches = Branches(
    ...     lambda X: np.column_stack([np.log(X[:, 1]), X[:, [0]]]),
    ...     [(np.array([1]), [("log", log)]), (np.array([0]), [])],
    ... )
    >>> branches.wire(Inputs.identity(2)).inputs.parents
    array([1, 0])
    """

    transform: Callable[[Table], Table]
    branches: Sequence[tuple[Array, Sequence[Step]]]
    names: Array | None = None

    words: ClassVar[str] = "steps side by side, each on columns of its own choice"
    equation: ClassVar[str] = "z: the outputs of all branches, next to one another"
    returned: ClassVar[str] = "the outputs of a column count together, as column i"

    def __post_init__(self) -> None:
        branches = tuple((columns, tuple(steps)) for columns, steps in self.branches)
        object.__setattr__(self, "branches", branches)

    @property
    def check(self) -> Callable[[Table], None] | None:
        """Takes some rows and tries the layers on them; None if they have no check."""
        steps = [step for _, steps in self.branches for step in steps]
        return self._check if any(check_of(layer) for _, layer in steps) else None

    def _check(self, X: Table) -> None:
        for columns, steps in self.branches:
            check_steps(steps, self.take(X, columns))

    def take(self, X: Table, columns: Array) -> Table:
        """Columns of a table, by name where they have names; a scalar's as a vector."""
        if self.names is not None and hasattr(X, "columns"):
            chosen = self.names[columns]
            if np.ndim(columns) == 0:
                return X[chosen]
            # pyarrow's tables have no other way to take several
            several = list(chosen)
            return X[several] if hasattr(X, "iloc") else X.select(several)
        return X.iloc[:, columns] if hasattr(X, "iloc") else X[:, columns]

    def wire(self, inputs: Inputs) -> "WiredBranches":
        """The layer behind these inputs.

        Raises
        ------
        Untraceable
            Where a layer cannot stand behind those before it; it names the step.
        """
        layers = [layer for _, steps in self.branches for _, layer in steps]
        if inputs.matrix is not None and any(isinstance(x, RowScaled) for x in layers):
            raise Untraceable(
                "it divides rows of some columns by their length, and comes after a "
                "linear step that mixes columns. Put it before that step."
            )
        chains = tuple(
            Chain.wire(steps, inputs.select(np.atleast_1d(columns)))
            for columns, steps in self.branches
        )
        behind, places = Inputs.side_by_side([chain.inputs for chain in chains])
        return WiredBranches(self, inputs.n_outputs, chains, places, behind)


@dataclass(frozen=True, eq=False)
class WiredBranches:
    """`Branches` behind certain inputs.

    Parameters
    ----------
    layer : Branches
    n_inputs : int
        Number of columns that the layer takes.
    chains : tuple of Chain
        One for each branch.
    places : ndarray of int, or None
        Where the columns y of the whole are among those of the branches, one branch
        after the other; None: they are the outputs. See `Inputs.side_by_side`.
    inputs : Inputs
        How the outputs come from the explained columns.
    """

    layer: Branches
    n_inputs: int
    chains: tuple[Chain, ...]
    places: Array | None
    inputs: Inputs

    def trace(self, X: Table, Y: Array | None) -> tuple[Table, Array | None]:
        """Outputs, and the columns behind them."""
        out = self.layer.transform(X)
        if Y is not None or self.places is None:
            return out, Y
        behind = []
        for (columns, _), chain in zip(self.layer.branches, self.chains, strict=True):
            Z, part = chain.trace(self.layer.take(X, columns))
            behind.append(numbers(Z if part is None else part))
        return out, np.column_stack(behind)[:, self.places]

    def restore(self, R: Array) -> Array:
        """The branches' values of the inputs; where several know one, the first's."""
        out = unknown(len(R), self.n_inputs)
        widths = [chain.inputs.n_outputs for chain in self.chains]
        parts = np.split(R, np.cumsum(widths)[:-1], axis=1)
        for (columns, _), chain, part in zip(
            self.layer.branches, self.chains, parts, strict=True
        ):
            values = chain.restore(part)
            for column, known in zip(np.atleast_1d(columns), values.T, strict=True):
                if is_missing(out[:, column]).all():
                    out[:, column] = known
        return out
