# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows in no cluster, in words: in titles, notebooks and reports."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.checks import REAL
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN, HDBSCAN

from skneon import NeonKMeans, explain, report
from skneon.explanation import Explanation
from skneon.explanation._noise import far_text, is_noise, mostly_text
from skneon.explanation._text import note_text
from skneon.explanation._title import row_title

IRIS = REAL["iris"]
MODEL = DBSCAN(eps=0.5).fit(IRIS)
NOISE = np.flatnonzero(MODEL.labels_ < 0)
REASONS = explain(MODEL, X_train=IRIS)


def times_in(text):
    return float(re.search(r"([\d.]+) times the (?:radius|level)", text)[1])


def test_how_many_times_the_radius_away():
    members = MODEL.labels_[MODEL.core_sample_indices_]
    distance = cdist(IRIS, MODEL.components_)
    apart = explain(MODEL, X_train=IRIS, target="outlier")
    for row in range(150):
        text, near = far_text(REASONS, row), distance[row].argmin()
        assert is_noise(REASONS, row) == bool(text) == (row in NOISE)
        if not text:
            assert far_text(apart, row).startswith("within reach: ")
            continue
        assert text.startswith("in no cluster: ")
        assert text.endswith(f" the nearest core row of cluster {members[near]}")
        assert text.startswith(far_text(REASONS, row, short=True))
        assert far_text(apart, row).endswith(" the nearest core row")
        for said in (text, far_text(apart, row)):
            assert times_in(said) == pytest.approx(distance[row, near] / 0.5, rel=0.05)
            assert times_in(said) > 1


def test_how_many_times_the_level():
    model = HDBSCAN(min_cluster_size=10, copy=True).fit(IRIS)
    got = explain(model, X_train=IRIS, cluster=-1)
    why = explain(model, X_train=IRIS)
    for row in range(150):
        text, level = far_text(got, row), got.meta["levels"][got.rival[row]]
        times = np.sqrt(got.score[row] + level**2) / level
        assert times_in(text) == pytest.approx(times, rel=0.05)
        assert f"it reaches cluster {got.rival[row]} at" in text
        inside = model.labels_[row] >= 0
        assert text.startswith("within reach" if inside else "in no cluster")
        assert (far_text(why, row) == "") == inside


def test_what_has_no_level_says_nothing():
    lone = replace(REASONS, rival=np.full(150, None, dtype=object))
    endless = replace(REASONS, score=np.full(150, -np.inf))
    for explanation in (lone, endless):
        assert not any(far_text(explanation, row) for row in NOISE)
    kmeans = NeonKMeans(3, n_init=1, random_state=0).fit(IRIS).explain()
    assert not any(far_text(kmeans, row) for row in range(9))
    # numbers near 1 have more digits
    edge = replace(REASONS, score=np.full(150, 0.25 * (1.004**2 - 1)))
    assert "in no cluster: 1.004 times" in far_text(edge, NOISE[0])


def test_which_few_columns():
    found = set()
    for row in range(150):
        text = mostly_text(REASONS, row)
        names = re.findall(r"x\d", text)
        parts = np.sort(REASONS.relevance[row])[::-1]
        found.add(len(names))
        if names:
            assert parts[: len(names)].sum() >= REASONS.score[row] / 2
            assert parts[: len(names) - 1].sum() < REASONS.score[row] / 2
            by = [REASONS[name][row] for name in names]
            assert by == parts[: len(names)].tolist()
    assert {1, 2} <= found
    even = replace(REASONS, relevance=np.ones((150, 4)), score=np.full(150, 8.0))
    assert mostly_text(even, 0) == ""
    assert mostly_text(replace(REASONS, score=np.full(150, np.inf)), 0) == ""


def test_titles_notes_and_tables():
    far = NOISE[REASONS.score[NOISE].argmax()]
    same = Explanation.from_json(REASONS.to_json())
    said = far_text(REASONS, far)
    for explanation in (REASONS, same):
        assert row_title(explanation, far) == f"row {far} is {said}"
        assert note_text(explanation, far, 0).startswith("nearest core row ")
        assert note_text(explanation, 0, 0).startswith("rival ")
        short = far_text(explanation, far, short=True)
        assert short in explanation[NOISE]._repr_html_()
    against = explain(MODEL, IRIS[:1] + 0.1, cluster=0, rival=-1)
    assert note_text(against, 0, 0).startswith("nearest core row ")


def test_reports():
    pytest.importorskip("jinja2")
    table = pd.DataFrame(IRIS, columns=["a", "b", "c", "d"])
    reasons = explain(DBSCAN(eps=0.5).fit(table), table, cluster=-1)
    far = reasons.score.argmax()
    said = f"{far_text(reasons, far)}, {mostly_text(reasons, far)}; evidence "
    html = report(reasons, table, top=1).html
    assert said in html and "Beside each value stands that of the nearest core" in html
