# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Large tables: a sample explains all rows, and rows in it leave themselves out."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, refused, run, written
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, NeonKMeans, explain
from skneon._cli import _run
from skneon._report import _judge
from skneon._tables import _source
from skneon._tables._survey import sampled as drawn

SUPPORT = 60


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(_source, "CELLS", 13 * 17)
    return written(tmp_path / "table.csv", WINE)


def sampled():
    return WINE.iloc[drawn(178, SUPPORT)]


def test_outliers_by_a_sample(path, tmp_path):
    output = tmp_path / "out.csv"
    found = document(path, "--max-support", SUPPORT, "--output", output)
    rows = sampled()
    model = make_pipeline(StandardScaler(), NeonKDE("likelihood")).fit(rows)
    new = explain(model, WINE)
    left_out = explain(model, X_train=rows)
    expected, score = new.relevance.copy(), new.score.copy()
    expected[rows.index], score[rows.index] = left_out.relevance, left_out.score
    table = pd.read_csv(output, index_col="row")
    np.testing.assert_allclose(
        table[WINE.columns + " relevance"], expected, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(table["score"], score, rtol=1e-9)
    assert [e["row"] for e in found["rows"]] == list(np.argsort(-score)[:5])
    assert found["settings"]["n_support"] == SUPPORT and found["n_rows"] == 178
    assert any("60 rows drawn at random" in note for note in found["notes"])
    # the scores alone say the same
    alone = document(path, "--max-support", SUPPORT)
    for one, other in zip(alone["rows"], found["rows"], strict=True):
        assert one["row"] == other["row"]
        assert one["score"] == pytest.approx(other["score"])
    text = run(path, "--max-support", SUPPORT).out
    assert "each judged by a sample of 60 others" in text


def test_clusters_by_a_sample(path, tmp_path):
    output = tmp_path / "out.csv"
    arguments = ["--model", "kmeans", "--clusters", 3, "--max-support", SUPPORT]
    arguments += ["--output", output]
    found = document(path, *arguments)
    kmeans = NeonKMeans(3, n_init=10, random_state=0)
    expected = explain(make_pipeline(StandardScaler(), kmeans).fit(sampled()), WINE)
    table = pd.read_csv(output, index_col="row")
    np.testing.assert_array_equal(table["cluster"], expected.target)
    np.testing.assert_allclose(
        table[WINE.columns + " relevance"], expected.relevance, rtol=1e-9, atol=1e-12
    )
    profile = expected.profile()
    for c, entry in enumerate(found["clusters"]):
        members = expected.target == c
        assert entry["rows"] == members.sum()
        assert entry["score"] == pytest.approx(expected.score[members].mean())
        for reason in entry["reasons"]:
            i = list(WINE.columns).index(reason["feature"])
            relevance = expected.relevance[members, i].mean()
            assert reason["relevance"] == pytest.approx(relevance)
            share = profile.loc[c, "share"][reason["feature"]]
            assert reason["share"] == pytest.approx(share, rel=1e-6, abs=1e-9)
            inside = WINE.loc[members, reason["feature"]].mean()
            assert reason["inside"] == pytest.approx(inside)


def test_the_leading_rows_are_the_same_in_any_parts():
    score = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 4.0, 5.0, 4.0])
    features = pd.DataFrame({"a": score})
    for part in (1, 3, 8):
        leading = _judge.Leading(4)
        for start in range(0, 8, part):
            some = slice(start, start + part)
            leading.add(score[some], np.arange(8)[some], features.iloc[some])
        found, labels, rows = leading.rows
        # of equal scores the earlier
        assert list(rows.index) == list(labels) == [4, 6, 2, 5]
        assert list(found) == [5, 5, 4, 4]


def test_a_table_that_changes_while_it_is_read(path, tmp_path, monkeypatch):
    class Changing(_judge.Judge):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            with path.open("a") as file:
                file.write(",".join("1" * 13) + "\n")

    monkeypatch.setattr(_run, "Judge", Changing)
    output = tmp_path / "out.csv"
    assert "was changed while it was read" in refused(
        path, "--output", output, "--max-support", SUPPORT
    )
    assert not output.exists()
