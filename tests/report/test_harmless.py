# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables that pages carry along as CSV."""

import io
import re
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

import numpy as np
import pandas as pd
from helpers.report_pages import clean, hostile_frame

from skneon import NeonKDE, report
from skneon._report import _harmless
from skneon._report._harmless import csv_link


def carried(html):
    link = re.search(r'<a download="contributions.csv" href="([^"]*)"', html)[1]
    head, _, text = unescape(link).partition(",")
    assert head == "data:text/csv;charset=utf-8"
    return pd.read_csv(io.StringIO(unquote(text)))


def test_contributions_are_all_there_to_the_last_digit(wine):
    told, found = wine.explanations["outliers"], carried(wine.html)
    assert len(found) == 178 and (np.diff(found["score"]) <= 0).all()
    rows = found["row"].to_numpy()
    names = list(told.feature_names)
    np.testing.assert_allclose(found[names], told.relevance[rows], rtol=1e-15)
    np.testing.assert_allclose(found["score"], told.score[rows], rtol=1e-15)


def test_no_cell_is_a_formula():
    found = carried(report(None, hostile_frame(), n_clusters=2).html)
    texts = [*found.columns, *found["row"]]
    assert any(text.startswith("'=1+1") for text in texts)
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


def test_a_page_has_room_for_some_rows(monkeypatch):
    monkeypatch.setattr(_harmless, "LONGEST", 20 * 7 * 5)
    X = np.random.default_rng(0).normal(size=(30, 4))
    page = report(NeonKDE().fit(X), X)
    largest = np.sort(page.explanations["model"].score)[:-6:-1]
    np.testing.assert_allclose(carried(page.html)["score"], largest)
    assert "of the 5 rows of the largest outlierness" in clean(page.html).text
    told = page.explanations["model"]
    assert csv_link(replace(told, index=np.array(["x" * 500] * 30)))[0] == 2
    monkeypatch.setattr(_harmless, "LONGEST", 10)
    assert "CSV" not in report(NeonKDE().fit(X), X).html
