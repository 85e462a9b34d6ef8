# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Lanes of bars, one a cluster."""

from dataclasses import replace

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
def test_bars_are_mean_shares(k):
    explanation = pictures.explanation(d=13, n_clusters=4)
    display = ClusterProfileDisplay.from_explanation(explanation, k=k)
    assert display.clusters == [0, 1, 2, 3]
    np.testing.assert_array_equal(display.counts, [10] * 4)
    frame = explanation.profile()
    for cluster, means in enumerate(display.share):
        own = frame.loc[cluster]
        names = display.feature_names[:k]
        np.testing.assert_allclose(means[:k], own["share"][names])
        np.testing.assert_allclose(display.spread[cluster][:k], own["spread"][names])
        if k == 3:
            assert means[3] == pytest.approx(own["share"].drop(names).mean())
            assert display.feature_names[3] == "mean of 10 others"
            assert np.isnan(display.spread[cluster][3])
    # bars are the shares up to one factor
    factor = widths(display) / display.share
    np.testing.assert_allclose(factor, factor[0, 0])


def test_lines_reach_a_standard_deviation_to_both_sides():
    explanation = pictures.explanation(d=5, n_clusters=2)
    display = ClusterProfileDisplay.from_explanation(explanation)
    factor = widths(display)[0, 0] / display.share[0, 0]
    for bars, lines, spread in zip(
        display.bars_, display.spreads_, display.spread, strict=True
    ):
        ends = [bar.get_x() + bar.get_width() for bar in bars]
        drawn = np.array([line[:, 0] for line in lines.get_segments()])
        np.testing.assert_allclose(drawn.mean(axis=1), ends)
        np.testing.assert_allclose(np.ptp(drawn, axis=1), 2 * factor * spread)
    assert not ClusterProfileDisplay([[1.0]], ["a"], ["c"]).plot().spreads_


def test_rows_in_no_cluster_stand_apart():
    target = np.repeat([-1, 0, 1], [4, 18, 18])
    explanation = pictures.explanation(d=4, target=target)
    plain = ClusterProfileDisplay.from_explanation(explanation)
    # it is a name like any other, unless the clustering says that it is none
    assert plain.clusters == [-1, 0, 1]
    meta = {**explanation.meta, "radius": 0.5}
    explanation = replace(explanation, meta=meta, rival=np.where(target < 0, 1, -1))
    display = ClusterProfileDisplay.from_explanation(explanation)
    assert display.clusters == [0, 1, -1] and list(display.counts) == [18, 18, 4]
    labels = [label.get_text() for label in display.ax_.get_xticklabels()]
    assert labels[2].startswith("none (4)\nrival 1\n")
    assert labels[0].startswith("0 (18)\nrival none\n")
    assert len(display.ax_.lines) == len(plain.ax_.lines) + 1
    assert list(display.ax_.lines[0].get_xdata()) == [1.5, 1.5]
    pictures.check(display)


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


def test_made_by_hand():
    display = ClusterProfileDisplay([[1.0, -2.0]], ["a", "b"], ["c"]).plot()
    assert display.ax_.get_xlabel() == "cluster"
    pictures.check(display)


def test_errors():
    with pytest.raises(ValueError, match="has no clusters, its target is 'outlier'"):
        ClusterProfileDisplay.from_explanation(pictures.explanation())
    with pytest.raises(ValueError, match="has no rows"):
        ClusterProfileDisplay.from_explanation(pictures.explanation(n_clusters=2)[:0])
    with pytest.raises(ValueError, match="k must be"):
        ClusterProfileDisplay.from_explanation(pictures.explanation(n_clusters=2), k=0)


def test_numbers_are_beside_their_bars_and_inside_their_lane():
    explanation = pictures.explanation(d=5, n_clusters=2, names=list("abcde"))
    display = ClusterProfileDisplay.from_explanation(explanation)
    assert len(display.numbers_) == 10
    display.figure_.canvas.draw()
    place = display.ax_.transData.inverted()
    numbers = iter(display.numbers_)
    for lane, (bars, means) in enumerate(
        zip(display.bars_, display.share, strict=True)
    ):
        for bar, mean in zip(bars, means, strict=True):
            number = next(numbers)
            text = number.get_text().replace("\N{MINUS SIGN}", "-")
            assert abs(float(text.removesuffix("%")) / 100 - mean) <= 0.005
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
