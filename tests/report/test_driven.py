# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What drives the rows of a table that are unusual, or else the largest scores."""

import numpy as np
from helpers.report_pages import clean
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans, explain, report
from skneon._report._driven import driven_rows
from skneon._report._scale import scale_of

NOISE = np.random.default_rng(0).normal(size=(300, 4))


def test_the_chart_is_of_the_rows_beyond_or_else_of_the_largest_scores():
    found = clean(report(None, NOISE, n_clusters=0).html).text
    assert "drives the 15 rows of the largest outlierness, none of which is" in found
    assert "What drives the 15 most outlying rows column" in found
    assert "in the order of how much more they contribute than in an ordinary" in found
    X = np.random.default_rng(0).normal(size=(300, 4))
    # apart from each other, too: rows that are far off together hide one another
    X[:8, 1], X[8:12, 2] = 20.0 * (1 + np.arange(8)), -100.0 * (1 + np.arange(4))
    page = report(None, X, n_clusters=0)
    found = clean(page.html).text
    told = page.explanations["outliers"]
    n = told.flagged().sum()
    assert n > 10 and f"What drives the {n} rows beyond the threshold: dark" in found
    assert f"What drives the {n} rows beyond the threshold: x2 , x1 ." in found
    for group in told.groups(rows=told.flagged()):
        names, size = " and ".join(group.features), len(group.rows)
        assert f"{names} : {size} row" in found or f"{names}: {size} row" in found


def test_rows_beyond_in_the_sample_or_else_all_that_are_explained():
    X = np.vstack([NOISE, [[9.0, 0.0, 0.0, 0.0]]])
    told = NeonKDE().fit(X).explain()
    beside = scale_of(told.training_score, told.score)
    for n_sample, n_beside in ((301, 301), (300, 301)):
        found = driven_rows(told, n_sample, beside)
        assert np.flatnonzero(found.rows).tolist() == [300]
        assert len(found.beside) == len(found.rows) == n_beside
        assert found.title == "What drives the row beyond the threshold"
    # nothing is beyond: the sample by itself
    found = driven_rows(
        told[:200], 100, scale_of(told.training_score, told.score[:200])
    )
    assert found.rows is None and len(found.beside) == 100 and not found.groups


def test_clusters_have_all_their_rows():
    X = scale(load_wine().data)
    kmeans = NeonKMeans(3, n_init=1, random_state=0).fit(X)
    found = driven_rows(explain(kmeans, X), 178, None)
    assert found.rows is None and "178 rows" in found.caption
