# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables come the same from any file."""

import gzip
import io
import os
import subprocess
import sys
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, mixed, refused, run, written


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
