# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The kinds of columns, by texts that were seen in them."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from skneon._tables._kinds._missing import MARK
from skneon._tables._kinds._numbers import (
    STYLES,
    Numbers,
    marks_of,
    n_fitting,
    shapes,
    styles,
)
from skneon._tables._kinds._texts import Texts
from skneon._tables._kinds._times import Dates, Durations, most_times, times_of
from skneon._tables._libraries import pa, pc
from skneon._tables._options import Options
from skneon._tables._words import TableError, listed

Kind = Numbers | Dates | Durations | Texts
# so many different texts are no categories
FEW = 20
# so many numbers of either decimal sign are no accident
CLEAR = 3
# a unit of so many is that of the column
MOST = 0.9
GROUPED = r"[1-9]\d{0,2}(?:%s\d{3})+"
ZEROS = re.compile(r"0\d+")


class Guesses:
    """What texts tell of the columns that hold them; the name is for messages."""

    def __init__(self, options: Options, name: str) -> None:
        self.options, self.name = options, name
        self.seen: dict[str, dict[str, None]] = {}
        # numbers with points in columns that are read without a guess
        self.points: dict[str, list[str]] = {}
        # columns whose decimal sign is another than that of the table
        self.odd: dict[str, str] = {}
        self._failed: dict[str, set[Kind]] = {}

    def saw(
        self, name: str, texts: Collection[str], failed: Kind | None = None
    ) -> None:
        """Take note of texts in a column, which some kind failed to read."""
        self.seen.setdefault(name, {}).update(dict.fromkeys(texts))
        if failed:
            self._failed.setdefault(name, set()).add(failed)

    def guess(self) -> dict[str, Kind]:
        """The kinds of all columns of which texts were seen."""
        bodies = {}
        for name, texts in self.seen.items():
            numbers, words = shapes(_unmarked(texts))
            if numbers and not words and name not in self.options.categories:
                bodies[name] = [m["body"] + (m["power"] or "") for m in numbers]
        decimal = self.options.decimal or self._decimal(bodies)
        kinds = {n: self._kind(n, list(t), decimal) for n, t in self.seen.items()}
        if decimal == ",":
            points = self.points.items()
            kinds |= {n: self._kind(n, t, decimal) for n, t in points if n not in kinds}
        # what failed once would fail again
        again = {n for n, kind in kinds.items() if kind in self._failed.get(n, ())}
        failed = {n: kinds[n] for n in again}
        as_texts = {
            n: Texts(numbers=Numbers(decimal) if isinstance(k, Texts) else k)
            for n, k in failed.items()
        }
        return kinds | as_texts

    def _decimal(self, bodies: Mapping[str, Collection[str]]) -> str:
        """The decimal sign that the numbers of all columns agree on."""
        examples: dict[str, list[str]] = {}
        open_ = []
        known = bodies if not any("," in t for b in bodies.values() for t in b) else {
            **bodies, **self.points
        }  # fmt: skip
        for texts in known.values():
            marked = [text for text in texts if "," in text or "." in text]
            signs = {style.decimal for style in styles(texts)}
            if marked and len(signs) == 1:
                examples.setdefault(signs.pop(), []).extend(marked)
            elif marked and len(signs) == 2:
                open_.append((marked, texts))
        by_number = sorted(examples, key=lambda sign: -len(examples[sign]))
        if len(examples) == 2 and min(map(len, examples.values())) < CLEAR:
            comma, point = examples[","][0], examples["."][0]
            raise TableError(
                f"{self.name} has numbers with commas ({comma}) and with points "
                f"({point}): say which is the decimal sign, as in --decimal ,"
            )
        for marked, texts in open_ if not examples else []:
            if "," in marked[0] and not _is_grouped(texts, ","):
                raise TableError(
                    f"{self.name} has numbers such as {marked[0]}: if that is a "
                    "decimal comma, say --decimal , and if it marks thousands, say "
                    "--thousands ,"
                )
        for texts in self.points.values() if not bodies and not examples else []:
            if _is_grouped(texts, ".") and not self._has_point():
                marked = [text for text in texts if "." in text]
                raise TableError(
                    f"{self.name} has numbers such as {marked[0]} beside others "
                    "without a point: if it marks thousands, say --thousands . and "
                    "--decimal , and if it is a decimal point, say --decimal ."
                )
        return next(iter(by_number), ".")

    def _has_point(self) -> bool:
        """Whether any point is one of decimals beyond doubt."""
        texts = (text for cells in self.points.values() for text in cells)
        return any("." in t and not re.fullmatch(GROUPED % r"\.", t) for t in texts)

    def _kind(self, name: str, texts: list[str], decimal: str) -> Kind:
        if name in self.options.categories:
            return Texts()
        texts = _unmarked(texts)
        numbers, words = shapes(texts)
        if not texts:
            return Numbers(decimal)
        if not words and any(ZEROS.fullmatch(text) for text in texts):
            return Texts("for they have leading zeros")
        if not words:
            prefixes, suffixes = marks_of(numbers)
            several = len(suffixes) > 1 or len(prefixes - {""}) > 1
            bodies = [m["body"] + (m["power"] or "") for m in numbers]
            found = None if several else self._style(name, bodies, decimal)
            if found:
                prefix = max(prefixes)
                return Numbers(found.decimal, found.thousands, prefix, suffixes.pop())
        time, why = times_of(texts)
        if time or why:
            return time or Texts(aside=why)
        most, n_most = _most(numbers, texts)
        if not words and several and len(texts) > FEW and n_most < MOST * len(texts):
            # a cell may have no unit, where others have one
            units = [unit or "none" for unit in sorted(suffixes)]
            units += sorted(prefixes - {""})
            return Texts(aside=f"numbers with several units ({listed(units, 5)})")
        # without words, a few have another unit
        odd = words or (several and n_most >= MOST * len(texts))
        time = most_times(texts)
        plain = replace(most, prefix="", suffix="")
        return Texts(numbers=time or (most if odd else plain))

    def _style(self, name: str, texts: list[str], decimal: str) -> Numbers | None:
        """How the digits of the numbers of a column are written."""
        mark = self.options.thousands
        every = styles(texts)
        fits = [style for style in every if style.decimal == decimal]
        if every and not fits and not self.options.decimal:
            # beyond doubt by itself
            fits, self.odd[name] = every, every[0].decimal
        named = [style for style in fits if style.thousands == mark]
        plain = [style for style in fits if not style.thousands]
        commas = self.options.decimal == decimal == "," and plain and mark != ","
        if commas and _is_grouped(texts, ","):
            raise TableError(
                f"Column {name!r} has numbers with a comma before three digits beside "
                "smaller ones without, as if it marks thousands: say --thousands , or "
                "leave the column out by --drop."
            )
        return next(iter(named + plain + fits), None)


