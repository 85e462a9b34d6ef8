# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a report is made of: samples, models, and explanations."""

import numpy as np
import pytest
from helpers.report_pages import clean
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from skneon import Explanation, NeonKDE, NeonKMeans, report


def test_many_rows_and_columns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 30))
    X[12_345, 7] = 30.0
    page = report(None, X, n_clusters=3)
    found = clean(page.html, n_pictures=4)
    assert "random sample of 10,000 of 20,000 rows. Of all rows" in found.text
    worst = page.explanations["outliers"]
    assert worst.index[worst.score.argmax()] == 12_345
    assert worst[int(worst.score.argmax())].top(1)[0][0].feature == "x7"
    assert found.tables["contributions"][1][0]["text"] == "12345"


WINE = load_wine(as_frame=True).data


Z = StandardScaler().set_output(transform="pandas").fit_transform(WINE)


def test_large_tables():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6000, 4))
    X[5432, 2] = 40.0
    for model in (NeonKDE(), KMeans(3, random_state=0, n_init=1)):
        page = report(model.fit(X), X)
        found = clean(page.html)
        assert "random sample of 5,000 of 6,000 rows" in found.text
        explanation = page.explanations["model"]
        assert explanation.index[explanation.score.argmax()] == 5432
    expected = NeonKDE().fit(X).explain()
    explanation = report(NeonKDE().fit(X), X).explanations["model"]
    assert np.allclose(explanation.score, expected.score[explanation.index])


def test_explanations_themselves():
    kmeans = NeonKMeans(3, random_state=0, n_init=1).fit(Z)
    for explanation in (kmeans.explain(), NeonKDE().fit(Z).explain()):
        page = report(explanation, WINE)
        found = clean(page.html)
        assert "Conservation error" in found.text
        assert "Flipping score" not in found.text and not page.models
        again = report(Explanation.from_json(explanation.to_json()), None)
        assert clean(again.html)
    with pytest.raises(ValueError, match="100 rows, the explanation 178"):
        report(explanation, WINE.iloc[:100])
