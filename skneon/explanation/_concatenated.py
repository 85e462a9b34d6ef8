# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Several explanations of one model as one."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation


def concatenated(
    parts: Sequence["Explanation"], row_fields: Sequence[str]
) -> "Explanation":
    """See `Explanation.concat`; `row_fields` are those that hold an entry per row."""
    if not parts:
        raise ValueError("There is no explanation to concatenate.")
    first = parts[0]
    for part in parts[1:]:
        if part.feature_names != first.feature_names:
            raise ValueError(
                f"The explanations have different features: {first.feature_names} "
                f"and {part.feature_names}."
            )
        kinds = [target_kind(first), target_kind(part)]
        if kinds[0] != kinds[1]:
            raise ValueError(
                f"The explanations have different targets: {kinds[0]} and {kinds[1]}."
            )
    changes: dict[str, Any] = {}
    for name in row_fields:
        values = [getattr(part, name) for part in parts]
        if any(value is None for value in values):
            changes[name] = None
        elif not isinstance(values[0], str):
            changes[name] = np.concatenate([_unpadded(value) for value in values])
    names = _common_names([part.index_names for part in parts])
    return replace(first, index_names=names, **changes)


def target_kind(explanation: "Explanation") -> str:
    """The target as texts show it, "cluster" for clusters."""
    target = explanation.target
    return repr(target) if isinstance(target, str) else "cluster"


def _unpadded(values: Array) -> Array:
    """Texts as objects, which keep their length."""
    return values.astype(object) if values.dtype.kind in "US" else values


def _common_names(
    names: Sequence[tuple[Hashable, ...] | None],
) -> tuple[Hashable, ...] | None:
    """Names of levels that several indices agree on; None where levels differ."""
    levels = [(None,) if given is None else given for given in names]
    if len({len(given) for given in levels}) > 1:
        return None
    each = [set(level) for level in zip(*levels, strict=True)]
    common = tuple(level.pop() if len(level) == 1 else None for level in each)
    return None if common == (None,) else common
