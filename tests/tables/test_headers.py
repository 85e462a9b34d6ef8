# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Lines ahead of a table, and headers of all sorts."""

import pandas as pd
import pytest
from helpers.cli_runs import refused, written
from helpers.odd_tables import BODY, N

from skneon import prepare


@pytest.mark.parametrize(
    "ahead",
    [
        "temp,wind,hum\n", "# a\n# b\ntemp,wind,hum\n", "#temp,wind,hum\n",
        "Weather data\nof 2020\n\ntemp,wind,hum\n",
        'Series:,"X1"\nTitle:,Weather\ntemp,wind,hum\n', "sep=,\ntemp,wind,hum\n",
        "Weather,,\nof 2020,,\n,,\ntemp,wind,hum\n", "temp,wind,hum\n°C,m/s,%\n",
        "temp,wind,\n,,hum\n",
    ],
)  # fmt: skip
def test_lines_ahead_of_the_table(ahead, tmp_path):
    found = prepare(written(tmp_path / "t.csv", ahead + BODY))
    assert list(found.rows) == ["temp", "wind", "hum"]
    assert found.rows.shape == (N, 3) and found.rows["temp"].iloc[1] == 1.5


def test_options_for_the_lines_ahead(tmp_path):
    path = written(tmp_path / "t.csv", "one,two,three\n% x\n" + BODY)
    options = {"skip_lines": 2, "header": False}
    assert list(prepare(path, **options).rows) == ["x0", "x1", "x2"]
    named = prepare(path, skip_lines=2, names=["a", "b", "c"])
    assert named.rows.shape == (N, 3) and list(named.rows) == ["a", "b", "c"]
    assert prepare(path, comment="%").rows.shape == (N, 3)
    assert "--skip-lines" in refused(path)
    path = written(tmp_path / "u.csv", BODY)
    assert any("taken for the header" in note for note in prepare(path).notes)
    assert "taken for the header" in refused(path, "--strict")


def test_headers_that_are_short(tmp_path):
    rows = [f"car{i},{20 + i % 7},{4 + 2 * (i % 3)}" for i in range(N)]
    found = prepare(written(tmp_path / "t.csv", "\n".join(["mpg,cyl", *rows]) + "\n"))
    assert list(found.rows) == ["mpg", "cyl"] and found.rows.index[1] == "car1"
    rows = [row[3:] + "," for row in rows]
    found = prepare(written(tmp_path / "t.csv", "\n".join(["n,a,b", *rows]) + "\n"))
    assert list(found.rows) == ["a", "b"]


@pytest.mark.parametrize("blank", [" ", "   ", "\t ", " \t"])
def test_runs_of_blanks_separate(blank, tmp_path):
    text = "temp,wind,hum\n" + BODY
    path = written(tmp_path / "t.dat", text.replace(",", blank))
    expected = prepare(written(tmp_path / "t.csv", text)).rows
    pd.testing.assert_frame_equal(prepare(path).rows, expected)
    padded = text.replace(",", blank).replace("\n", "\n  ").rstrip(" ")
    path = written(tmp_path / "t.dat", padded)
    pd.testing.assert_frame_equal(prepare(path, delimiter=" ").rows, expected)


@pytest.mark.parametrize("cell", ["unknown", "n.d.", "#REF!", "NA", "", "gone"])
def test_a_first_row_of_missing_values_is_no_line_of_units(cell, tmp_path):
    rows = f'"{cell}",{cell},{cell}\n{BODY}'
    path = written(tmp_path / "t.csv", "temp,wind,hum\n" + rows)
    found = prepare(path, missing=("gone",), strict=True)
    assert found.rows.shape == (N, 3) and found.rows.index[0] == 1
    assert not any("units" in note for note in found.notes)


def test_a_first_line_of_texts_that_recur_below_is_doubted(tmp_path):
    rows = [f"{'xy'[i % 2]},{'uvw'[i % 3]}\n" for i in range(N)]
    path = written(tmp_path / "t.csv", "".join(rows))
    note = "columns are 'x', 'u', too: if it is a row, say header=False."
    assert any(note in said for said in prepare(path).notes)
    assert "--no-header" in refused(path, "--strict")
    assert prepare(path, header=False, strict=True).rows.shape == (N, 2)
    path = written(tmp_path / "u.csv", "a,b\n" + "".join(rows))
    assert prepare(path, strict=True).rows.shape == (N, 2)


def test_a_title_that_looks_like_a_header_is_said(tmp_path):
    path = written(tmp_path / "t.csv", "Sales,overview\na,b\n" + "1.5,2\n2.5,9\n" * 30)
    assert any("skip_lines= 1, if it" in note for note in prepare(path).notes)
    rows = "".join(f"n{i % 5},{i % 11}\n" for i in range(N))
    path = written(tmp_path / "t.csv", "Sales,overview\nname,b\n" + rows)
    assert "--skip-lines 1 if that row is the header" in refused(path)
    assert list(prepare(path, skip_lines=1).rows) == ["name", "b"]


@pytest.mark.parametrize("ahead", ["Sales,\nof 2020,\n,\n", "Sales,\n"])
def test_titles_over_two_columns(ahead, tmp_path):
    rows = "".join(f"{'xyz'[i % 3]},{i * i % 11}\n" for i in range(N))
    found = prepare(written(tmp_path / "t.csv", f"{ahead}name,b\n{rows}"))
    assert list(found.rows) == ["name", "b"] and found.rows.shape == (N, 2)
    # a name may lack, where rows begin below
    found = prepare(written(tmp_path / "t.csv", f"name,\n{rows}"))
    assert list(found.rows) == ["name", "column2"] and found.rows.shape == (N, 2)
