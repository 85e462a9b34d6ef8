# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps one after the other, wired behind inputs: all that is in front of a model."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from skneon.network.layers._inputs import Inputs
from skneon.network.layers._preprocessing_layer import PreprocessingLayer, WiredLayer
from skneon.network.layers._untraceable import Untraceable
from skneon.network.numerics._types import Array, Table

Step: TypeAlias = tuple[str, PreprocessingLayer]

# part of a squared distance that rounding may move from one column to another
MOVED = 0.01


@dataclass(frozen=True, eq=False)
class Chain:
    """Named steps, one after the other, behind certain inputs; see `Chain.wire`.

    Parameters
    ----------
    steps : tuple of tuple (name, PreprocessingLayer)
    wired : tuple of WiredLayer
        The layers, each behind the one before.
    n_inputs : int
        Number of columns that the first step takes.
    inputs : Inputs
        How the outputs of the last step come from the explained columns.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Chain, ColumnWise, Inputs, LinearMap
    >>> log = ColumnWise(np.log, [0, 1], np.exp)
    >>> V = np.ones((2, 1))
    >>> total = LinearMap(lambda X: X @ V, V)
    >>> chain = Chain.wire([("log", log), ("total", total)], Inputs.identity(2))
    >>> Z, Y = chain.trace(np.array([[1.0, np.e]]))
    >>> Z, Y
    (array([[1.]]), array([[0., 1.]]))
    >>> chain.restore(np.array([[2.0]])).astype(float).round(3)
    array([[2.718, 2.718]])
    """

    steps: tuple[Step, ...]
    wired: tuple[WiredLayer, ...]
    n_inputs: int
    inputs: Inputs

    @classmethod
    def wire(cls, steps: Iterable[Step], inputs: Inputs) -> "Chain":
        """Wire steps behind inputs.

        Parameters
        ----------
        steps : iterable of tuple (name, PreprocessingLayer)
            In the order in which rows pass through them.
        inputs : Inputs
            How what the first step takes comes from the explained columns.

        Returns
        -------
        chain : Chain

        Raises
        ------
        Untraceable
            Where a layer cannot stand behind those before it; it names the step.
        """
        steps = tuple(steps)
        wired: list[WiredLayer] = []
        n_inputs = inputs.n_outputs
        for name, layer in steps:
            try:
                wired.append(layer.wire(inputs))
            except Untraceable as error:
                raise error.inside(name) from None
            inputs = wired[-1].inputs
        return cls(steps, tuple(wired), n_inputs, inputs)

    @property
    def layers(self) -> list[PreprocessingLayer]:
        """The layers of the steps, without their names."""
        return [layer for _, layer in self.steps]

    def check(self, X: Table) -> None:
        """Try on some rows whether the layers describe their steps correctly.

        Raises
        ------
        Untraceable
            Where one does not; it names the step.
        """
        check_steps(self.steps, X)

    def check_digits(self, moved: float) -> None:
        """Refuse steps behind which rounding decides what falls to which column.

        Parameters
        ----------
        moved : float
            Part of a squared distance that it moves; see `Inputs.moved`.

        Raises
        ------
        ValueError
            It names the step.
        """
        if moved <= MOVED:
            return
        factors = [_largest(wired.inputs.matrix) for wired in self.wired]
        # later ones may do no more than turn or rescale what comes
        step = next(
            i for i, factor in enumerate(factors) if factor >= 0.01 * factors[-1]
        )
        single = self.inputs.precision > np.finfo(float).eps
        way = ", or fit to float64" if single else ""
        raise ValueError(
            f"Step {self.steps[step][0]!r} magnifies directions in which rows differ "
            f"by rounding alone: columns are multiplied by up to {factors[step]:.1g}, "
            f"and rounding would move {moved:.1g} times the squared distance of rows "
            "from one column to another. Leave out columns that are constant or follow "
            f"from others, or keep fewer n_components{way}."
        )

    def transform(self, X: Table) -> Table:
        """Outputs of the last step.

        Raises
        ------
        Untraceable
            Where a step has other outputs than its layer says; it names the step.
        """
        for (name, layer), wired in zip(self.steps, self.wired, strict=True):
            X = layer.transform(X)
            _check_width(name, X, wired.inputs.n_outputs)
        return X

    def trace(self, X: Table) -> tuple[Table, Table | None]:
        """Outputs of the last step, and the single-parent columns behind them.

        Returns
        -------
        Z : table of shape (n, p)
        Y : ndarray or sparse matrix of shape (n, m), or None
            The columns y of `Inputs`; None where these are Z.

        Raises
        ------
        Untraceable
            Where a step has other outputs than its layer says; it names the step.
        """
        Y: Table | None = None
        for (name, _), wired in zip(self.steps, self.wired, strict=True):
            try:
                X, Y = wired.trace(X, Y)
            except Untraceable as error:
                raise error.inside(name) from None
            _check_width(name, X, wired.inputs.n_outputs)
        return X, Y

    def restore(self, R: Array) -> Array:
        """Values of the last step's outputs as values of what the first one takes.

        Those that are unknown are NaN or None.

        Raises
        ------
        Untraceable
            Where a layer restores another number of values than its step takes.
        """
        before = [self.n_inputs, *(wired.inputs.n_outputs for wired in self.wired)]
        for i in reversed(range(len(self.wired))):
            shape = len(R), before[i]
            R = self.wired[i].restore(R)
            if np.shape(R) != shape:
                raise Untraceable(
                    f"its layer's `restore` returns shape {np.shape(R)}, and must "
                    f"return {shape}: a value for each of the step's inputs.",
                    (self.steps[i][0],),
                )
        return R


def _largest(matrix: Array | None) -> float:
    """The largest factor of a linear step; 0 where there is none."""
    return 0.0 if matrix is None else float(np.abs(matrix).max(initial=0.0))


def check_of(layer: PreprocessingLayer) -> Callable[[Table], None] | None:
    """The check that a layer may have."""
    check: Callable[[Table], None] | None = getattr(layer, "check", None)
    return check


def check_steps(steps: Sequence[Step], X: Table) -> None:
    """Try on some rows whether layers, one after the other, describe their steps."""
    # rows are carried only as far as something is tried on them
    last = max((i for i, (_, layer) in enumerate(steps) if check_of(layer)), default=-1)
    for i, (name, layer) in enumerate(steps[: last + 1]):
        check = check_of(layer)
        try:
            if check is not None:
                check(X)
        except Untraceable as error:
            raise error.inside(name) from None
        if i < last:
            X = layer.transform(X)


def _check_width(name: str, X: Table, n_outputs: int) -> None:
    """Refuse outputs of another number than the layer has."""
    shape = X.shape if hasattr(X, "shape") else np.shape(X)
    if len(shape) == 2 and shape[1] != n_outputs:
        raise Untraceable(
            f"`transform` returns shape (n, {shape[1]}), but its layer describes "
            f"(n, {n_outputs}). Fix the `parents` argument of its ColumnWise layer, or "
            "the `matrix` of its LinearMap.",
            (name,),
        )
