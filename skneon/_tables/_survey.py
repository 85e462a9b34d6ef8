# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The first pass over a table: the kinds of its columns, what they hold, a sample."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skneon._tables._guess import Guesses, Kind, Texts
from skneon._tables._numbers import MARK, Numbers
from skneon._tables._source import Columns, Source
from skneon._tables._times import Times
from skneon._tables._words import Doubt, Options, listed, pa, pc
from skneon.network.numerics._types import Array

# values told apart over all columns together, and at least in each; and those that
# are looked at for a guess
DISTINCT, LEAST_DISTINCT, SEEN = 1_000_000, 1000, 500
EXAMPLES, ROUNDS = 3, 6
POINT = re.compile(r"\d\.\d")
# a mark that stands before other than three digits, and any
TELLING = r"[.,](\d{0,2}|\d{4,})(\D|$)", r"\d[.,]\d{3}"
# rows at least by which columns are judged
JUDGED = 10_000
TOTAL = re.compile(r"(?i)(grand |sub)?totals?|sum|average|mean|gesamt|summe")


@dataclass
class Column:
    """What a column holds, read as some kind; words are texts of other kinds."""

    kind: Kind
    n_numbers: int = 0
    n_words: int = 0
    n_missing: int = 0
    minimum: float = np.inf
    maximum: float = -np.inf
    # rows of the minimum, and of what is infinite
    lowest: int | None = None
    infinite: int | None = None
    words: dict[str, int] = field(default_factory=dict)
    marks: Counter[str] = field(default_factory=Counter)
    # the first number that is written in some way, its row, and how many there are
    spelled: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    distinct: set[str] = field(default_factory=set)
    many: bool = False
    counts_rows: bool = True
    _last: float | None = None

    @property
    def n_values(self) -> int:
        """Number of values that are not missing."""
        return self.n_numbers + self.n_words

    def add(self, cells: Any, row: int, most: int) -> None:
        """Take note of a part, whose first row has this number."""
        texts = isinstance(self.kind, Texts)
        kind = self.kind.numbers if isinstance(self.kind, Texts) else self.kind
        values, words, doubted = kind.read(cells)
        self.n_missing += cells.null_count
        if texts and not self.many:
            self.distinct.update(cells.cast("string").drop_null().unique().to_pylist())
            self.many = len(self.distinct) > most
        for how, found in doubted if not texts else ():
            if len(found):
                text = found[0].as_py()
                first = text, row + pc.index(cells, text).as_py(), 0
                *place, n = self.spelled.get(how, first)
                self.spelled[how] = (*place, n + len(found))
        if words is not None and len(words):
            self._add_words(cells, words, row, EXAMPLES if texts else most)
        self._add_numbers(values, row)

    def _add_words(self, cells: Any, words: Any, row: int, most: int) -> None:
        if not isinstance(self.kind, Texts):
            marked = pc.match_substring_regex(words, MARK)
            for pair in words.filter(marked).value_counts().to_pylist():
                self.marks[pair["values"]] += pair["counts"]
                self.n_missing += pair["counts"]
            words = words.filter(pc.invert(marked))
        self.n_words += len(words)
        texts = cells.cast("string")
        for text in words.unique().to_pylist()[:most] if len(self.words) < most else ():
            if len(self.words) < most:
                self.words.setdefault(text, row + pc.index(texts, text).as_py())

    def _add_numbers(self, values: Array, row: int) -> None:
        is_number = ~np.isnan(values)
        numbers = values[is_number]
        self.counts_rows = self.counts_rows and bool(is_number.all())
        if not len(numbers):
            return
        self.n_numbers += len(numbers)
        if (low := float(numbers.min())) < self.minimum:
            self.minimum, self.lowest = low, int(row + np.nanargmin(values))
        self.maximum = max(self.maximum, float(numbers.max()))
        if self.infinite is None and np.isinf(values).any():
            self.infinite = int(row + np.isinf(values).argmax())
        if self.counts_rows:
            before = numbers[0] - 1 if self._last is None else self._last
            with np.errstate(invalid="ignore"):
                steps = np.diff(numbers, prepend=before)
            self.counts_rows = bool((steps == 1).all())
            self._last = float(numbers[-1])


def sampled(n_rows: int, size: int) -> Array:
    """Numbers of rows drawn at random, in order; smaller samples are parts of it."""
    if n_rows <= size:
        return np.arange(n_rows)
    keys = np.random.default_rng(0).random(n_rows)
    return np.sort(np.argpartition(keys, size)[:size])


