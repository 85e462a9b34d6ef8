# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sections of reports on small and large tables."""

import numpy as np
import pandas
import pytest
from helpers.report_pages import clean
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, NeonKMeans, report
from skneon.network import SoftArgmin

WINE = load_wine(as_frame=True).data


@pytest.mark.parametrize("n", [2, 3, 5])
def test_few_rows(n):
    page = report(None, WINE.iloc[: 30 * n : 30])
    assert f"{n} rows, 13 columns" in clean(page.html).text


@pytest.mark.parametrize("d", [1, 2])
def test_few_columns(d):
    page = report(None, WINE.iloc[:, :d])
    found = clean(page.html)
    assert all(name in found.text for name in WINE.columns[:d])
    assert page.explanations["outliers"].relevance.shape == (178, d)


def test_no_numeric_columns():
    frame = pandas.DataFrame({"a": ["x", "y", "z"] * 9, "b": list("uvw") * 9})
    frame.loc[3, "a"] = None
    found = clean(report(None, frame).html)
    assert "components of all columns that are used" in found.text


@pytest.mark.parametrize("n_clusters", [0, 25])
def test_numbers_of_clusters(n_clusters):
    page = report(None, WINE, n_clusters=n_clusters)
    found = clean(page.html)
    assert ("clusters" in page.models) == (n_clusters > 0)
    assert ("clusters" in found.ids) == (n_clusters > 0)
    if n_clusters == 25:
        assert "The first 20 of 25 clusters" in found.text


def test_a_single_cluster():
    with pytest.raises(ValueError, match="at least 2, or 0, which leaves clusters out"):
        report(None, WINE, n_clusters=1)
    page = report(NeonKMeans(1, n_init=1).fit(Z), Z)
    text = " ".join(clean(page.html).text.split())
    assert (
        "In short One cluster holds all rows: there is nothing to tell it from." in text
    )
    assert "There is no other cluster to tell it from." in text
    assert "No score is finite." in text and "add up to it" not in text


def test_two_hundred_columns():
    X = np.random.default_rng(0).normal(size=(300, 200))
    X[5, 150] = 20.0
    found = clean(report(None, X, n_clusters=2).html)
    assert "The first 100 of 200 columns" in found.text
    assert len(found.tables["columns"]) == 101
    assert "8 leading columns of 200" in found.text


Z = StandardScaler().set_output(transform="pandas").fit_transform(WINE)


def test_other_targets():
    inlier = NeonKDE().fit(Z).explain(target="inlier")
    assert "Rows of the largest inlierness" in clean(report(inlier, WINE).html).texts
    lossy = NeonKDE(rule=SoftArgmin(epsilon=5.0)).fit(Z).explain()
    found = clean(report(lossy, WINE).html)
    assert "unexplained (residual)" in found.text
    assert found.tables["contributions"][0][-1]["text"] == "residual"
