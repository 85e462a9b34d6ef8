# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What every explanation holds, row by row."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import index as as_integer
from typing import Any, Self, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from skneon.explanation._asked_table import read_only
from skneon.explanation._concatenated import target_kind
from skneon.explanation._freeze import freeze
from skneon.explanation._named_column import named_column
from skneon.explanation._ordinary import Ordinary
from skneon.explanation._scale import Scaled
from skneon.explanation._shared_rows import SharedRows
from skneon.explanation._sparse_relevance import SparseRelevance
from skneon.explanation._text import count
from skneon.network.numerics._types import Array

ROW_FIELDS = (
    "relevance", "score", "target", "data", "compared_with", "rival", "standard_error",
    "index", "centres", "ranks", "p_value", "held_out_score",
)  # fmt: skip

# what is computed from the fields when first asked for
CACHED = "standing", "percentile", "own"
TINY = np.finfo(float).tiny


@dataclass(frozen=True, eq=False, repr=False)
class Fields(Scaled):
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
    centres: Any = None
    ordinary: Ordinary | None = None
    ranks: Array | None = None
    p_value: Array | None = None
    training_score: Array | None = None
    held_out_score: Array | None = None

    def __post_init__(self) -> None:
        for name in ROW_FIELDS:
            shape = getattr(getattr(self, name), "shape", None)
            if shape is not None and shape[0] != len(self.score):
                raise ValueError(f"{name} has {shape[0]} rows, score {len(self)}.")
        freeze(self, (*ROW_FIELDS, "training_score", "meta"))

    def __getstate__(self) -> dict[str, Any]:
        # what is known of ordinary rows is kept, and not the rows
        names = [name for name in vars(self) if name not in CACHED]
        state = {name: getattr(self, name) for name in names}
        if self.ordinary is not None:
            state |= {"ordinary": self.ordinary.known(), "ranks": self.standing}
        # plain dicts and arrays are what every way of storing knows
        return state | {"meta": dict(self.meta), "centres": self.own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # arrays of a copy or from a pickle can be written to
        vars(self).update(state)
        freeze(self, (*ROW_FIELDS, "training_score", "meta"))

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
        if isinstance(self.relevance, SparseRelevance):
            factors = np.divide(1.0, self.score, out=np.zeros(len(self)), where=usable)
            return self.relevance.scaled(factors)
        score = np.where(usable, self.score, 1.0)[:, None]
        return np.where(usable[:, None], self.relevance / score, 0.0)

    @property
    def values(self) -> Array:
        """The relevances, by the name that shap has for them; shape (n, d)."""
        return self.relevance

    @property
    def typical(self) -> Array | None:
        """What is typical of each column, shape (d,); None where that is not known.

        The median over the training rows, or the most frequent category.
        """
        return None if self.ordinary is None else self.ordinary.typical

    @cached_property
    def own(self) -> Any:
        """The centre of the row's own cluster, (n, d), in the units of `data`, or None.

        Of sparse rows a `SharedRows`. NaN where no way leads back to the columns.
        """
        shared = isinstance(self.centres, SharedRows)
        if not shared or isinstance(self.relevance, SparseRelevance):
            return self.centres
        return read_only(self.centres.toarray())

    @cached_property
    def standing(self) -> Array | None:
        """Which parts of its column are below each value, and up to it; (n, d, 2).

        Percentages of the training rows, whose mean is the `percentile`; their
        difference is the part of the rows that have this very value. None: not known.
        """
        if self.ranks is not None or self.ordinary is None:
            return self.ranks
        return read_only(self.ordinary.standing(self.data))

    @cached_property
    def percentile(self) -> Array | None:
        """Where in its column each value stands, shape (n, d); None: not known.

        The percentage of the training rows whose value is less, those of the same value
        by half: from 0 to 100, and NaN for categories and missing values.
        """
        found = self.standing
        return None if found is None else read_only(found.mean(axis=2))

    def __len__(self) -> int:
        return len(self.score)

    def __repr__(self) -> str:
        n, d = self.relevance.shape
        target, rows = target_kind(self), count(n, "row")
        return f"<Explanation of {target}: {rows}, {count(d, 'feature')}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False and dtype not in (None, self.relevance.dtype):
            raise ValueError(f"A conversion to {dtype} needs a copy: pass copy=None.")
        convert = np.array if copy else np.asarray
        return convert(self.relevance, dtype=dtype)

    @overload
    def __getitem__(
        self, rows: SupportsIndex | slice | NDArray[Any] | list[int] | list[bool]
    ) -> Self: ...

    @overload
    def __getitem__(self, rows: str) -> Array: ...

    def __getitem__(self, rows: Any) -> Any:
        """The explanation of some rows: a number, slice, mask or array of numbers.

        Of a feature's name its relevances in all rows, shape (n,).
        """
        if isinstance(rows, str):
            return self.relevance[:, named_column(self.feature_names, rows)]
        if isinstance(rows, tuple):
            raise TypeError(
                f"Rows and columns are chosen one after the other, got {rows!r}: take "
                "explanation[rows]['feature'], or relevance[rows, numbers]."
            )
        if not isinstance(rows, slice) and np.ndim(rows) == 0:
            row = as_integer(rows)
            if not -len(self) <= row < len(self):
                raise IndexError(f"Row {row} is out of range for {len(self)} rows.")
            rows = slice(row, row + 1 or None)
        changes: dict[str, Any] = {
            name: getattr(self, name)[rows]
            for name in ROW_FIELDS
            if hasattr(getattr(self, name), "shape")
        }
        if "standing" in vars(self) and self.standing is not None:
            changes["ranks"] = self.standing[rows]
        return replace(self, **changes)
