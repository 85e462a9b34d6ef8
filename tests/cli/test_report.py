# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports of the command line."""

import numpy as np
import pandas as pd
from helpers.cli_runs import mixed, refused, run
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


def test_dates_stay_dates(table, tmp_path):
    path = tmp_path / "report.html"
    days = pd.date_range("2019-12-25", periods=60)[::-1].strftime("%d.%m.%Y")
    frame = pd.DataFrame({"day": days, "n": np.random.default_rng(0).normal(size=60)})
    assert run(table(frame), "--report", path, "--top", 3).code == 0
    found = clean(path.read_text(encoding="utf-8"))
    _, line, _ = found.tables["columns"]
    assert [line[i]["text"] for i in (0, 1, 3, 5)] == [
        "day", "date", "2019-12-25", "2020-02-22"
    ]  # fmt: skip
    assert "Read as dates by %d.%m.%Y, in days: day." in found.text
