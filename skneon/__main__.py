# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""``python -m skneon``: the outliers or the clusters of a table, and the reasons."""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._validation import import_optional
from skneon.neuralization import neuralize

LEADING = 3
EXAMPLES = """\
examples:
  python -m skneon                               outliers of scikit-learn's wine data
  python -m skneon sales.csv --log --top 10      all columns on a log scale
  python -m skneon sales.csv --model kmeans --clusters 4 --output relevance.csv
"""


class TableError(Exception):
    """The table cannot be used; the message says why, and what to do."""


def main(argv=None):
    """Run the command line; returns the exit code (0, or 2 for unusable input)."""
    arguments = _parser().parse_args(argv)
    try:
        _check_files(arguments)
        frame, notes = read_table(arguments.data, arguments.columns)
        Z, undo = standardise(frame, arguments.log)
        report = report_outliers if arguments.model == "kde" else report_clusters
        explanation, lines = report(frame, Z, undo, arguments)
        if arguments.output:
            _write(explanation, arguments.output)
            notes.append(f"All relevances are in {arguments.output}.")
    except (TableError, ImportError) as error:
        print(f"skneon: error: {error}", file=sys.stderr)
        return 2
    source = arguments.data or "scikit-learn's wine data"
    n, d = frame.shape
    print(f"{source}: {n} rows, {_count(d, 'column')}, standardised")
    print("\n".join([*notes, "", *lines]))
    return 0


def _check_files(arguments):
    """Refuse a file name taken for a column, and an output that is the input."""
    names = [*(arguments.columns or []), *(arguments.log or [])]
    if arguments.data is None:
        for name in names:
            if Path(name).is_file():
                raise TableError(
                    f"{name} was taken for a column name: put the file first, as in "
                    f"python -m skneon {name} --columns ..."
                )
    elif arguments.output and Path(arguments.output).resolve() == (
        Path(arguments.data).resolve()
    ):
        raise TableError(f"--output {arguments.output} would overwrite the data.")


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m skneon",
        description="Find the outliers or the clusters of a table, and say which "
        "columns make each row one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data", nargs="?", help="CSV file with a header line; none: the wine data"
    )
    parser.add_argument(
        "--model", choices=["kde", "kmeans"], default="kde",
        help="kde explains outliers, kmeans clusters (default: kde)",
    )  # fmt: skip
    parser.add_argument(
        "--columns", nargs="+", metavar="NAME", help="columns to use (default: numeric)"
    )
    parser.add_argument(
        "--log", nargs="*", metavar="NAME",
        help="columns to take the logarithm of; alone: all",
    )  # fmt: skip
    parser.add_argument(
        "--top", type=_positive, default=5, metavar="K",
        help="outlying rows to show (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--clusters", type=_positive, default=3, metavar="K",
        help="number of clusters (default: 3)",
    )  # fmt: skip
    parser.add_argument("--output", metavar="FILE", help="write all relevances as CSV")
    return parser


def _positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def read_table(path, columns=None):
    """Read the rows and columns that can be used.

    Parameters
    ----------
    path : str or None
        CSV file; None is scikit-learn's wine data.
    columns : list of str or None
        None takes every numeric column.

    Returns
    -------
    frame : pandas.DataFrame
        Finite numbers; the rows keep their number in the file, from 0.
    notes : list of str
        What was left out, and why.
    """
    pandas = import_optional("pandas", "pandas")
    wine = load_wine(as_frame=True).data
    frame = wine if path is None else _read_csv(pandas, path)
    frame.columns = frame.columns.map(str)
    if frame.empty:
        raise TableError(f"{path} has a header line but no rows.")
    frame, notes = _usable_columns(frame, columns)
    return _usable_rows(frame, notes)


def _read_csv(pandas, path):
    try:
        with warnings.catch_warnings():
            # rows longer than the header: their first field would become the index
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            return pandas.read_csv(path, index_col=False, low_memory=False)
    except pandas.errors.EmptyDataError:
        raise TableError(f"{path} is empty.") from None
    except pandas.errors.ParserWarning:
        raise TableError(
            f"{path} has rows with more fields than the header line. The file must be "
            "separated by commas, with decimal points."
        ) from None
    except UnicodeError as error:
        raise TableError(f"{path} is not UTF-8 text: save it as such. ({error})") from (
            None
        )
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read as CSV: {error}") from None


def _usable_columns(frame, columns):
    notes = []
    numeric = list(frame.select_dtypes("number").columns)
    if columns is None:
        others = [name for name in frame.columns if name not in numeric]
        if others:
            notes.append(f"Left out, not numeric: {', '.join(others)}.")
        columns = numeric
        if not columns:
            raise TableError(
                f"No column is numeric (found {', '.join(frame.columns)}). The file "
                "must be separated by commas, with a header line and decimal points."
            )
    columns = list(dict.fromkeys(columns))
    for name in columns:
        if name not in frame.columns:
            raise TableError(
                f"There is no column {name!r}; there are {', '.join(frame.columns)}."
            )
        if name not in numeric:
            raise TableError(f"Column {name!r} is not numeric: leave it out.")
    return frame[columns].astype(float), notes


def _usable_rows(frame, notes):
    for name in frame.columns[np.isinf(frame).any()]:
        raise TableError(
            f"Column {name!r} holds infinite values: mend or leave it out."
        )
    for name in frame.columns[frame.isna().all()]:
        notes.append(f"Left out, no values at all: {name}.")
        frame = frame.drop(columns=name)
    missing = frame.isna().any(axis=1)
    if missing.any():
        counts = frame.isna().sum()
        by_column = ", ".join(f"{name} {n}" for name, n in counts[counts > 0].items())
        rows = _count(missing.sum(), "row")
        notes.append(f"Left out, {rows} with missing values ({by_column}).")
        frame = frame[~missing]
    if len(frame) < 2:
        few = f"{_count(len(frame), 'usable row')}: at least 2 are needed to compare."
        raise TableError(" ".join([few, *notes]))
    constant = list(frame.columns[frame.nunique() == 1])
    if constant:
        notes.append(f"Left out, the same value in every row: {', '.join(constant)}.")
        frame = frame.drop(columns=constant)
    if frame.shape[1] == 0:
        raise TableError(
            "No column varies: nothing sets rows apart. " + " ".join(notes)
        )
    return frame, notes


