# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which columns are features, of which kind, and why others are not."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skneon._tables._kinds._guess import FEW, Kind
from skneon._tables._kinds._labels import are_different, is_label_name
from skneon._tables._kinds._numbers import Numbers
from skneon._tables._kinds._texts import Texts
from skneon._tables._libraries import pd
from skneon._tables._notes import column_notes, doubts, missing_notes
from skneon._tables._options import Options
from skneon._tables._skew import skewed
from skneon._tables._source import Columns, Source
from skneon._tables._survey import Column, Survey, survey
from skneon._tables._words import Doubt, TableError, count, listed
from skneon._validation import LARGEST_VALUE
from skneon.explanation._explanation import Explanation
from skneon.network.numerics._types import Array

# categories of a column: those rarer, or beyond so many, are one
MIN_FREQUENCY, MAX_CATEGORIES = 0.01, 20
# rows from which on a column that counts them is taken for their number
COUNTED = 10
# columns up to which a ColumnTransformer takes them by name
NAMED = 1000
SAME, NUMBER = "the same value in every row", "the number of the row"
TEXT, LABELS = "free text or labels, most of them different", "numbers that label rows"
RARE = "no category is frequent enough"


@dataclass(frozen=True)
class Plan:
    """The features of a table: how they are read, and prepared for models.

    ``log`` names columns to take the logarithm of, ``aside`` says why others are no
    features, and ``id`` labels the rows.
    """

    kinds: dict[str, Kind]
    log: tuple[str, ...]
    aside: dict[str, str]
    id: str | None
    notes: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """All features, in order."""
        return list(self.kinds)

    @property
    def categories(self) -> list[str]:
        """The features that are categories."""
        return [name for name, kind in self.kinds.items() if isinstance(kind, Texts)]

    @property
    def numbers(self) -> list[str]:
        """The features that are numbers to a model."""
        return [n for n, kind in self.kinds.items() if not isinstance(kind, Texts)]

    @property
    def columns(self) -> list[str]:
        """The columns to read."""
        return list(dict.fromkeys([*self.kinds, *([self.id] if self.id else [])]))

    def features(self, rows: Array, columns: Columns) -> Any:
        """Features of the rows that have any: floats, and categories as texts."""
        frame = table_of(self.kinds, columns, rows)
        return frame[frame.notna().any(axis=1)]

    def labels(self, rows: Array, columns: Columns) -> Array:
        """Labels of the rows: their numbers, or texts of the column `id`."""
        if self.id is None:
            return rows
        cells = columns[self.id]
        texts = np.array([_label(cell) for cell in cells.to_pylist()], dtype=object)
        return texts

    def steps(self) -> ColumnTransformer:
        """The transformer that makes numbers of the features, not fitted.

        Numbers have mean 0 and standard deviation 1, some on a log scale; categories
        are 0/1 columns; what is missing is filled in.
        """
        fill = {"keep_empty_features": True}
        log = FunctionTransformer(np.log, inverse_func=np.exp, check_inverse=False)
        scaled = [SimpleImputer(strategy="median", **fill), StandardScaler()]
        encoded = make_pipeline(
            SimpleImputer(strategy="most_frequent", **fill),
            OneHotEncoder(
                min_frequency=MIN_FREQUENCY,
                max_categories=MAX_CATEGORIES,
                handle_unknown="infrequent_if_exist",
                sparse_output=False,
            ),
        )
        logged = {*self.log}
        plain = [name for name in self.numbers if name not in logged]
        chains = [("numbers", make_pipeline(*scaled), plain),
                  ("log", make_pipeline(log, *scaled), list(self.log)),
                  ("categories", encoded, self.categories)]  # fmt: skip
        # names are looked up one by one in a list: numbers for very many
        places = {name: i for i, name in enumerate(self.kinds)}
        parts = [
            (name, chain, [places[n] for n in some] if len(places) > NAMED else some)
            for name, chain, some in chains
            if some
        ]
        return ColumnTransformer(parts, sparse_threshold=0.0)

    def shown(self, explanation: Explanation) -> Explanation:
        """The explanation with dates, durations and large numbers as texts."""
        places = {name: i for i, name in enumerate(explanation.feature_names)}
        special = [
            (places[name], kind)
            for name, kind in self.kinds.items()
            if name in places and (kind.kind in ("date", "duration") or _base(kind))
        ]
        if not special:
            return explanation
        cells = [
            explanation.data.astype(object),
            explanation.compared_with.astype(object),
        ]
        for i, kind in special:
            whole = kind.kind == "date" and _are_whole(cells[0][:, i])
            for values in cells:
                column = values[:, i].astype(float)
                values[:, i] = kind.shown(np.floor(column) if whole else column)
        return replace(explanation, data=cells[0], compared_with=cells[1])


