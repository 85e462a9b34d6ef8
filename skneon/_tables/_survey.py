# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The first pass over a table: the kinds of its columns, what they hold, a sample."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skneon._tables._kinds._guess import Guesses, Kind
from skneon._tables._kinds._missing import MARK
from skneon._tables._kinds._numbers import EXACT, WHOLE, Numbers
from skneon._tables._kinds._texts import Texts
from skneon._tables._kinds._times import Dates, Durations
from skneon._tables._libraries import pa, pc
from skneon._tables._options import Options
from skneon._tables._source import Columns, Source
from skneon.network.numerics._types import Array

# values told apart over all columns together, and at least in each; and those that
# are looked at for a guess
DISTINCT, LEAST_DISTINCT, SEEN = 1_000_000, 1000, 500
EXAMPLES, ROUNDS = 3, 6
# rows at least by which columns are judged
JUDGED = 10_000


@dataclass
class Spelled:
    """How many numbers are written in some way, and the first of them."""

    first: str
    row: int
    number: int = 0


@dataclass
class Column:
    """What a column holds, read as some kind; words are texts of other kinds."""

    kind: Kind
    n_numbers: int = 0
    n_words: int = 0
    n_missing: int = 0
    minimum: float = np.inf
    maximum: float = -np.inf
    infinite: int | None = None
    words: dict[str, int] = field(default_factory=dict)
    marks: Counter[str] = field(default_factory=Counter)
    spelled: dict[str, Spelled] = field(default_factory=dict)
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
        self.n_missing += cells.null_count
        if isinstance(self.kind, Texts):
            values, words = self.kind.numbers.read(cells)
            self._add_texts(cells, most)
        else:
            values, words = self.kind.read(cells)
        if words is not None and isinstance(self.kind, Numbers) and not self.kind.base:
            self._add_spelled(self.kind.spellings(cells), cells, row)
        if words is not None and len(words):
            self._add_words(cells, words, row, most)
        is_number = ~np.isnan(values)
        if is_number.any():
            self._add_numbers(values[is_number], row + is_number.argmax(), values)
        self.counts_rows = self.counts_rows and bool(is_number.all())

    def _add_words(self, cells: Any, words: Any, row: int, most: int) -> None:
        if not isinstance(self.kind, Texts):
            marked = pc.match_substring_regex(words, MARK)
            for pair in words.filter(marked).value_counts().to_pylist():
                self.marks[pair["values"]] += pair["counts"]
                self.n_missing += pair["counts"]
            words = words.filter(pc.invert(marked))
        self.n_words += len(words)
        if len(self.words) < EXAMPLES or not isinstance(self.kind, Texts):
            for text in words.unique().to_pylist()[:most]:
                self.words.setdefault(text, row + pc.index(cells, text).as_py())
                if isinstance(self.kind, Texts) and len(self.words) >= EXAMPLES:
                    break

    def _add_spelled(
        self, spellings: Iterable[tuple[str, Any]], cells: Any, row: int
    ) -> None:
        for how, found in spellings:
            if len(found):
                first = found[0].as_py()
                place = row + pc.index(cells, first).as_py()
                self.spelled.setdefault(how, Spelled(first, place)).number += len(found)

    def _add_texts(self, cells: Any, most: int) -> None:
        if not self.many:
            self.distinct.update(cells.cast("string").drop_null().unique().to_pylist())
            self.many = len(self.distinct) > most

    def _add_numbers(self, numbers: Array, row: int, values: Array) -> None:
        self.n_numbers += len(numbers)
        self.minimum = min(self.minimum, float(numbers.min()))
        self.maximum = max(self.maximum, float(numbers.max()))
        if self.infinite is None and np.isinf([self.minimum, self.maximum]).any():
            infinite = np.isinf(values)
            first = row - (~np.isnan(values)).argmax()
            self.infinite = int(first + infinite.argmax()) if infinite.any() else None
        if self.counts_rows:
            before = numbers[0] - 1 if self._last is None else self._last
            with np.errstate(invalid="ignore"):
                steps = np.diff(numbers, prepend=before)
            self.counts_rows = bool((steps == 1).all())
            self._last = float(numbers[-1])