def _most(numbers: list[re.Match[str]], texts: list[str]) -> tuple[Numbers, int]:
    """How numbers among texts are written, with marks of at least half; how many."""
    bodies = [match["body"] for match in numbers]
    style = max(STYLES, key=lambda style: n_fitting(style, bodies))
    marks = Counter((m["prefix"], (m["suffix"] or "").strip()) for m in numbers)
    (prefix, suffix), n = marks.most_common(1)[0] if marks else (("", ""), 0)
    if 2 * n < len(texts):
        return style, n
    return replace(style, prefix=prefix, suffix=suffix), n


def _unmarked(texts: Collection[str]) -> list[str]:
    """Texts that do not stand for a missing number."""
    cells = pa.array(list(texts), "string")
    return list(
        cells.filter(pc.invert(pc.match_substring_regex(cells, MARK))).to_pylist()
    )


def _is_grouped(texts: Collection[str], mark: str) -> bool:
    """Whether a mark stands before three digits each, and small numbers have none."""
    marked = [text for text in texts if mark in text]
    others = [text for text in texts if mark not in text]
    pattern = GROUPED % re.escape(mark)
    many = len(marked) > 1 or any(text.count(mark) > 1 for text in marked)
    small = others and all(re.fullmatch(r"\d{1,3}", text) for text in others)
    return bool(many and small and all(re.fullmatch(pattern, text) for text in marked))
