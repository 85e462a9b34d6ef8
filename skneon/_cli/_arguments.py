# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The arguments of the command line, and those that contradict each other."""

import argparse
import csv
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from skneon._bandwidth import GAMMAS
from skneon._tables._words import Options, TableError
from skneon._version import __version__

EXAMPLES = """\
examples:
  python -m skneon                               outliers of scikit-learn's wine data
  python -m skneon sales.csv --log none --top 10      no column on a log scale
  python -m skneon sales.csv --id customer --drop date --group basket=milk,bread
  python -m skneon sales.csv --model kmeans --clusters 4 --output relevance.csv
  zcat big.csv.gz | python -m skneon - --output relevance.parquet --progress
  python -m skneon sales.parquet --json | jq '.rows[0].reasons[0]'

what is done:
  Columns of numbers are standardised, missing numbers filled in by the median; skewed
  ones that are positive and spread over orders of magnitude are taken on a log scale.
  Marks for thousands, currencies, percent and units are read, dates and durations are
  days. Columns of text become categories, a 0/1 column each, rare ones (below 1 %, or
  beyond the 20 most frequent) as one; missing ones are filled in by the most frequent.
  So what is missing is no reason by itself. Columns that do not vary are left out; so
  are those that number or label the rows and free text (more than half of the values
  different), unless --columns or --keep names them. A note says which.
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

    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting."""
        raise TableError(f"{message} (python -m skneon --help shows all arguments)")


