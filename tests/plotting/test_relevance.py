# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars of one row."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures

from skneon import NeonKDE, NeonKMeans
from skneon.explanation._text import number_text
from skneon.network import RandomFeatures
from skneon.plotting import RelevanceDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def widths(display):
    return np.array([bar.get_width() for bar in display.bars_])


@pytest.mark.parametrize("k", [1, 3, 6, 13, 99])
def test_bars_add_up_to_the_score(k):
    explanation = pictures.explanation(d=13)
    display = RelevanceDisplay.from_explanation(explanation, 4, k=k)
    np.testing.assert_array_equal(widths(display), display.relevance)
    assert widths(display).sum() == pytest.approx(explanation.score[4])
    order = np.argsort(-np.abs(explanation.relevance[4]))
    leading = explanation.relevance[4, order[:k]]
    np.testing.assert_array_equal(display.relevance[:k], leading)
    names = [explanation.feature_names[i] for i in order[:k]]
    assert display.feature_names[:k] == names
    if k < 13:
        assert display.feature_names[k:] == [f"{13 - k} others"]
    assert display.residual is None
    # the largest is on top
    assert display.ax_.yaxis_inverted()


def test_a_single_other_feature_is_shown_by_itself():
    display = RelevanceDisplay.from_explanation(pictures.explanation(d=6), k=5)
    assert len(display.feature_names) == 6
    assert not any("others" in name for name in display.feature_names)


def test_colours_are_signs():
    display = RelevanceDisplay.from_explanation(pictures.explanation(d=13))
    red = [bar.get_facecolor()[0] > bar.get_facecolor()[2] for bar in display.bars_]
    assert red == list(widths(display) > 0)
    assert any(red) and not all(red)


def test_residual_has_a_bar_where_it_is_seen():
    explanation = pictures.explanation()
    short = replace(explanation, score=explanation.score + 1.5)
    display = RelevanceDisplay.from_explanation(short, 2)
    assert display.residual == pytest.approx(1.5)
    assert widths(display).sum() == pytest.approx(short.score[2])
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels[-1] == "residual"
    rounded = replace(explanation, score=explanation.score * (1 + 1e-6))
    assert RelevanceDisplay.from_explanation(rounded, 2).residual is None


def test_row_of_the_largest_score_is_the_default():
    explanation = pictures.explanation()
    row = int(explanation.score.argmax())
    display = RelevanceDisplay.from_explanation(explanation)
    assert display.title.startswith(f"row {row}: outlierness ")
    last = RelevanceDisplay.from_explanation(explanation, -1)
    assert last.title.startswith("row 39: ")
    with pytest.raises(IndexError, match="Row 40 is out of range"):
        RelevanceDisplay.from_explanation(explanation, 40)


def test_labels_hold_value_and_typical_value():
    explanation = pictures.explanation(
        n=1,
        d=4,
        names=("frozen", "sex", "age", "group"),
        relevance=np.array([[4.0, 3.0, 2.0, 1.0]]),
        score=np.array([10.0]),
        data=np.array([[15601.0, "male", None, np.nan]], dtype=object),
        compared_with=np.array([[1900.2, "male", 31.5, np.nan]], dtype=object),
    )
    display = RelevanceDisplay.from_explanation(explanation)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == [
        "frozen = 15601 (compared with 1900)",
        "sex = male (compared with male)",
        "age = missing (compared with 31.5)",
        "group",
    ]
    assert display.title == "row 0: outlierness 10"


def test_clusters_compare_to_their_rival():
    X = np.random.default_rng(0).normal(size=(30, 3))
    kmeans = NeonKMeans(3, n_init=1, random_state=0).fit(X)
    explanation = kmeans.explain()
    display = RelevanceDisplay.from_explanation(explanation, 3)
    cluster, rival = explanation.target[3], explanation.rival[3]
    assert display.title.endswith(f" for cluster {cluster}, rival {rival}")
    assert all(note.startswith("own ") for note in display.notes)
    assert all(", rival " in note for note in display.notes)
    named = np.where(explanation.target == cluster, "big", "small")
    named = replace(explanation, target=named, rival=None)
    title = RelevanceDisplay.from_explanation(named, 3).title
    assert title.endswith(" for cluster big")


def test_standard_errors():
    X = np.random.default_rng(0).normal(size=(30, 13))
    kde = NeonKDE(rule=RandomFeatures(n_components=50)).fit(X)
    explanation = kde.explain(target="inlier")
    display = RelevanceDisplay.from_explanation(explanation, 0, k=3)
    lines = display.bars_.errorbar.lines[2][0].get_segments()
    half = [np.ptp(line[:, 0]) / 2 for line in lines[:3]]
    order = np.argsort(-np.abs(explanation.relevance[0]))[:3]
    np.testing.assert_allclose(half, explanation.standard_error[0, order])
    # errors of features are correlated: their sum's is not known
    assert np.isnan(display.standard_error[3])
    assert display.residual is not None
    pictures.check(display)
    assert RelevanceDisplay.from_estimator(kde).bars_.errorbar is None


def test_keywords_reach_the_bars():
    explanation = pictures.explanation()
    display = RelevanceDisplay.from_explanation(explanation, color="green", height=0.5)
    assert {bar.get_height() for bar in display.bars_} == {0.5}


def test_made_by_hand():
    display = RelevanceDisplay(["a", "b"], [1.0, -2.0]).plot()
    np.testing.assert_array_equal(widths(display), [1.0, -2.0])
    pictures.check(display)


@pytest.mark.parametrize("height", [40, 50, 60, 70, 80, 120])
def test_labels_that_do_not_fit_lose_their_notes(height):
    explanation = pictures.explanation(d=13)
    ax = pictures.axes((80, height))
    display = RelevanceDisplay.from_explanation(explanation, ax=ax)
    pictures.check(display)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert "compared with" in labels[0] or height < 90
    assert len(labels) == 11 or height < 60


def test_lines_show_an_ordinary_row_and_bars_still_add_up():
    X = np.random.default_rng(0).normal(size=(60, 8))
    reasons = NeonKDE(gamma=0.5).fit(X).explain()
    display = RelevanceDisplay.from_explanation(reasons, k=3)
    row = reasons.score.argmax()
    assert sum(display.relevance) == pytest.approx(reasons.score[row])
    first = [part.feature for part in reasons[row].top(3)[0]]
    assert display.feature_names == [*first, "5 others"]
    x = [line[0, 0] for line in display.usual_.get_segments()]
    usual = dict(zip(reasons.feature_names, reasons.ordinary.relevance, strict=True))
    np.testing.assert_allclose(x[:3], [usual[name] for name in first])
    assert sum(x) == pytest.approx(sum(usual.values()))
    assert "in an ordinary row" in display.ax_.get_xlabel().replace("\n", " ")
    texts = [number.get_text() for number in display.numbers_]
    assert texts == [number_text(value) for value in display.relevance]
    by_size = RelevanceDisplay.from_explanation(reasons, row, k=1, by="relevance")
    assert by_size.relevance[0] == reasons.relevance[row].max()