def standardise(frame, log=None):
    """Columns with mean 0 and standard deviation 1, some on a log scale.

    Parameters
    ----------
    frame : pandas.DataFrame
    log : list of str or None
        Columns to take the logarithm of; an empty list takes all.

    Returns
    -------
    Z : pandas.DataFrame
    undo : callable
        Maps arrays of standardised rows back to the units of the frame.
    """
    log = [] if log is None else (log or list(frame.columns))
    for name in log:
        if name not in frame.columns:
            raise TableError(
                f"--log {name}: not among the columns used, {', '.join(frame.columns)}."
            )
        if frame[name].min() <= 0:
            raise TableError(
                f"--log {name}: the column goes down to {frame[name].min():g}, and "
                "only positive values have a logarithm."
            )
    is_log = frame.columns.isin(log)
    values = frame.to_numpy(copy=True)
    if np.abs(values).max() > 1e140:
        raise TableError("Values beyond 1e140 cannot be squared: rescale the columns.")
    values[:, is_log] = np.log(values[:, is_log])
    scaler = StandardScaler()
    Z = frame.copy()
    Z[:] = scaler.fit_transform(values)

    def undo(rows):
        rows = scaler.inverse_transform(rows)
        rows[:, is_log] = np.exp(rows[:, is_log])
        return rows

    return Z, undo


def report_outliers(frame, Z, undo, arguments):
    """Explanation of all rows (None where no one asks), and lines about the worst."""
    model = NeonKDE().fit(Z)
    network = neuralize(model)
    data, query = network.rows(None)
    score = network.activate(data, query)
    worst = np.argsort(-score, kind="stable")[: arguments.top]
    explanation = network.explanation(data[worst], query[worst])
    typical, share = undo(explanation.reference), explanation.share
    lines = [
        f"The {len(worst)} most outlying rows, each judged by all the others"
        if len(worst) > 1
        else "The most outlying row, judged by all the others",
        f"(kernel density, gamma {model.gamma_:.3g}; rows count from 0; outlierness in "
        "squared\nstandard deviations; share of it that a column accounts for)",
        "",
        _line("row", "outlierness", "because of", "share", "value", "typical"),
    ]
    for k, n in enumerate(worst):
        head = [str(frame.index[n]), f"{score[n]:.2f}"]
        for i in np.argsort(-explanation.relevance[k], kind="stable")[:LEADING]:
            figures = share[k, i], frame.iat[n, i], typical[k, i]
            lines.append(_feature_line(head, frame.columns[i], *figures))
            head = ["", ""]
    return model.explain() if arguments.output else None, lines


def report_clusters(frame, Z, undo, arguments):
    """Explanation of all rows, and the lines about what makes each cluster."""
    n_distinct = len(Z.drop_duplicates())
    if arguments.clusters > n_distinct:
        raise TableError(
            f"--clusters {arguments.clusters}: only {n_distinct} rows are distinct."
        )
    model = NeonKMeans(arguments.clusters, n_init=10, random_state=0).fit(Z)
    explanation = model.explain()
    lines = [
        f"What speaks for membership of {_count(arguments.clusters, 'cluster')}",
        "(k-means; share of the members' mean evidence that a column accounts for;",
        "means of the column inside and outside the cluster)",
        "",
        _line("cluster", "rows", "because of", "share", "inside", "outside"),
    ]
    for c in range(arguments.clusters):
        members = model.labels_ == c
        relevance = explanation[members].relevance.mean(axis=0)
        evidence = explanation[members].score.mean()
        head = [str(c), str(members.sum())]
        if arguments.clusters == 1:
            lines.append(_line(*head, "no other cluster to compare", "", "", ""))
            continue
        inside, outside = frame[members].mean(), frame[~members].mean()
        for i in np.argsort(-relevance, kind="stable")[:LEADING]:
            figures = relevance[i] / evidence, inside.iloc[i], outside.iloc[i]
            lines.append(_feature_line(head, frame.columns[i], *figures))
            head = ["", ""]
    return explanation, lines


def _feature_line(head, name, share, value, typical):
    return _line(*head, name, f"{share:.0%}", _number(value), _number(typical))


def _count(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _number(value):
    """Four digits, but at least all before the decimal point, up to 999999."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"


def _line(first, second, name, share, value, typical):
    name = " ".join(name.split())
    name = name if len(name) <= 30 else name[:27] + "..."
    return f"{first:>7} {second:>11}  {name:<30} {share:>6} {value:>9} {typical:>9}"


def _write(explanation, path):
    table = explanation.to_frame()
    if not isinstance(explanation.target, str):
        table.insert(0, _unused("cluster", table), explanation.target)
    table = table.rename_axis(_unused("row", table))
    try:
        table.to_csv(path)
    except OSError as error:
        raise TableError(f"{path} cannot be written: {error}") from None


def _unused(name, table):
    """The name, with as many trailing underscores as set it apart from the columns."""
    return name if name not in table else _unused(name + "_", table)


if __name__ == "__main__":
    # a terminal that cannot show a column's name shows a mark instead
    sys.stdout.reconfigure(errors="replace")
    sys.stderr.reconfigure(errors="replace")
    sys.exit(main())
