# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Dates, times of the day and durations, as days."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon._tables._libraries import pa, pc
from skneon.network.numerics._types import Array

DAY = 86400e6
CLOCK = {
    r"": "",
    r"[ T]\d{1,2}:\d{2}": " %H:%M",
    r"[ T]\d{1,2}:\d{2}:\d{2}": " %H:%M:%S",
}
DATES = {
    r"\d{1,2}([./-])\d{1,2}\1\d{4}": ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y"),
    r"\d{1,2}([./-])\d{1,2}\1\d{2}": ("%d{0}%m{0}%y", "%m{0}%d{0}%y"),
    r"\d{4}([./-])\d{1,2}\1\d{1,2}": ("%Y{0}%m{0}%d",),
    r"\d{1,2}([ -])[A-Za-z]{3}\1\d{4}": ("%d{0}%b{0}%Y",),
    r"\d{1,2}([ -])[A-Za-z]{3}\1\d{2}": ("%d{0}%b{0}%y",),
    r"\d{1,2}( )[A-Za-z]{4,9}\1\d{4}": ("%d{0}%B{0}%Y",),
    r"[A-Za-z]{3,9}( )\d{1,2},\1\d{4}": ("%B{0}%d,{0}%Y",),
    r"[A-Za-z]{3}( )\d{4}": ("%b{0}%Y",),
    r"\d{4}(-)\d{2}": ("%Y{0}%m",),
}
ISO = (
    r"^\d{4}-\d{2}-\d{2}(?:[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
    r"(?:Z|[+-]\d{2}:?\d{2})?)?$"
)
ZONE = r"(?:Z|[+-]\d{2}:?\d{2})$"
# parts of a form, as regular expressions
PARTS = {
    "d": r"(?P<day>\d{1,2})", "m": r"\d{1,2}", "Y": r"\d{4}", "y": r"\d{2}",
    "b": "[A-Za-z]+", "B": "[A-Za-z]+", "H": r"\d{1,2}", "M": r"\d{1,2}",
    "S": r"\d{1,2}",
}  # fmt: skip
LENGTH = (
    r"^(?:(?P<d>-?\d+) days?,? ?\+?)?(?P<h>\d+):(?P<m>[0-5]\d)"
    r"(?::(?P<s>[0-5]\d(?:\.\d{1,9})?))?$"
)


@dataclass(frozen=True)
class Dates:
    """Dates as days since 1970; form "" is that of ISO 8601."""

    form: str = ""
    kind = "date"

    def read(self, cells: Any) -> tuple[Any, Any]:
        """The dates as days, NaN where there is none, and the cells that failed."""
        if not pa.types.is_string(cells.type):
            return _days(cells), None
        if self.form:
            texts = (
                pc.replace_substring(cells, "T", " ") if "%H" in self.form else cells
            )
            if self.form.endswith(("%Y", "%m")) and "%d" not in self.form:
                texts = pc.binary_join_element_wise("1 ", texts, "")
            form = self.form if "%d" in self.form else f"%d {self.form}"
            found = _parsed(texts, form)
        else:
            found = _iso(cells)
        failed = pc.filter(cells, pc.and_(pc.is_null(found), pc.is_valid(cells)))
        return _days(found.cast(pa.timestamp("us"))), failed

    def shown(self, values: Any) -> Any:
        """Texts of days; means of whole days are days."""
        known = np.array([v for v in values if v == v], dtype=float)
        return (
            [None if v != v else _date_text(v) for v in values]
            if len(known)
            else values
        )

    def notes(self, name: str) -> Iterator[str]:
        """How the dates were read."""
        form = f" by {self.form}" if self.form else ""
        yield f"Read as dates{form}, in days: {name}."


@dataclass(frozen=True)
class Durations:
    """Durations and times of the day, as days."""

    kind = "duration"

    def read(self, cells: Any) -> tuple[Any, Any]:
        """The durations as days, NaN where there is none, and the cells that failed."""
        if not pa.types.is_string(cells.type):
            return _days(cells), None
        parts = pc.extract_regex(cells, LENGTH)
        failed = pc.filter(cells, pc.and_(pc.is_null(parts), pc.is_valid(cells)))
        seconds = np.zeros(len(cells))
        for name, unit in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
            texts = pc.struct_field(parts, [name])
            texts = pc.if_else(pc.equal(texts, ""), "0", texts)
            seconds += unit * texts.cast("float64").to_numpy(zero_copy_only=False)
        return seconds / 86400, failed

    def shown(self, values: Any) -> Any:
        """Texts of days."""
        return [None if v != v else _length_text(v) for v in values]

    def notes(self, name: str) -> Iterator[str]:
        """How the durations were read."""
        yield f"Read as durations, in days: {name}."


