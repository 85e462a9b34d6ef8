# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers, plain or with marks, what stands for one that is missing, and labels."""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from skneon._tables._words import pa, pc
from skneon.network.numerics._types import Array

# up to here floats hold every whole number
EXACT, LARGE, WHOLE = 2**53, r"^[-+]?0*[1-9]\d{15,}$", r"^[-+]?\d+$"
CURRENCIES = (
    "USD EUR GBP JPY CHF CNY INR AUD CAD SEK NOK DKK PLN CZK BRL MXN ZAR KRW HKD SGD "
    r"NZD TRY RUB Rs\.? [kK]r R\$ US\$ A\$ C\$ Fr\.? zł Kč Ft \p{Sc}{1,4}"
).replace(" ", "|")
# the parts of a number as people write it, after `_tidy`
SHAPE = (
    rf"^(?P<sign>[-+(]?)\s*(?P<prefix>(?:{CURRENCIES})?)\s*(?P<inner>[-+]?)\s*"
    r"(?P<body>(?:\d(?:[\d.,' _]*\d)?\.?|[.,]\d+|(?i:inf(?:inity)?))(?:[eE][-+]?\d+)?)"
    r"\s*(?P<suffix>(?:[^\d\s()+\-.,][^\d()]{0,11}?)?)\s*(?P<end>[)-]?)$"
)
TIDY = (
    ("\N{MINUS SIGN}", "-"), ("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
    # a dash for no cents
    ("(\\d)[.,](?:--?|[\N{EN DASH}\N{EM DASH}])(\\D|$)", r"\1\2"),
    ("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]", " "),
)  # fmt: skip
# what stands for a missing value in a column of numbers
WORDS = (
    "missing|unknown|undefined|unavailable|not (?:available|applicable|known|recorded)"
    "|no data|none|nil|null|nan|n\\.?[adk]\\.?|n/[adk]|k\\.?a\\.?|na\\.?|tba|tbd"
)
MARKED = rf"#(?:N/?A|NV|DIV/0|[A-Z/0]+[!?])|\\n|[(<\[]?(?:{WORDS})[)>\]]?"
MARK = rf"(?i)^(?:[^\pL\pN]{{1,6}}|{MARKED})$"
BEHIND = "Read as negative, for parentheses or '-' behind"
# names that people give to labels
LABEL = re.compile(
    r"(?i:(?:^|[^a-z])(?:ids?|keys?|codes?|numbers?|no|nr|num|uuid|index|idx|rownames"
    r"|rows?|ssn|zip|plz|postcode|ref|account|phone|serial|barcode|isbn|sku|imei)"
    r"(?![a-z]))|[a-z](?:ID|Id|Nr|No|Key|Code)(?![a-z])"
)
ROWS, DIFFERENT, EVEN, LEAST, CLEAR = 20, 0.95, 0.08, 3, 10


class Reading(NamedTuple):
    """Cells as floats or texts, those that failed, and ways to write some in doubt."""

    values: Any
    failed: Any = None
    doubted: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True)
