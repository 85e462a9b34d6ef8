# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which columns are features, of which kind, and why others are not."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skneon._tables._guess import FEW, Kind, Texts
from skneon._tables._notes import (
    RARELY,
    are_years,
    column_notes,
    doubts,
    gap_codes,
    hidden_note,
    missing_notes,
    skewed,
)
from skneon._tables._numbers import LABEL, Numbers, are_different, written
from skneon._tables._source import COMPLEX, Columns, Source
from skneon._tables._survey import Column, Survey, survey
from skneon._tables._times import Times
from skneon._tables._words import Doubt, Options, TableError, listed, pd
from skneon._validation import LARGEST_VALUE
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import count
from skneon.network.numerics._types import Array

# categories of a column: those rarer, or beyond so many, are one
MIN_FREQUENCY, MAX_CATEGORIES = 0.01, 20
# what counts as missing, and so is never a category: a place for categories not known
NEVER = ""
# rows from which on a column that counts them is taken for their number
COUNTED = 10
# columns up to which a ColumnTransformer takes them by name
NAMED = 1000
SAME, NUMBER = "the same value in every row", "the number of the row"
TEXT, LABELS = "free text or labels, most of them different", "numbers that label rows"
RARE, NOTHING = "no category is frequent enough", "no values at all"
# what no option makes a feature of
LOST = SAME, RARE, NOTHING, COMPLEX