def parser() -> Parser:
    """The parser of all arguments."""
    parser = Parser(
        prog="python -m skneon",
        description="Find the outliers or the clusters of a table, and say which "
        "columns make each row one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_table(parser.add_argument_group("the table").add_argument)
    _add_model(parser.add_argument_group("the model").add_argument)
    _add_output(parser.add_argument_group("the output").add_argument)
    version = f"skneon {__version__}"
    parser.add_argument("--version", action="version", version=version)
    return parser


def _add_table(add: Callable[..., Any]) -> None:
    several: dict[str, Any] = {"nargs": "+", "metavar": "NAME", "default": []}
    add("data", nargs="?", help="CSV, TSV (also packed), Parquet, Feather, JSON lines, "
        "Excel; - reads standard input; none: the wine data")  # fmt: skip
    add("--columns", nargs="+", metavar="NAME", help="columns to use (default: all)")
    add("--drop", **several, help="columns not to use")
    add("--keep", **several, help="columns to use though they seem to label rows")
    add("--categories", **several, help="columns of numbers that are codes")
    add("--id", metavar="NAME", help="column that labels the rows, not a feature")
    add("--log", nargs="*", metavar="NAME", help="columns to take the logarithm of; "
        "alone: all numbers; none; auto (default): those that are skewed")  # fmt: skip
    add("--missing", **several | {"metavar": "TEXT"}, help="stands for a missing value")
    add("--group", action="append", type=_group, default=[], metavar="NAME=A,B",
        help="sum the relevances of columns under one name (repeatable)")  # fmt: skip
    add("--delimiter", type=_delimiter, metavar="C", help="what separates the columns: "
        ", ; | tab or space for any blanks (default: detected)")  # fmt: skip
    add("--decimal", choices=[".", ","], metavar="C",
        help="decimal point or comma (default: detected)")  # fmt: skip
    add("--thousands", metavar="C", choices=[",", ".", " ", "'", "_"],
        help="what marks thousands (default: detected)")  # fmt: skip
    add("--encoding", metavar="NAME",
        help="encoding of the text, such as latin-1 (default: UTF-8)")  # fmt: skip
    add("--skip-lines", type=_natural, default=0, metavar="N",
        help="lines in front of the header")  # fmt: skip
    add("--comment", metavar="TEXT", help="starts lines of comments (default: # ahead)")
    add("--no-header", dest="header", action="store_false",
        help="no line of names: columns are x0, x1, ...")  # fmt: skip
    add("--names", nargs="+", metavar="NAME", help="names of columns without a header")
    add("--strict", action="store_true", help="refuse what notes doubt")


def _add_model(add: Callable[..., Any]) -> None:
    add("--model", choices=["kde", "kmeans"], default="kde",
        help="kde explains outliers, kmeans clusters (default: kde)")  # fmt: skip
    add("--clusters", type=_positive, metavar="K",
        help="number of clusters of kmeans (default: 3)")  # fmt: skip
    add("--gamma", type=_gamma, metavar="GAMMA", help="kernel coefficient of the "
        f"density: a number, or one of {', '.join(sorted(GAMMAS))}; auto takes that of "
        "the best held-out log likelihood (default: scale)")  # fmt: skip
    add("--max-support", type=_positive, metavar="N", help="rows to fit the model to; "
        "of more, a random sample (default: 10000, for kmeans 100000)")  # fmt: skip
    add("--n-jobs", type=_jobs, metavar="N", help="threads; -1: one a core")


def _add_output(add: Callable[..., Any]) -> None:
    add("--top", type=_positive, default=5, metavar="K",
        help="outlying rows to show (default: 5)")  # fmt: skip
    add("--output", metavar="FILE", help="write all relevances as .csv, .tsv (or "
        ".csv.gz, .tsv.gz) or .parquet")  # fmt: skip
    add("--report", metavar="FILE", help="write a report as .html")
    add("--json", action="store_true", help="print one JSON document, no table")
    add("--quiet", action="store_true", help="print no table and no notes")
    add("--progress", action="store_true", help="show progress on standard error "
        "(default: of long tables, on a terminal)")  # fmt: skip


def options_of(arguments: argparse.Namespace) -> Options:
    """Those of the arguments that say how the table is read."""
    given = {f.name: getattr(arguments, f.name) for f in fields(Options)}
    log = given["log"]
    given["log"] = "all" if log == [] else "auto" if log is None else log
    if log in (["none"], ["auto"]):
        given["log"] = log[0]
    lists = {k: tuple(v) for k, v in given.items() if isinstance(v, list)}
    return Options(**given | lists)


def check(arguments: argparse.Namespace) -> None:
    """Refuse what contradicts itself, before anything is read."""
    _check_names(arguments)
    kde = arguments.model == "kde"
    if kde and arguments.clusters is not None:
        raise TableError("--clusters is for --model kmeans.")
    if not kde and arguments.gamma is not None:
        raise TableError("--gamma is for --model kde.")
    arguments.clusters = arguments.clusters or 3
    arguments.gamma = "scale" if arguments.gamma is None else arguments.gamma
    if arguments.id is not None and arguments.id in (arguments.columns or []):
        raise TableError(f"--id {arguments.id}: it is among --columns, too.")
    seen = [name for name, _ in arguments.group]
    for name in seen:
        if seen.count(name) > 1:
            raise TableError(f"--group {name} is given twice: name all its columns.")
    if arguments.max_support == 1:
        raise TableError("--max-support must be at least 2.")
    files = {"--output": arguments.output, "--report": arguments.report}
    for option, value in files.items():
        if value and _same_file(arguments.data, value):
            raise TableError(f"{option} {value} would overwrite the data.")
    if all(files.values()) and _same_file(*files.values()):
        raise TableError("--output and --report are the same file.")


def _check_names(arguments: argparse.Namespace) -> None:
    """Refuse a file name taken for a column."""
    for option in ("columns", "drop", "keep", "categories", "log"):
        for name in getattr(arguments, option) or []:
            if arguments.data is None and Path(name).is_file():
                raise TableError(
                    f"{name} was taken for a column name: put the file first, as "
                    f"in python -m skneon {name} --{option} ..."
                )


def _same_file(one: str | None, other: str) -> bool:
    if one in (None, "-"):
        return False
    first, second = Path(str(one)), Path(other)
    if first.exists() and second.exists():
        return os.path.samefile(first, second)
    return first.resolve() == second.resolve()


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer, got {text!r}") from None


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        found = _integer(text)
        if found < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {found}")
        return found

    return number


_positive, _natural = _at_least(1), _at_least(0)


def _jobs(text: str) -> int:
    if _integer(text) == 0:
        raise argparse.ArgumentTypeError("must not be 0")
    return int(text)


def _gamma(text: str) -> str | float:
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


def _delimiter(text: str) -> str:
    text = {"tab": "\t", "\\t": "\t", "space": " "}.get(text, text)
    if len(text) != 1 or text in '"\r\n':
        raise argparse.ArgumentTypeError(f"must be one character or tab, got {text!r}")
    return text


def _group(text: str) -> tuple[str, list[str]]:
    name, equals, members = text.partition("=")
    found = [m.strip() for m in next(csv.reader([members]), []) if m.strip()]
    if not (name.strip() and equals and found):
        raise argparse.ArgumentTypeError(
            f"must be NAME=column,column,..., got {text!r}"
        )
    return name.strip(), found
