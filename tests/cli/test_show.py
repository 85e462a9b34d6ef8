# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Printed tables."""

import numpy as np
from helpers.cli_runs import WINE, run
from sklearn.preprocessing import scale

from skneon import NeonKDE


def test_top_counts_the_rows(table):
    lines = run("--top", 2).out.splitlines()
    heads = [line.split() for line in lines if line[:7].strip().isdigit()]
    order = np.argsort(-NeonKDE().fit(scale(WINE)).outlierness())
    assert [int(head[0]) for head in heads] == list(order[:2])
    assert "The 4 most outlying rows" in run(table(WINE[:4]), "--top", 99).out


def test_one_column_and_one_row(table):
    out = run(table(WINE[["ash"]]), "--top", 1).out
    assert "178 rows, 1 column," in out and "The most outlying row, judged" in out
