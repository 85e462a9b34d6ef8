# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Lanes of bars, one a cluster."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures
from matplotlib.colors import to_rgba

from skneon.plotting import ClusterProfileDisplay
from skneon.plotting._axes import OTHERS


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def widths(display):
    return np.array([[bar.get_width() for bar in lane] for lane in display.bars_])


@pytest.mark.parametrize("k", [3, 20])
@pytest.mark.parametrize("scale", ["common", "cluster"])
def test_bars_are_mean_relevances(k, scale):
    explanation = pictures.explanation(d=13, n_clusters=4)
    display = ClusterProfileDisplay.from_explanation(explanation, k=k, scale=scale)
    assert display.clusters == [0, 1, 2, 3]
    np.testing.assert_array_equal(display.counts, [10] * 4)
    for cluster, means in enumerate(display.relevance):
        members = explanation[explanation.target == cluster].relevance
        columns = [
            explanation.feature_names.index(n) for n in display.feature_names[:k]
        ]
        np.testing.assert_allclose(means[:k], members[:, columns].mean(axis=0))
        if k == 3:
            rest = np.delete(members, columns, axis=1).mean()
            assert means[3] == pytest.approx(rest)
            assert display.feature_names[3] == "mean of 10 others"
    # bars are the means up to a factor: one for all, or one a cluster
    factor = widths(display) / display.relevance
    of = (0, 1) if scale == "common" else 1
    np.testing.assert_allclose(
        factor, np.broadcast_to(factor.mean(axis=of, keepdims=True), factor.shape)
    )
    if scale == "cluster":
        longest = np.abs(widths(display)).max(axis=1)
        np.testing.assert_allclose(longest, longest[0])


def test_lanes_do_not_touch():
    explanation = pictures.explanation(d=13, n_clusters=4)
    display = ClusterProfileDisplay.from_explanation(explanation)
    for number, lane in enumerate(display.bars_):
        for bar in lane:
            ends = np.array([bar.get_x(), bar.get_x() + bar.get_width()])
            assert np.all(np.abs(ends - number) < 0.45)


def test_names_of_clusters():
    names = np.array(["setosa", "a name that is much too long for it"], dtype=object)
    explanation = pictures.explanation(target=names[np.arange(40) % 2])
    display = ClusterProfileDisplay.from_explanation(explanation)
    assert display.clusters == sorted(names)
    labels = [label.get_text() for label in display.ax_.get_xticklabels()]
    mean = explanation.score[explanation.target == "setosa"].mean()
    assert labels[1].replace("\n", " ") == f"setosa (20) {mean:.4g}"
    mixed = np.array([1, "one"], dtype=object)[np.arange(40) % 2]
    explanation = pictures.explanation(target=mixed)
    assert ClusterProfileDisplay.from_explanation(explanation).clusters == [1, "one"]


def test_title_gives_the_scale():
    explanation = pictures.explanation(d=4, n_clusters=2)
    display = ClusterProfileDisplay.from_explanation(explanation)
    longest = np.abs(display.relevance).max()
    assert f"longest bar {longest:.4g}" in display.ax_.get_title().replace("\n", " ")


def test_made_by_hand():
    display = ClusterProfileDisplay([[1.0, -2.0]], ["a", "b"], ["c"]).plot()
    assert display.ax_.get_xlabel() == "cluster"
    pictures.check(display)


def test_errors():
    with pytest.raises(ValueError, match="has no clusters, its target is 'outlier'"):
        ClusterProfileDisplay.from_explanation(pictures.explanation())
    explanation = pictures.explanation(n_clusters=2)
    with pytest.raises(ValueError, match=r"scale must be one of .* got 'log'"):
        ClusterProfileDisplay.from_explanation(explanation, scale="log")


@pytest.mark.parametrize(
    ("factor", "words"), [(0.01, "each to its own"), (1, "longest bar")]
)
def test_clusters_that_would_be_too_small_to_see_have_their_own_scale(factor, words):
    explanation = pictures.explanation(n_clusters=2)
    size = np.where(explanation.target == 0, factor, 1.0)[:, None]
    relevance = size * explanation.relevance
    explanation = pictures.explanation(n_clusters=2, relevance=relevance)
    display = ClusterProfileDisplay.from_explanation(explanation)
    assert words in display.ax_.get_title().replace("\n", " ")


def test_numbers_are_beside_their_bars_and_inside_their_lane():
    explanation = pictures.explanation(d=5, n_clusters=2, names=list("abcde"))
    display = ClusterProfileDisplay.from_explanation(explanation)
    assert len(display.numbers_) == 10
    display.figure_.canvas.draw()
    place = display.ax_.transData.inverted()
    numbers = iter(display.numbers_)
    for lane, (bars, means) in enumerate(
        zip(display.bars_, display.relevance, strict=True)
    ):
        for bar, mean in zip(bars, means, strict=True):
            number = next(numbers)
            text = number.get_text().replace("\N{MINUS SIGN}", "-")
            assert abs(float(text) - mean) <= 0.005
            box = number.get_window_extent()
            low, high = place.transform([[box.x0, 0], [box.x1, 0]])[:, 0]
            assert lane - 0.5 < low and high < lane + 0.5
            end = bar.get_x() + bar.get_width()
            assert low > max(end, bar.get_x())
    pictures.check(display)


def test_what_is_of_several_columns_is_grey():
    explanation = pictures.explanation(d=9, n_clusters=2)
    display = ClusterProfileDisplay.from_explanation(explanation, k=3)
    for lane in display.bars_:
        *others, last = (bar.get_facecolor() for bar in lane)
        assert last == to_rgba(OTHERS) and last not in others
