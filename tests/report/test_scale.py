# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows are unusual: what terminals, JSON and pages say of scores."""

import re

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import document, run, written
from helpers.report_pages import clean
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skneon import NeonKDE, explain, p_values, report, threshold
from skneon._report._scale import by_level, by_rate, by_threshold, scale_of
from skneon._tables._survey import sampled as drawn

NOISE = np.random.default_rng(0).normal(size=(300, 4))


def table(path, X):
    return written(path / "t.csv", pd.DataFrame(X, columns=list("abcd")))


def test_noise_has_a_most_outlying_row_but_none_beyond(tmp_path):
    path = table(tmp_path, NOISE)
    said = " ".join(run(path).out.split())
    limit = explain(NeonKDE("likelihood").fit(scale(NOISE))).threshold
    assert f"The median outlierness is {limit.median:.4g}." in said
    assert f"No row is beyond the threshold {limit.value:.4g}: so large" in said
    page = clean(report(None, NOISE, n_clusters=0).html).text
    assert "In short The median outlierness" in page and "No row is beyond" in page
    assert "outliers" not in page.rsplit("Settings", 1)[0].lower()


def test_planted_rows_are_beyond_and_say_by_how_much(tmp_path):
    X = NOISE.copy()
    X[[7, 70], 1] = 9.0, -9.0
    found = document(table(tmp_path, X), "--top", 3)
    density = NeonKDE("likelihood").fit(scale(X))
    expected = explain(density, groups="suspects")
    scores, limit = expected.score, expected.threshold
    assert found["threshold"] == pytest.approx(limit.value)
    assert found["median"] == pytest.approx(limit.median)
    assert found["n_flagged"] == 2
    rows = found["rows"]
    assert [row["flagged"] for row in rows] == [True, True, False]
    for row in rows:
        score = scores[row["row"]]
        assert row["multiple"] == pytest.approx(score / np.median(scores), rel=0.01)
        once = limit.once_in(np.array([score]))[0]
        assert row["expected_once_in"] == pytest.approx(once)
    said = run(table(tmp_path, X), "--top", 1).out
    assert "2 rows are beyond the threshold" in said
    first = rf"{rows[0]['score']:.2f} +{rows[0]['multiple']:.0f} +0.33 b"
    assert re.search(first, said)


def test_of_a_sample_the_threshold_is_for_the_whole_table():
    known, score = NOISE[:100, 0] ** 2, NOISE[:, 0] ** 2
    found = scale_of(known, score)
    per_row = 0.05 / 300
    assert found.limit.once_in(np.array([found.limit.value]))[0] == pytest.approx(
        1 / per_row
    )
    assert "The median score of the training rows is" in found.verdict("score")
    assert found.n_beyond == (score > found.limit.value).sum()
    assert scale_of(None, score) is None


def test_few_rows_have_no_threshold(tmp_path):
    path = table(tmp_path, NOISE[:9])
    assert "scores are unusual: 9 rows are too few" in " ".join(run(path).out.split())
    assert document(path)["threshold"] is None


def test_new_rows_have_p_values_in_the_place_of_a_threshold():
    model, X = NeonKDE().fit(NOISE[:200]), NOISE[200:250].copy()
    X[:4] += 9.0
    page = report(model, X, top=5)
    told, found = page.explanations["model"], clean(page.html)
    flagged = told.flagged(fdr=0.1)
    assert flagged[:4].all() and flagged.sum() < 20
    n = flagged.sum()
    assert f"{n} rows are flagged, by a false discovery rate of 0.1" in found.text
    assert "beyond the threshold" not in found.text and "p = 0.004975" in found.text
    head, first, *_ = found.tables["contributions"]
    assert head[2]["text"] == "p" and float(first[2]["sort"]) == told.p_value.min()
    scale = scale_of(told.training_score, told.score, is_new=True)
    np.testing.assert_array_equal(scale.flagged(told.score), flagged)
    calm = scale_of(told.training_score, told.score[flagged.argmin()][None], True)
    assert "No row is flagged" in calm.verdict("score") and calm.least == np.inf


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1), st.floats(0.01, 0.99))
def test_a_level_of_p_values_is_a_limit_of_scores(known, alpha):
    known, score = np.array(known, dtype=float), np.linspace(-1, 10, 23)
    found = by_level(by_threshold(known, 23, True), alpha)
    np.testing.assert_array_equal(found.flagged(score), p_values(score, known) <= alpha)


def test_what_can_flag_nothing_says_so():
    known, p = NOISE[:8, 0], np.full(30, 1 / 9)
    scale = by_threshold(NOISE[:8, 0], 30, True)
    why = by_rate(scale, p, 0.1).why
    assert "at least 34 rows would have to stand out together, of 30, so none" in why
    # 70 / (.1 * 100) rows, which floats may round up
    many = by_threshold(NOISE[:99, 0], 70, True)
    assert "at least 7 rows must" in by_rate(many, np.full(70, 0.01), 0.1).why
    assert "for which at least 28 rows must" in by_rate(scale, p, 0.12).why
    none, some = by_level(scale, 0.11), by_level(scale, 0.12)
    assert "the least possible p is 1/9, so none can be flagged; more" in none.why
    assert (
        none.least == np.inf
        and some.least == known.max()
        and some.why == "p up to 0.12"
    )


def test_rows_that_are_entered_twice_do_not_hide_one_another(tmp_path):
    X = NOISE.copy()
    X[[7, 70, 170]] = X[7] + [9.0, 0, -9.0, 0]
    scores = NeonKDE("likelihood").fit(scale(X)).outlierness_
    assert not threshold(scores).flagged(scores)[[7, 70, 170]].any()
    found = document(table(tmp_path, X))
    assert [row["row"] for row in found["rows"] if row["flagged"]] == [7, 70, 170]
    note = "3 rows that stand out, or would without their next rows, are judged by"
    assert any(said.startswith(note) for said in found["notes"])
    alone = NeonKDE("likelihood").fit(scale(X))
    for page in (
        report(None, X, n_clusters=0), report(alone, scale(X)),
        report(make_pipeline(StandardScaler(), alone).fit(X), X),
    ):  # fmt: skip
        text = clean(page.html).text
        assert "3 rows are beyond the threshold" in text and note in text
    # rows that were not drawn for the fit, too, are judged without those that stand out
    inside = drawn(300, 150)
    outside = np.setdiff1d(np.arange(300), inside)
    rows, X, output = [*inside[:2], *outside[:1]], NOISE.copy(), tmp_path / "out.csv"
    X[rows] = X[7] + [9.0, 0, -9.0, 0]
    run(table(tmp_path, X), "--max-support", 150, "--output", output)
    flagged = np.flatnonzero(pd.read_csv(output)["flagged"])
    np.testing.assert_array_equal(flagged, np.sort(rows))
