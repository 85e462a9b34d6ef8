# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Printed tables."""

import io
from contextlib import redirect_stdout

import numpy as np
from helpers.cli_runs import WINE, run
from sklearn.preprocessing import scale

from skneon import NeonKDE
from skneon.__main__ import main
from skneon._cli._show import text


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_top_counts_the_rows(table):
    lines = run("--top", 2).out.splitlines()
    heads = [line.split() for line in lines if line[:7].strip().isdigit()]
    order = np.argsort(-NeonKDE("likelihood").fit(scale(WINE)).outlierness())
    assert [int(head[0]) for head in heads] == list(order[:2])
    assert "The 4 most outlying rows" in run(table(WINE[:4]), "--top", 99).out


def test_one_column_and_one_row(table):
    out = run(table(WINE[["ash"]]), "--top", 1).out
    assert "178 rows, 1 column," in out and "The most outlying row, judged" in out


def test_only_telling_reasons_are_shown_and_missing_values_are_called_so():
    told = {"feature": "a", "share": 0.5, "value": np.nan, "typical": 2.0}
    reasons = [told | {"telling": True}, told | {"feature": "b", "telling": False}]
    heads = ["row", "outlierness", "because of", "share", "value", "typical"]
    printed = text(["heading"], "words", heads, [["7", "1.00", reasons]])
    assert printed.splitlines()[-1].split() == ["7", "1.00", "a", "50%", "missing", "2"]
    printed = text(["heading"], "words", heads, [["7", "1.00", reasons[1:]]])
    assert printed.endswith("7        1.00 nothing unusual")


def test_what_does_not_set_a_cluster_apart_is_no_reason():
    told = {"feature": "a", "share": 0.004, "inside": 2.0, "outside": 4.0}
    heads = ["cluster", "rows", "because of", "share", "inside", "outside"]
    for_it, against = ({"feature": n, "share": s} for n, s in (("b", 0.1), ("c", -0.1)))
    every = [told | for_it, told, told | against]
    printed = text(["heading"], "words", heads, [["0", "7", every]])
    assert printed.splitlines()[-1].split() == ["0", "7", "b", "10%", "2", "4"]
    printed = text(["heading"], "words", heads, [["0", "7", [told]]])
    assert printed.endswith("no column sets it apart")


def test_long_names_leave_room_for_values(table):
    names = [f"a name of so many characters {i}" for i in range(4)]
    out = run(table(WINE.iloc[:, :4].set_axis(names, axis=1)), "--top", 2).out
    head, *lines = out[out.index("    row outlierness") :].splitlines()
    assert head.endswith("typical") and len(head) <= 88
    assert all("a name of so" in line and len(line) == len(head) for line in lines)


def test_terminals_have_styles_and_files_have_none(table, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    names = ["[red]ash[/red]", ":smile:"]
    path = table(WINE[["ash", "hue"]].set_axis(names, axis=1))
    with redirect_stdout(Terminal()) as screen:
        assert main([str(path), "--top", "9"]) == 0
    plain = run(path, "--top", 9).out
    for out in (screen.getvalue(), plain):
        # what looks like markup stays as it is
        assert all(name in out for name in names)
    assert "\x1b[1m" in screen.getvalue() and "\x1b" not in plain


def test_values_have_the_digits_that_tell_them_from_typical_ones():
    told = {"feature": "a", "share": 0.5, "value": 1764540000.0}
    heads = ["row", "outlierness", "because of", "share", "value", "typical"]
    for typical in (1764520000.0, "x", np.nan):
        reasons = [told | {"typical": typical}]
        printed = text(["heading"], "words", heads, [["7", "1.00", reasons]])
        last = {1764520000.0: ["1764520000"], "x": ["x"]}
        found = printed.splitlines()[-1].split()[4:]
        assert found == ["1764540000", *last.get(typical, [])]


def test_the_last_row_is_among_all_of_them(table):
    assert run(table(WINE[:4]), "--top", 4).out.count(" 100 ") == 1
