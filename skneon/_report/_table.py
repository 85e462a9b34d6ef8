# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The table of a report: kinds of columns, what can be used of them, an overview."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from skneon._frames import column_names
from skneon._validation import LARGEST_VALUE, import_optional
from skneon.explanation._text import cell_text, one_line, shorten

LONGEST_NAME = 60
LONGEST_CELL = 80
# a text column of more different values, most of them unique, names the rows
MANY_CATEGORIES = 50
DAY = 86400e6
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")
INFINITE = "infinite values"
HUGE = "values beyond 1e140"


@dataclass
class Table:
    """A table as models take it, and what was left out of it.

    Parameters
    ----------
    frame : pandas.DataFrame
        All columns, by their names as texts.
    kinds : dict of str to str
        Kind of each column: number, date, duration, category or other.
    left_out : dict of str to str
        Why columns are not used.
    usable : pandas.DataFrame
        The columns that are used: numbers as float64, dates and durations as days,
        categories as texts; missing ones are NaN.
    """

    frame: object
    kinds: dict
    left_out: dict
    usable: object = field(repr=False)

    def of_kind(self, *kinds):
        """Names of the columns of some kinds that are used."""
        return [name for name in self.usable if self.kinds[name] in kinds]

    @property
    def numeric(self):
        """Names of the columns that are numbers to a model."""
        return self.of_kind("number", "date", "duration")

    def show(self, values, names):
        """An array with dates and durations as texts in the place of days."""
        timed = [i for i, name in enumerate(names) if name in self._timed]
        if not timed:
            return values
        values = values.astype(object)
        for i in timed:
            kind, own = self.kinds[names[i]], self.usable[names[i]].dropna()
            # means of dates are dates
            whole = kind == "date" and (own == np.floor(own)).all()
            cells = np.floor(values[:, i].astype(float)) if whole else values[:, i]
            values[:, i] = [_time_text(v, kind) for v in cells]
        return values

    @property
    def _timed(self):
        return set(self.of_kind("date", "duration"))


def as_frame(X):
    """A table of any make as a pandas DataFrame whose columns have texts as names.

    Parameters
    ----------
    X : array-like, sparse matrix or frame of shape (n, d)

    Returns
    -------
    frame : pandas.DataFrame

    Raises
    ------
    ValueError
        For what is no table, has no rows or columns, or names that columns share.
    """
    pandas = import_optional("pandas", "report")
    if isinstance(X, pandas.DataFrame):
        frame = X.copy(deep=False)
    elif column_names(X) is not None and hasattr(X, "rows"):
        # polars
        frame = pandas.DataFrame({name: X[name].to_list() for name in X.columns})
    else:
        X = X.toarray() if hasattr(X, "toarray") else X
        if np.ndim(X) != 2:
            raise ValueError(f"X must be a table of rows and columns, got {type(X)}.")
        frame = pandas.DataFrame(X)
        frame.columns = [f"x{i}" for i in range(frame.shape[1])]
    frame.columns = [str(name) for name in frame.columns]
    if 0 in frame.shape:
        raise ValueError(f"X has the shape {frame.shape}: there is nothing to report.")
    twice = list(dict.fromkeys(frame.columns[frame.columns.duplicated()]))
    if twice:
        names = ", ".join(repr(shorten(one_line(name), 40)) for name in twice[:5])
        raise ValueError(f"Several columns have the name {names}: rename them.")
    objects = [name for name in frame if frame[name].dtype == object]
    return frame.assign(**{name: _inferred(pandas, frame[name]) for name in objects})


def _inferred(pandas, column):
    """A column of objects as numbers or dates, where all of them are."""
    found = pandas.api.types.infer_dtype(column, skipna=True)
    if found in NUMBERS:
        return column.where(column.notna(), np.nan).astype(float)
    if found in ("datetime", "datetime64", "date"):
        return pandas.to_datetime(column, errors="coerce")
    return column


def read_table(X):
    """Sort the columns of a table by kind, and make them ready for models.

    Parameters
    ----------
    X : array-like, sparse matrix or frame of shape (n, d)

    Returns
    -------
    table : Table

    Raises
    ------
    ValueError
        As `as_frame`.
    """
    pandas = import_optional("pandas", "report")
    frame = as_frame(X)
    kinds, columns, left_out = {}, {}, {}
    for name in frame.columns:
        kinds[name], values, why = _usable(pandas, frame[name])
        if why:
            left_out[name] = why
        else:
            columns[name] = values
    usable = pandas.DataFrame(columns, index=frame.index)
    return Table(frame, kinds, left_out, usable)


