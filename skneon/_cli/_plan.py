# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which columns are features, as numbers or categories, and why others are not."""

import re
from dataclasses import dataclass, field

import numpy as np

from skneon._cli._errors import TableError, count, listed
from skneon._cli._text_table import to_numbers
from skneon._validation import LARGEST_VALUE, import_optional
from skneon.explanation._explanation import Explanation

# a column of numbers and words with so few values is one of categories
FEW = 20
# numbers of two separators, of which one is for thousands
THOUSANDS = re.compile(
    r"[+-]?\d{1,3}(([.' \u00a0\u202f]\d{3})+,\d+|([,' \u00a0\u202f]\d{3})+\.\d+)"
)
# rows from which on a column that counts them is taken for their number
COUNTED = 10


@dataclass
class Plan:
    """The features of a table.

    Attributes
    ----------
    names : list of str
        All features, in the order of the table.
    numbers, categories, log : list of str
        Columns of numbers, of categories, and those to take the logarithm of.
    id : str or None
        Column that labels the rows.
    groups : dict of str to list of str
    decimal : str or None
    notes : list of str
        What was left out, and why.
    """

    names: list
    numbers: list
    categories: list
    log: list
    id: str | None
    groups: dict
    decimal: str | None
    notes: list = field(default_factory=list)

    @property
    def columns(self):
        """The columns to read."""
        return [*self.names, *([] if self.id is None else [self.id])]

    def features(self, frame):
        """Features of the rows: numbers as floats, categories as texts.

        Rows without any value are left out.
        """
        pandas = import_optional("pandas", "pandas")
        columns = {}
        for name in self.names:
            cells = frame[name]
            if name in self.numbers:
                numbers = to_numbers(cells, self.decimal)
                cells = pandas.Series(numbers, index=frame.index)
            columns[name] = cells
        features = pandas.DataFrame(columns, index=frame.index)
        return features[features.notna().any(axis=1)]

    def labels(self, frame):
        """Labels of the rows: their numbers, or texts of the column `id`."""
        if self.id is None:
            return frame.index.to_numpy()
        cells = frame[self.id]
        if cells.dtype.kind == "f" and (cells.dropna() % 1 == 0).all():
            cells = cells.astype("Int64")
        texts = cells.astype(object).map(str).mask(cells.isna(), "")
        return texts.to_numpy(dtype=object)


def wanted(table, arguments):
    """The columns to look at: those asked for, in the order of the table or as asked.

    Returns
    -------
    names : list of str
    """
    known = table.columns
    asked = {
        "--columns": arguments.columns or [],
        "--drop": arguments.drop,
        "--id": [] if arguments.id is None else [arguments.id],
    }
    for option, names in asked.items():
        for name in names:
            if name not in known:
                raise TableError(
                    f"{option}: there is no column {name!r}; there are {listed(known)}."
                )
    left_out = {*arguments.drop, arguments.id}
    names = list(dict.fromkeys(arguments.columns or known))
    names = [name for name in names if name not in left_out]
    if not names:
        raise TableError("No column is left to explain.")
    return names


def plan(survey, names, table, arguments):
    """Decide on every column that was looked at.

    Parameters
    ----------
    survey : Survey
    names : list of str
        The columns that may be features.
    table : as `open_table` gives it
    arguments : Namespace

    Returns
    -------
    plan : Plan

    Raises
    ------
    TableError
        For columns that the user has to fix, and where none is left.
    """
    reasons, numbers, categories, notes = {}, [], [], []
    for name in names:
        column = survey.columns[name]
        kind = _kind(name, column, named=bool(arguments.columns))
        if kind == "numbers":
            _check_numbers(name, column, survey)
            numbers.append(name)
        elif kind == "categories":
            categories.append(name)
            if column.n_numbers and column.n_words:
                notes.append(
                    f"Taken as categories, for it holds numbers and words: {name}."
                )
        else:
            reasons.setdefault(kind, []).append(name)
    notes += [f"Left out, {kind}: {listed(left)}." for kind, left in reasons.items()]
    used = [name for name in names if name in {*numbers, *categories}]
    if not used:
        raise TableError(
            "No column can be used. " + " ".join([*notes, *_hints(table, names)])
        )
    missing = [
        f"{name} {survey.columns[name].n_missing}"
        for name in used
        if survey.columns[name].n_missing
    ]
    if missing:
        notes.append(
            "Missing values, filled in by the median or the most frequent value: "
            f"{listed(missing)}."
        )
    log = _log(arguments.log, numbers, used, survey)
    groups = _groups(arguments.group, used)
    known = used, numbers, categories, log, arguments.id, groups
    return Plan(*known, table.decimal, notes)


