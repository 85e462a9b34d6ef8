# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The arguments of the command line, and those that contradict each other.

Nothing here imports NumPy or scikit-learn: wrong arguments are answered at once.
"""

import argparse
import csv
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import Any, NoReturn

from skneon._tables._data_sets import DATA_SETS
from skneon._tables._open import check_there, is_data_set
from skneon._tables._words import Options, TableError, listed
from skneon._version import __version__

EXAMPLES = """\
examples:
  python -m skneon                               outliers of scikit-learn's wine data
  python -m skneon sales.csv --log none --top 10      no column on a log scale
  python -m skneon sales.csv --id customer --drop date --group basket=milk,bread
  python -m skneon sales.csv --model kmeans --clusters 4 --output relevance.csv
  python -m skneon sales.csv --model hdbscan --report clusters.html
  zcat big.csv.gz | python -m skneon - --output relevance.parquet --progress
  python -m skneon sales.parquet --json | jq '.rows[0].reasons[0]'

fit once, score daily (doc/daily.md):
  skneon last_year.csv --save model.skops
  skneon today.csv --model-file model.skops --output today.xlsx --fail-on-outliers
  skneon today.csv --fit-on last_year.csv --fdr 0.1       without a file in between

Columns of any kind are read, and notes say what was decided; tables beyond
--max-support rows are read twice, in parts: the model is fitted to a random sample of
the rows, and explains all. doc/tables.md says more of columns, and of files of
relevances.

