# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is said of columns that are used, and what may be wrong with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from skneon._tables._guess import Kind, Texts
from skneon._tables._numbers import are_different, are_spaced, sentinels
from skneon._tables._survey import Column
from skneon._tables._times import MONTH, Times
from skneon._tables._words import Doubt, listed, pd
from skneon.explanation._text import count
from skneon.network.numerics._types import Array

# so few different whole numbers may be codes
CODES = 3
# so many numbers for one word, or words for one number, are no accident
RARELY = 20
# what begins with a number, or holds a day
HIDDEN = re.compile(rf"(?i)\W*\d|.*\b(?:{MONTH})\b.*\d")
YEAR = re.compile(r"(?i)year|jahr|ann[eé]e|año|time|date|^yr")
# dates without marks, by their length
DATES = {6: "%Y%m", 8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
# quantiles that are compared, how far apart they are at least, and how skewed
QUANTILES, SPREAD, SKEWED, ROWS = (0.05, 0.5, 0.95), 10.0, 0.3, 10


def column_notes(name: str, column: Column) -> Iterator[str]:
    """What to say of how a column was read."""
    kind = column.kind
    yield from kind.notes(name)
    if isinstance(kind, Texts) and column.n_numbers and column.n_words:
        noun, (word, row) = kind.numbers.kind, next(iter(column.words.items()))
        yield Doubt(
            f"Taken as categories, for it holds {noun}s and words: {name}, first "
            f"{word[:30]!r} in row {row}."
        )
    if kind == Times("H:M") and column.maximum >= 1:
        yield Doubt(f"Maybe minutes and seconds, not hours and minutes: {name}.")
    if _may_be_days(column):
        said = "Maybe months and days, not months and years"
        yield Doubt(f"{said}: {name}. Write months as 2020-12, days as 2020-12-31.")
    for how, (text, row, n) in column.spelled.items():
        first = f"first {text[:30]!r} in row {row}"
        said = f"{how}: {name}, {count(n, kind.kind)}, {first}."
        # what all numbers have is no accident
        yield said if n == column.n_numbers else Doubt(said)
    if column.marks:
        marks = ", ".join(f"{mark!r} {n}" for mark, n in column.marks.most_common(5))
        yield f"Counted as missing among {kind.kind}s: {marks} in {name}."


def hidden_note(name: str, column: Column) -> Iterator[str]:
    """What to say of texts that are left out, but begin with numbers or hold days."""
    some = RARELY * column.n_numbers >= column.n_values
    if column.words and (some or all(map(HIDDEN.match, column.words))):
        word, row = next(iter(column.words.items()))
        said = f"which cannot be read from {word[:30]!r} in row {row}"
        yield f"Maybe numbers or dates, {said}: {name}."


def are_years(name: str, column: Column) -> bool:
    """Whether numbers that count rows may be years."""
    may = column.counts_rows and 1000 <= column.minimum and column.maximum <= 2200
    return bool(may and YEAR.search(name))


def _may_be_days(column: Column) -> bool:
    """Whether what was read as Dec-20 is never a month of 2000, or beyond 2031."""
    short = isinstance(column.kind, Times) and re.match("%b.%y", column.kind.form)
    first, last = np.array(["2001-01-01", "2031-12-31"], "datetime64[D]").astype(int)
    return bool(short and first <= column.minimum and column.maximum <= last)


def missing_notes(columns: Mapping[str, Column], used: Iterable[str]) -> list[str]:
    """How many values are filled in."""
    missing = [f"{name} {n}" for name in used if (n := columns[name].n_missing)]
    filled = "Missing values, filled in by the median or the most frequent value"
    return [f"{filled}: {listed(missing)}."] if missing else []


def gap_codes(values: Any) -> dict[str, list[float]]:
    """Columns that begin or end with a whole number, and what may stand for a gap."""
    columns = zip(values, values.to_numpy(dtype=float).T, strict=True)
    # such ends are cheap to find, of very many columns, too
    return {
        name: sentinels(column)
        for name, column in columns
        if np.fmin.reduce(column) % 1 == 0 or np.fmax.reduce(column) % 1 == 0
    }


def doubts(
    values: Any,
    kinds: Mapping[str, Kind],
    log: list[str],
    codes: Mapping[str, list[float]],
) -> Iterator[str]:
    """Numbers that may be labels, categories or stand for a missing value."""
    few = []
    for name in codes:
        column = values[name].to_numpy(dtype=float)
        if codes[name]:
            texts = map(str, kinds[name].shown(codes[name]))
            shown = [text.removesuffix(".0") for text in texts]
            said = "is repeated, and", "it stands for a missing value"
            if len(shown) > 1:
                said = "are repeated, and", "they stand for missing values"
            yield Doubt(
                f"{listed(shown)} {said[0]} far from all other values of {name}: "
                f"--missing {' '.join(shown)}, if {said[1]}."
            )
        different = np.unique(column[~np.isnan(column)])
        if kinds[name].kind != "number" or (different % 1).any():
            continue
        if 1 < len(different) <= CODES and different.tolist() != [0, 1]:
            few.append(name)
        if name not in log and are_different(column) and are_spaced(column):
            yield Doubt(
                f"Whole numbers, nearly all different: {name}. If they label rows, "
                "leave them out by --drop, or name the rows by --id; else --keep them."
            )
        if _are_dates(different):
            yield Doubt(
                f"Whole numbers such as {different[-1]:.0f}, maybe dates: {name}. "
                "Write dates as 2020-12-31 or 2020-12, or --keep the numbers."
            )
    if few:
        yield f"Few whole numbers, taken for sizes: {listed(few)} (--categories)."


def _are_dates(numbers: Array) -> bool:
    """Whether these are written as a month, day, minute or second without marks."""
    texts = [f"{number:.0f}" for number in (*numbers[:1], *numbers[-1:])]
    form = DATES.get(len(texts[-1])) if len(numbers) > 1 else None
    if not form or len(texts[0]) != len(texts[1]) or not "1800" <= texts[0] < "2201":
        return False
    texts = [f"{number:.0f}" for number in numbers]
    return bool(pd.to_datetime(texts, format=form, errors="coerce").notna().all())


def skewed(values: Array) -> Array:
    """Which columns are positive, spread over orders of magnitude, and skewed.

    The measure is that of quantiles, (q95 + q5 - 2 q50) / (q95 - q5) (Hinkley 1975),
    which a few outliers do not move: it is above .3, and the logarithm lowers its size.
    """
    values = np.sort(values, axis=0)
    n = (~np.isnan(values)).sum(axis=0)
    places = np.rint(np.outer(QUANTILES, np.maximum(n - 1, 0))).astype(int)
    of_three = np.take_along_axis(values, places, axis=0)
    with np.errstate(all="ignore"):
        wide = (values[0] > 0) & (of_three[2] >= SPREAD * of_three[0]) & (n >= ROWS)
        before, after = _skewness(*of_three), _skewness(*np.log(of_three))
        mask: Array = wide & (before > SKEWED) & (np.abs(after) < before)
    return mask


def _skewness(low: Array, middle: Array, high: Array) -> Array:
    result: Array = (high + low - 2 * middle) / (high - low)
    return result
