# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables to report on: what is read of them, and what is refused."""

import datetime
from decimal import Decimal

import numpy as np
import pandas
import pytest
from helpers.report_pages import clean, mixed_frame
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, load_wine

from skneon import report

WINE = load_wine(as_frame=True).data


def test_columns_of_all_kinds():
    page = report(None, mixed_frame())
    found = clean(page.html, n_pictures=4)
    used = page.explanations["outliers"].feature_names
    assert used == (
        "size", "whole", "nullable", "colour", "kind", "yes", "maybe", "when", "zone",
        "took", "lists",
    )  # fmt: skip
    for said in ("constant (the same value in every row)", "empty (no values at all)",
                 "same (the same value in every row)", "none (no values at all)",
                 "name (free text or labels, most of them different)",
                 "complex (complex numbers)"):  # fmt: skip
        assert said in found.text.replace(" (", " (")
    data = page.explanations["outliers"].data
    assert data[3, used.index("when")].startswith("20")
    assert data[2, used.index("when")] is None
    typical = page.explanations["outliers"].compared_with[:, used.index("when")]
    assert all(len(text) == len("2020-01-01") for text in typical)
    assert data[0, used.index("zone")] == "2020-03-01 12:00:00"
    assert "17 columns" in found.text


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (WINE.iloc[:1], "1 row: at least 2"),
        (WINE.iloc[:0], "nothing to report"),
        (WINE[["ash", "ash"]], "columns named ash"),
        (pandas.DataFrame({"a": [1.0, np.inf]}), "'a' holds infinite"),
        (pandas.DataFrame({"a": [1.0, 1e200]}), "'a' holds values beyond"),
        (
            pandas.DataFrame({"a": [1.0, 1.0], "b": [None, None]}),
            "the same value in every row: a",
        ),
        (pandas.DataFrame({1: [1.0, 2.0], "1": [1.0, 2.0]}), "columns named 1"),
        (np.arange(5.0), "table of rows"),
    ],
)
def test_unusable_tables(frame, message):
    with pytest.raises(ValueError, match=message):
        report(None, frame)


def test_table_is_left_as_it_was():
    frame, before = mixed_frame(), mixed_frame()
    report(None, frame, n_clusters=2)
    pandas.testing.assert_frame_equal(frame, before)


def test_lists_and_arrays():
    X = load_iris().data
    page = report(None, X.tolist(), n_clusters=2)
    assert page.html == report(None, X, n_clusters=2).html
    assert page.explanations["outliers"].feature_names == ("x0", "x1", "x2", "x3")
    model = KMeans(3, random_state=0, n_init=1).fit(X)
    assert report(model, X.tolist()).html == report(model, X).html


def test_objects_are_what_they_hold():
    dates = [datetime.date(1000 + 900 * (i % 9), 1, 1) for i in range(30)]
    frame = pandas.DataFrame(
        {
            "number": pandas.Series([1, None, 2.5] * 10, dtype=object),
            "big": pandas.Series(
                [Decimal("1e30"), Decimal("2"), None] * 10, dtype=object
            ),
            "date": pandas.Series(pandas.array(np.array(dates, "datetime64[s]"))),
            "mixed": pandas.Series([1, "one", None] * 10, dtype=object),
        }
    )
    page = report(None, frame, n_clusters=2)
    found = clean(page.html)
    kinds = {row[0]["text"]: row[1]["text"] for row in found.tables["columns"][1:]}
    assert kinds == {"number": "number", "big": "number", "date": "date",
                     "mixed": "category"}  # fmt: skip
    assert "8200-01-01" in found.text
