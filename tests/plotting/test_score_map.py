# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The map of rows in a plane."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from helpers import pictures

from skneon.plotting import ScoreMapDisplay

draw = ScoreMapDisplay.from_explanation


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_points_are_coloured_by_score(plane):
    explanation = pictures.explanation()
    display = draw(explanation, plane)
    (points,) = display.points_
    order = np.argsort(explanation.score, kind="stable")
    np.testing.assert_array_equal(points.get_offsets(), plane[order])
    np.testing.assert_array_equal(points.get_array(), explanation.score[order])
    assert display.legend_ is None
    assert display.colorbar_.ax.get_ylabel() == "outlierness"


@pytest.mark.parametrize("n_clusters", [2, 7, 30])
def test_points_are_coloured_by_cluster(plane, n_clusters):
    explanation = pictures.explanation(n_clusters=n_clusters)
    display = draw(explanation, plane, color="cluster")
    assert len(display.points_) == n_clusters and display.colorbar_ is None
    looks = set()
    for cluster, points in enumerate(display.points_):
        members = explanation.target == cluster
        np.testing.assert_array_equal(points.get_offsets(), plane[members])
        colours = points.get_facecolor()
        assert len(np.unique(colours[:, :3], axis=0)) == 1
        # more evidence, more opaque
        alpha, evidence = colours[:, 3], explanation.score[members]
        assert np.all(np.diff(alpha[np.argsort(evidence)]) >= 0)
        vertices = points.get_paths()[0].vertices
        looks.add((tuple(colours[0, :3]), len(vertices), tuple(vertices[0])))
    assert len(looks) == n_clusters
    names = [text.get_text() for text in display.legend_.get_texts()]
    assert names == [str(c) for c in range(n_clusters)]
    pictures.check(display)


@pytest.mark.parametrize("size", pictures.SIZES, ids=str)
def test_legend_shows_hostile_names_inside_the_figure(plane, size):
    names = np.array(pictures.HOSTILE, dtype=object)
    explanation = pictures.explanation(target=names[np.arange(40) % len(names)])
    display = draw(explanation, plane, color="cluster", ax=pictures.axes(size))
    pictures.check(display)
    texts = [text.get_text() for text in display.legend_.get_texts()]
    assert {"$x$", "_hidden", "two lines"} <= set(texts)
    assert not any(text.get_parse_math() for text in display.legend_.get_texts())
    box, frame = display.legend_.get_window_extent(), display.figure_.bbox
    assert box.x1 <= frame.x1 + 0.5 and box.y0 >= -0.5


def test_columns_of_a_frame_name_the_axes(plane):
    frame = pd.DataFrame(plane, columns=["length", "$width$"])
    display = draw(pictures.explanation(), frame)
    assert display.ax_.get_xlabel() == "length"
    assert display.ax_.get_ylabel() == "$width$"
    pictures.check(display)


def test_infinite_scores_are_grey(plane):
    explanation = pictures.explanation()
    score = explanation.score.copy()
    score[[3, 5]] = np.inf
    display = draw(pictures.explanation(score=score), plane)
    display.figure_.canvas.draw()
    colours = display.points_[0].get_facecolor()
    grey = np.all(colours[:, :3] == colours[:, :1], axis=1)
    assert grey.sum() == 2
    finite = score[np.isfinite(score)]
    assert display.points_[0].get_clim() == (finite.min(), finite.max())


def test_keywords_reach_the_points(plane):
    explanation = pictures.explanation(score=np.arange(1.0, 41.0))
    display = draw(explanation, plane, norm="log", s=5, cmap="cividis")
    assert display.points_[0].get_sizes() == [5]
    assert display.points_[0].get_cmap().name == "cividis"
    pictures.check(display)


def test_made_by_hand():
    display = ScoreMapDisplay([[0, 0], [1, 1]], [1.0, 2.0]).plot()
    pictures.check(display)


def test_errors(plane):
    explanation = pictures.explanation()
    with pytest.raises(ValueError, match=r"of shape \(40, 2\), .* got \(39, 2\)"):
        draw(explanation, plane[1:])
    with pytest.raises(ValueError, match=r"got \(40, 3\)"):
        draw(explanation, np.zeros((40, 3)))
    with pytest.raises(ValueError, match="must be numbers"):
        draw(explanation, [["a", "b"]] * 40)
    with pytest.raises(ValueError, match="must be finite, row 7"):
        plane[7, 1] = np.nan
        draw(explanation, plane)
    with pytest.raises(ValueError, match=r"color must be one of .* got 'feature'"):
        draw(explanation, plane, color="feature")
    with pytest.raises(ValueError, match="needs clusters, and the target is 'outlier'"):
        draw(explanation, plane, color="cluster")
