# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Runs of the command line in this process, and the tables they are made on."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

from skneon.__main__ import main

WINE = load_wine(as_frame=True).data


def run(*arguments):
    """Exit code, output and errors; errors are one line, and only at code 2."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    done = SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())
    assert (code == 2) == done.err.startswith("skneon: error: ")
    assert done.err.count("\n") == (code == 2)
    return done


def document(*arguments):
    """What --json prints."""
    done = run(*arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def refused(*arguments):
    """The message of an error, which prints nothing else."""
    done = run(*arguments)
    assert done.code == 2 and done.out == "" and "Traceback" not in done.err
    return done.err


def written(path, table):
    """The path of a file with the table in it, a frame or a text."""
    if isinstance(table, pd.DataFrame):
        table.to_csv(path, index=False)
    elif isinstance(table, bytes):
        path.write_bytes(table)
    else:
        path.write_text(table, encoding="utf-8")
    return path


def mixed(n=120, seed=0):
    """Numbers and categories with gaps, labels, and a column to be left out."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "name": [f"row {i}" for i in range(n)],
            "size": rng.lognormal(size=n),
            "kind": rng.choice(["red", "green", "blue"], n, p=[0.6, 0.3, 0.1]),
            "weight": rng.normal(size=n),
            "grade": rng.choice(list("ABCDE"), n),
        }
    ).astype({"name": object, "kind": object, "grade": object})
    for name in ("size", "kind"):
        frame.loc[rng.random(n) < 0.1, name] = np.nan
    frame.loc[7, ["size", "kind"]] = np.nan
    return frame