def times_of(texts: Sequence[str]) -> tuple[Dates | Durations | None, str]:
    """The kind of time that all of these are, or None; and why it cannot be told."""
    cells = pa.array(texts)
    if pc.all(pc.match_substring_regex(cells, ISO)).as_py():
        return Dates(), ""
    if pc.all(pc.match_substring_regex(cells, LENGTH)).as_py():
        return Durations(), ""
    for date, forms in DATES.items():
        for clock, suffix in CLOCK.items():
            first = re.fullmatch(date + clock, texts[0])
            if first is None:
                continue
            kinds = [Dates(form.format(first[1]) + suffix) for form in forms]
            fits = [kind for kind in kinds if not len(kind.read(cells)[1])]
            if (
                len(fits) == 2
                and len({fit.read(cells)[0].tobytes() for fit in fits}) > 1
            ):
                return None, "dates whose day and month cannot be told apart"
            return (fits[0] if fits else None), ""
    return None, ""


def most_times(texts: Sequence[str]) -> Dates | Durations | None:
    """The kind of time that at least half of these are; None where there is none."""
    if 2 * sum(any(map(str.isdigit, text)) for text in texts) < len(texts):
        return None
    kinds: list[Dates | Durations] = [Dates(), Durations()]
    for date, forms in DATES.items():
        for clock, suffix in CLOCK.items():
            pattern = re.compile(date + clock)
            found = next(filter(None, map(pattern.fullmatch, texts)), None)
            if found:
                kinds += [Dates(form.format(found[1]) + suffix) for form in forms]
    cells = pa.array(texts, "string")
    n_failed = [len(kind.read(cells)[1]) for kind in kinds]
    best = int(np.argmin(n_failed))
    return kinds[best] if 2 * n_failed[best] <= len(texts) else None


def _iso(cells: Any) -> Any:
    """Timestamps of texts in ISO 8601, in UTC where they have a zone."""
    fits = pc.fill_null(pc.match_substring_regex(cells, ISO), False)
    zoned = pc.fill_null(pc.match_substring_regex(cells, ZONE), False)
    zoned = pc.and_(zoned, pc.greater(pc.utf8_length(pc.fill_null(cells, "")), 10))
    local = pc.if_else(pc.and_(fits, pc.invert(zoned)), cells, None)
    there = pc.if_else(pc.and_(fits, zoned), cells, None)
    try:
        plain = local.cast(pa.timestamp("us"))
        aware = there.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        # days that no month has
        days = _parsed(pc.utf8_slice_codeunits(cells, 0, 10), "%Y-%m-%d")
        real = pc.is_valid(days)
        if pc.all(pc.or_(real, pc.is_null(cells))).as_py():
            return pa.nulls(len(cells), pa.timestamp("us"))
        return _iso(pc.if_else(real, cells, None))
    return pc.coalesce(plain, aware.cast(pa.timestamp("us")))


def _parsed(texts: Any, form: str) -> Any:
    """Timestamps of texts; null where they differ from the form, or are no day."""
    found = pc.strptime(texts, format=form, unit="s", error_is_null=True)
    pattern = re.sub(r"%([A-Za-z])", lambda part: PARTS[part[1]], re.escape(form))
    day = pc.struct_field(pc.extract_regex(texts, f"^{pattern}$"), ["day"])
    # days that a month has not run on into the next
    return pc.if_else(pc.equal(pc.day(found), day.cast("int64")), found, None)


def _days(cells: Any) -> Array:
    numbers = cells.cast("int64").to_numpy(zero_copy_only=False)
    days: Array = np.asarray(numbers, dtype=float) / DAY
    return days


def _date_text(days: float) -> str:
    text = str(np.datetime64(round(days * 86400), "s")).replace("T", " ")
    return text.removesuffix(" 00:00:00")


def _length_text(days: float) -> str:
    seconds = round(abs(days) * 86400)
    hours = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' if days < 0 else ''}{seconds // 86400} days {hours}"
