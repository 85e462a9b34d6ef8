# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The arguments of the command line, and those that contradict each other."""

import argparse
import csv
import os
from pathlib import Path

from skneon._bandwidth import GAMMAS
from skneon._cli._errors import TableError
from skneon._version import __version__

EXAMPLES = """\
examples:
  python -m skneon                               outliers of scikit-learn's wine data
  python -m skneon sales.csv --log --top 10      all numbers on a log scale
  python -m skneon sales.csv --id customer --drop date --group basket=milk,bread
  python -m skneon sales.csv --model kmeans --clusters 4 --output relevance.csv
  zcat big.csv.gz | python -m skneon - --output relevance.parquet --progress
  python -m skneon sales.parquet --json | jq '.rows[0].reasons[0]'

what is done:
  Columns of numbers are standardised, missing numbers filled in by the median.
  Columns of text become categories, a 0/1 column each, rare ones (below 1 %, or beyond
  the 20 most frequent) as one; missing ones are filled in by the most frequent. So
  what is missing is no reason by itself. Columns that do not vary are left out; so are
  those that number the rows and free text (more than half of the values different),
  unless --columns names them. A note says which.
  Tables beyond --max-support rows are read twice, in parts: the model is fitted to a
  random sample of the rows, and explains all rows.

output files:
  One line a row: its number or --id, the relevances, the score, and what is left of it.
  In CSV, names and labels that a spreadsheet would take for a formula (that start with
  = + - @ tab or return) get a single quote in front, and control characters become
  question marks; numbers stay as they are. Where a column is called score, residual,
  row or cluster itself, the one that is added gets an underscore behind.

exit codes: 0 done, 2 unusable input or arguments, 130 interrupted.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are the command's own."""

    def error(self, message):
        """Raise instead of exiting."""
        raise TableError(f"{message} (python -m skneon --help shows all arguments)")