def check_usable(table):
    """Refuse a table that no model can be fitted to.

    Raises
    ------
    ValueError
        For infinite or huge numbers, less than two rows, and where no column varies.
    """
    for name, why in table.left_out.items():
        if why in (INFINITE, HUGE):
            raise ValueError(
                f"Column {shorten(one_line(name), 40)!r} holds {why}: fix or leave "
                "it out."
            )
    if len(table.frame) < 2:
        raise ValueError("X has a single row: at least two are needed to compare.")
    if not table.usable.shape[1]:
        why = [f"{shown_name(name)} ({why})" for name, why in table.left_out.items()]
        raise ValueError(f"No column can be used: {', '.join(why[:5])}.")


def _usable(pandas, column):
    """Kind of a column, its values as models take them, and why it is left out."""
    types = pandas.api.types
    present = column.dropna()
    if types.is_complex_dtype(column):
        return "other", None, "complex numbers"
    timed = types.is_datetime64_any_dtype(column), types.is_timedelta64_dtype(column)
    numeric = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    if not (numeric or any(timed)):
        return "category", *_texts(column, present)
    if numeric:
        kind, values = "number", column.to_numpy(dtype=float, na_value=np.nan)
    elif timed[1]:
        kind, values = "duration", _days(column.astype("timedelta64[us]"))
    else:
        naive = column.dt.tz_convert(None) if column.dt.tz else column
        kind, values = "date", _days(naive.astype("datetime64[us]"))
    if present.empty:
        return kind, None, "no values"
    if np.isinf(values).any():
        return kind, None, INFINITE
    if np.nanmax(np.abs(values)) > LARGEST_VALUE:
        return kind, None, HUGE
    if np.nanmin(values) == np.nanmax(values):
        return kind, None, "constant"
    return kind, values, ""


def _texts(column, present):
    """Categories as texts, and why they are left out."""
    texts = np.full(len(column), np.nan, dtype=object)
    texts[column.notna().to_numpy()] = _as_texts(present)
    distinct = len(set(_as_texts(present)))
    if not distinct:
        return None, "no values"
    if distinct == 1 and len(present) == len(column):
        return None, "constant"
    if distinct > MANY_CATEGORIES and distinct > len(present) / 2:
        return None, "most texts differ"
    return texts, ""


def _as_texts(present):
    """Cells of any kind as texts that can be written."""
    return [str(v).encode("utf-8", "replace").decode() for v in present.tolist()]


def _days(column):
    """Dates or durations as days, NaN where missing."""
    numbers = column.to_numpy().astype(np.int64)
    return np.where(column.isna(), np.nan, numbers / DAY)


def _time_text(days, kind):
    """Days as a date, or as a duration; None where missing."""
    pandas = import_optional("pandas", "report")
    if days is None or days != days:
        return None
    if kind == "duration":
        return str(pandas.Timedelta(days, unit="D").round("s"))
    text = str(np.datetime64(round(days * 86400), "s")).replace("T", " ")
    return text.removesuffix(" 00:00:00")


def overview(table, limit):
    """Lines about the first columns of a table.

    Parameters
    ----------
    table : Table
    limit : int
        Number of columns.

    Returns
    -------
    lines : list of dict
        name, kind, missing (a number and a part), distinct, and low, middle, high of
        numbers, or the most frequent value and its part of those present.
    """
    return [_line(table, name) for name in list(table.kinds)[:limit]]


def _line(table, name):
    column, kind = table.frame[name], table.kinds[name]
    missing = int(column.isna().sum())
    line = {
        "name": shown_name(name),
        "kind": kind,
        "left_out": table.left_out.get(name, ""),
        "missing": missing,
        "missing_part": missing / len(column),
        "low": "", "middle": "", "high": "", "frequent": "", "sort": ["NaN"] * 3,
    }  # fmt: skip
    present = column.dropna()
    if name in table.numeric:
        values = table.usable[name].dropna()
        three = np.array([values.min(), values.median(), values.max()])[:, None]
        texts = table.show(three, [name])[:, 0]
        line["sort"] = [repr(float(number)) for number in three[:, 0]]
        line["low"], line["middle"], line["high"] = map(shown_cell, texts)
    elif len(present):
        counts = Counter(_as_texts(present))
        [(text, often)] = counts.most_common(1)
        line["frequent"] = shown_cell(text)
        line["frequent_part"] = often / len(present)
        line["distinct"] = len(counts)
    return line


def shown_name(name):
    """A name of a column, row or cluster as one line that is not too long."""
    return shorten(one_line(name), LONGEST_NAME) or "(no name)"


def shown_cell(value):
    """A cell as one line that is not too long."""
    return shorten(cell_text(value), LONGEST_CELL)
