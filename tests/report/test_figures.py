# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of reports: their parts are where the numbers say."""

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_wine

from skneon import NeonKDE, NeonKMeans, explain
from skneon._report._driven import Driven, driven_rows
from skneon._report._figures import (
    CHARACTER,
    LINE,
    MIDDLE,
    Axis,
    _beside,
    _covered,
    _labels,
    cluster_map,
    drivers,
    score_histogram,
    score_map,
)
from skneon._report._scale import scale_of
from skneon.explanation._text import number_text

X = load_wine(as_frame=True).data
X = (X - X.mean()) / X.std()
KDE = NeonKDE().fit(X).explain()
SCALE = scale_of(KDE.training_score, KDE.score)
PLANE = pd.DataFrame(X.to_numpy()[:, :2], columns=["a", "b"])


def dots(drawn):
    """Points of the paths of a map, by class."""
    return {
        c: {tuple(map(int, p)) for p in re.findall(r"M(\d+) (\d+)h0", path)}
        for c, path in drawn["points"]
    }


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20), st.booleans())
def test_axes_keep_the_order(values, is_log):
    values = np.sort(values)
    axis = Axis.of(values, is_log)
    places = axis.places(values)
    assert (np.diff(places) >= 0).all() and (0 <= places).all() and (places <= 1).all()
    assert axis.is_log <= (np.isfinite(values).any() and axis.low > 0)
    assert axis.heights(values, 5).max() <= 1


def test_axes_of_scores_are_logarithmic_where_the_largest_are_far():
    assert Axis.of_scores(np.array([1.0, 2.0, 11.0])) == Axis(1.0, 11.0, True)
    assert not Axis.of_scores(np.array([0.1, 2.0, 10.0])).is_log
    assert not Axis.of_scores(np.array([0.0, 2.0, 11.0])).is_log
    assert Axis.of_scores(np.array([np.inf])) == Axis(0.0, 1.0)
    np.testing.assert_allclose(Axis(1, 100, True).places([1, 10, 100]), [0, 0.5, 1])


def test_histogram_counts_rows_and_marks_some():
    drawn = score_histogram(KDE.score, KDE[:3], SCALE)
    ends = KDE.score.min(), SCALE.limit.value
    counts = np.histogram(KDE.score, len(drawn["bars"]), ends)[0]
    np.testing.assert_allclose(drawn["bars"], counts / counts.max())
    (limit,) = drawn["limits"]
    assert limit == (100.0, number_text(SCALE.limit.value))
    for (_, x), score in zip(drawn["rows"], KDE.score[:3], strict=True):
        assert x == pytest.approx(100 * (score - ends[0]) / (ends[1] - ends[0]))
    assert [name for name, _ in drawn["rows"]] == ["0", "1", "2"]


def test_histogram_marks_the_median_of_the_text():
    ticks = score_histogram(KDE.score, KDE[:3], SCALE)["ticks"]
    assert ticks[0]["text"] == f"median {number_text(SCALE.limit.median)}"
    assert SCALE.limit.median < np.median(KDE.score)
    new = KDE.score[:50] + 100
    drawn = score_histogram(new, KDE[:3], scale_of(KDE.training_score, new))
    assert drawn["ticks"][0]["text"] == f"training {ticks[0]['text']}"
    assert drawn["ticks"][0]["x"] == 0
    alone = score_histogram(new, KDE[:3], None)["ticks"]
    assert alone[0]["text"] == f"median {number_text(np.median(new))}"
    assert score_histogram(np.array([np.inf]), KDE[:1], None)["ticks"] == []


def test_columns_that_drive_have_more_than_in_all_rows_and_a_part_of_all():
    size = np.array([[9.0, 6.0, 0.3, 2.0], [0.0, 0.0, 0.0, 4.0], [0.0, 0.0, 0.0, 3.0]])
    told = replace(KDE[:3], relevance=size, feature_names=tuple("abcd"), ordinary=None)
    telling = {line["name"]: line["telling"] for line in drivers(
        Driven(told, np.array([0]), "What drives the row", "")
    )}  # fmt: skip
    assert telling == {"a": True, "b": True, "c": False, "d": False}


def test_bars_are_the_means_of_the_summary():
    lines = drivers(driven_rows(KDE, len(KDE), SCALE))
    expected = KDE.summary()
    assert [line["name"] for line in lines[:5]] == expected.index[:5].tolist()
    for line, name in zip(lines[:5], expected.index, strict=False):
        found = expected.loc[name, ["excess", "excess_of_all"]]
        np.testing.assert_allclose(line["means"], found)
        widths = 100 * np.array(line["means"]) / lines[0]["means"][0]
        np.testing.assert_allclose(line["widths"], widths)


def test_maps_have_all_rows():
    drawn = score_map(KDE, PLANE, SCALE)
    found = dots(drawn)
    assert sum(map(len, found.values())) == 178 and not drawn["flagged"]
    shade = Axis.of_scores(KDE.score).places(KDE.score)
    assert len(found["s4"]) == (shade >= 0.8).sum() and found["s5"] == set()
    assert drawn["labels"][0]["text"] == "121: ash"
    clusters = explain(NeonKMeans(3, n_init=1, random_state=0).fit(X), X)
    found = dots(cluster_map(clusters, PLANE))
    for cluster in range(3):
        n = len(found[f"c{cluster}"]) + len(found[f"c{cluster} faint"])
        assert n == (clusters.target == cluster).sum()
    assert 40 <= sum(len(p) for c, p in found.items() if "faint" in c) <= 45


def test_labels_cover_few_points_and_are_tied_to_theirs():
    points = np.random.default_rng(0).random((400, 2))
    at = points[:5]
    found = _beside([f"{i}: color_intensity" for i in range(5)], at, points)
    assert len(found) == 5
    covered = []
    for label, place in zip(found, 100 * at, strict=True):
        width = CHARACTER * len(label["text"])
        start = label["x"] - width * (label["anchor"] == "end")
        middle = label["y"] - MIDDLE
        box = (start, start + width, middle - LINE / 2, middle + LINE / 2)
        covered.append(_covered(box, 100 * points))
        near = abs(middle - place[1]) <= LINE + 1e-9
        assert near or label["line"][:2] == pytest.approx(place)
        assert 0 <= min(box) and max(box) <= 100
    # 400 points have 8 in such a box on the average
    assert np.mean(covered) < 5


def test_labels_keep_clear_of_each_other():
    rng = np.random.default_rng(0)
    texts = ["word " * n for n in rng.integers(1, 9, 60)]
    found = _labels(texts, *rng.random((2, 60)))
    assert found[0]["text"].startswith("word") and len(found) > 8
    assert max(len(label["text"]) for label in found) <= 24
    for one, other in combinations([label["box"] for label in found], 2):
        across = one[1] <= other[0] or other[1] <= one[0]
        assert across or one[3] <= other[2] or other[3] <= one[2]
