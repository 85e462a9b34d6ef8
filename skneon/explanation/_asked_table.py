# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables whose cells are worked out where they are asked for."""

from abc import ABC, abstractmethod
from math import prod
from typing import Any, Self

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from sklearn import get_config

from skneon.network.numerics._types import Array


class AskedTable(NDArrayOperatorsMixin, ABC):
    """A table of shape (n, d) that is kept in less than n d numbers.

    It is indexed as an array of two axes: single cells, rows and columns are arrays,
    and several rows or columns are a table again. NumPy takes it for an array, where
    that fits scikit-learn's ``working_memory``; else it raises MemoryError.
    """

    ndim = 2

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""

    @property
    @abstractmethod
    def dtype(self) -> Any:
        """Of the cells."""

    @abstractmethod
    def cells(self, rows: Array, columns: Array) -> Array:
        """Cells by numbers of rows and columns, which are broadcast."""

    @abstractmethod
    def some(self, rows: Array | None, columns: Array | None) -> Self:
        """The table of some rows and columns, by number; None: of all."""

    @abstractmethod
    def toarray(self) -> Array:
        """All cells, shape (n, d), however many they are."""

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of shape {self.shape}>"

    def __getitem__(self, key: Any) -> Any:
        """A cell, a row or column as an array, or a table of some rows and columns."""
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        chosen = [
            np.arange(size)[some]
            for size, some in zip(self.shape, (rows, columns), strict=True)
        ]
        whole = [isinstance(some, slice) for some in (rows, columns)]
        if not any(whole) or any(np.ndim(numbers) == 0 for numbers in chosen):
            cells = self.cells(*chosen)
            return cells if np.ndim(cells) else cells[()]
        every = [
            None if isinstance(some, slice) and some == slice(None) else numbers
            for some, numbers in zip((rows, columns), chosen, strict=True)
        ]
        return self.some(*every)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("The cells are worked out: pass copy=None.")
        check_room(self.shape)
        return self.toarray().astype(self.dtype if dtype is None else dtype, copy=False)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **options: Any
    ) -> Any:
        arrays = [np.asarray(v) if isinstance(v, AskedTable) else v for v in inputs]
        return getattr(ufunc, method)(*arrays, **options)


def check_room(shape: tuple[int, ...]) -> None:
    """Refuse arrays of floats that ``working_memory`` has no room for.

    Raises
    ------
    MemoryError
        It names the size, and what to do.
    """
    memory, size = get_config()["working_memory"], 8 * prod(shape)
    if size > memory * 2**20:
        raise MemoryError(
            f"As an array this table of {shape[0]} x {shape[1]} cells takes "
            f"{size_text(size)}, more than scikit-learn's working_memory of "
            f"{size_text(memory * 2**20)}. Take some rows first, as in "
            "explanation[:1000]; its sums, top() and to_frame('long') need no array. "
            "Or allow more by sklearn.set_config(working_memory=...), in MiB."
        )


def size_text(size: float) -> str:
    """A number of bytes as readers see it."""
    return f"{size / 2**30:.3g} GiB" if size >= 2**30 else f"{size / 2**20:.3g} MiB"


def read_only(values: Array) -> Array:
    """A view that cannot be written to."""
    view = values.view()
    view.flags.writeable = False
    return view
