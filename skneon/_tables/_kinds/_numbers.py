# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers, plain or with marks: thousands, currencies, percent, units, parentheses."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skneon._tables._libraries import pa, pc

EXACT, WHOLE = 2**53, r"^[-+]?\d+$"
# the parts of a number as people write it
SHAPE = re.compile(
    r"(?P<sign>[-+\N{MINUS SIGN}(]*)(?P<prefix>[^\d\s.,()+\-]{0,4}?)\s*(?P<inner>[-+]?)"
    r"(?P<body>\d[\d.,' _\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
    r"\N{RIGHT SINGLE QUOTATION MARK}]*(?<=\d)\.?|[.,]\d+)"
    r"(?P<power>[eE][-+]?\d+)?\s*(?P<suffix>[^\d\s()+\-.,][^\d()]{0,11}?)?\s*(?:[)-]?)"
)
# the signs of those who keep books
NEGATIVE = r"^\(.*\d.*\)$|\d.*-$"
BLANK = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
THOUSANDS = {" ": f"[{BLANK}]", "'": "['\N{RIGHT SINGLE QUOTATION MARK}]"}
CURRENCIES = (
    "USD EUR GBP JPY CHF CNY INR AUD CAD SEK NOK DKK PLN CZK BRL MXN ZAR KRW HKD SGD "
    "NZD TRY RUB Rs Rs. kr Kr R$ US$ A$ C$ Fr Fr. zł Kč Ft"
)
CODES = frozenset(CURRENCIES.split())


@dataclass(frozen=True)
class Numbers:
    """How the numbers of a column are written; plain ones as they are in Python."""

    decimal: str = "."
    thousands: str = ""
    prefix: str = ""
    suffix: str = ""
    base: int = 0
    kind = "number"

    @cached_property
    def body(self) -> str:
        """Pattern of the digits."""
        mark = THOUSANDS.get(self.thousands, re.escape(self.thousands))
        point = re.escape(self.decimal)
        if self.thousands:
            whole = rf"(?:[1-9]\d{{0,2}}(?:(?:{mark}\d{{2,3}})*{mark}\d{{3}})?|0)"
            return rf"{whole}(?:{point}\d*)?"
        return rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"

    @cached_property
    def pattern(self) -> str:
        """Pattern of a cell: sign, prefix, digits, suffix."""
        before = f"(?:{re.escape(self.prefix)})?" if self.prefix else ""
        behind = rf"\s*(?:{re.escape(self.suffix)}s?)" if self.suffix else ""
        sign = "[-+\N{MINUS SIGN}]?"
        front = rf"(?:{sign}\s*{before}|{before}\s*{sign})" if before else sign
        forms = (
            rf"{front}\s*{self.body}{behind}",
            rf"{before}\s*{self.body}{behind}-",
            rf"\(\s*{before}\s*{self.body}{behind}\s*\)",
            r"[-+]?(?i:inf(?:inity)?)",
        )
        return f"^(?:{'|'.join(forms)})$"

    def read(self, cells: Any) -> tuple[Any, Any]:
        """The numbers as floats, NaN where there is none, and the cells that failed."""
        if self.base:
            return self._above_base(cells.cast("string"))
        if not pa.types.is_string(cells.type):
            return _floats(cells.cast("float64", safe=False)), None
        if self.decimal == "." and not (self.thousands or self.prefix or self.suffix):
            try:
                return _floats(cells.cast("float64")), None
            except pa.ArrowInvalid:
                pass
        matches = pc.fill_null(pc.match_substring_regex(cells, self.pattern), False)
        failed = pc.filter(cells, pc.and_(pc.invert(matches), pc.is_valid(cells)))
        return self._plain(pc.if_else(matches, cells, None)), failed

    def spellings(self, cells: Any) -> Iterator[tuple[str, Any]]:
        """Ways to write numbers that may be meant otherwise, and the cells in each."""
        cells = cells.filter(pc.match_substring_regex(cells, self.pattern))
        negative = pc.match_substring_regex(cells, NEGATIVE)
        yield "Read as negative, for parentheses or '-' behind", cells.filter(negative)
        if self.prefix:
            bare = pc.invert(pc.match_substring(cells, self.prefix))
            yield f"Read without {self.prefix!r}, which others have", cells.filter(bare)

    def _plain(self, cells: Any) -> Any:
        """Floats of cells that match."""
        for text in filter(None, (self.prefix, self.suffix)):
            cells = pc.replace_substring(cells, text, "")
        if self.suffix:
            cells = pc.replace_substring_regex(cells, r"s\s*(\))?$", r"\1")
        marks = THOUSANDS.get(self.thousands, re.escape(self.thousands))
        if self.thousands:
            cells = pc.replace_substring_regex(cells, marks, "")
        for pattern, text in (
            (r"\s+", ""), (re.escape(self.decimal), "."), ("\N{MINUS SIGN}", "-"),
            (r"^\((.*)\)$", r"-\1"), (r"^(.*\d.*)-$", r"-\1"),
        ):  # fmt: skip
            cells = pc.replace_substring_regex(cells, pattern, text)
        return _floats(cells.cast("float64"))

    def _above_base(self, cells: Any) -> tuple[Any, Any]:
        """Whole numbers less the base, of which no digit is lost, and other texts."""
        is_whole = pc.fill_null(pc.match_substring_regex(cells, WHOLE), False)
        failed = pc.filter(cells, pc.and_(pc.invert(is_whole), pc.is_valid(cells)))
        texts = pc.if_else(is_whole, cells, None).to_pylist()
        values = [np.nan if t is None else float(int(t) - self.base) for t in texts]
        return np.array(values, dtype=float), failed

    def shown(self, values: Any) -> Any:
        """The numbers as they were."""
        if not self.base:
            return values
        return [None if v != v else str(self.base + round(v)) for v in values]

    def notes(self, name: str) -> Iterator[str]:
        """How the numbers were read, where that is not plain."""
        marks = [
            f"thousands by {self.thousands!r}" if self.thousands else "",
            f"decimals by {self.decimal!r}" if self.thousands else "",
            f"{self.prefix!r} in front" if self.prefix else "",
            f"{self.suffix!r} behind" if self.suffix else "",
        ]
        if any(marks):
            said = ", ".join(filter(None, marks))
            yield f"Read as numbers, {said}: {name}."
        if self.base:
            yield f"Whole numbers beyond 2^53, counted from {self.base}: {name}."