def parser():
    """The parser of all arguments."""
    parser = Parser(
        prog="python -m skneon",
        description="Find the outliers or the clusters of a table, and say which "
        "columns make each row one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_table(parser.add_argument_group("the table"))
    _add_model(parser.add_argument_group("the model"))
    _add_output(parser.add_argument_group("the output"))
    version = f"skneon {__version__}"
    parser.add_argument("--version", action="version", version=version)
    return parser


def _add_table(group):
    add = group.add_argument
    add(
        "data",
        nargs="?",
        help="CSV, TSV (also gzipped) or Parquet file with a header; - reads standard "
        "input; none: the wine data",
    )
    add("--columns", nargs="+", metavar="NAME", help="columns to use (default: all)")
    add("--drop", nargs="+", metavar="NAME", default=[], help="columns not to use")
    add("--id", metavar="NAME", help="column that labels the rows, not a feature")
    add(
        "--log",
        nargs="*",
        metavar="NAME",
        help="columns to take the logarithm of; alone: all numbers",
    )
    add(
        "--group",
        action="append",
        type=_group,
        default=[],
        metavar="NAME=A,B",
        help="sum the relevances of columns under one name (repeatable)",
    )
    add(
        "--delimiter",
        type=_delimiter,
        metavar="C",
        help="what separates the columns: , ; | or tab (default: detected)",
    )
    add(
        "--decimal",
        choices=[".", ","],
        metavar="C",
        help="decimal point or comma (default: detected)",
    )
    add(
        "--encoding",
        metavar="NAME",
        help="encoding of the text, such as latin-1 (default: UTF-8)",
    )


def _add_model(group):
    add = group.add_argument
    add(
        "--model",
        choices=["kde", "kmeans"],
        default="kde",
        help="kde explains outliers, kmeans clusters (default: kde)",
    )
    add(
        "--clusters",
        type=_positive,
        metavar="K",
        help="number of clusters of kmeans (default: 3)",
    )
    add(
        "--gamma",
        type=_gamma,
        metavar="GAMMA",
        help="kernel coefficient of the density: a number, or one of "
        f"{', '.join(sorted(GAMMAS))}; auto takes that of the best held-out log "
        "likelihood (default: scale)",
    )
    add(
        "--max-support",
        type=_positive,
        metavar="N",
        help="rows to fit the model to; of more, a random sample (default: 10000, "
        "for kmeans 100000)",
    )
    add("--n-jobs", type=_jobs, metavar="N", help="threads; -1: one a core")


def _add_output(group):
    add = group.add_argument
    add(
        "--top",
        type=_positive,
        default=5,
        metavar="K",
        help="outlying rows to show (default: 5)",
    )
    add(
        "--output",
        metavar="FILE",
        help="write all relevances as .csv, .tsv (or .csv.gz, .tsv.gz) or .parquet",
    )
    add("--report", metavar="FILE", help="write a report as .html")
    add("--json", action="store_true", help="print one JSON document, no table")
    add("--quiet", action="store_true", help="print no table and no notes")
    add(
        "--progress",
        action="store_true",
        help="show progress on standard error (default: of long tables, on a terminal)",
    )


def check(arguments):
    """Refuse what contradicts itself, before anything is read."""
    _check_names(arguments)
    _check_model(arguments)
    if arguments.id is not None and arguments.id in (arguments.columns or []):
        raise TableError(f"--id {arguments.id}: it is among --columns, too.")
    seen = [name for name, _ in arguments.group]
    for name in seen:
        if seen.count(name) > 1:
            raise TableError(f"--group {name} is given twice: name all its columns.")
    if arguments.max_support == 1:
        raise TableError("--max-support must be at least 2.")
    files = [
        (option, value)
        for option, value in (
            ("--output", arguments.output),
            ("--report", arguments.report),
        )
        if value
    ]
    for option, value in files:
        if _same_file(arguments.data, value):
            raise TableError(f"{option} {value} would overwrite the data.")
    if len(files) == 2 and _same_file(arguments.output, arguments.report):
        raise TableError("--output and --report are the same file.")


def _check_model(arguments):
    """Refuse options of the other model; set those that are left open."""
    if arguments.model == "kde" and arguments.clusters is not None:
        raise TableError("--clusters is for --model kmeans.")
    if arguments.model == "kmeans" and arguments.gamma is not None:
        raise TableError("--gamma is for --model kde.")
    arguments.clusters = arguments.clusters or 3
    arguments.gamma = "scale" if arguments.gamma is None else arguments.gamma


def _check_names(arguments):
    """Refuse a file name taken for a column."""
    lists = {"columns": arguments.columns, "drop": arguments.drop, "log": arguments.log}
    if arguments.data is None:
        for option, names in lists.items():
            for name in names or []:
                if Path(name).is_file():
                    raise TableError(
                        f"{name} was taken for a column name: put the file first, as "
                        f"in python -m skneon {name} --{option} ..."
                    )


def _same_file(one, other):
    if one in (None, "-"):
        return False
    one, other = Path(one), Path(other)
    if one.exists() and other.exists():
        return os.path.samefile(one, other)
    return one.resolve() == other.resolve()


def _positive(text):
    number = _integer(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def _jobs(text):
    number = _integer(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must not be 0")
    return number


def _integer(text):
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer, got {text!r}") from None


def _gamma(text):
    known = sorted({*GAMMAS, "auto"})
    if text in known:
        return text
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(
            f"must be a positive number or one of {', '.join(known)}, got {text!r}"
        )
    return number


def _delimiter(text):
    text = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(text) != 1 or text in '"\r\n':
        raise argparse.ArgumentTypeError(f"must be one character or tab, got {text!r}")
    return text


def _group(text):
    name, equals, members = text.partition("=")
    members = [m.strip() for m in next(csv.reader([members]), []) if m.strip()]
    if not (name.strip() and equals and members):
        raise argparse.ArgumentTypeError(
            f"must be NAME=column,column,..., got {text!r}"
        )
    return name.strip(), members
