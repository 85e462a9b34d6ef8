# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a report is made of: samples, models, and explanations."""

import numpy as np
import pandas
import pytest
from helpers.cli_runs import mixed, run, written
from helpers.report_pages import clean
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from skneon import Explanation, NeonKDE, NeonKMeans, explain, prepare, report


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


def test_the_command_line_and_python_say_the_same(tmp_path):
    frame = mixed().assign(when=pandas.date_range("2020-01-01", periods=120)[::-1])
    path = written(tmp_path / "t.csv", frame)
    run(path, "--output", tmp_path / "out.csv")
    scores = pandas.read_csv(tmp_path / "out.csv")["score"]
    found = prepare(path)
    model = found.pipeline(NeonKDE("likelihood")).fit(found.rows)
    own = explain(model, X_train=found.rows)
    np.testing.assert_allclose(scores, own.score, rtol=1e-9)
    for table in (str(path), frame, found):
        page = report(None, table, n_clusters=0)
        told = page.explanations["outliers"]
        np.testing.assert_allclose(told.score, own.score, rtol=1e-9)
        assert told.data[0, -1] == "2020-04-29"
    assert "In days" not in page.html and "Read as dates, in days: when" in page.html


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
