# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The heat map of rows by features."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import pictures

from skneon.plotting import HeatmapDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("k", [4, 20])
@pytest.mark.parametrize("max_rows", [7, 99])
def test_cells_are_relevances(k, max_rows):
    explanation = pictures.explanation(d=13)
    display = HeatmapDisplay.from_explanation(explanation, k=k, max_rows=max_rows)
    rows = np.argsort(-explanation.score)[:max_rows]
    shown = explanation.relevance[rows]
    order = np.argsort(-np.abs(shown).mean(axis=0))[:k]
    cells = display.image_.get_array()
    np.testing.assert_array_equal(cells, display.relevance)
    np.testing.assert_array_equal(cells[:, :k], shown[:, order])
    # whatever is left out, a row's cells add up to its score: the last is a mean of 9
    counts = [1] * 4 + [9] if k == 4 else [1] * 13
    np.testing.assert_allclose(cells @ counts, explanation.score[rows])
    assert display.row_names == [str(row) for row in rows]
    np.testing.assert_array_equal(display.score, explanation.score[rows])
    assert display.feature_names[k:] == (["mean of 9 others"] if k == 4 else [])
    title = display.ax_.get_title()
    assert title == ("the top 7 of 40 rows" if max_rows == 7 else "")
    low, high = display.image_.get_clim()
    assert -low == high == np.abs(shown[:, order]).max()
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    if max_rows == 7:
        assert labels[0].startswith(f"{rows[0]} (")


def test_limit_of_the_colours():
    explanation = pictures.explanation()
    display = HeatmapDisplay.from_explanation(explanation, limit=0.5)
    assert display.image_.get_clim() == (-0.5, 0.5)
    assert display.colorbar_.extend == "both"
    display = HeatmapDisplay.from_explanation(explanation)
    assert display.colorbar_.extend == "neither"


def test_row_labels_are_those_of_the_frame():
    index = np.array([f"a customer of a long name, {i}" for i in range(40)])
    explanation = pictures.explanation(index=index)
    display = HeatmapDisplay.from_explanation(explanation, max_rows=2)
    assert display.row_names[0] == index[explanation.score.argmax()]
    pictures.check(display)


def test_keywords_reach_the_image():
    explanation = pictures.explanation()
    display = HeatmapDisplay.from_explanation(explanation, cmap="PuOr")
    assert display.image_.get_cmap().name == "PuOr"


def test_zero_relevances():
    zeros = {"relevance": np.zeros((40, 6)), "score": np.zeros(40)}
    pictures.check(HeatmapDisplay.from_explanation(pictures.explanation(**zeros)))


def test_made_by_hand():
    display = HeatmapDisplay([[1.0, -2.0]], ["a", "b"], ["row"]).plot()
    assert display.image_.get_clim() == (-2, 2)
    pictures.check(display)


def test_errors():
    with pytest.raises(ValueError, match="max_rows must be an int of at least 1"):
        HeatmapDisplay.from_explanation(pictures.explanation(), max_rows=0)


def test_relevance_of_one_sign_goes_from_white_to_red():
    both = pictures.explanation()
    one = pictures.explanation(relevance=np.abs(both.relevance))
    for explanation, name, low in ((both, "RdBu_r", -1), (one, "Reds", 0)):
        image = HeatmapDisplay.from_explanation(explanation, limit=0.5).image_
        assert image.get_cmap().name == name and image.norm.vmin == 0.5 * low
