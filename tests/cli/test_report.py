# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports of the command line."""

from helpers.cli_runs import mixed, refused, run


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
