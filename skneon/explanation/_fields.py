# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What every explanation holds, row by row."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from operator import index as as_integer
from typing import Any, Self

import numpy as np

from skneon.explanation._concatenated import target_kind
from skneon.explanation._freeze import freeze
from skneon.network.numerics._types import Array

ROW_FIELDS = (
    "relevance", "score", "target", "data", "compared_with", "rival", "standard_error",
    "index",
)  # fmt: skip

TINY = np.finfo(float).tiny


@dataclass(frozen=True, eq=False, repr=False)
class Fields:
    """The fields of an `Explanation`, which are frozen and can be sliced."""

    relevance: Array
    score: Array
    target: str | Array
    feature_names: tuple[str, ...]
    data: Array
    compared_with: Array
    rival: Array | None = None
    standard_error: Array | None = None
    index: Array | None = None
    index_names: tuple[Hashable, ...] | None = None
    meta: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ROW_FIELDS:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and len(value) != len(self.score):
                raise ValueError(
                    f"{name} has {len(value)} rows, score {len(self.score)}."
                )
        freeze(self, ROW_FIELDS)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # arrays of a copy or from a pickle can be written to
        vars(self).update(state)
        freeze(self, ROW_FIELDS)

    @property
    def residual(self) -> Array:
        """Score minus the sum of the relevances, shape (n,)."""
        residual: Array = self.score - self.relevance.sum(axis=1)
        return residual

    @property
    def share(self) -> Array:
        """Relevance over score, shape (n, d); 0 where the score is 0 or infinite.

        Scores below the normal floating point numbers count as 0.
        """
        usable = np.isfinite(self.score) & (np.abs(self.score) > TINY)
        score = np.where(usable, self.score, 1.0)[:, None]
        return np.where(usable[:, None], self.relevance / score, 0.0)

    def __len__(self) -> int:
        return len(self.score)

    def __repr__(self) -> str:
        n, d = self.relevance.shape
        target = target_kind(self)
        rows = "1 row" if n == 1 else f"{n} rows"
        features = "1 feature" if d == 1 else f"{d} features"
        return f"<Explanation of {target}: {rows}, {features}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False and dtype not in (None, self.relevance.dtype):
            raise ValueError(f"A conversion to {dtype} needs a copy: pass copy=None.")
        convert = np.array if copy else np.asarray
        return convert(self.relevance, dtype=dtype)

    def __getitem__(self, rows: Any) -> Self:
        """The explanation of some rows: a number, slice, mask or array of numbers."""
        if isinstance(rows, tuple):
            raise TypeError(f"Only rows can be chosen, got {rows!r}.")
        if not isinstance(rows, slice) and np.ndim(rows) == 0:
            row = as_integer(rows)
            if not -len(self) <= row < len(self):
                raise IndexError(f"Row {row} is out of range for {len(self)} rows.")
            rows = slice(row, row + 1 or None)
        changes: dict[str, Any] = {
            name: getattr(self, name)[rows]
            for name in ROW_FIELDS
            if isinstance(getattr(self, name), np.ndarray)
        }
        return replace(self, **changes)
