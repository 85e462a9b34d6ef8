# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables come the same from any file."""

import gzip
import io
import json
import os
import subprocess
import sys
from threading import Thread

import numpy as np
import openpyxl
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, mixed, refused, run, written

from skneon import prepare


def test_all_forms_of_a_table_say_the_same(tmp_path):
    frame = mixed()
    comma, semicolon = {"index": False}, {"index": False, "sep": ";", "decimal": ","}
    texts = {
        "plain.csv": frame.to_csv(**comma).encode(),
        "bom.csv": frame.to_csv(**comma).encode("utf-8-sig"),
        "windows.csv": frame.to_csv(**comma, lineterminator="\r\n").encode(),
        "semicolon.csv": frame.to_csv(**semicolon).encode(),
        "tabs.tsv": frame.to_csv(index=False, sep="\t").encode(),
        "bars.txt": frame.to_csv(index=False, sep="|").encode(),
        "zipped": gzip.compress(frame.to_csv(**semicolon).encode("utf-8-sig")),
        "missing.csv": frame.to_csv(**comma, na_rep="NA").encode(),
    }
    expected = document(written(tmp_path / "plain.csv", texts["plain.csv"]))
    assert "Read as text, separated by commas." in expected["notes"]
    for name, content in texts.items():
        found = document(written(tmp_path / name, content))
        assert found["rows"] == expected["rows"], name
        assert found["settings"] == expected["settings"], name
    wide = written(tmp_path / "wide.csv", frame.to_csv(**comma).encode("utf-16"))
    assert "utf-16" in refused(wide)
    assert document(wide, "--encoding", "utf-16")["rows"] == expected["rows"]
    note = document(tmp_path / "semicolon.csv")["notes"][0]
    assert note == "Read as text, separated by semicolons, with decimal commas."


def test_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    frame = mixed()
    expected = document(written(tmp_path / "table.csv", frame))
    path = tmp_path / "table.parquet"
    frame["grade"] = frame["grade"].astype("category")
    for size in (7, 1000):
        frame.to_parquet(path, row_group_size=size)
        found = document(path)
        assert found["notes"][0] == "Read as Parquet."
        assert found["rows"] == expected["rows"]


def test_types_of_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    n = 40
    frame = pd.DataFrame(
        {
            "number": np.random.default_rng(0).normal(size=n),
            "code": [["01", "2"][i % 2] for i in range(n)],
            "whole": pd.array([None, *range(5, n + 4)], dtype="Int64") ** 2,
            "yes": [i % 3 == 0 for i in range(n)],
            "when": pd.date_range("2020-01-01", periods=n),
            "key": 2**60 + np.arange(n) ** 3,
        }
    )
    path = tmp_path / "table.parquet"
    frame.to_parquet(path)
    found = document(path, "--id", "key", "--top", 40)
    assert found["settings"]["columns"] == ["number", "code", "whole", "yes", "when"]
    # texts with leading zeros are labels, and dates are dates
    assert found["settings"]["categories"] == ["code", "yes"]
    assert found["settings"]["kinds"]["when"] == "date"
    keys = {str(key) for key in frame["key"]}
    assert {entry["id"] for entry in found["rows"]} == keys


