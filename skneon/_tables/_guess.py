# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The kinds of columns, by texts that were seen in them."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skneon._tables._numbers import (
    EXACT,
    LARGE,
    STYLES,
    WHOLE,
    Numbers,
    Reading,
    floats,
    is_mark_of_letters,
    n_fitting,
    styles,
    unmarked,
    written,
)
from skneon._tables._times import Times, times_of
from skneon._tables._words import Options, TableError, listed

# so many different texts are no categories; so many numbers of either decimal sign are
# no accident; a unit of so many is that of the column
FEW, CLEAR, MOST = 20, 3, 0.9
GROUPED = r"[1-9]\d{0,2}(?:%s\d{3})+"
# a point that marks no thousands
DECIMAL = re.compile(r"\d*\.(?:\d{0,2}|\d{4,})|(?:\d{4,}|0*)\.\d+")


@dataclass(frozen=True)
class Texts:
    """Texts: why they are labels or of no use, and what numbers or dates are among."""

    why: str = ""
    aside: str = ""
    numbers: Numbers | Times = field(default_factory=Numbers)
    kind = "category"

    def read(self, cells: Any) -> Reading:
        """The texts, NaN where there is none; none fails."""
        texts = np.asarray(floats(cells.cast("string")), object)
        return Reading(np.where(floats(cells.is_null()), np.nan, texts))

    def shown(self, values: Any) -> Any:
        """The texts as they are."""
        return values

    def notes(self, name: str) -> list[str]:
        """Why numbers are labels, or kept."""
        why = self.why or (self.aside and f"categories, though they are {self.aside}")
        return [f"Taken as {why}: {name}."] if why else []


Kind = Numbers | Times | Texts