class Numbers:
    """How the numbers of a column are written; plain ones as they are in Python.

    Whole numbers beyond 2^53 are counted from the base; without one they fail, if it
    is not None.
    """

    decimal: str = "."
    thousands: str = ""
    prefix: str = ""
    suffix: str = ""
    base: int | None = 0
    kind = "number"

    @cached_property
    def body(self) -> str:
        """Pattern of the digits, and a power."""
        mark, point = re.escape(self.thousands), re.escape(self.decimal)
        if self.thousands:
            whole = rf"(?:[1-9]\d{{0,2}}(?:(?:{mark}\d{{2,3}})*{mark}\d{{3}})|\d+)"
            return rf"{whole}(?:{point}\d*)?"
        plain = rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"
        return rf"{plain}|(?i:inf(?:inity)?)"

    @cached_property
    def pattern(self) -> str:
        """Pattern of a cell, with marks; that in front may lack."""
        before, behind = re.escape(self.prefix), re.escape(self.suffix)
        return (
            rf"^(?P<sign>[-+(]?)\s*(?P<prefix>(?:{before})?)\s*(?P<inner>[-+]?)\s*"
            rf"(?P<body>{self.body})\s*{behind + 's?' if behind else ''}\s*"
            r"(?P<end>[)-]?)$"
        )

    def read(self, cells: Any) -> Reading:
        """The numbers as floats, NaN where there is none."""
        if self.base:
            return self._above_base(cells.cast("string"))
        is_text = pa.types.is_string(cells.type)
        if not is_text or self == Numbers(base=self.base):
            with suppress(pa.ArrowInvalid):
                values = floats(cells.cast("float64", safe=is_text))
                return Reading(values, self._lossy(values, cells))
        part = parts(_tidy(cells), self.pattern)
        signs = pc.binary_join_element_wise(
            part["sign"], part["inner"], part["end"], ""
        )
        fits = pc.is_in(signs, value_set=pa.array(["", "+", "-", "()"]))
        body = pc.if_else(fits, part["body"], None)
        if self.thousands:
            body = pc.replace_substring(body, self.thousands, "")
        values = floats(pc.replace_substring(body, self.decimal, ".").cast("float64"))
        negative = floats(pc.is_in(signs, value_set=pa.array(["-", "()"])))
        values = np.where(negative, -values, values)
        without = pc.and_(pc.equal(part["prefix"], ""), bool(self.prefix))
        doubted = {
            BEHIND: pc.not_equal(part["end"], ""),
            f"Read without {self.prefix!r}, which others have": without,
        }
        found = [(how, cells.filter(pc.and_(fits, m))) for how, m in doubted.items()]
        return Reading(values, unread(values, cells), found)

    def _lossy(self, values: Array, cells: Any) -> Any:
        """Whole numbers that lose digits as floats."""
        large = np.abs(values) >= EXACT
        if self.base is None or pa.types.is_floating(cells.type) or not large.any():
            return None
        texts = cells.filter(pa.array(large)).cast("string")
        return texts.filter(pc.match_substring_regex(texts, LARGE))

    def _above_base(self, cells: Any) -> Reading:
        """Whole numbers less the base, of which no digit is lost."""
        whole = pc.if_else(pc.match_substring_regex(cells, WHOLE), cells, None)
        base, texts = self.base or 0, whole.to_pylist()
        numbers = [np.nan if t is None else float(int(t) - base) for t in texts]
        values = np.array(numbers, dtype=float)
        return Reading(values, unread(values, cells))

    def shown(self, values: Any) -> Any:
        """The numbers as they were."""
        if not self.base:
            return values
        return [None if v != v else str(self.base + round(v)) for v in values]

    def notes(self, name: str) -> list[str]:
        """How the numbers were read, where that is not plain."""
        marks = {
            "thousands by {!r}": self.thousands,
            "decimals by {!r}": self.thousands and self.decimal,
            "{!r} in front": self.prefix, "{!r} behind": self.suffix,
        }  # fmt: skip
        said = ", ".join(text.format(mark) for text, mark in marks.items() if mark)
        if self.base:
            return [f"Whole numbers beyond 2^53, counted from {self.base}: {name}."]
        return [f"Read as numbers, {said}: {name}."] if said else []


STYLES = [
    Numbers(decimal, thousands)
    for thousands in ("", ",", ".", " ", "'", "_")
    for decimal in ".,"
    if decimal != thousands
]


def floats(cells: Any) -> Any:
    """Cells of Arrow as NumPy has them."""
    return cells.to_numpy(zero_copy_only=False)


def parts(cells: Any, pattern: str) -> dict[str, Any]:
    """What the groups of a pattern match; null where it does not."""
    found = pc.extract_regex(cells, pattern)
    return {field.name: pc.struct_field(found, [field.name]) for field in found.type}


