# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reasons and contributions are those of the explanation."""

import re

import numpy as np
import pandas as pd
import pytest
from helpers.report_pages import clean
from sklearn.datasets import load_wine

from skneon import report
from skneon.explanation._text import cell_texts, number_text, percent

WINE = load_wine(as_frame=True).data


def test_figures_are_those_of_the_explanation(wine):
    page = clean(wine.html, n_pictures=4)
    explanation = wine.explanations["outliers"]
    assert np.allclose(explanation.relevance.sum(axis=1), explanation.score)
    head, *rows = page.tables["contributions"]
    assert len(rows) == 100
    names = [cell["text"].removesuffix(" ") for cell in head]
    order = np.argsort(-explanation.score, kind="stable")[:100]
    assert [row[0]["text"] for row in rows] == [str(i) for i in order]
    for i, row in zip(order, rows, strict=True):
        assert float(row[1]["sort"]) == explanation.score[i]
        assert row[1]["text"] == number_text(explanation.score[i])
        assert row[2]["text"] == explanation[int(i)].top(1)[0][0].feature
        figures = [float(cell["sort"]) for cell in row[3:]]
        assert sum(figures) == pytest.approx(explanation.score[i])
        for name, figure in zip(names[3:-1], figures, strict=False):
            column = explanation.feature_names.index(name)
            assert figure == explanation.relevance[i, column]
    worst = explanation[int(order[0])]
    for part in worst.reasons(3)[0]:
        column = WINE[part.feature]
        typical, share = number_text(column.median()), percent(part.share)
        said = f"{number_text(part.value)} (typical {typical}"
        assert said in page.text and f"): {share}".replace("\xa0", " ") in page.text
    assert "ash 30 (typical 19.5, largest of 178): 30 %" in page.text
    clusters = wine.explanations["clusters"]
    for cluster in np.unique(clusters.target):
        members = clusters.target == cluster
        evidence = number_text(clusters.score[members].mean())
        assert f"{members.sum()} rows" in page.text
        assert f"mean evidence {evidence}" in page.text


def test_values_differ_from_what_stands_beside_them():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"time": 1.7645e9 + 3600 * rng.random(60)})
    X["z"] = rng.normal(size=60)
    X.loc[7, "time"] += 40000
    page = clean(report(None, X, n_clusters=2).html)
    value, typical = cell_texts([X["time"][7], X["time"].median()])
    assert f"time {value} (typical {typical}, largest of 60)" in page.text
    ends = [cell["text"] for cell in page.tables["columns"][1]][-3:]
    assert len(set(ends)) == 3 and ends[1] == typical
    sides = re.findall(r"time (\S+) \(elsewhere (\S+)\)", page.text)
    assert sides and all(inside != outside for inside, outside in sides)
