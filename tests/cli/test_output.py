# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Files of relevances: complete or not at all, and harmless."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, mixed, refused, run, written

from skneon._cli import _output
from skneon._report._harmless import harmless


@pytest.mark.parametrize(
    "suffix", [".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".pq", ".CSV", ".xlsx"]
)
def test_formats(tmp_path, suffix):
    if suffix in (".parquet", ".pq"):
        pytest.importorskip("pyarrow")
    expected = tmp_path / "expected.csv"
    run("--output", expected)
    output = tmp_path / f"out{suffix}"
    assert run("--output", output).code == 0
    if suffix in (".parquet", ".pq"):
        table = pd.read_parquet(output)
    elif suffix == ".xlsx":
        table = pd.read_excel(output)
    else:
        table = pd.read_csv(output, sep="\t" if "tsv" in suffix else ",")
    expected = pd.read_csv(expected)
    # a workbook does not tell 1.0 from 1
    same = {"rtol": 1e-12, "check_dtype": suffix != ".xlsx"}
    pd.testing.assert_frame_equal(table, expected, **same)


def test_an_earlier_file_stays_until_the_end(tmp_path):
    output = written(tmp_path / "out.csv", "before")
    bad = written(tmp_path / "bad.csv", "a,b\n1,2\n3,4,5\n")
    refused(bad, "--output", output)
    assert output.read_text() == "before"
    assert run("--output", output).code == 0
    assert output.read_text().startswith("row,score,multiple,flagged,residual,alcohol,")
    assert sorted(os.listdir(tmp_path)) == ["bad.csv", "out.csv"]


def test_unwritable_outputs(tmp_path):
    assert "cannot be written" in refused("--output", tmp_path / "no" / "folder.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "is no plain file" in refused("--output", tmp_path / "folder.csv")
    file = written(tmp_path / "file", "")
    assert "cannot be written" in refused("--output", file / "x.csv")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.csv"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "+1"),
        ("-1.5e3", "-1.5e3"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a=1", "a=1"),
        ("\x1b[31m\x9bx\ty", "?[31m?x\ty"),
        ("", ""),
        ("-", "'-"),
    ],
)
def test_formulas(text, expected):
    assert harmless(text) == expected


def test_hostile_names_and_labels(tmp_path):
    names = ["=cmd|' /C calc'!A0", "@b", "+1\x1b[31m", "e\u202e"]
    frame = WINE.iloc[:, :4].set_axis(names, axis=1)
    labels = ["=1+1", "-2", "\x1b]0;title\x07", "@x", '"a,b"', "two\nlines"]
    frame["id"] = [labels[i % 6] for i in range(178)]
    path = written(tmp_path / "table.csv", frame)
    output = tmp_path / "out.csv"
    arguments = [path, "--id", "id", "--top", 178, "--group==g=@b,e\u202e"]
    assert "NAME=column" in refused(*arguments)
    arguments[-1] = "--group=-g=@b,e\u202e"
    done = run(*arguments, "--output", output)
    assert done.code == 0
    assert all(c.isprintable() for c in done.out.replace("\n", ""))
    assert all(len(line) <= 88 for line in done.out.splitlines()[1:])
    table = pd.read_csv(output)
    features = ["'-g", "'" + names[0], "'+1?[31m"]
    assert list(table.columns[5::4]) == features and table.columns[0] == "id"
    assert list(table["id"][:6]) == ["'=1+1", "-2", "?]0;title?", "'@x", *labels[4:]]
    found = document(*arguments)
    assert {entry["id"] for entry in found["rows"]} == set(labels)
    raw = run(*arguments, "--json").out
    assert raw.isascii() and json.loads(raw) == found
    message = refused(path, "--columns", "\x1b[31m")
    assert "\x1b" not in message


def test_labels_that_are_missing_or_numbers(tmp_path):
    frame = WINE.iloc[:40, :3].copy()
    frame["key"] = [np.nan, *(f"{i:03}" for i in range(39))]
    output = tmp_path / "out.csv"
    run(written(tmp_path / "t.csv", frame), "--id", "key", "--output", output)
    keys = pd.read_csv(output, dtype=str, keep_default_na=False)["key"]
    assert list(keys[:3]) == ["", "000", "001"]


def test_values_typical_ones_and_shares(tmp_path):
    frame = mixed().assign(day=pd.date_range("2026-01-01", periods=120).astype(str))
    path, group = written(tmp_path / "t.csv", frame), "--group=both=weight,grade"
    names = ["both", "day", "size", "kind"]
    arguments = [path, "--id", "name", group, "--log", "none", "--output"]
    for suffix, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet)):
        wide, long = tmp_path / f"wide{suffix}", tmp_path / f"long{suffix}"
        assert run(*arguments, wide).code == 0
        assert run(*arguments, long, "--output-form", "long").code == 0
        wide, long = read(wide), read(long)
        assert {*long["feature"]} == {*names} and len(long) == 4 * len(wide)
        assert len(wide) == 120 and list(wide["name"]) == list(frame["name"])
        column, of_size = wide.set_index("name"), long[long["feature"] == "size"]
        of_size = of_size.set_index("name").astype({"value": float, "typical": float})
        given = column["size"], column["size typical"]
        np.testing.assert_allclose(given[0], frame["size"])
        np.testing.assert_allclose(given[1], frame["size"].median())
        np.testing.assert_allclose(of_size["value"], frame["size"])
        for what in ("relevance", "share"):
            np.testing.assert_allclose(of_size[what], column[f"size {what}"])
        assert list(wide["day"]) == list(frame["day"])
        assert wide["kind"].isna().equals(frame["kind"].isna())
        assert {*wide["kind typical"]} == {frame["kind"].mode()[0]}
        assert wide[["both", "both typical"]].isna().all(axis=None)
        parts = wide[[f"{name} relevance" for name in names]].sum(axis=1)
        np.testing.assert_allclose(parts + wide["residual"], wide["score"])


def test_cells_that_are_formulas(tmp_path):
    cells = ["=1+1", "@x", "plain"] * 20
    frame = pd.DataFrame({"=a": cells, "b": np.arange(60.0) ** 2})
    path = written(tmp_path / "t.csv", frame)
    for name, read in (("o.xlsx", pd.read_excel), ("o.csv", pd.read_csv)):
        for form in ("wide", "long"):
            output = tmp_path / name
            done = run(path, "--output", output, "--output-form", form)
            assert done.code == 0
            texts = read(output, dtype=str, keep_default_na=False).to_numpy().ravel()
            assert {"'=1+1", "'@x", "plain"} <= {*texts}
            assert not any(map(str.startswith, texts, ["=" for _ in texts]))


def test_a_sheet_that_is_too_small(tmp_path, monkeypatch):
    monkeypatch.setattr(_output, "ROWS", 178)
    message = refused("--output", tmp_path / "o.xlsx")
    assert "a sheet of Excel has up to 178 lines" in message
    assert "Write .parquet or .csv" in message and not list(tmp_path.iterdir())
    monkeypatch.setattr(_output, "ROWS", 179)
    assert run("--output", tmp_path / "o.xlsx").code == 0