class Guesses:
    """What texts tell of the columns that hold them; the name is for messages."""

    def __init__(self, options: Options, name: str) -> None:
        self.options, self.name = options, name
        self.seen: dict[str, dict[str, None]] = {}
        # numbers with points in columns that are read without a guess
        self.points: dict[str, list[str]] = {}
        # such columns, and others, whose points may mark thousands
        self.open: dict[str, str] = {}
        # columns whose decimal sign is another than that of the table
        self.odd: dict[str, str] = {}
        self._failed: dict[str, set[Kind]] = {}

    def saw(self, name: str, texts: Collection[str], *failed: Kind) -> None:
        """Take note of texts in a column, which some kind failed to read."""
        self.seen.setdefault(name, {}).update(dict.fromkeys(texts))
        self._failed.setdefault(name, set()).update(failed)

    def guess(self) -> dict[str, Kind]:
        """The kinds of all columns of which texts were seen."""
        parts = {name: written(unmarked(texts)) for name, texts in self.seen.items()}
        bodies = {
            name: [number["body"] for number in numbers]
            for name, (numbers, words) in parts.items()
            if numbers and not words and name not in self.options.categories
        }
        given, mark = self.options.decimal, self.options.thousands or ""
        if given and given == mark:
            raise TableError(f"--decimal {given} and --thousands {mark} are the same.")
        # what marks thousands marks no decimals
        decimal = given or {",": ".", ".": ","}.get(mark) or self._decimal(bodies)
        seen = self.points | self.seen if decimal == "," else self.seen
        kinds = {name: self._kind(name, list(t), decimal) for name, t in seen.items()}
        # what failed once would fail again
        for name, kind in kinds.items():
            if kind in self._failed.get(name, ()):
                plain = Numbers(decimal) if isinstance(kind, Texts) else kind
                kinds[name] = Texts(numbers=plain)
        return kinds

    def _decimal(self, bodies: Mapping[str, Collection[str]]) -> str:
        """The decimal sign that the numbers of all columns agree on."""
        examples: dict[str, list[str]] = {}
        open_ = {}
        for name in dict.fromkeys([*bodies, *self.points]):
            texts = [*self.points.get(name, ()), *bodies.get(name, ())]
            marked = [text for text in texts if "," in text or "." in text]
            # of very many columns, too
            plain = name not in bodies and any(map(DECIMAL.fullmatch, marked))
            signs = {"."} if plain else {style.decimal for style in styles(texts)}
            if marked and len(signs) == 1:
                examples.setdefault(signs.pop(), []).extend(marked[:CLEAR])
            elif marked and len(signs) == 2:
                open_[name] = marked[0], texts
        if len(examples) == 2 and min(map(len, examples.values())) < CLEAR:
            raise TableError(
                f"{self.name} has numbers with commas ({examples[','][0]}) and with "
                f"points ({examples['.'][0]}): say which is the decimal sign, as in "
                "--decimal ,"
            )
        self.open = {}
        for name, (first, texts) in open_.items():
            small = "." in first and _is_grouped(texts, ".", 1)
            lone = "," in first and not _is_grouped(texts, ",")
            if (small or lone) and not examples:
                sign, mark = ("point", ".") if small else ("comma", ",")
                beside = " beside others without a point" if small else ""
                raise TableError(
                    f"{self.name} has numbers such as {first}{beside}: if that is a "
                    f"decimal {sign}, say --decimal {mark} and if it marks thousands, "
                    f"say --thousands {mark}"
                )
            if "." in first and (small or not examples) and "," not in examples:
                self.open[name] = first
        return max(examples, key=lambda sign: len(examples[sign]), default=".")

    def _kind(self, name: str, given: list[str], decimal: str) -> Kind:
        texts = unmarked(given)
        if name in self.options.categories:
            return Texts()
        if not texts:
            # signs that differ are what the column holds
            signs = [text for text in given if not is_mark_of_letters(text)]
            why = "categories, for all are signs (--missing, if they are gaps)"
            return Texts(why) if len(signs) > 1 else Numbers(decimal)
        numbers, words = written(texts)
        prefixes, suffixes = (
            {n[part] for n in numbers} for part in ("prefix", "suffix")
        )
        # "years" is "year"
        suffixes -= {f"{suffix}s" for suffix in suffixes if suffix}
        several = len(suffixes) > 1 or len(prefixes - {""}) > 1
        if not words:
            if any(re.fullmatch(r"0\d+", text) for text in texts):
                return Texts("labels, for they have leading zeros")
            found = self._style(name, [n["body"] for n in numbers], decimal)
            if found and not several:
                base: int | None = 0
                large = [text for text in texts if re.search(LARGE, text)]
                if any(abs(int(text)) >= EXACT for text in large):
                    whole = all(re.search(WHOLE, text) for text in texts)
                    base = int(large[0]) if whole else None
                prefix, suffix = max(prefixes), suffixes.pop()
                return replace(found, prefix=prefix, suffix=suffix, base=base)
        time, n_failed, why = times_of(texts)
        if time and not n_failed:
            return time
        if why:
            return Texts(aside=why)
        most, n_most = _most(numbers, texts)
        rare = several and n_most >= MOST * len(texts)
        if not words and several and len(texts) > FEW and not rare:
            # a cell may have no unit, where others have one
            units = [unit or "none" for unit in sorted(suffixes)]
            units += sorted(prefixes - {""})
            return Texts(aside=f"numbers with several units ({listed(units, 5)})")
        # without words, a few have another unit
        plain = most if words or rare else replace(most, prefix="", suffix="")
        return Texts(numbers=time or plain)

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
                "smaller ones without, as if it marks thousands: say --thousands , in "
                "the place of --decimal , or leave the column out by --drop."
            )
        return next(iter(named + plain + fits), None)


def _most(numbers: list[dict[str, str]], texts: list[str]) -> tuple[Numbers, int]:
    """How numbers among texts are written, with marks of at least half; how many."""
    bodies = [number["body"] for number in numbers]
    style = max(STYLES, key=lambda style: n_fitting(style, bodies))
    marks = Counter((number["prefix"], number["suffix"]) for number in numbers)
    [((prefix, suffix), n)] = marks.most_common(1) or [(("", ""), 0)]
    often = 2 * n >= len(texts)
    return replace(style, prefix=prefix, suffix=suffix) if often else style, n


def _is_grouped(texts: Collection[str], mark: str, least: int = 2) -> bool:
    """Whether a mark stands before three digits each, and small numbers have none."""
    marked = [text for text in texts if mark in text]
    others = [text for text in texts if mark not in text]
    pattern = GROUPED % re.escape(mark)
    many = len(marked) >= least or any(text.count(mark) > 1 for text in marked)
    small = others and all(re.fullmatch(r"\d{1,3}", text) for text in others)
    return bool(many and small and all(re.fullmatch(pattern, text) for text in marked))
