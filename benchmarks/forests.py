# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Isolation forests: the rules beside shap, and beside forests without the columns.

``python benchmarks/forests.py`` prints the tables of doc/forests.md, or some of them by
``--only times sums``; ``--write doc/forests.md`` puts them into the page. Times are
processor time of one thread. Needs shap; woodelf-explainer is timed where it is there.
"""

import argparse
import os
import re
import sys
import warnings
from pathlib import Path

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.forests_data import small_sets
from benchmarks.forests_refit import refit_tables
from benchmarks.forests_tables import cells, errors, stability, sums, times

# a table of the page, by the name in front of it
PLACE = "(<!-- table: {} -->\n\n).*?(\n<!-- end -->)"
NAMES = ["sums", "refit", "errors", "stability", "cells", "times"]


def tables(name, sets):
    """The tables of a part of the page, by name."""
    if name == "refit":
        return refit_tables(sets)
    parts = {"sums": sums, "cells": cells, "times": times}
    of_sets = {"errors": errors, "stability": stability}
    return {name: parts[name]() if name in parts else of_sets[name](sets)}


def written(page, name, table):
    """The page with a table in its place."""
    page, n = re.subn(
        PLACE.format(name), lambda found: found[1] + table + found[2], page, flags=re.S
    )
    if n != 1:
        raise ValueError(f"The page has {n} places for the table {name!r}.")
    return page


def main():
    """Print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NAMES, nargs="+", default=NAMES)
    parser.add_argument("--wholesale", help="CSV file of the wholesale customers")
    parser.add_argument("--write", metavar="PATH", help="the page")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", "max_samples")
    sets, notes = small_sets(arguments.wholesale)
    print(*notes, sep="\n")
    for part in arguments.only:
        for name, table in tables(part, sets).items():
            print(f"{name}\n\n{table}", flush=True)
            if arguments.write:
                path = Path(arguments.write)
                page = written(path.read_text(encoding="utf-8"), name, table)
                path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
