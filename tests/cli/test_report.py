# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports of the command line."""

import re
import shlex
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, mixed, refused, run, written
from helpers.report_pages import clean


def test_report(table, tmp_path):
    frame, path = mixed(), tmp_path / "report.html"
    data = table(frame)
    said = run(data, "--report", path, "--top", 3, "--model", "kmeans").out
    assert f"The report is in {path}." in said
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert all(name in page for name in frame.columns)
    path.unlink()
    two = list(frame.select_dtypes("number").columns[:2])
    run(data, "--report", path, "--group", f"together={','.join(two)}", "--quiet")
    assert "together" in path.read_text(encoding="utf-8")
    assert "overwrite" in refused(data, "--report", data)


def test_rows_outside_of_the_sample_are_found(table, tmp_path):
    path, output = tmp_path / "report.html", tmp_path / "out.csv"
    sample = ["--max-support", 60, "--report", path, "--output", output, "--top", 3]
    assert run(table(WINE), *sample).code == 0
    found = clean(path.read_text(encoding="utf-8"))
    assert "a random sample of 60 of 178 rows. Of all rows" in found.text
    scores = pd.read_csv(output, index_col="row")["score"]
    worst = scores.sort_values(ascending=False, kind="stable")[:60]
    rows = found.tables["contributions"][1:61]
    assert [int(row[0]["text"]) for row in rows] == list(worst.index)
    np.testing.assert_allclose([float(row[1]["sort"]) for row in rows], worst)
    assert found.tags.count("article") == 3


def test_a_page_must_be_called_one():
    assert "must end in .html" in refused("--report", "x.txt")


def test_dates_stay_dates(table, tmp_path):
    path = tmp_path / "report.html"
    days = pd.date_range("2019-12-25", periods=60)[::-1].strftime("%d.%m.%Y")
    frame = pd.DataFrame({"day": days, "n": np.random.default_rng(0).normal(size=60)})
    assert run(table(frame), "--report", path, "--top", 3).code == 0
    found = clean(path.read_text(encoding="utf-8"))
    _, line, _ = found.tables["columns"]
    assert [line[i]["text"] for i in (0, 1, 4, 6)] == [
        "day", "date", "2019-12-25", "2020-02-22"
    ]  # fmt: skip
    assert "Read as dates by %d.%m.%Y, in days: day." in found.text


@pytest.mark.parametrize(
    "way",
    [
        ["--threshold", 30, "--fit-on"],
        ["--alpha", 0.05, "--fit-on"],
        ["--fdr", 0.3, "--fit-on"],
        ["--contamination", 0.1],
        [],
    ],
)
def test_pages_flag_what_the_terminal_flags_by_the_same_words(way, table, tmp_path):
    path, new = tmp_path / "r.html", WINE[9:61:2].reset_index(drop=True)
    new.loc[3] *= 2
    reference = [written(tmp_path / "old.csv", WINE[::2])] if "--fit-on" in way else []
    arguments = [table(new), *way, *reference, "--log", "none", "--report", path]
    found = document(*arguments)
    said = clean(path.read_text(encoding="utf-8")).text
    verdict = re.search(r"The median outlierness.*?\.(?= What| Most)", said)[0]
    assert verdict in " ".join(run(*arguments).out.split())
    assert f"{found['n_flagged']} row" in verdict or "No row is" in verdict
    if way:
        assert f"flagged, by {found['flagged_by']}." in verdict
    digest = sha256((tmp_path / "table.csv").read_bytes()).hexdigest()
    assert digest in said and "The report is in" not in said
    files = " old.csv" * len(reference) + " --log none --report r.html"
    again = shlex.join(["skneon", "table.csv", *map(str, way)]) + files
    assert f"To make this report again: {again}" in said
