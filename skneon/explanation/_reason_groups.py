# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows that have the same reasons: a thousand rows are read as ten groups."""

from collections import Counter
from operator import index as as_integer
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skneon.explanation._ranking import chosen_rows, importance
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields

# a further column counts where it has at least this part of what the first has
PART = 0.5

Key = tuple[int, ...]


class ReasonGroup(NamedTuple):
    """Rows with the same leading columns; see `Explanation.groups`.

    Attributes
    ----------
    features : tuple of str
        The columns that lead; none for rows without a common reason.
    rows : ndarray of int
        Numbers of the rows, the largest score first.
    part : float
        How much of the chosen rows this is.
    score : float
        Their median score.
    """

    features: tuple[str, ...]
    rows: Array
    part: float
    score: float


def reason_groups(
    explanation: "Fields", rows: Any, k: int, n_groups: int, by: str | None
) -> list[ReasonGroup]:
    """See `Explanation.groups`."""
    for name, value in (("k", k), ("n_groups", n_groups)):
        if as_integer(value) < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")
    numbers = chosen_rows(explanation, rows)
    numbers = numbers[np.argsort(-explanation.score[numbers], kind="stable")]
    size = importance(explanation, by)[numbers]
    keys = fewer(leading_columns(size, k), n_groups)
    counts = Counter(keys)
    # rows without a common reason come last
    order = sorted(counts, key=lambda key: (not key, -counts[key], key))
    found = []
    for key in order:
        own = numbers[[other == key for other in keys]]
        names = tuple(explanation.feature_names[i] for i in key)
        score = float(np.median(explanation.score[own]))
        found.append(ReasonGroup(names, own, len(own) / len(numbers), score))
    return found


def leading_columns(size: Array, k: int) -> list[Key]:
    """The columns that lead each row, up to k, without an order; () where none does."""
    order = np.argsort(-size, axis=1, kind="stable")[:, :k]
    values = np.take_along_axis(size, order, axis=1)
    counts = (values > 0) & (values >= PART * values[:, :1])
    return [
        tuple(sorted(columns[kept].tolist()))
        for columns, kept in zip(order, _first_alone(counts, values), strict=True)
    ]


def _first_alone(counts: Array, values: Array) -> Array:
    """Infinite relevances leave no part to others."""
    infinite = ~np.isfinite(values[:, :1])
    counts[:, 1:] &= ~infinite
    return counts


def fewer(keys: list[Key], n_groups: int) -> list[Key]:
    """Join the rarest groups until there are n_groups at the most.

    The rarest of several columns join the group of that one of them which leads most
    rows; then the rarest become one group without a common reason.

    Parameters
    ----------
    keys : list of tuple of int
        The leading columns of each row.
    n_groups : int

    Examples
    --------
    >>> fewer([(0,), (0,), (0, 1), (1,), (1,), (2,)], 3)
    [(0,), (0,), (0,), (1,), (1,), (2,)]
    >>> fewer([(0,), (0,), (0, 1), (1,), (1,), (2,)], 2)
    [(0,), (0,), (0,), (), (), ()]
    """
    counts = Counter(keys)
    single = Counter(i for key in keys for i in key)
    joined: dict[Key, Key] = {}
    while len(counts) > n_groups:
        several = [key for key in counts if len(key) > 1]
        if not several:
            break
        rarest = min(several, key=lambda key: (counts[key], key))
        joined[rarest] = _leader(rarest, single)
        counts[joined[rarest]] += counts.pop(rarest)
    keys = [joined.get(key, key) for key in keys]
    if len(counts) <= n_groups:
        return keys
    named = sorted((key for key in counts if key), key=lambda key: (-counts[key], key))
    kept = set(named[: n_groups - 1])
    return [key if key in kept else () for key in keys]


def _leader(key: Key, single: Counter[int]) -> Key:
    """The one of the columns that leads most rows."""
    return (max(key, key=lambda i: (single[i], -i)),)
