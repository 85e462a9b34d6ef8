# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are functions of single columns: additive scores."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule
from skneon.network.rules._w_square import square_shares


class ColumnScores(Units):
    r"""One unit per column, a function of this column alone (ours).

    .. math:: h_k = f_k(x_k), \qquad C_{ki} = [i = k] \, f_k(x_k)

    Under a `Sum` they are an additive score. In the game that leaves columns out of it,
    :math:`v(S) = \sum_{k \in S} f_k(x_k)`, what a column adds is the same in every
    order, so that its Shapley value is its function's value. Outputs of steps that are
    made of one column, such as one-hot indicators, are that column's together.

    With `directions` the functions are of linear features,

    .. math:: h_k = f_k(w_k^\top x), \qquad
              C_{ki} = \frac{w_{ki}^2}{\|w_k\|^2} \, h_k

    by the rule w-square (chapter #3.3), and so are those of columns behind a linear
    step. A unit whose weights are all 0 is no column's.

    Parameters
    ----------
    functions : sequence of K callables
        Each takes the values of its column, (n,), to floats (n,). What a function
        gives for a value may not depend on the other rows.
    typical : array-like of shape (p,), or None
        What rows are compared with; NaN where there is none. None: nowhere.
    directions : array-like of shape (p, K), or None
        Columns w_k. None: K = p, and each function has the column of its number.

    Raises
    ------
    TypeError
        For functions that cannot be called.
    ValueError
        For `typical` or `directions` of another shape, and in the forward pass for a
        function's value that is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import ColumnScores, Network, Query, Rule, Sum
    >>> units = ColumnScores([np.abs, np.square], typical=[0.0, 0.0])
    >>> network = Network(units, Sum(offset=0.5), Rule())
    >>> propagation = network.propagate(np.array([[-2.0, 3.0]]), Query())
    >>> propagation.score
    array([11.5])
    >>> propagation.relevance
    array([[2., 9.]])
    """

    reference_name = "typical value of each column"

    def __init__(
        self,
        functions: Sequence[Callable[[Array], Any]],
        typical: Any = None,
        directions: Any = None,
    ) -> None:
        self.functions = tuple(functions)
        for number, function in enumerate(self.functions):
            if not callable(function):
                raise TypeError(
                    f"functions[{number}] of ColumnScores is {function!r}: it must be "
                    "a function that takes the values of its column."
                )
        self._wire(len(self.functions), typical, directions)

    def _wire(self, n_units: int, typical: Any, directions: Any) -> None:
        """Set all but the functions."""
        self._n_units = n_units
        self.directions = None
        p = n_units
        if directions is not None:
            self.directions = finite(directions, "directions")
            if self.directions.ndim != 2 or self.directions.shape[1] != n_units:
                raise ValueError(
                    f"directions of {n_units} functions must have the shape (p, "
                    f"{n_units}), got {self.directions.shape}."
                )
            p = len(self.directions)
        self.typical = np.full(p, np.nan)
        if typical is None:
            self.reference_name = "nothing: no value is typical"
        else:
            self.typical = np.array(typical, dtype=float)
            if self.typical.shape != (p,):
                raise ValueError(
                    f"typical must have the shape ({p},), one for each column, got "
                    f"{self.typical.shape}."
                )
        super().__init__(Inputs.identity(p))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        vars(self).pop("routing", None)

    @property
    def n_units(self) -> int:
        """Number of functions."""
        return self._n_units

    @property
    def width(self) -> int:
        """Numbers that a row takes: one per function."""
        return self._n_units

    @property
    def mixes(self) -> bool:
        """Whether functions are of sums of columns."""
        return self.directions is not None or self.inputs.matrix is not None

    @property
    def words(self) -> str:
        """What a unit is."""
        return f"a function of each {'sum of columns' if self.mixes else 'column'}"

    @property
    def equation(self) -> str:
        """A unit in plain text."""
        return "h_k = f_k(x_k)" if self.directions is None else "h_k = f_k(w_kᵀx)"

    @property
    def parts(self) -> str:
        """What the contributions are, in plain text."""
        mixed = "C_ki = h_k w_ki² / ‖w_k‖²,  w_k the weights of the columns in h_k"
        return mixed if self.mixes else "C_ki = h_k of the functions of column i"

    def note(self, rule: Rule) -> str | None:
        """What becomes of functions of several columns."""
        if not self.mixes:
            return None
        return (
            "functions of sums of columns are shared by the squares of the columns' "
            "weights"
        )

    @cached_property
    def routing(self) -> Any:
        """Which part of a unit is whose column's, (K, n_columns); lines sum to 1."""
        inputs, W = self.inputs, self.directions
        if self.mixes:
            A = inputs.explicit().matrix if W is None else inputs.back(W.T).T
            assert A is not None
            return inputs.gather(square_shares(A.T))
        cells = np.ones(self.n_units), (np.arange(self.n_units), inputs.parents)
        return sparse.csr_array(cells, shape=(self.n_units, inputs.n_columns))

    @property
    def _of_columns(self) -> Array:
        """Which units depend on a column at all, (K,)."""
        return np.asarray(self.routing.sum(axis=1)).ravel() > 0

    def values(self, Z: Array, query: Query) -> Array:
        """Values of the functions at what each is a function of, (n, K) to (n, K)."""
        out = np.empty(Z.shape)
        for k, function in enumerate(self.functions):
            found = np.asarray(function(Z[:, k]))
            if found.shape != (len(Z),):
                raise ValueError(
                    f"functions[{k}] of ColumnScores gives the shape {found.shape} for "
                    f"{len(Z)} values: it must give a float for each."
                )
            out[:, k] = found
        return out

    def forward(self, X: Array, query: Query) -> Array:
        """Values of the functions, shape (n, K)."""
        Z = self.inputs.project(X)
        Z = Z if self.directions is None else Z @ self.directions
        H = self.values(Z, query)
        bad = np.argwhere(~np.isfinite(H))
        if len(bad):
            n, k = bad[0]
            raise ValueError(
                f"The function of unit {k} gives {H[n, k]} at {Z[n, k]:.6g}: such a "
                "score has no parts. Let it be finite, by a largest value or a least "
                "density."
            )
        return H

    def sums(self, H: Array) -> Array:
        """What is shared among columns: not the units that are no column's."""
        some = self._of_columns
        return H if some.all() else np.where(some, H, 0.0)

    def contributions(self, X: Array, query: Query) -> Array:
        """C_ki, shape (K, n, n_columns)."""
        routing = self.routing
        shares = routing.toarray() if sparse.issparse(routing) else routing
        C: Array = self.forward(X, query).T[:, :, None] * shares[:, None]
        return C

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk C_nki, shape (n, n_columns)."""
        return np.asarray((W * T) @ self.routing)

    def coalitions(self, X: Array, query: Query, masks: Array) -> Array:
        """The parts of the columns in S, shape (M, K)."""
        H = self.forward(X, query)[0]
        return np.asarray((self.routing @ masks.T).T * H)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """The typical values, the same for all rows: (n, p)."""
        return np.tile(self.typical, (len(X), 1))


def finite(values: Any, what: str) -> Array:
    """Numbers as floats.

    Raises
    ------
    ValueError
        Where one is not finite.
    """
    numbers = np.array(values, dtype=float)
    if not np.isfinite(numbers).all():
        bad = numbers[~np.isfinite(numbers)][0]
        raise ValueError(f"{what} must be finite, got {bad}.")
    return numbers