def _kind(name, column, named):
    """Numbers, categories, or the reason why the column is left out."""
    if not column.n_values:
        return "no values at all"
    if not column.n_words:
        if column.minimum == column.maximum:
            return "the same value in every row"
        if column.counts_rows and column.n_values >= COUNTED and not named:
            return "the number of the row"
        return "numbers"
    _refuse_thousands(name, column)
    n_distinct = len(column.distinct)
    if n_distinct == 1:
        return "the same value in every row"
    most_differ = column.many or 2 * n_distinct > column.n_values
    few = n_distinct <= FEW and not most_differ
    if column.n_numbers >= column.n_words and not few:
        _refuse_mixed(name, column)
    if most_differ and not named:
        return "free text or labels, most of them different"
    return "categories"


def _refuse_thousands(name, column):
    row, text = column.words[0]
    if all(THOUSANDS.fullmatch(word) for _, word in column.words):
        raise TableError(
            f"Column {name!r} holds numbers with thousands separators ({text[:30]!r} "
            f"in row {row}, counted from 0): take these out, or leave the column out "
            "by --drop."
        )


def _refuse_mixed(name, column):
    words = ", ".join(f"{text[:30]!r} in row {row}" for row, text in column.words)
    comma = any("," in text for _, text in column.words)
    raise TableError(
        f"Column {name!r} holds {count(column.n_numbers, 'number')}, but also "
        f"{count(column.n_words, 'value')} that cannot be read as such: {words} (rows "
        "count from 0). Fix them, empty them where they are missing, or leave the "
        f"column out by --drop{', or say --decimal , for decimal commas' * comma}."
    )


def _check_numbers(name, column, survey):
    if column.infinite is not None:
        raise TableError(
            f"Column {name!r} holds infinite values (first in row {column.infinite}, "
            "counted from 0): fix them, or leave the column out by --drop."
        )
    if max(-column.minimum, column.maximum) > LARGEST_VALUE:
        raise TableError(
            f"Column {name!r}: values beyond 1e140 cannot be squared: rescale it."
        )


def _hints(table, names):
    if len(names) > 1 or table.decimal is None:
        return []
    return ["If the line is separated by another character, say --delimiter."]


def _log(log, numbers, used, survey):
    if log is None:
        return []
    if not log and not numbers:
        raise TableError("--log: no column is one of numbers.")
    for name in log:
        if name not in used:
            raise TableError(
                f"--log {name}: not among the columns used, {listed(used)}."
            )
        if name not in numbers:
            raise TableError(f"--log {name}: the column is not one of numbers.")
    log = log or numbers
    for name in log:
        least = survey.columns[name].minimum
        if least <= 0:
            raise TableError(
                f"--log {name}: the column goes down to {least:g}, and only positive "
                "values have a logarithm."
            )
    return [name for name in numbers if name in log]


def _groups(pairs, used):
    groups = dict(pairs)
    d = len(used)
    none = np.empty((0, d))
    try:
        Explanation(none, none[:, 0], "", tuple(used), none, none).aggregate(groups)
    except ValueError as error:
        raise TableError(f"--group: {error}") from None
    return groups