def drawn(source: Source, names: Sequence[str], rows: Array) -> Columns:
    """The columns of some rows, whose numbers are in order."""
    tables, start = [], 0
    for n_rows, columns in source.parts(names):
        first, last = np.searchsorted(rows, [start, start + n_rows])
        table, whole = pa.table(columns), last - first == n_rows
        some = pa.array(rows[first:last] - start)
        tables.append(table if whole else table.take(some))
        start += n_rows
    table = pa.concat_tables(tables)
    pairs = zip(table.column_names, table.itercolumns(), strict=True)
    return {name: column.combine_chunks() for name, column in pairs}


@dataclass
class Survey:
    """What was found: the columns, the number of rows, and rows of a sample."""

    columns: dict[str, Column]
    n_rows: int
    rows: Array
    sample: Columns = field(default_factory=dict)
    # a sample to decide on columns by, whatever the size of the other
    judged: Columns = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def survey(
    source: Source, names: Sequence[str], options: Options, size: int, *ids: str
) -> Survey:
    """Read the table until all columns are of the kinds that they were taken for."""
    read = list(dict.fromkeys([*names, *ids]))
    guesses = Guesses(options, source.name)
    most = max(LEAST_DISTINCT, DISTINCT // len(names))
    _, first = next(source.parts(names), (0, {}))
    kinds = {name: _first_kind(name, cells, guesses) for name, cells in first.items()}
    for _ in range(ROUNDS):
        kinds |= guesses.guess()
        found = {name: Column(kinds.get(name, Numbers())) for name in names}
        n_rows, columns, again = 0, first, False
        for n_more, columns in source.parts(names):
            for name, column in found.items():
                column.add(columns[name], n_rows, most)
                late = n_rows and _saw_points(name, columns[name], column, guesses)
                again = again or bool(late)
            n_rows += n_more
        for name, column in found.items():
            if column.words and not isinstance(column.kind, Texts):
                guesses.saw(name, [*column.words][:SEEN], column.kind)
                again = True
        if not again:
            break
    result = Survey(found, n_rows, sampled(n_rows, size), odd=guesses.odd)
    if not n_rows:
        return result
    rows = sampled(n_rows, max(size, JUDGED))
    result.sample = result.judged = drawn(source, read, rows)
    if len(result.rows) < len(rows):
        places = pa.array(np.searchsorted(rows, result.rows))
        result.sample = {name: c.take(places) for name, c in result.judged.items()}
    if guesses.open:
        said = f"Numbers such as {next(iter(guesses.open.values()))} were read with a "
        said += f"decimal point: {listed(guesses.open)} (--thousands . if it marks "
        result.notes.append(Doubt(f"{said}them)."))
    texts = [column for column in columns.values() if pa.types.is_string(column.type)]
    for column in texts:
        last = str(column[-1])
        if (
            TOTAL.fullmatch(last.strip(" :*"))
            and pc.sum(pc.equal(column, last)).as_py() == 1
        ):
            said = f"The last row, of {last!r}, may be a sum of the others: delete it."
            result.notes.append(Doubt(said))
    return result


def _telling(cells: Any) -> list[str]:
    """Some of the texts, among them those that tell how numbers are written."""
    texts = cells.drop_null().unique()
    if len(texts) > SEEN:
        some = [texts.filter(pc.match_substring_regex(texts, how)) for how in TELLING]
        texts = pa.concat_arrays([found[:SEEN] for found in (*some, texts)]).unique()
    return list(texts.to_pylist())


def _saw_points(name: str, cells: Any, column: Column, guesses: Guesses) -> bool:
    """Take note of the first points of a column, where they come late."""
    known = [*guesses.seen.get(name, {}), *guesses.points.get(name, [])]
    plain = isinstance(column.kind, Numbers) and column.kind.thousands == ""
    if not plain or not pa.types.is_string(cells.type) or any(map(POINT.search, known)):
        return False
    if found := pc.any(pc.match_substring_regex(cells, POINT.pattern)).as_py():
        guesses.saw(name, _telling(cells))
    return bool(found)


def _first_kind(name: str, cells: Any, guesses: Guesses) -> Kind:
    """The kind of a column by its type, or a first one where that tells nothing."""
    if name in guesses.options.categories:
        return Texts()
    if pa.types.is_timestamp(cells.type):
        return Times()
    if pa.types.is_duration(cells.type):
        return Times("H:M:S")
    if pa.types.is_string(cells.type):
        texts = _telling(cells)
        try:
            cells.cast("float64")
            odd = pc.any(pc.match_substring_regex(cells, r"^0\d+$")).as_py()
        except pa.ArrowInvalid:
            odd = True
        if odd:
            guesses.saw(name, texts)
        elif pc.any(pc.match_substring(cells, ".")).as_py():
            guesses.points[name] = [text.lstrip("+-") for text in texts]
    return Numbers()
