# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The public door: a table of any make, prepared as the command line prepares it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from skneon._tables._again import Known, read_again
from skneon._tables._plan import Plan, plan
from skneon._tables._read import open_table
from skneon._tables._survey import Survey, sampled
from skneon._tables._words import Options, TableError
from skneon.explanation._explanation import Explanation
from skneon.network.numerics._types import Array

# rows that models of the command line and of reports are fitted to
SUPPORT = 10_000
# what an earlier table has decided
DECIDED = (
    "columns", "drop", "keep", "categories", "id", "log", "decimal", "thousands",
)  # fmt: skip
OPTION = re.compile(r"--([a-z][a-z-]*)")


@dataclass(frozen=True)
class Prepared:
    """A table whose columns are sorted into kinds, as `prepare` gives it.

    Parameters
    ----------
    rows : pandas.DataFrame of shape (n, d)
        The features of the rows that have any value: numbers as floats, dates and
        durations as days, categories as texts; missing ones are NaN. Labelled as the
        table was: by row numbers, by the column `id`, or by the index of a frame.
    steps : ColumnTransformer
        Not fitted: imputes, scales, takes logarithms, and encodes categories.
    kinds : dict of str to str
        "number", "date", "duration" or "category" for each feature.
    aside : dict of str to str
        Columns that are no features, and why.
    log : tuple of str
        Columns whose logarithm is taken.
    notes : tuple of str
        What was decided, in words.
    """

    rows: Any = field(repr=False)
    steps: ColumnTransformer = field(repr=False)
    kinds: dict[str, str]
    aside: dict[str, str]
    log: tuple[str, ...]
    notes: tuple[str, ...]
    _plan: Plan = field(repr=False)
    _found: Survey = field(repr=False)
    _known: Known = field(repr=False)
    _numbers: Array = field(repr=False)

    def pipeline(self, model: Any) -> Pipeline:
        """A Pipeline, not fitted, of these steps and a model.

        Parameters
        ----------
        model : estimator

        Returns
        -------
        pipeline : Pipeline
            With the steps "prepare" and "model".
        """
        return Pipeline([("prepare", clone(self.steps)), ("model", model)])

    def sample(self, size: int = SUPPORT) -> Array:
        """Numbers, in `rows`, of those that the command line fits its models to.

        Parameters
        ----------
        size : int, default=10000
            Of more rows that many are drawn at random, the same each time.

        Returns
        -------
        numbers : ndarray of int
        """
        drawn = sampled(self._found.n_rows, size)
        return np.flatnonzero(np.isin(self._numbers, drawn))

    def shown(self, explanation: Explanation) -> Explanation:
        """The explanation with dates and durations as texts, in the place of days.

        Parameters
        ----------
        explanation : Explanation
            Of these rows, or of others that were prepared the same way.

        Returns
        -------
        explanation : Explanation
        """
        return self._plan.shown(explanation)