exit codes: 0 done, 1 rows are flagged (with --fail-on-outliers), 2 unusable input or
arguments, 130 interrupted.
"""
# what `skneon._bandwidth` knows
GAMMAS = ("likelihood", "nearest", "scale", "scott", "silverman")
# what a model in a file has decided, and ways to say which rows are flagged
DECIDED = (
    "columns", "drop", "keep", "categories", "id", "log", "decimal", "thousands",
    "model", "clusters", "gamma", "eps", "min_cluster_size", "max_support", "save",
    "fit_on",
)  # fmt: skip
FINDERS = ("kde", "isolation-forest")
COUNTED = ("kmeans", "mixture", "agglomerative", "spectral")
MODELS = (*FINDERS, *COUNTED, "dbscan", "hdbscan")
# what is asked of some models alone
ASKED = {
    "clusters": COUNTED, "gamma": ("kde",), "eps": ("dbscan",),
    "min_cluster_size": ("hdbscan",),
}  # fmt: skip
FLAGS = ("threshold", "contamination", "alpha", "fdr")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are the command's own."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting."""
        raise TableError(f"{message} (skneon --help shows all arguments)")


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; what contradicts itself is refused before anything is read."""
    parser = Parser(
        prog="skneon",
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
    defaults = {name: parser.get_default(name) for name in vars(given)}
    named = {name for name, value in vars(given).items() if value != defaults[name]}
    given.model = given.model or "kde"
    given.command = _command(given, sys.argv[1:] if argv is None else argv)
    for message in [*_contradictions(given), *_of_new_rows(given, named)]:
        raise TableError(message)
    for data in (given.data, given.fit_on, given.model_file):
        if data not in (None, "-"):
            check_there(data, data is not given.model_file)
    return given


# fmt: off
def _add_options(group: Callable[[str], Any]) -> None:
    some: dict[str, Any] = {"nargs": "+", "metavar": "NAME"}
    several, flag = some | {"default": []}, {"action": "store_true"}
    add = group("the table").add_argument
    add("data", nargs="?", help="CSV, TSV (also packed), Parquet, Feather, JSON lines, "
        "Excel; - reads standard input; or a data set of scikit-learn by its name: "
        f"{listed(DATA_SETS)} (default: wine)")
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
    add("--sheet", metavar="NAME", help="sheet of a workbook, or its number, from 1")
    add("--strict", **flag, help="refuse what notes doubt")
    add = group("the model").add_argument
    add("--fit-on", metavar="FILE", help="table that the model is fitted to; the rows "
        "of the first table are new to it, and get p-values")
    add("--save", metavar="FILE", help="write the model, as .skops, with the plan of "
        "the columns and the rows it was fitted to")
    add("--model-file", metavar="FILE", help="a model that --save wrote, for new rows")
    add("--model", choices=MODELS, metavar="KIND", help="kde (default) and "
        "isolation-forest explain outliers; kmeans, mixture, agglomerative, spectral, "
        "dbscan and hdbscan clusters")
    add("--clusters", type=_positive, metavar="K", help="number of clusters of kmeans, "
        "agglomerative and spectral (default: the largest silhouette among 2 to 8), "
        "and of mixture (default: the least BIC among 1 to 8)")
    add("--eps", type=_radius, metavar="R", help="radius of dbscan, in standard "
        "deviations (default: the knee of the curve of distances within which rows "
        "have 4 others)")
    add("--min-cluster-size", type=_pair, metavar="N", help="rows of the least "
        "cluster of hdbscan (default: a twentieth of all, at least 5)")
    add("--gamma", type=_gamma, metavar="GAMMA", help="kernel coefficient of the "
        f"density: a number, or one of {', '.join(GAMMAS)} (default: likelihood, by "
        "which the rows are likeliest, each without itself)")
    add("--max-support", type=_positive, metavar="N", help="rows to fit the model "
        "to; of more, a random sample (default: 10000, for kmeans 100000, for "
        "agglomerative and spectral 2000)")
    add("--n-jobs", type=_jobs, metavar="N", help="threads; -1: one a core")
    add = group("which rows are flagged").add_argument
    add("--threshold", type=_number, metavar="SCORE", help="those of a larger score "
        "(default of training rows: one that is expected in one of 20 tables)")
    add("--contamination", type=_level, metavar="SHARE",
        help="those of a larger score than all but this share of the training rows")
    add("--alpha", type=_level, metavar="P", help="new rows of at most this p-value")
    add("--fdr", type=_level, metavar="SHARE", help="new rows of so small p-values "
        "that this share of those flagged is ordinary (default of new rows: 0.1)")
    add("--fail-on-outliers", **flag, help="exit with code 1 where rows are flagged")
    add = group("the output").add_argument
    add("--top", type=_positive, default=5, metavar="K",
        help="outlying rows to show (default: 5)")
    add("--output", metavar="FILE", help="write all rows, with values and relevances, "
        "as .csv, .tsv (or .csv.gz, .tsv.gz), .parquet or .xlsx")
    add("--output-form", choices=["wide", "long"], default="wide", help="a line a row, "
        "or a line for each row and column (default: wide)")
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
            if given.data is None and (Path(name).is_file() or is_data_set(name)):
                yield (
                    f"{name} was taken for a column name: put the file first, as "
                    f"in python -m skneon {name} --{option} ..."
                )
    for option, models in ASKED.items():
        if given.model not in models and getattr(given, option) is not None:
            which = " or ".join(filter(None, [", ".join(models[:-1]), models[-1]]))
            yield f"--{option.replace('_', '-')} is for --model {which}."
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
    options = ("output", "report", "save")
    files = {o: name for o in options if (name := getattr(given, o))}
    read = [
        n for n in (given.data, given.fit_on, given.model_file) if n not in (None, "-")
    ]
    for name in files.values():
        if any(_same_file(other, name) for other in read):
            yield f"{name} would overwrite the data."
    for (one, name), (two, other) in combinations(files.items(), 2):
        if _same_file(name, other):
            yield f"--{one} and --{two} are the same file."
    if given.report and Path(given.report).suffix.lower() not in (".html", ".htm"):
        yield f"--report {given.report}: it must end in .html."
    if given.save and Path(given.save).suffix.lower() != ".skops":
        yield f"--save {given.save}: it must end in .skops."


def _of_new_rows(given: argparse.Namespace, named: set[str]) -> Iterator[str]:
    """What contradicts itself where rows are flagged, and where they may be new."""
    ways = [option for option in FLAGS if option in named]
    if len(ways) > 1:
        yield f"--{ways[0]} and --{ways[1]} are two ways to flag rows: give one."
    is_new = given.fit_on or given.model_file
    for option in {"alpha", "fdr"}.intersection(ways):
        if not is_new:
            yield (
                f"--{option} is for new rows (--fit-on, --model-file): those that the "
                "model was fitted to have no p-values. Say --threshold or "
                "--contamination."
            )
    if given.model not in FINDERS and (ways or given.fail_on_outliers):
        option = ways[0] if ways else "fail-on-outliers"
        yield f"--{option}: clusters have no outliers."
    if given.model_file:
        for option in DECIDED:
            if option in named:
                yield (
                    f"--{option.replace('_', '-')} is decided by --model-file "
                    f"{given.model_file}: leave it out, or fit a model by --fit-on."
                )
    if is_new and given.data is None:
        yield "Name the table of the new rows, too, as in skneon today.csv ..."
    if given.fit_on and given.data is not None and _same_file(given.fit_on, given.data):
        yield (
            f"--fit-on {given.fit_on} is the table itself: leave it out, and each row "
            "is judged by the others."
        )


def _command(given: argparse.Namespace, argv: Sequence[str]) -> str:
    """The command line, with files by their names alone."""
    words = [str(word) for word in argv]
    for option in ("data", "fit_on", "model_file", "save", "output", "report"):
        if path := getattr(given, option):
            words = [
                word.removesuffix(path) + Path(path).name
                if word == path or word.endswith(f"={path}")
                else word
                for word in words
            ]
    return shlex.join(["skneon", *words])


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


def _pair(text: str) -> int:
    return _natural(text, 2)


def _radius(text: str) -> float:
    found = _number(text)
    return found if found > 0 else _refuse(f"must be above 0, got {text}")


def _jobs(text: str) -> int:
    return _integer(text) or _refuse("must not be 0")


def _gamma(text: str) -> str | float:
    with suppress(ValueError):
        if text in GAMMAS or 0 < float(text) < float("inf"):
            return text if text in GAMMAS else float(text)
    _refuse(f"must be a positive number or one of {', '.join(GAMMAS)}, got {text!r}")


def _number(text: str) -> float:
    with suppress(ValueError):
        if abs(found := float(text)) < float("inf"):
            return found
    _refuse(f"must be a number, got {text!r}")


def _level(text: str) -> float:
    found = _number(text)
    if 0 < found < 1:
        return found
    _refuse(f"must be above 0 and below 1, got {text}")


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
