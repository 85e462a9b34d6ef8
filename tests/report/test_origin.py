# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Where a report says its table comes from, and the Python that it shows."""

import re
from hashlib import sha256
from html import unescape

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, mixed, written
from helpers.report_pages import clean

from skneon import NeonKDE, prepare, report


def shown_code(page):
    """What the page says that makes it again."""
    return unescape(re.search(r"<code>(import skneon.*?)</code>", page, re.DOTALL)[1])


@pytest.mark.parametrize("named", [True, False])
def test_the_python_of_a_page_repeats_it(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = mixed().head(80)
    path = written(tmp_path / "the table.csv", frame)
    X = path if named else frame
    options = {"n_clusters": 2, "top": 3, "log": "none"}
    page = report(None, X, **options)
    names = {"X": X}
    exec(shown_code(page.html), names)
    again = names["report"].explanations["outliers"]
    np.testing.assert_array_equal(again.score, page.explanations["outliers"].score)
    clusters = names["report"].explanations["clusters"]
    np.testing.assert_array_equal(clusters.score, page.explanations["clusters"].score)
    assert (tmp_path / "report.html").exists()
    table = prepare(X, log="none")
    scores = names["model"].decision_function(table.rows)
    density = table.pipeline(NeonKDE("likelihood"))
    np.testing.assert_allclose(
        scores, density.fit(table.rows).decision_function(table.rows)
    )
    found = clean(page.html).text
    assert ("From the table.csv" in found) == named and str(tmp_path) not in page.html
    cells = pd.util.hash_pandas_object(table.rows, index=False).to_numpy().tobytes()
    digest = sha256(path.read_bytes() if named else cells).hexdigest()
    assert f"sha256 of the {'file' if named else 'cells'}" in found and digest in found


def test_a_model_and_its_rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = NeonKDE().fit(WINE)
    page = report(model, WINE, top=2)
    exec(shown_code(page.html), {"model": model, "X": WINE})
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page.html


def test_the_date_can_be_given(monkeypatch, wine):
    assert "Made on <time>2026-01-02</time>" in wine.html
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    page = report(None, WINE.head(20), n_clusters=0).html
    assert pd.Timestamp(re.search(r"<time>(.*?)</time>", page)[1]).year >= 2025
