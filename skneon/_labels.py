# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a table calls its rows and its columns."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon._frames import column_names
from skneon.network.numerics._types import Array, Table


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels of the rows of a table, level by level, and names of its columns.

    Attributes
    ----------
    levels : tuple of ndarray of shape (n,), or None
        One per level of the index; None where rows have no labels.
    names : tuple of hashable
        Names of the levels, None for those without.
    columns : tuple of str, or None
        Names of the columns, as texts; None where they have none.
    """

    levels: tuple[Array, ...] | None = None
    names: tuple[Hashable, ...] = ()
    columns: tuple[str, ...] | None = None

    @classmethod
    def of(cls, X: Table) -> "Labels":
        """Those of a table; only pandas' frames and their like label rows."""
        columns = column_names(X)
        texts = None if columns is None else tuple(map(str, columns))
        index = getattr(X, "index", None)
        if index is None or callable(index):
            return cls(columns=texts)
        numbers = range(getattr(index, "nlevels", 1))
        several = len(numbers) > 1
        levels = [index.get_level_values(i) if several else index for i in numbers]
        names = tuple(getattr(level, "name", None) for level in levels)
        return cls(tuple(map(np.asarray, levels)), names, texts)

    @property
    def index(self) -> Array | None:
        """Labels of the rows, (n,): tuples where there are several levels."""
        if self.levels is None or len(self.levels) == 1:
            return None if self.levels is None else self.levels[0]
        labels = np.empty(len(self.levels[0]), dtype=object)
        # dates would become plain integers in a list
        levels = [x if x.dtype.kind in "mM" else x.tolist() for x in self.levels]
        labels[:] = list(zip(*levels, strict=True))
        return labels

    @property
    def index_names(self) -> tuple[Hashable, ...] | None:
        """Names of the levels; None where rows have no labels."""
        return None if self.levels is None else self.names

    def take(self, rows: Array) -> "Labels":
        """Those of some rows, by a mask or by their numbers."""
        if self.levels is None:
            return self
        levels = tuple(level[rows] for level in self.levels)
        return Labels(levels, self.names, self.columns)

    def plain(self) -> dict[str, Any]:
        """The same in lists, arrays and texts, which any format can hold.

        Numbers and dates stay, other labels become texts.
        """
        levels = None if self.levels is None else list(map(_plain, self.levels))
        names = [n if isinstance(n, int | str | None) else str(n) for n in self.names]
        columns = None if self.columns is None else list(self.columns)
        return {"levels": levels, "names": names, "columns": columns}

    @classmethod
    def from_plain(cls, content: dict[str, Any]) -> "Labels":
        """What `plain` gave."""
        levels, columns = content["levels"], content["columns"]
        return cls(
            None if levels is None else tuple(levels),
            tuple(content["names"]),
            None if columns is None else tuple(columns),
        )


def _plain(level: Array) -> Array:
    if level.dtype.kind in "iufM":
        return level
    return np.array([str(label) for label in level], dtype=object)
