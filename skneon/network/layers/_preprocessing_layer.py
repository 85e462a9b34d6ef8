# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a layer in front of a model is: the layer of one preprocessing step."""

from typing import Protocol, runtime_checkable

from skneon.network.layers._inputs import Inputs
from skneon.network.numerics._types import Array, Table


class WiredLayer(Protocol):
    """A layer behind certain inputs, as `PreprocessingLayer.wire` returns it.

    Attributes
    ----------
    inputs : Inputs
        How the outputs of the layer come from the explained columns.
    """

    @property
    def inputs(self) -> Inputs:
        """How the outputs of the layer come from the explained columns."""

    def trace(self, X: Table, Y: Array | None) -> tuple[Table, Array | None]:
        """Outputs for some rows, and the single-parent columns behind them.

        Parameters
        ----------
        X : table of shape (n, d)
            What the layer takes.
        Y : ndarray of shape (n, m), or None
            The columns y behind X (see `Inputs`); None where these are X.

        Returns
        -------
        Z : table of shape (n, p)
        Y : ndarray of shape (n, m'), or None
            The columns y behind Z; None where these are Z.
        """

    def restore(self, R: Array) -> Array:
        """Values of the outputs, (n, p), as values of what the layer takes, (n, d).

        Those that are unknown are NaN or None.
        """


@runtime_checkable
class PreprocessingLayer(Protocol):
    """The layer of one fitted step: what it does, and where its outputs come from.

    Layers are immutable: what depends on the steps before is in the `WiredLayer`. One
    may have ``check(X)``, too: it tries on some rows whether the layer describes the
    step correctly, and raises `Untraceable` if it does not. ``check = None`` and no
    ``check`` mean that there is nothing to try.
    """

    def transform(self, X: Table) -> Table:
        """Rows to rows, as the fitted step does."""

    def wire(self, inputs: Inputs) -> WiredLayer:
        """The layer behind these inputs.

        Raises
        ------
        Untraceable
            Where it cannot stand behind them.
        """