def prepare(
    table: Any,
    *,
    columns: str | Sequence[str] | None = None,
    drop: str | Sequence[str] = (),
    keep: str | Sequence[str] = (),
    categories: str | Sequence[str] = (),
    id: str | None = None,
    log: str | Sequence[str] | bool | None = "auto",
    missing: str | float | Sequence[str | float] = (),
    decimal: str | None = None,
    thousands: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    skip_lines: int = 0,
    comment: str | None = None,
    header: bool = True,
    names: str | Sequence[str] | None = None,
    sheet: str | int | None = None,
    strict: bool = False,
    like: Prepared | None = None,
) -> Prepared:
    """Sort the columns of a table into kinds, and make them ready for a model.

    It is what the command line and `skneon.report` do with a table. Numbers may have
    marks for thousands, currencies, percent and units; marks such as "?" among numbers
    count as missing; dates and durations become days. Left out are columns without
    values or with a single one, those that number or label the rows, and texts that
    mostly differ. Each decision is a note.

    Parameters
    ----------
    table : str, path, frame or array-like of shape (n, d)
        The name of a file: CSV and the like, also packed by gzip, bzip2, xz, zstd or
        zip; Parquet, Feather, JSON lines; Excel and OpenDocument by the extra "excel".
        Or a table in memory: pandas, polars, pyarrow, an array, a sparse matrix.
    columns : str or sequence of str, default=None
        The features. None takes all columns that can be used.
    drop, keep : str or sequence of str, default=()
        Columns to leave out, and those to keep though they seem to label rows.
    categories : str or sequence of str, default=()
        Columns of numbers that are codes.
    id : str, default=None
        Column that labels the rows.
    log : {"auto", "all", "none"}, bool, None or sequence of str, default="auto"
        Columns to take the logarithm of. "auto" or True takes positive ones that are
        spread over an order of magnitude and nearer to symmetric on a log scale.
    missing : str, float or sequence of them, default=()
        Texts and numbers that stand for a missing value.
    decimal, thousands, delimiter, encoding, comment : str, default=None
        How a text table is written; None: detected in its first lines. Blanks as
        delimiter stand for any run of them.
    skip_lines : int, default=0
        Lines in front of the header.
    header : bool, default=True
        Whether there is a line of names.
    names : str or sequence of str, default=None
        Names of the columns of a text table without a header.
    sheet : str or int, default=None
        Name of the sheet of a workbook, or its number, from 1. None: the first.
    strict : bool, default=False
        Whether decisions that may be wrong are refused.
    like : Prepared, default=None
        An earlier table, whose columns decide on those of this one: nothing is guessed
        again, and what does not fit is refused by name. For new rows of a model.

    Returns
    -------
    prepared : Prepared
        With `rows`, `pipeline(model)` and `notes`.

    Raises
    ------
    ImportError
        Without pandas and pyarrow: ``pip install "skneon[tables]"``.
    TypeError
        For what is no table, such as a Series or a dict, and for another `like`.
    ValueError
        For tables that cannot be read, and columns that have to be fixed; the message
        names line or row, and what to do.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skneon import NeonKDE, explain, prepare
    >>> wine = prepare(load_wine(as_frame=True).data)
    >>> model = wine.pipeline(NeonKDE(gamma="likelihood")).fit(wine.rows)
    >>> int(explain(model, X_train=wine.rows).score.argmax())
    73
    """
    given = {k: v for k, v in locals().items() if k not in ("table", "like")}
    for name in ("columns", "drop", "keep", "categories", "missing", "names"):
        given[name] = _texts(given[name], getattr(Options, name))
    if isinstance(log, str) and log not in ("auto", "all", "none"):
        given["log"] = (log,)
    elif isinstance(log, bool | None):
        given["log"] = "auto" if log else "none"
    given["sheet"] = None if sheet is None else str(sheet)
    options = Options(**given)
    if not isinstance(like, Prepared | None):
        raise TypeError(f"like must be what prepare gives, got {like!r}.")
    for name in DECIDED if like is not None else ():
        if getattr(options, name) != getattr(Options, name):
            raise ValueError(f"{name}= is decided by like=: leave one of them out.")
    try:
        with open_table(table, options) as source:
            if like is None:
                found, said = plan(source, options, np.iinfo(int).max)
            else:
                _, said = read_again(source, like._known, np.iinfo(int).max, strict)
                found = replace(like._plan, notes=said.notes)
            rows = found.features(said.rows, said.sample)
    except TableError as error:
        raise TableError(_in_python(str(error))) from None
    numbers = rows.index.to_numpy()
    index = getattr(table, "index", None)
    if found.id is not None:
        rows.index = found.labels(said.rows, said.sample)[numbers]
    elif index is not None and not callable(index):
        # texts and lists have a method of this name
        rows.index = index[numbers]
    kinds = {name: kind.kind for name, kind in found.kinds.items()}
    notes = tuple(map(_in_python, found.notes))
    words = {name: rows[name].dropna().unique() for name in found.categories}
    known = Known(source.name, found, tuple(source.columns), words, options.missing)
    return Prepared(
        rows, found.steps(rows), kinds, found.aside, found.log, notes, found, said,
        known if like is None else like._known, numbers,
    )  # fmt: skip


def _texts(values: Any, default: Any) -> Any:
    """One value or several as texts; the default for None."""
    if values is None:
        return default
    alone = isinstance(values, str | bytes) or not np.iterable(values)
    return tuple(map(str, [values] if alone else values))


def _in_python(text: str) -> str:
    """The text with options by their names in Python."""
    text = text.replace("--no-header", "header=False")
    return OPTION.sub(lambda found: found[1].replace("-", "_") + "=", text)
