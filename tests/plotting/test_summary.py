# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars over some rows, beside all of them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures

from skneon import NeonKDE
from skneon.plotting import SummaryDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def widths(bars):
    return [bar.get_width() for bar in bars]


@pytest.mark.parametrize("k", [3, 20])
def test_means_inside_and_everywhere(k):
    explanation = pictures.explanation(d=13)
    rows = np.arange(40) < 9
    display = SummaryDisplay.from_explanation(explanation, rows=rows, k=k)
    size = np.abs(explanation.relevance)
    inside = size[rows].mean(axis=0)
    order = np.argsort(-inside)[:k]
    np.testing.assert_allclose(widths(display.bars_)[:k], inside[order])
    everywhere = widths(display.bars_of_all_)
    np.testing.assert_allclose(everywhere[:k], size.mean(axis=0)[order])
    assert display.feature_names[:k] == [explanation.feature_names[i] for i in order]
    if k == 3:
        assert display.feature_names[3] == "mean of 10 others"
        rest = np.delete(inside, order).mean()
        assert widths(display.bars_)[3] == pytest.approx(rest)
    assert display.ax_.get_title() == "What drives 9 rows"
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["these 9", "all 40 rows"]
    pictures.check(display)


def test_excess_of_the_largest_scores():
    X = np.random.default_rng(0).normal(size=(100, 4))
    reasons = NeonKDE(gamma=0.5).fit(X).explain()
    display = SummaryDisplay.from_explanation(reasons)
    worst = np.argsort(-reasons.score)[:5]
    mean = np.sort(reasons.excess()[worst].mean(axis=0))[::-1]
    np.testing.assert_allclose(widths(display.bars_), mean)
    assert display.ax_.get_title() == "What drives the 5 rows of largest outlierness"
    assert "mean excess over an ordinary row" in display.ax_.get_xlabel()


def test_clusters_are_taken_together():
    display = SummaryDisplay.from_explanation(pictures.explanation(n_clusters=3))
    assert display.bars_of_all_ is None
    assert "over 40 rows" in display.ax_.get_xlabel().replace("\n", " ")


def test_made_by_hand():
    display = SummaryDisplay(["a"], [1.0], [0.5]).plot()
    assert "rows" not in display.ax_.get_xlabel()
    pictures.check(display)
    assert len(SummaryDisplay(["a"], [1.0]).plot().numbers_) == 1


def test_keywords_reach_the_bars():
    display = SummaryDisplay.from_explanation(pictures.explanation(), alpha=0.5)
    assert {bar.get_alpha() for bar in display.bars_} == {0.5}
