# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Dates, times of the day and durations, as days."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skneon._tables._numbers import Reading, floats, parts, unread
from skneon._tables._words import pa, pc
from skneon.network.numerics._types import Array

DAY = 86400e6
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august",
    "september", "october", "november", "december",
)  # fmt: skip
MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|sept"
MINUTES, SECONDS = r"(?P<M>[0-5]\d)", r"(?::(?P<S>[0-5]\d(?:\.\d{1,9})?))"
NOON = r"(?: ?(?P<p>(?i:[ap]))\.?(?i:m)\.?)?"
ZONE = r"(?: ?(?P<z>Z|UTC|GMT|[-+]\d\d:?\d\d))?"
CLOCK = rf"(?P<H>[01]?\d|2[0-3]):{MINUTES}{SECONDS}?{NOON}{ZONE}"
# hours from UTC, behind the time of a date
OFFSET = r":.*[-+](?:0[1-9]|1\d|00:?[1-9])[:\d]*$"
# parts of a form, as regular expressions
PARTS = {
    "d": r"(?P<d>\d{1,2})", "m": r"(?P<m>\d{1,2})", "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})", "b": rf"(?P<b>(?i:{MONTH}))\.?", "q": "(?P<q>[1-4])",
    "V": r"(?P<V>\d{1,2})",
}  # fmt: skip
# forms of dates, whose "-" stands for other marks, too
ISO, DATES = "%Y-%m-%d", (
    "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%d-%b-%Y", "%d-%b-%y",
    "%b %d, %Y", "%b-%Y", "%b-%y", "%Y-%m", "%m-%Y", "%Y-W%V", "%YW%V", "%YQ%q",
    "%Y-Q%q", "Q%q-%Y", "%b %d", "%d-%b",
)  # fmt: skip
LENGTHS = {
    "H:M": rf"(?P<H>\d+):{MINUTES}{NOON}",
    "H:M:S": rf"(?:(?P<D>-?\d+) days?,? ?\+?)?(?P<H>\d+):{MINUTES}{SECONDS}?{NOON}",
    "ISO 8601": r"P(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?"
    r"(?:(?P<S>\d+(?:\.\d+)?)S)?)?",
}


@dataclass(frozen=True)
class Times:
    """Dates as days since 1970, or lengths and times of the day as days, by a form."""

    form: str = ISO

    @property
    def kind(self) -> str:
        """What the column is called."""
        return "duration" if self.form in LENGTHS else "date"

    @cached_property
    def pattern(self) -> str:
        """Pattern of a cell; the clock of dates may lack."""
        if self.form in LENGTHS:
            return f"^{LENGTHS[self.form]}$"
        date = re.sub("%(.)", lambda part: PARTS[part[1]], re.escape(self.form))
        return f"^{date}(?:[ T]{CLOCK})?$"

    def read(self, cells: Any) -> Reading:
        """The times as days, NaN where there is none."""
        plain = cells
        with suppress(pa.ArrowInvalid):
            if pa.types.is_string(cells.type) and self.form == ISO:
                plain = cells.cast(pa.timestamp("us"))
        if not pa.types.is_string(plain.type):
            return Reading(floats(plain.cast("int64")).astype(float) / DAY)
        days = _days(cells, self.pattern, self.kind == "date")
        shifted = cells.filter(pc.match_substring_regex(cells, OFFSET))
        return Reading(days, unread(days, cells), [("Counted in UTC", shifted)])

    def shown(self, values: Any) -> Any:
        """Texts of days."""
        text = _date_text if self.kind == "date" else _length_text
        return [None if v != v else text(v) for v in values]

    def notes(self, name: str) -> list[str]:
        """How the times were read."""
        form = "" if self.form in (ISO, "H:M:S") else f" by {self.form}"
        return [f"Read as {self.kind}s{form}, in days: {name}."]