def _base(kind: Kind) -> int:
    return kind.base if isinstance(kind, Numbers) else 0


def _are_whole(days: Array) -> bool:
    days = days.astype(float)
    return bool((days[~np.isnan(days)] % 1 == 0).all())


def _label(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    return (
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    )


def table_of(kinds: Mapping[str, Kind], columns: Columns, rows: Array) -> Any:
    """Columns as their kinds read them, as a DataFrame."""
    numbers = [name for name, kind in kinds.items() if not isinstance(kind, Texts)]
    block = np.empty((len(rows), len(numbers)))
    for i, name in enumerate(numbers):
        block[:, i] = kinds[name].read(columns[name])[0]
    frame = pd.DataFrame(block, columns=numbers, index=rows)
    words = [name for name, kind in kinds.items() if isinstance(kind, Texts)]
    texts = {name: kinds[name].read(columns[name])[0] for name in words}
    if not texts:
        return frame
    others = pd.DataFrame(texts, index=rows, dtype=object)
    return pd.concat([frame, others], axis=1)[list(kinds)]


def wanted(source: Source, options: Options) -> list[str]:
    """The columns to look at, in the order of the table or as asked for."""
    known, ids = set(source.columns), (options.id,) if options.id is not None else ()
    asked = {"columns": options.columns or (), "drop": options.drop, "id": ids,
             "keep": options.keep, "categories": options.categories}  # fmt: skip
    for option, names in asked.items():
        for name in names:
            if name not in known:
                raise TableError(
                    f"--{option}: there is no column {name!r}; there are "
                    f"{listed(source.columns)}."
                )
    apart = {*options.drop, options.id or source.labels}
    chosen = dict.fromkeys(options.columns or source.columns)
    left = [name for name in chosen if name not in apart]
    if not left:
        raise TableError("No column is left to explain.")
    return left


def plan(source: Source, options: Options, size: int) -> tuple[Plan, Survey]:
    """Read a table once, and decide on every column.

    Raises
    ------
    TableError
        For columns that the user has to fix, and where none is left.
    """
    names, id_ = wanted(source, options), options.id or source.labels
    found = survey(source, names, options, size, [id_] if id_ else [])
    if found.n_rows < 2:
        few = "1 row" if found.n_rows else "a header line but no rows"
        raise TableError(f"{source.name} has {few}: at least 2 are needed to compare.")
    named = {*(options.columns or ()), *options.keep, *options.categories}
    aside, kinds, notes = dict(source.unusable), {}, list(source.notes)
    for name in names:
        column = found.columns[name]
        why = aside.get(name) or _why_aside(name, column, found, name in named)
        if why:
            aside[name] = why
        else:
            kinds[name] = column.kind
            notes += column_notes(name, column)
            if sign := found.odd.get(name):
                notes.append(Doubt(f"Decimals by {sign!r}, unlike others: {name}."))
    reasons: dict[str, list[str]] = {}
    for name, why in aside.items():
        reasons.setdefault(why, []).append(name)
    said = [f"Left out, {why}: {listed(left)}." for why, left in reasons.items()]
    if not kinds:
        hint = "If the line is separated by another character, say --delimiter."
        raise TableError(
            " ".join(["No column can be used.", *said, *[hint] * (len(names) == 1)])
        )
    labels = [n for why in (TEXT, LABELS, NUMBER) for n in reasons.get(why, [])]
    if labels:
        said.append(
            f"To use what labels rows as a feature: --keep {listed(labels, 3)}."
        )
    notes = [*source.notes, *said, *notes[len(source.notes) :]]
    commas = any(isinstance(k, Numbers) and k.decimal == "," for k in kinds.values())
    if commas and source.notes:
        notes[0] = f"{notes[0][:-1]}, with decimal commas."
    result = Plan(kinds, (), aside, id_, notes)
    numbers = {n: k for n, k in kinds.items() if isinstance(k, Numbers)}
    values = table_of(numbers, found.judged, np.arange(found.n_judged))
    log = _log(options.log, result, found, values)
    notes += [*missing_notes(kinds, found), *doubts(values, log, named)]
    if log and options.log == "auto":
        notes.append(
            f"On a log scale, for they are skewed: {listed(log)} (--log none)."
        )
    doubted = [note for note in notes if isinstance(note, Doubt)]
    if options.strict and doubted:
        raise TableError(f"--strict: {' '.join(doubted)}")
    return replace(result, log=tuple(log)), found


def _why_aside(name: str, column: Column, found: Survey, named: bool) -> str:
    """Why a column is left out; "" where it is not."""
    if not column.n_values:
        return "no values at all"
    kind = column.kind
    if not isinstance(kind, Texts):
        _check_numbers(name, column)
        if column.minimum == column.maximum:
            return SAME
        if named or not isinstance(kind, Numbers):
            return ""
        if column.counts_rows and column.n_values >= COUNTED:
            return NUMBER
        if is_label_name(name) and are_different(kind.read(found.judged[name])[0]):
            return LABELS
        return ""
    n_distinct = len(column.distinct)
    if n_distinct == 1:
        return SAME
    if kind.aside:
        return kind.aside
    most_differ = column.many or 2 * n_distinct > column.n_values
    few = n_distinct <= FEW and not most_differ
    if not (kind.why or named or few) and column.n_numbers >= column.n_words:
        _refuse_mixed(name, column, kind.numbers.kind)
    if most_differ and not named:
        return TEXT
    counts = found.judged[name].cast("string").drop_null().value_counts()
    counts = counts.field("counts").to_numpy()
    rows = len(found.judged[name])
    if len(counts) and counts.max() < MIN_FREQUENCY * rows:
        return RARE
    return ""


def _refuse_mixed(name: str, column: Column, noun: str) -> None:
    words = [f"{text[:30]!r} in row {row}" for text, row in column.words.items()][:3]
    lone = len(column.words) == 1
    mark = f"say --missing {next(iter(column.words))[:30]!r}" if lone else "empty them"
    comma = any("," in text for text in column.words)
    raise TableError(
        f"Column {name!r} holds {count(column.n_numbers, noun)}, but also "
        f"{count(column.n_words, 'value')} that cannot be read as such: "
        f"{', '.join(words)} (rows count from 0). Fix them, {mark} where they are "
        "missing (--missing names such texts), leave the column out by --drop, or "
        "take it for texts by --categories"
        f"{', or say --decimal , for decimal commas' * comma}."
    )


def _check_numbers(name: str, column: Column) -> None:
    if column.infinite is not None:
        raise TableError(
            f"Column {name!r} holds infinite values (first in row {column.infinite}, "
            "counted from 0): fix them, or leave the column out by --drop."
        )
    if max(-column.minimum, column.maximum) > LARGEST_VALUE:
        raise TableError(
            f"Column {name!r} holds values beyond 1e140, which cannot be squared: "
            "rescale it."
        )


def _log(log: Any, used: Plan, found: Survey, values: Any) -> list[str]:
    """The columns to take the logarithm of."""
    numbers = list(values.columns)
    if log == "none":
        return []
    if log == "auto":
        mask = skewed(values.to_numpy(dtype=float))
        least = [found.columns[name].minimum for name in numbers]
        mask &= np.array(least) > 0
        return [n for n, is_skewed in zip(numbers, mask, strict=True) if is_skewed]
    if log == "all" and not numbers:
        raise TableError("--log: no column is one of numbers.")
    log = numbers if log == "all" else log
    split = [name for text in log for name in _split(text, used.kinds)]
    for name in split:
        if name not in used.kinds:
            raise TableError(
                f"--log {name}: not among the columns used, {listed(used.kinds)}."
            )
        if name not in numbers:
            raise TableError(f"--log {name}: the column is not one of numbers.")
        lowest = found.columns[name].minimum
        if lowest <= 0:
            raise TableError(
                f"--log {name}: the column goes down to {lowest:g}, and only positive "
                "values have a logarithm."
            )
    return [name for name in numbers if name in split]


def _split(text: str, known: Mapping[str, Kind]) -> list[str]:
    return [text] if text in known else next(csv.reader([text]), [])