def _floats(cells: Any) -> Any:
    return cells.to_numpy(zero_copy_only=False)


STYLES = [
    Numbers(decimal, thousands)
    for thousands in ("", ",", ".", " ", "'", "_")
    for decimal in ".,"
    if decimal != thousands
]


def styles(bodies: Collection[str]) -> list[Numbers]:
    """The ways to write numbers by which all of these are some."""
    return [style for style in STYLES if n_fitting(style, bodies) == len(bodies)]


def n_fitting(style: Numbers, bodies: Collection[str]) -> int:
    """How many of these are numbers in a style."""
    return sum(re.fullmatch(style.body, text) is not None for text in bodies)


def shapes(texts: Collection[str]) -> tuple[list[re.Match[str]], list[str]]:
    """The parts of texts that are written as numbers, and the other texts."""
    found = [(SHAPE.fullmatch(text), text) for text in texts]
    good = [match for match, _ in found if match and _is_currency(match["prefix"])]
    known = {match.string for match in good}
    return good, [text for text in texts if text not in known]


def _is_currency(prefix: str) -> bool:
    signs = all(unicodedata.category(c) == "Sc" for c in prefix)
    return signs or prefix in CODES


def marks_of(found: list[re.Match[str]]) -> tuple[set[str], set[str]]:
    """Prefixes and suffixes; "years" is "year", and powers are no suffix."""
    suffixes = {(match["suffix"] or "").strip() for match in found}
    singular = {s.removesuffix("s") if s.removesuffix("s") in suffixes else s
                for s in suffixes}  # fmt: skip
    return {match["prefix"] for match in found}, singular
