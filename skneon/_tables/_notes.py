# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is said of columns that are used, and what may be wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from skneon._tables._kinds._guess import Kind
from skneon._tables._kinds._labels import are_different, are_spaced
from skneon._tables._kinds._missing import sentinel
from skneon._tables._kinds._texts import Texts
from skneon._tables._survey import Column, Survey
from skneon._tables._words import Doubt, count, listed

# so few different whole numbers may be codes
CODES = 3


def column_notes(name: str, column: Column) -> Iterator[str]:
    """What to say of how a column was read."""
    yield from column.kind.notes(name)
    if isinstance(column.kind, Texts) and column.n_numbers and column.n_words:
        kind = column.kind.numbers.kind
        yield Doubt(f"Taken as categories, for it holds {kind}s and words: {name}.")
    for how, some in column.spelled.items():
        # what all numbers have is no accident
        sure = some.number == column.n_numbers
        first = f"{some.first[:30]!r} in row {some.row}"
        said = f"{how}: {name}, {count(some.number, 'number')}, first {first}."
        yield said if sure else Doubt(said)
    if column.marks:
        marks = ", ".join(f"{mark!r} {n}" for mark, n in column.marks.most_common(5))
        yield f"Counted as missing among numbers: {marks} in {name}."


def missing_notes(kinds: Mapping[str, Kind], found: Survey) -> Iterator[str]:
    missing = [(name, found.columns[name].n_missing) for name in kinds]
    said = [f"{name} {n}" for name, n in missing if n]
    if said:
        yield (
            "Missing values, filled in by the median or the most frequent value: "
            f"{listed(said)}."
        )


def doubts(values: Any, log: Sequence[str], named: set[str]) -> Iterator[str]:
    """Numbers that may be labels, codes or stand for a missing value."""
    table, logged = values.to_numpy(dtype=float), {*log}
    with np.errstate(invalid="ignore"):
        whole = ~((table % 1) > 0).any(axis=0)
        ends = [np.fmin.reduce(table) % 1 == 0, np.fmax.reduce(table) % 1 == 0]
    few = []
    for i, name in enumerate(values.columns):
        column = table[:, i]
        different = np.unique(column[~np.isnan(column)]) if whole[i] else table[:0, 0]
        truths = different.tolist() == [0, 1]
        if name not in named and 1 < len(different) <= CODES and not truths:
            few.append(name)
        apart = whole[i] and name not in {*logged, *named} and are_different(column)
        if apart and are_spaced(column):
            yield Doubt(
                f"Whole numbers, nearly all different: {name}. If they label rows, "
                "leave them out by --drop, or name the rows by --id; else --keep them."
            )
        if whole[i] and name not in named and _are_days(different):
            yield Doubt(f"Whole numbers such as 20201231, maybe dates: {name}.")
        code = sentinel(column) if ends[0][i] or ends[1][i] else None
        if code is not None and name not in named:
            yield Doubt(
                f"{code:g} is repeated, and far from all other values of {name}: "
                f"--missing {code:g}, if it stands for a missing value."
            )
    if few:
        yield f"Few whole numbers, taken for sizes: {listed(few)} (--categories)."


def _are_days(numbers: Any) -> bool:
    """Whether these are written as year, month and day without a mark."""
    year, month, day = numbers // 10000, numbers // 100 % 100, numbers % 100
    fits = (1800 <= year) & (year <= 2200) & (1 <= month) & (month <= 12)
    return len(numbers) > 1 and bool((fits & (1 <= day) & (day <= 31)).all())