@dataclass(frozen=True)
class Plan:
    """The features of a table: how they are read, and prepared for models."""

    kinds: dict[str, Kind]
    # columns to take the logarithm of, why others are left aside, what labels the rows
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
        return np.array(list(map(_label, columns[self.id].to_pylist())), dtype=object)

    def steps(self, rows: Any) -> ColumnTransformer:
        """The transformer that makes numbers of the features, not fitted.

        Numbers have mean 0 and standard deviation 1, some on a log scale; categories
        are 0/1 columns; what is missing is filled in. Categories are those of the rows
        and one that never occurs, which makes it infrequent: so there is a column of
        infrequent ones in any case, for categories that the rows have not. These are
        as far from the frequent ones as those are from each other.
        """
        known = [[NEVER, *sorted(rows[n].dropna().unique())] for n in self.categories]
        fill = {"keep_empty_features": True}
        log = FunctionTransformer(np.log, inverse_func=np.exp, check_inverse=False)
        scaled = [SimpleImputer(strategy="median", **fill), StandardScaler()]
        encoded = make_pipeline(
            SimpleImputer(strategy="most_frequent", **fill),
            OneHotEncoder(
                categories=known,
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
        whole = {}
        for i, name in enumerate(explanation.feature_names):
            kind = self.kinds.get(name, Numbers())
            if isinstance(kind, Times) or getattr(kind, "base", None):
                days = explanation.data[:, i].astype(float)
                # of whole days the mean is a day
                floored = kind.kind == "date" and not (days[~np.isnan(days)] % 1).any()
                whole[i] = kind, np.floor if floored else np.asarray

        def texts(cells: Array) -> Array:
            cells = cells.astype(object)
            for i, (kind, rounded) in whole.items():
                cells[:, i] = kind.shown(rounded(cells[:, i].astype(float)))
            return cells

        return explanation.with_cells(texts) if whole else explanation


def _label(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if whole else cell)


def table_of(kinds: Mapping[str, Kind], columns: Columns, rows: Array) -> Any:
    """Columns as their kinds read them, as a DataFrame."""
    read = {name: kind.read(columns[name]).values for name, kind in kinds.items()}
    for name, kind in kinds.items():
        if isinstance(kind, Texts):
            read[name] = pd.Series(read[name], rows, dtype=object)
    return pd.DataFrame(read, index=rows)


def wanted(source: Source, options: Options) -> list[str]:
    """The columns to look at, in the order of the table or as asked for."""
    known = {*source.columns}
    for option in ("columns", "drop", "id", "keep", "categories"):
        names = getattr(options, option)
        for name in [names] if isinstance(names, str) else names or ():
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
    """Read a table once, and decide on every column."""
    names, id_ = wanted(source, options), options.id or source.labels
    found = survey(source, names, options, size, *([id_] if id_ else []))
    if found.n_rows < 2:
        few = "1 row" if found.n_rows else "a header line but no rows"
        said = f"{source.name} has {few}: at least 2 are needed to compare."
        hints = [note for note in source.notes if isinstance(note, Doubt)]
        raise TableError(" ".join([said, *hints]))
    named = {*(options.columns or ()), *options.keep, *options.categories}
    aside, kinds, read = dict(source.unusable), {}, [*found.notes]
    for name in names:
        column = found.columns[name]
        why = aside.get(name) or _why_aside(name, column, found, name in named)
        if why:
            aside[name] = why
            read += hidden_note(name, column) if why == TEXT else ()
            continue
        kinds[name] = column.kind
        read += column_notes(name, column)
        if name not in named and are_years(name, column):
            named.add(name)
            read.append(f"Kept as years, though they may number the rows: {name}.")
        if sign := found.odd.get(name):
            read.append(Doubt(f"Decimals by {sign!r}, unlike others: {name}."))
    notes = [*source.notes, *_aside_notes(aside, kinds), *read]
    commas = any(isinstance(k, Numbers) and k.decimal == "," for k in kinds.values())
    if commas and source.notes:
        notes[0] = f"{notes[0][:-1]}, with decimal commas."
    used = {n: k for n, k in kinds.items() if not isinstance(k, Texts)}
    n_judged = len(next(iter(found.judged.values())))
    values = table_of(used, found.judged, np.arange(n_judged))
    result = Plan(kinds, (), aside, id_, notes)
    codes = gap_codes(values)
    # what stands for a gap makes no column skewed
    kept = {n: values[n].mask(values[n].isin(c)) for n, c in codes.items() if c}
    log = _log(options.log, result, found, values.assign(**kept))
    codes = {name: some for name, some in codes.items() if name not in named}
    notes += [*missing_notes(found.columns, kinds), *doubts(values, used, log, codes)]
    if log and options.log == "auto":
        notes.append(
            f"On a log scale, for they are skewed: {listed(log)} (--log none)."
        )
    doubted = [note for note in notes if isinstance(note, Doubt)]
    if options.strict and doubted:
        raise TableError(f"--strict: {' '.join(doubted)}")
    return replace(result, log=tuple(log)), found


def _aside_notes(aside: Mapping[str, str], kinds: Mapping[str, Kind]) -> list[str]:
    """What to say of columns that are no features; an error where none is one."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, why in aside.items():
        reasons[why].append(name)
    said = [f"Left out, {why}: {listed(names)}." for why, names in reasons.items()]
    if not kinds:
        hint = "If the line is separated by another character, say --delimiter."
        said += [hint] * (len(aside) == 1)
        raise TableError(" ".join(["No column can be used.", *said]))
    kept = [name for why, names in reasons.items() if why not in LOST for name in names]
    if kept:
        said.append(f"To use such a column as a feature: --keep {listed(kept, 3)}.")
    return said


def _why_aside(name: str, column: Column, found: Survey, named: bool) -> str:
    """Why a column is left out; "" where it is not."""
    kind = column.kind
    if not column.n_values:
        return NOTHING
    if not isinstance(kind, Texts):
        _check_numbers(name, column)
        if column.minimum == column.maximum:
            return SAME
        if named or not isinstance(kind, Numbers):
            return ""
        if column.counts_rows and column.n_values >= COUNTED:
            return "" if are_years(name, column) else NUMBER
        labels = LABEL.search(name) and are_different(kind.read(found.judged[name])[0])
        return LABELS if labels else ""
    n_distinct = len(column.distinct)
    if n_distinct == 1 or (kind.aside and not named):
        return kind.aside or SAME
    most_differ = column.many or 2 * n_distinct > column.n_values
    rare = RARELY * column.n_words <= column.n_numbers
    few = n_distinct <= FEW and not (most_differ or rare)
    if not (kind.why or named or few) and column.n_numbers >= column.n_words:
        _refuse_mixed(name, column, kind.numbers)
    if most_differ and not named:
        return TEXT
    counts = found.judged[name].cast("string").drop_null().value_counts()
    often = max(counts.field("counts").to_pylist(), default=np.inf)
    return RARE if often < MIN_FREQUENCY * len(found.judged[name]) else ""


def _refuse_mixed(name: str, column: Column, kind: Numbers | Times) -> None:
    words = [f"{text[:30]!r} in row {row}" for text, row in column.words.items()][:3]
    lone = len(column.words) == 1
    mark = f"say --missing {next(iter(column.words))[:30]!r}" if lone else "empty them"
    comma = any("," in text for text in column.words)
    first = lone and 0 in column.words.values()
    lacking, others = "that cannot be read as such", written(column.words)
    if isinstance(kind, Numbers) and (unit := kind.suffix or kind.prefix):
        has_unit = [unit in (part["suffix"], part["prefix"]) for part in others[0]]
        lacking = lacking if others[1] or any(has_unit) else f"without {unit!r}"
    raise TableError(
        f"Column {name!r} holds {count(column.n_numbers, kind.kind)}, but also "
        f"{count(column.n_words, 'value')} {lacking}: "
        f"{', '.join(words)} (rows count from 0). Fix them, {mark} where they are "
        "missing (--missing names such texts), leave the column out by --drop, or "
        "take it for texts by --categories"
        f"{', or say --decimal , for decimal commas' * comma}"
        f"{', or --skip-lines 1 if that row is the header' * first}."
    )


def _check_numbers(name: str, column: Column) -> None:
    spread, row = column.maximum - column.minimum, column.infinite
    large = max(-column.minimum, column.maximum) > LARGEST_VALUE
    for wrong, said in (
        (row is not None, f"infinite values (first in row {row}, counted from 0): fix "
         "them, or leave the column out by --drop"),
        (large, "values beyond 1e140, which cannot be squared: rescale it"),
        (0 < spread < 1 / LARGEST_VALUE,
         f"values at most {spread:.2g} apart, which has no square: rescale it"),
    ):  # fmt: skip
        if wrong:
            raise TableError(f"Column {name!r} holds {said}.")


def _log(log: Any, used: Plan, found: Survey, values: Any) -> list[str]:
    """The columns to take the logarithm of."""
    numbers = [n for n in values if isinstance(used.kinds[n], Numbers)]
    lowest = {name: found.columns[name].minimum for name in numbers}
    if log == "auto":
        mask = skewed(values[numbers].to_numpy(dtype=float))
        return [
            n for n, is_so in zip(numbers, mask, strict=True) if is_so and lowest[n] > 0
        ]
    if log == "all" and not numbers:
        raise TableError("--log: no column is one of numbers.")
    asked = {"all": numbers, "none": []}.get(log) if isinstance(log, str) else log
    split: list[str] = []
    for text in asked or ():
        split += [text] if text in used.kinds else next(csv.reader([text]), [])
    for name in split:
        wrong, low = "", lowest.get(name, 0)
        if name not in used.kinds:
            wrong = f"not among the columns used, {listed(used.kinds)}"
        elif name not in lowest:
            wrong = "the column is not one of numbers"
        elif low <= 0:
            wrong = (
                f"the column goes down to {low:g} in row {found.columns[name].lowest}"
            )
            wrong += " (rows count from 0), and has no logarithm there"
        if wrong:
            raise TableError(f"--log {name}: {wrong}.")
    return [name for name in numbers if name in split]