def _days(cells: Any, pattern: str, is_date: bool) -> Array:
    """The sum of the parts that a pattern names, NaN where there is no such time."""
    part = {n: pc.utf8_lower(texts) for n, texts in parts(cells, pattern).items()}

    def number(name: str, lacking: float = 0) -> Array:
        texts = part.get(name, pa.nulls(len(cells), "string"))
        texts = pc.if_else(pc.equal(texts, ""), None, texts)
        values: Array = np.nan_to_num(floats(texts.cast("float64")), nan=lacking)
        return values

    if "b" in part:
        names = pc.utf8_slice_codeunits(part["b"], 0, 3)
        place = pc.index_in(names, value_set=pa.array([name[:3] for name in MONTHS]))
        part["m"] = pc.add(place, 1).cast("string")
    hour, real = number("H"), floats(pc.is_valid(next(iter(part.values()))))
    if "p" in part:
        noon = floats(pc.fill_null(part["p"], ""))
        real &= (noon == "") | ((1 <= hour) & (hour <= 12))
        hour = np.where(noon == "", hour, hour % 12 + 12 * (noon == "p"))
    if "z" in part:
        # hours and minutes, as in -0530
        part["z"] = pc.replace_substring_regex(part["z"], "[:+]|z|utc|gmt", "")
        zone = number("z")
        hour = hour - np.trunc(zone / 100) - np.fmod(zone, 100) / 60
    days = number("D") + (hour + number("M") / 60 + number("S") / 3600) / 24
    if is_date:
        # without a year, one with a 29th of February
        year, month, day = number("Y", 1972), number("m", 1), number("d", 1)
        if "y" in part:
            year = number("y") + 1900
            year += 100 * (year < 1969)
        month += 3 * number("q", 1) - 4
        months = ((year - 1970) * 12 + month).astype("datetime64[M]")
        first = months.astype("datetime64[D]").astype(float)
        dates = first + day - 1
        there = dates.astype("datetime64[D]").astype("datetime64[M]")
        real &= (0 <= month) & (month < 12) & (day >= 1) & (there == months)
        if "V" in part:
            # the fourth of January is in the first week; 1970 began with a Thursday
            week = number("V")
            dates = first + 3 - (first + 6) % 7 + 7 * (week - 1)
            real &= (1 <= week) & (week <= 53)
        days = dates + days
    result: Array = np.where(real, days, np.nan)
    return result


FORMS = [form.replace("-", mark) for form in (ISO, *DATES) for mark in "-./ "]
# years in front are not followed by points
FORMS = [form for form in dict.fromkeys(FORMS) if form != "%y.%m.%d"]
KINDS = [Times(form) for form in [*FORMS, *LENGTHS]]


def times_of(texts: Sequence[str]) -> tuple[Times | None, int, str]:
    """The kind of time that most of these are; how many are not; why none is sure."""
    n, shapes = len(texts), [re.sub(r"\d+", "0", text) for text in texts]
    [(shape, _)] = Counter(shapes).most_common(1)
    example, cells = texts[shapes.index(shape)], pa.array(texts, "string")
    fits = [kind for kind in KINDS if "0" in shape and re.search(kind.pattern, example)]
    read = [kind.read(cells).values for kind in fits]
    failed = [int(np.isnan(values).sum()) for values in read]
    least = min(failed, default=n)
    same = {v.tobytes() for v, lost in zip(read, failed, strict=True) if lost == least}
    if not least and len(same) > 1:
        return None, n, "dates whose day and month, or year, cannot be told apart"
    best = fits[failed.index(least)] if 2 * least <= n and fits else None
    if best and best.kind == "date" and "y" not in best.form.lower():
        return None, n, "dates without a year"
    return best, least, ""


def _date_text(days: float) -> str:
    text = str(np.datetime64(round(days * 86400), "s")).replace("T", " ")
    return text.removesuffix(" 00:00:00")


def _length_text(days: float) -> str:
    whole, seconds = divmod(round(abs(days) * 86400), 86400)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' if days < 0 else ''}{whole} days {clock}"