def unread(values: Array, cells: Any) -> Any:
    """The cells of which no number was made."""
    return cells.filter(pc.and_(pc.is_valid(cells), pa.array(np.isnan(values))))


def _tidy(cells: Any) -> Any:
    for one, other in TIDY:
        cells = pc.replace_substring_regex(cells, one, other)
    return cells


def written(texts: Collection[str]) -> tuple[list[dict[str, str]], list[str]]:
    """The marks and bodies of texts that are written as numbers, and other texts."""
    found = pa.table(parts(_tidy(pa.array(list(texts), "string")), SHAPE)).to_pylist()
    words = [t for t, p in zip(texts, found, strict=True) if p["body"] is None]
    return [p for p in found if p["body"] is not None], words


def unmarked(texts: Collection[str]) -> list[str]:
    """Texts that do not stand for a missing number."""
    cells = pa.array(list(texts), "string")
    marks = pc.match_substring_regex(cells, MARK)
    return list(cells.filter(pc.invert(marks)).to_pylist())


def n_fitting(style: Numbers, bodies: Collection[str]) -> int:
    """How many of these are numbers in a style."""
    return sum(re.fullmatch(style.body, text) is not None for text in bodies)


def styles(bodies: Collection[str]) -> list[Numbers]:
    """The ways to write numbers by which all of these are some."""
    return [style for style in STYLES if n_fitting(style, bodies) == len(bodies)]


def is_mark_of_letters(text: str) -> bool:
    """Whether a text stands for a missing number, and is not made of signs alone."""
    return re.fullmatch(MARKED, text, re.IGNORECASE) is not None


def sentinels(values: Array) -> list[float]:
    """Whole numbers that are repeated, and far from all the others; such as 98, 99."""
    found, n = np.unique(values[~np.isnan(values)], return_counts=True)
    # several are next to one another, or as 77, 88, 99
    for size, down in product((4, 3, 2, 1), (False, True)) if len(found) > 2 else ():
        numbers, counts = (found[::-1], n[::-1]) if down else (found, n)
        codes, rest = numbers[:size], numbers[size:]
        steps = {*-np.diff(np.abs(codes))}
        nines = abs(codes[0]) >= 9 and {*f"{abs(codes[0]):.0f}"} == {"9"}
        if len(rest) < 2 or (codes % 1).any() or not codes.all():
            continue
        if size > 1 and not (nines and len(steps) == 1 and steps <= {1, 11, 111, 1111}):
            continue
        gap, spread = abs(codes[-1] - rest[0]), abs(rest[-1] - rest[0])
        least = 2 if nines and abs(codes[0]) > 99 else LEAST
        alone = not down and codes[-1] < 0 <= rest[0] and codes[0] <= -9
        far = gap > spread or (nines and gap > spread / 10) or alone
        # of few different values each comes as often
        clear = gap > (1 if nines else CLEAR) * spread
        often = len(rest) > 3 and counts[:size].min() >= 2 * np.median(n)
        if counts[:size].min() >= least and (clear or (often and far)):
            return sorted(codes.tolist())
    return []


def are_different(values: Array) -> bool:
    """Whether whole numbers are nearly all different, as labels are."""
    values = values[~np.isnan(values)]
    if len(values) < ROWS or (values % 1).any():
        return False
    return len(np.unique(values)) >= DIFFERENT * len(values)


def are_spaced(values: Array) -> bool:
    """Whether such numbers are about evenly spread, less those at the ends."""
    values = np.sort(values[~np.isnan(values)])
    values = values[len(values) // 50 : len(values) - len(values) // 50]
    even = np.linspace(values[0], values[-1], len(values))
    # of few rows chance alone makes gaps
    slack = EVEN + 1 / np.sqrt(len(values))
    return bool(np.abs(values - even).max() < slack * (values[-1] - values[0]))