class Sample:
    """Rows drawn at random without replacement, whatever the parts they come in."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._rng = np.random.default_rng(0)
        self._tables: list[Any] = []
        self._keys: list[Array] = []
        self._rows: list[Array] = []
        self._limit, self.n_rows = 1.0, 0

    def add(self, n_rows: int, columns: Columns) -> None:
        """Draw from a part of the rows."""
        keys = self._rng.random(n_rows)
        drawn = np.flatnonzero(keys < self._limit)
        if len(drawn):
            table = pa.table(columns)
            whole = len(drawn) == n_rows
            self._tables.append(table if whole else table.take(pa.array(drawn)))
            self._keys.append(keys[drawn])
            self._rows.append(self.n_rows + drawn)
        self.n_rows += n_rows
        if sum(map(len, self._keys)) > 2 * self.size:
            self.rows()

    def rows(self) -> tuple[Array, Columns]:
        """Numbers of the rows, in the order of the table, and their columns."""
        table, keys = pa.concat_tables(self._tables), np.concatenate(self._keys)
        rows = np.concatenate(self._rows)
        if len(keys) > self.size:
            least = np.sort(np.argpartition(keys, self.size)[: self.size])
            table, keys, rows = table.take(pa.array(least)), keys[least], rows[least]
            self._limit = keys.max()
        table = table.combine_chunks()
        self._tables, self._keys, self._rows = [table], [keys], [rows]
        names, columns = table.column_names, table.columns
        return rows, {n: c.chunk(0) for n, c in zip(names, columns, strict=True)}


def sampled(n_rows: int, size: int) -> Array:
    """Numbers of the rows that a `Sample` of this size draws."""
    if n_rows <= size:
        return np.arange(n_rows)
    keys = np.random.default_rng(0).random(n_rows)
    return np.sort(np.argpartition(keys, size)[:size])


@dataclass
class Survey:
    """What was found: the columns, the number of rows, and rows of a sample.

    ``judged`` is a sample to decide on columns by, whatever the size of the other.
    """

    columns: dict[str, Column]
    n_rows: int
    rows: Array
    sample: Columns
    judged: Columns
    odd: dict[str, str] = field(default_factory=dict)

    @property
    def n_judged(self) -> int:
        """Number of rows to decide by."""
        return len(next(iter(self.judged.values()), ()))


def survey(
    source: Source,
    names: Sequence[str],
    options: Options,
    size: int,
    ids: Sequence[str],
) -> Survey:
    """Read the table until all columns are of the kinds that they were taken for."""
    read = list(dict.fromkeys([*names, *ids]))
    guesses = Guesses(options, source.name)
    most = max(LEAST_DISTINCT, DISTINCT // len(names))
    kinds: dict[str, Kind] = {name: Numbers() for name in names}
    for _, columns in source.parts(names):
        for name in names:
            kinds[name] = _first_kind(name, columns[name], guesses)
        break
    for _ in range(ROUNDS):
        based = {n for n, k in kinds.items() if isinstance(k, Numbers) and k.base}
        kinds |= {n: k for n, k in guesses.guess().items() if n not in based}
        found = {name: Column(kinds[name]) for name in names}
        sample = Sample(max(size, JUDGED))
        for n_rows, columns in source.parts(read):
            for name, column in found.items():
                column.add(columns[name], sample.n_rows, most)
            sample.add(n_rows, columns)
        strange = {
            name: column
            for name, column in found.items()
            if column.words and not isinstance(column.kind, Texts)
        }
        if not strange and not _beyond(found, source, kinds):
            break
        for name, column in strange.items():
            guesses.saw(name, [*column.words][:SEEN], column.kind)
    rows, judged = sample.rows() if sample.n_rows else (np.empty(0, int), {})
    columns = judged
    if len(rows) > size:
        # those of the least keys, as if no more had been drawn
        sample.size = size
        rows, columns = sample.rows()
    return Survey(found, sample.n_rows, rows, columns, judged, guesses.odd)


def _beyond(found: dict[str, Column], source: Source, kinds: dict[str, Kind]) -> bool:
    """Whether whole numbers beyond 2^53 are to be read again, without rounding."""
    bases: dict[str, int] = {
        name: 0
        for name, column in found.items()
        if isinstance(column.kind, Numbers)
        and column.kind == Numbers(column.kind.decimal)
        and EXACT < max(-column.minimum, column.maximum) < np.inf
    }
    for _, columns in source.parts(list(bases)) if bases else []:
        for name in list(bases):
            texts = columns[name].cast("string").drop_null()
            is_whole = pc.match_substring_regex(texts, WHOLE)
            is_mark = pc.match_substring_regex(texts, MARK)
            if not pc.all(pc.or_(is_whole, is_mark)).as_py():
                del bases[name]
            elif not bases[name]:
                whole = texts.filter(is_whole)
                bases[name] = int(whole[0].as_py()) if len(whole) else 0
    for name, base in bases.items():
        kinds[name] = Numbers(base=base)
    return bool(bases)


def _first_kind(name: str, cells: Any, guesses: Guesses) -> Kind:
    """The kind of a column by its type, or a first one where that tells nothing."""
    if name in guesses.options.categories:
        return Texts()
    if pa.types.is_timestamp(cells.type):
        return Dates()
    if pa.types.is_duration(cells.type):
        return Durations()
    if not pa.types.is_string(cells.type):
        return Numbers()
    try:
        cells.cast("float64")
    except pa.ArrowInvalid:
        guesses.saw(name, cells.drop_null().unique()[:SEEN].to_pylist())
        return Numbers()
    points = cells.filter(pc.match_substring(cells, "."))
    if len(points):
        plain = cells.drop_null().unique()[:SEEN].to_pylist()
        guesses.points[name] = plain
    zeros = pc.match_substring_regex(cells, r"^0\d+$")
    if pc.any(zeros).as_py():
        guesses.saw(name, cells.drop_null().unique()[:SEEN].to_pylist())
    return Numbers()
