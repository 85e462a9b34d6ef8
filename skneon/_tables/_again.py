# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A further table by the plan of another: its columns are never guessed again."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from skneon._tables._guess import Kind, Texts
from skneon._tables._notes import column_notes, missing_notes
from skneon._tables._numbers import Numbers, written
from skneon._tables._plan import Plan
from skneon._tables._source import Columns, Source
from skneon._tables._survey import EXAMPLES, Column, Survey, drawn, sampled
from skneon._tables._times import Times
from skneon._tables._words import Doubt, TableError, listed, pa, pc
from skneon._validation import LARGEST_VALUE
from skneon.explanation._text import count

# faults that are told, and new columns that are compared to those that lack
TOLD, NEW = 10, 1000


@dataclass(frozen=True)
class Known:
    """What was known of a table: columns, categories, texts for missing values."""

    name: str
    plan: Plan
    columns: Sequence[str]
    categories: Mapping[str, Collection[str]]
    missing: tuple[str, ...] = ()


@dataclass
class Again(Source):
    """A table whose columns are to be read by these kinds."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    # what is wrong with it at first sight
    wrong: Sequence[str] = ()

    def parts(self, names: Sequence[str]) -> Iterator[tuple[int, Columns]]:
        """The same; a column without any value fits every kind."""
        for n_rows, columns in super().parts(names):
            used = {name: kind for name, kind in self.kinds.items() if name in columns}
            for name in used:
                if columns[name].null_count == n_rows:
                    columns[name] = pa.nulls(n_rows, "string")
            told = {n: _changed(kind, columns[n].type) for n, kind in used.items()}
            if wrong := [f"{name!r} has {what}" for name, what in told.items() if what]:
                raise TableError(_refusal(self.name, [*self.wrong, *wrong]))
            yield n_rows, columns


def read_again(
    source: Source, known: Known, size: int, strict: bool = False
) -> tuple[Source, Survey]:
    """Read a table by the plan of another; what does not fit is refused by name.

    The notes of the survey say what is new.
    """
    plan, there = known.plan, {*source.columns}
    kinds = {name: kind for name, kind in plan.kinds.items() if name in there}
    lacking = [column for column in plan.columns if column not in there]
    earlier = {*known.columns}
    new = [column for column in source.columns if column not in earlier]
    wrong = [f"it lacks {listed(_lacking(lacking, new))}"] * bool(lacking)
    wrong += [f"{n!r} has {why}" for n, why in source.unusable.items() if n in kinds]
    told = {f.name: getattr(source, f.name) for f in fields(Source)}
    source = Again(**told, kinds=kinds, wrong=wrong)
    source.missing = (*known.missing, *source.missing)
    found = {name: Column(kind) for name, kind in kinds.items()}
    strange, n_rows = _Strange(known.categories, there), 0
    for n_more, columns in source.parts(list(kinds)):
        for name, column in found.items():
            column.add(columns[name], n_rows, EXAMPLES)
        strange.add(columns, n_rows)
        n_rows += n_more
    wrong += filter(
        None, (_wrong(n, c, strange, n in plan.log) for n, c in found.items())
    )
    if wrong:
        raise TableError(_refusal(source.name, wrong))
    if not n_rows:
        raise TableError(f"{source.name} has a header line but no rows.")
    notes = [*source.notes, *_notes(found, known, there), *strange.notes()]
    doubted = [note for note in notes if isinstance(note, Doubt)]
    if strict and doubted:
        raise TableError(f"--strict: {' '.join(doubted)}")
    rows = sampled(n_rows, size)
    sample = drawn(source, plan.columns, rows)
    return source, Survey(found, n_rows, rows, sample, sample, notes=notes)


def _notes(
    found: Mapping[str, Column], known: Known, there: Collection[str]
) -> Iterator[str]:
    """What to say of columns, but for how their kinds are read."""
    if new := sorted(set(there).difference(known.columns)):
        yield f"Not in {known.name}, and left out: {listed(new)}."
    for name, column in found.items():
        said = column.kind.notes(name)
        yield from (note for note in column_notes(name, column) if note not in said)
    yield from missing_notes(found, known.plan.kinds)


class _Strange:
    """Categories that a model does not know: how many cells, and the first."""

    def __init__(
        self, categories: Mapping[str, Collection[str]], there: Collection[str]
    ) -> None:
        found = {name: list(c) for name, c in categories.items() if name in there}
        self.known = {name: pa.array(texts, "string") for name, texts in found.items()}
        self.found: dict[str, tuple[int, str, int]] = {}

    def add(self, columns: Columns, row: int) -> None:
        """Take note of a part, whose first row has this number."""
        for name, known in self.known.items():
            texts = columns[name].cast("string")
            new = pc.and_(pc.is_valid(texts), pc.invert(pc.is_in(texts, known)))
            if n := pc.sum(new).as_py() or 0:
                place = pc.index(new, True).as_py()
                first = 0, texts[place].as_py(), row + place
                before, *example = self.found.get(name, first)
                self.found[name] = (before + n, *example)

    def notes(self) -> Iterator[str]:
        """What to say of them."""
        for name, (n, text, row) in self.found.items():
            yield Doubt(
                f"Not among the categories of the model, taken for a rare one: {name}, "
                f"{count(n, 'value')}, first {text[:30]!r} in row {row}."
            )


def _changed(kind: Kind, found: Any) -> str:
    """What a column of this type holds, where a kind does not read that."""
    types = pa.types
    if types.is_string(found):
        return ""
    what = "dates" if types.is_timestamp(found) else "numbers"
    what = "durations" if types.is_duration(found) else what
    own = "numbers" if not isinstance(kind, Times) else f"{kind.kind}s"
    return "" if what == own else f"{what}, and had {_of(kind)}"


def _of(kind: Kind) -> str:
    return "categories" if isinstance(kind, Texts) else f"{kind.kind}s"


def _wrong(name: str, column: Column, strange: _Strange, is_logged: bool) -> str:
    """What a column holds that does not fit the model; "" where there is nothing."""
    kind = column.kind
    if isinstance(kind, Texts):
        n_new = strange.found.get(name, (0,))[0]
        numbers = n_new == column.n_numbers == column.n_values > 0
        known = strange.known[name].to_pylist()
        changed = numbers and not written(known)[0] and kind.numbers == Numbers()
        return f"{name!r} has numbers, and had categories" * changed
    if column.words:
        words = [f"{text[:30]!r} in row {row}" for text, row in column.words.items()]
        n, some = count(column.n_words, "value"), ", ".join(words)
        return f"{name!r} had {_of(kind)}, and has {n} that are none: {some}"
    if column.infinite is not None:
        return f"{name!r} is infinite in row {column.infinite}"
    if max(-column.minimum, column.maximum) > LARGEST_VALUE:
        return f"{name!r} has values beyond 1e140"
    if is_logged and column.minimum <= 0:
        return (
            f"{name!r} is on a log scale, and goes down to {column.minimum:g} in row "
            f"{column.lowest}, which has no logarithm (fit with --log none)"
        )
    return ""


def _lacking(names: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Columns that lack, the first ones with the new column that each may be."""
    alike = {column.casefold().strip(): column for column in new}
    for i, name in enumerate(names):
        told = i < TOLD
        spelled = name.casefold().strip()
        near = get_close_matches(spelled, [*alike][:NEW], 1) if told else []
        yield repr(name) + "".join(f" (is it {alike[column]!r}?)" for column in near)


def _refusal(name: str, wrong: Sequence[str]) -> str:
    said = "; ".join(wrong[:TOLD])
    said += f"; and {len(wrong) - TOLD} more" * (len(wrong) > TOLD)
    said += " (rows count from 0)" * (" in row " in said)
    return (
        f"{name} does not fit the model: {said}. Fix the table (--missing names texts "
        "for missing values), or fit the model again."
    )
