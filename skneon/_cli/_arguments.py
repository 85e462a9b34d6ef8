# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The arguments of the command line, and those that contradict each other."""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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

Columns of any kind are read, and notes say what was decided; tables beyond
--max-support rows are read twice, in parts: the model is fitted to a random sample of
the rows, and explains all. doc/tables.md says more of columns, and of files of
relevances.

exit codes: 0 done, 2 unusable input or arguments, 130 interrupted.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are the command's own."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting."""
        raise TableError(f"{message} (python -m skneon --help shows all arguments)")


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; what contradicts itself is refused before anything is read."""
    parser = Parser(
        prog="python -m skneon",
        description="Find the outliers or the clusters of a table, and say which "
        "columns make each row one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_options(parser.add_argument_group)
    version = f"skneon {__version__}"
    parser.add_argument("--version", action="version", version=version)
    given = parser.parse_args(argv)
    for message in _contradictions(given):
        raise TableError(message)
    return given


# fmt: off
def _add_options(group: Callable[[str], Any]) -> None:
    some: dict[str, Any] = {"nargs": "+", "metavar": "NAME"}
    several, flag = some | {"default": []}, {"action": "store_true"}
    add = group("the table").add_argument
    add("data", nargs="?", help="CSV, TSV (also packed), Parquet, Feather, JSON lines, "
        "Excel; - reads standard input; none: the wine data")
    add("--columns", **some, help="columns to use (default: all)")
    add("--drop", **several, help="columns not to use")
    add("--keep", **several, help="columns to use though they seem to label rows")
    add("--categories", **several, help="columns of numbers that are codes")
    add("--id", metavar="NAME", help="column that labels the rows, not a feature")
    add("--log", nargs="*", metavar="NAME", help="columns to take the logarithm of; "
        "alone: all numbers; none; auto (default): those that are skewed")
    add("--missing", **several | {"metavar": "TEXT"}, help="stands for a missing value")
    add("--group", action="append", type=_group, default=[], metavar="NAME=A,B",
        help="sum the relevances of columns under one name (repeatable)")
    add("--delimiter", type=_delimiter, metavar="C", help="what separates the columns: "
        ", ; | tab or space for any blanks (default: detected)")
    add("--decimal", choices=[".", ","], metavar="C",
        help="decimal point or comma (default: detected)")
    add("--thousands", metavar="C", choices=[",", ".", " ", "'", "_"],
        help="what marks thousands (default: detected)")
    add("--encoding", metavar="NAME", help="such as latin-1 (default: UTF-8)")
    add("--skip-lines", type=_natural, default=0, metavar="N",
        help="lines in front of the header")
    add("--comment", metavar="TEXT", help="starts lines of comments (default: # ahead)")
    add("--no-header", dest="header", action="store_false",
        help="no line of names: columns are x0, x1, ...")
    add("--names", **some, help="names of columns without a header")
    add("--strict", **flag, help="refuse what notes doubt")
    add = group("the model").add_argument
    add("--model", choices=["kde", "kmeans"], default="kde",
        help="kde explains outliers, kmeans clusters (default: kde)")
    add("--clusters", type=_positive, metavar="K",
        help="number of clusters of kmeans (default: 3)")
    add("--gamma", type=_gamma, metavar="GAMMA", help="kernel coefficient of the "
        f"density: a number, or one of {', '.join(sorted(GAMMAS))}; auto takes that of "
        "the best held-out log likelihood (default: scale)")
    add("--max-support", type=_positive, metavar="N", help="rows to fit the model "
        "to; of more, a random sample (default: 10000, for kmeans 100000)")
    add("--n-jobs", type=_jobs, metavar="N", help="threads; -1: one a core")
    add = group("the output").add_argument
    add("--top", type=_positive, default=5, metavar="K",
        help="outlying rows to show (default: 5)")
    add("--output", metavar="FILE", help="write all relevances as .csv, .tsv (or "
        ".csv.gz, .tsv.gz) or .parquet")
    add("--report", metavar="FILE", help="write a report as .html")
    add("--json", **flag, help="print one JSON document, no table")
    add("--quiet", **flag, help="print no table and no notes")
    add("--progress", **flag, help="show progress on standard error "
        "(default: of long tables, on a terminal)")
# fmt: on


def options_of(arguments: argparse.Namespace) -> Options:
    """Those of the arguments that say how the table is read."""
    given = {f.name: getattr(arguments, f.name) for f in fields(Options)}
    log = tuple(given["log"] or ("auto" if given["log"] is None else "all",))
    given["log"] = log[0] if log in (("all",), ("auto",), ("none",)) else log
    lists = {k: tuple(v) for k, v in given.items() if isinstance(v, list)}
    return Options(**given | lists)


def _contradictions(given: argparse.Namespace) -> Iterator[str]:
    for option in ("columns", "drop", "keep", "categories", "log"):
        for name in getattr(given, option) or []:
            if given.data is None and Path(name).is_file():
                yield (
                    f"{name} was taken for a column name: put the file first, as "
                    f"in python -m skneon {name} --{option} ..."
                )
    if given.model == "kde" and given.clusters is not None:
        yield "--clusters is for --model kmeans."
    if given.model == "kmeans" and given.gamma is not None:
        yield "--gamma is for --model kde."
    if given.id is not None and given.id in (given.columns or []):
        yield f"--id {given.id}: it is among --columns, too."
    for name in given.keep:
        if name in given.drop:
            yield f"--keep {name}: it is among --drop, too."
    groups = [name for name, _ in given.group]
    for name in groups:
        if groups.count(name) > 1:
            yield f"--group {name} is given twice: name all its columns."
    if given.max_support == 1:
        yield "--max-support must be at least 2."
    files = [name for name in (given.output, given.report) if name]
    for name in files:
        if given.data not in (None, "-") and _same_file(given.data, name):
            yield f"{name} would overwrite the data."
    if len(files) == 2 and _same_file(*files):
        yield "--output and --report are the same file."
    if given.report and Path(given.report).suffix.lower() not in (".html", ".htm"):
        yield f"--report {given.report}: it must end in .html."


def _same_file(one: str, other: str) -> bool:
    first, second = Path(one), Path(other)
    if first.exists() and second.exists():
        return first.samefile(second)
    return first.resolve() == second.resolve()


def _refuse(message: str) -> NoReturn:
    raise argparse.ArgumentTypeError(message)


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        _refuse(f"must be an integer, got {text!r}")


def _natural(text: str, least: int = 0) -> int:
    found = _integer(text)
    return found if found >= least else _refuse(f"must be at least {least}, got {text}")


def _positive(text: str) -> int:
    return _natural(text, 1)


def _jobs(text: str) -> int:
    return _integer(text) or _refuse("must not be 0")


def _gamma(text: str) -> str | float:
    known = sorted({*GAMMAS, "auto"})
    with suppress(ValueError):
        if text in known or 0 < float(text) < float("inf"):
            return text if text in known else float(text)
    _refuse(f"must be a positive number or one of {', '.join(known)}, got {text!r}")


def _delimiter(text: str) -> str:
    text = {"tab": "\t", "\\t": "\t", "space": " "}.get(text, text)
    if len(text) != 1 or text in '"\r\n':
        _refuse(f"must be one character or tab, got {text!r}")
    return text


def _group(text: str) -> tuple[str, list[str]]:
    name, _, members = text.partition("=")
    found = [m.strip() for m in next(csv.reader([members]), []) if m.strip()]
    if not (name.strip() and found):
        _refuse(f"must be NAME=column,column,..., got {text!r}")
    return name.strip(), found