def test_parquet_that_cannot_be_read(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    path = written(tmp_path / "x.parquet", b"PAR1 and no more")
    assert "cannot be read as Parquet" in refused(path)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert 'pip install "skneon[tables]"' in refused(path)
    assert 'pip install "skneon[tables]"' in refused("--output", tmp_path / "o.pq")


def test_standard_input(tmp_path):
    text = WINE.to_csv(index=False)
    command = [sys.executable, "-m", "skneon", "-", "--top", "1"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.stderr == "" and done.stdout.startswith("standard input: 178 rows")
    expected = run(written(tmp_path / "table.csv", text), "--top", 1).out
    assert done.stdout.splitlines()[1:] == expected.splitlines()[1:]


def test_standard_input_that_is_empty(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert "standard input is empty" in refused("-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    thread = Thread(target=pipe.write_text, args=(WINE.to_csv(index=False),))
    thread.start()
    assert document(pipe)["n_rows"] == 178
    thread.join()


def workbook(path, *rows, **sheets):
    """A workbook of one sheet of rows, and of others."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in sheets:
        book.create_sheet(name).append([1])
    book.save(path)
    return path


CELLS = [[i % 7 + 0.5, i * i % 11, f"{'xyz'[i % 3]}"] for i in range(60)]


def test_sheets_are_read_as_texts_are(tmp_path):
    path, names = tmp_path / "t.xlsx", ["a", "b", "c"]
    expected = prepare(pd.DataFrame(CELLS, columns=names)).rows
    for ahead in ([], [["Sales"], []], [["Sales"], ["of", None, None]]):
        found = prepare(workbook(path, *ahead, names, *CELLS, other=1))
        pd.testing.assert_frame_equal(found.rows, expected)
        assert "Of the sheets, 'Sheet' was read, not 'other' (sheet=)." in found.notes
    found = prepare(workbook(path, ["x", "y", "z"], *CELLS), skip_lines=1, names=names)
    pd.testing.assert_frame_equal(found.rows, expected)
    found = prepare(workbook(path, *CELLS), header=False)
    assert list(found.rows) == ["x0", "x1", "x2"] and len(found.rows) == 60
    assert "columns named a" in refused(workbook(path, ["a", "b", "a"], *CELLS))
    rows = [[*row[:2], f"=A{i + 2}*2"] for i, row in enumerate(CELLS)]
    assert "formulas without a value" in refused(workbook(path, names, *rows))


@pytest.mark.parametrize(
    ("option", "value"),
    [("--skip-lines", [1]), ("--no-header", []), ("--names", ["a", "b"]),
     ("--comment", ["#"]), ("--delimiter", [";"]), ("--encoding", ["latin-1"])],
)  # fmt: skip
def test_options_without_effect_are_refused(option, value, tmp_path):
    path = tmp_path / "t.parquet"
    WINE.to_parquet(path)
    assert f"{option} is for tables of text" in refused(path, option, *value)


def test_text_of_utf_16_is_named(tmp_path):
    path = written(tmp_path / "t.csv", WINE.to_csv(index=False).encode("utf-16-le"))
    assert "holds NUL characters" in refused(path)
    assert document(path, "--encoding", "utf-16-le")["n_rows"] == 178


def test_numbers_in_json_are_no_dates(tmp_path):
    frame = pd.DataFrame({"created_at": 1_600_000_000 + np.arange(60) ** 2, "b": 1.5})
    frame.to_json(tmp_path / "t", orient="records")
    found = prepare(tmp_path / "t")
    np.testing.assert_array_equal(found.rows["created_at"], frame["created_at"])


@pytest.mark.parametrize("orient", ["columns", "index", "split"])
def test_one_object_of_json_is_named(orient, tmp_path):
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}).to_json(tmp_path / "t", orient=orient)
    with pytest.raises(ValueError, match=r"is one JSON object, of .*: write each row"):
        prepare(tmp_path / "t")


def test_a_first_sheet_of_a_cover_names_the_others(tmp_path):
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as book:
        cover = pd.DataFrame({"x": ["Report", "see Data"]})
        cover.to_excel(book, sheet_name="Cover", index=False, header=False)
        pd.DataFrame({"a": range(9)}).to_excel(book, sheet_name="Data", index=False)
    with pytest.raises(ValueError, match=r"1 row: at least 2 .*'Cover' .*not 'Data'"):
        prepare(path)
    for sheet in ("Data", 2):
        found = prepare(path, sheet=sheet, keep="a")
        assert list(found.rows["a"]) == list(range(9))
        assert not any("Of the sheets" in note for note in found.notes)
    message = refused(path, "--sheet", "3")
    assert "--sheet 3:" in message and "the sheets 'Cover', 'Data', from 1" in message
    text = written(tmp_path / "t.csv", WINE)
    assert "--sheet is for workbooks" in refused(text, "--sheet", 1)


@pytest.mark.parametrize("indent", [None, 2])
def test_rows_of_json_wherever_they_stand(indent, tmp_path):
    frame, names = pd.DataFrame(CELLS, columns=["a", "b", "c"]), ["x0", "x1", "x2"]
    for document_, columns in (
        (frame.to_dict("records"), "abc"), (CELLS, names), ([["p", "q", "r"], *CELLS],
        "pqr"), ({"made": "today", "rows": frame.to_dict("records")}, "abc"),
    ):  # fmt: skip
        path = written(tmp_path / "t.json", json.dumps(document_, indent=indent))
        found = prepare(path)
        expected = prepare(frame.set_axis(list(columns), axis=1)).rows
        pd.testing.assert_frame_equal(found.rows, expected)
    assert "The rows are those of 'rows'." in found.notes
    for rows, said in (
        ([[1, 2], [3]], "row 1 is no list of 2 cells"),
        ([{"a": 1}, 5], "row 1 is no object"),
    ):
        path = written(tmp_path / "t.json", json.dumps(rows, indent=indent))
        assert said in refused(path)


def test_a_first_sheet_that_is_empty_is_passed_over(tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b", "c"], *CELLS):
        (book["Data"] if "Data" in book else book.create_sheet("Data")).append(row)
    book.save(tmp_path / "t.xlsx")
    found = prepare(tmp_path / "t.xlsx")
    assert found.rows.shape == (60, 3)
    assert "Of the sheets, 'Data' was read, not 'Sheet' (sheet=)." in found.notes
    message = refused(tmp_path / "t.xlsx", "--sheet", "Sheet")
    assert (
        "Sheet 'Sheet' of" in message
        and "t.xlsx is empty; others are 'Data'." in message
    )
    openpyxl.Workbook().save(tmp_path / "t.xlsx")
    assert "error: " + str(tmp_path / "t.xlsx") + " is empty." in refused(
        tmp_path / "t.xlsx"
    )
