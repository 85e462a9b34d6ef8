# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors by distances to few points."""

import numpy as np
import pytest
from helpers.detectors import (
    check_behind_a_scaler,
    check_games,
    check_mechanics,
    check_scores,
    tables,
)
from sklearn.cluster import BisectingKMeans, KMeans, MeanShift

from skneon import explain

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.cblof import CBLOF
from pyod.models.pca import PCA

TRAIN, ROWS = tables()["drawn"]


def cblof(**parameters):
    return CBLOF(n_clusters=6, random_state=0, alpha=0.6, **parameters)


def weighted():
    return cblof(use_weights=True)


@pytest.mark.parametrize("rule", ["shapley", "integrated"])
@pytest.mark.parametrize("fresh", [cblof, weighted])
def test_distances_to_centres_are_shared(fresh, rule):
    check_scores(fresh, rule=rule)
    model = fresh().fit(TRAIN)
    clusters = model.clustering_estimator_.predict(ROWS)
    # rows of either kind
    assert 0 < np.isin(clusters, model.small_cluster_labels_).sum() < len(ROWS)
    check_mechanics(fresh, rule=rule)
    got = explain(model, ROWS, rule=rule)
    centres = model.cluster_centers_
    far = np.linalg.norm(got.data - got.compared_with, axis=1)
    size = model.cluster_sizes_[clusters] if model.use_weights else 1
    np.testing.assert_allclose(got.score, size * far, rtol=1e-9)
    gaps = np.abs(got.compared_with[:, None] - centres).max(axis=2).min(axis=1)
    assert gaps.max() < 1e-12 * np.abs(centres).max()


@pytest.mark.parametrize("rule", ["shapley", "integrated"])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"n_selected_components": 2},
        {"weighted": False},
        {"standardization": False, "n_components": 3},
    ],
)
def test_distances_to_eigenvectors_are_shared(parameters, rule):
    check_scores(lambda: PCA(**parameters), rule=rule)


def test_mechanics():
    check_mechanics(PCA)
    for fresh in (cblof, PCA):
        check_behind_a_scaler(fresh)


@pytest.mark.parametrize("fresh", [cblof, weighted])
def test_parts_of_centres_are_values_of_the_game(fresh):
    model = fresh().fit(TRAIN)
    small = np.isin(np.arange(6), model.small_cluster_labels_)
    sizes = model.cluster_sizes_ if model.use_weights else np.ones(6)

    def value(squares):
        distances = np.sqrt(squares.sum(axis=1))
        own = distances.argmin()
        centre = distances[~small].min() if small[own] else distances[own]
        return sizes[own] * centre

    centres = model.cluster_centers_
    check_games(model, ROWS[:8], lambda x: (x - centres) ** 2, value)
    # which is the default
    got, expected = explain(model, ROWS), explain(model, ROWS, rule="shapley")
    np.testing.assert_array_equal(got.relevance, expected.relevance)


def test_parts_of_eigenvectors_are_values_of_the_game():
    model = PCA().fit(TRAIN)

    def squares(x):
        z = (x - model.scaler_.mean_) / model.scaler_.scale_
        return (z - model.selected_components_) ** 2

    def value(squares):
        return np.sum(np.sqrt(squares.sum(axis=1)) / model.selected_w_components_)

    check_games(model, ROWS[:3], squares, value)


def test_training_rows_come_as_x_train():
    for fresh in (cblof, PCA):
        model = fresh().fit(TRAIN)
        got = explain(model, X_train=TRAIN)
        np.testing.assert_allclose(got.score, model.decision_scores_, rtol=1e-9)
        new = explain(model, ROWS)
        np.testing.assert_allclose(new.training_score, model.decision_scores_)
        with pytest.raises(ValueError, match="does not keep its training rows"):
            explain(model)


def test_what_has_no_network_is_refused():
    by_splits = cblof(clustering_estimator=BisectingKMeans(6, random_state=0))
    with pytest.raises(ValueError, match=r"got clustering_estimator=BisectingKMeans"):
        explain(by_splits.fit(TRAIN), ROWS)
    constant = np.column_stack([TRAIN, np.ones(len(TRAIN))])
    with np.errstate(divide="ignore", invalid="ignore"):
        model = PCA().fit(constant)
    with pytest.raises(ValueError, match="1 selected components that explain no"):
        explain(model, constant)


@pytest.mark.parametrize("clustering", [MeanShift(), KMeans(6, random_state=0)])
@pytest.mark.filterwarnings("ignore:The chosen clustering for CBLOF")
def test_other_clusterings_by_centres(clustering):
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(c, 0.3, (30, 2)) for c in (0, 4, 9)])
    model = CBLOF(n_clusters=3, clustering_estimator=clustering, alpha=0.6).fit(rows)
    some = rng.normal(4, 3, (20, 2))
    got = explain(model, some)
    np.testing.assert_allclose(got.score, model.decision_function(some), rtol=1e-9)
