# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What chooses the settings of clusterings, and what is said of them."""

import numpy as np
import pandas as pd
import pytest
from helpers.report_pages import clean
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    OPTICS,
    AgglomerativeClustering,
    KMeans,
    SpectralClustering,
)
from sklearn.decomposition import KernelPCA
from sklearn.svm import OneClassSVM

from skneon import explain, prepare, report
from skneon._report._clusterings import (
    Choice,
    by_bic,
    by_knee,
    by_size,
    check_found,
)
from skneon._report._figures import cluster_map
from skneon._report._models import Fitting
from skneon._tables._words import TableError


def fitting(X):
    table = prepare(pd.DataFrame(X).add_prefix("x"), log="none")
    return Fitting(table._plan, table.rows)


NOISE = fitting(np.random.default_rng(0).normal(size=(120, 3)))


def test_verdict_of_silhouettes():
    clear = Choice("", {2: 0.3, 3: 0.5}, 0.4)
    assert clear.verdict.startswith("3 clusters (the best of 2 to 3) have a mean")
    assert not clear.is_vague and clear.facts()["clear"]
    vague = Choice("", {2: 0.3}, 0.3)
    assert vague.is_vague and "up to 0.30" in vague.verdict
    unknown = Choice("", {2: 0.3}, np.nan)
    assert unknown.verdict.endswith("of 0.30.") and not unknown.is_vague
    assert Choice().verdict == "" and Choice().facts() == {} and not Choice().is_vague


def test_noise_is_one_gaussian_by_bic():
    found = by_bic(NOISE, None)
    assert found.model.n_components == 1
    assert "among 1 to 8 of full or diagonal covariances" in found.choice.words


def test_criteria_say_how_many_rows_they_had(monkeypatch):
    monkeypatch.setattr("skneon._report._clusterings.SILHOUETTE_ROWS", 100)
    assert "by BIC of 100 rows among" in by_bic(NOISE, None).choice.words


def test_few_rows_have_settings():
    few = fitting([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    assert by_knee(few, None).model.min_samples == 3
    assert by_size(few, None).model.min_cluster_size == 3
    assert by_knee(few, 0.5).choice.words == "eps 0.5; min_samples 3"
    words = by_size(NOISE, None).choice.words
    assert words == "each of at least 6 rows, a twentieth of all; min_samples 5"
    assert by_size(NOISE, 40).choice.words == "each of at least 40 rows; min_samples 5"


def test_noise_alone_is_refused():
    X = np.arange(6.0)[:, None]
    with pytest.raises(TableError, match=r"DBSCAN finds none in 6 rows.* Do that\."):
        check_found(DBSCAN(eps=0.1).fit(X), "Do that.")
    check_found(DBSCAN(eps=2, min_samples=2).fit(X), "Do that.")


PAIRS = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 4, axis=0)
PAIRS = PAIRS + np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (3, 1))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            AgglomerativeClustering(3),
            "stand the mean of its own cluster and the mean of the rows of the node "
            "that it would join in the strongest rival",
        ),
        (
            KMeans(3, n_init=1, random_state=0),
            "stand the centroid of its own cluster and the centroid of the strongest",
        ),
        (DBSCAN(2.0, min_samples=3), "stands that of the nearest core row of the"),
    ],
)
def test_what_stands_beside_values(model, words):
    text = clean(report(model.fit(PAIRS), PAIRS).html).text
    assert f"Beside each value {words}" in text and "centres" not in text


@pytest.mark.parametrize(
    "model",
    [
        AgglomerativeClustering(3),
        SpectralClustering(3, gamma=0.05, random_state=0),
        HDBSCAN(min_cluster_size=3, min_samples=2, copy=True),
    ],
)
def test_other_rows_than_those_of_the_fit(model):
    model.fit(PAIRS)
    mixed = PAIRS.reshape(3, 4, 2).swapaxes(0, 1).reshape(12, 2)
    for rows in (PAIRS[:5], mixed):
        with pytest.raises(ValueError, match="X must be these rows, in") as caught:
            report(model, rows)
        assert "report(explain(model, X, X_train=rows), X)" in str(caught.value)
    page = report(explain(model, PAIRS[:5] + 0.1, X_train=PAIRS), PAIRS[:5] + 0.1)
    assert len(page.explanations["model"]) == 5


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (DBSCAN(2.0, min_samples=3), {"target": "outlier", "X_train": PAIRS}),
        (AgglomerativeClustering(3), {"target": "merge", "X_train": PAIRS}),
        (OPTICS(min_samples=3), {"target": "reachability", "X_train": PAIRS}),
        (OneClassSVM(gamma=0.1), {"target": "decision", "X": PAIRS}),
        (KernelPCA(2, kernel="rbf"), {"component": 1, "X": PAIRS}),
    ],
)
def test_explanations_that_models_are_asked_for(model, asked):
    found = explain(model.fit(PAIRS), **asked)
    page = report(found, None)
    assert page.explanations["model"].target == found.target
    text = clean(page.html).text
    assert f"Rows of the largest {found.target}" in text or found.target == "outlier"
    if len(found) < len(PAIRS):
        with pytest.raises(ValueError, match="or None for these as it has them"):
            report(found, PAIRS)


def test_rows_in_no_cluster_are_grey_on_the_map():
    X = np.array([[0, 0], [0, 1], [1, 0], [9, 9], [9, 8], [8, 9], [5, 4.0]])
    model = DBSCAN(eps=1.5, min_samples=3).fit(X)
    drawn = cluster_map(explain(model, X_train=X), pd.DataFrame(X, columns=["a", "b"]))
    paths = dict(drawn["points"])
    assert paths["c-none"].count("M") == 1
    assert sum(path.count("M") for path in paths.values()) == 7
    # the caption speaks of noise, which has no place of its own
    assert [label["text"] for label in drawn["labels"]] == ["0", "1"]


def test_each_cluster_has_a_label_on_the_map():
    X = np.random.default_rng(0).normal(size=(120, 2))
    told = explain(KMeans(8, n_init=1, random_state=0).fit(X), X)
    # most clusters are nearly in the same place
    near = pd.DataFrame(X * 1e-3 + 9 * (told.target == 0)[:, None], columns=["a", "b"])
    labels = cluster_map(told, near)["labels"]
    assert sorted(label["text"] for label in labels) == [str(c) for c in range(8)]
    spots = {(round(label["x"]), round(label["y"])) for label in labels}
    assert len(spots) == 8
