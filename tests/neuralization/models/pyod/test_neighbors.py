# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of PyOD's detectors by distances to training rows."""

import numpy as np
import pytest
from helpers.detectors import (
    check_behind_a_scaler,
    check_games,
    check_mechanics,
    check_scores,
    tables,
)
from helpers.gaussians import shapley
from sklearn.base import clone

from skneon import explain, neuralize

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.knn import KNN
from pyod.models.lof import LOF
from pyod.models.sampling import Sampling

TRAIN, ROWS = tables()["drawn"]
METHODS = [
    {"method": "largest"},
    {"method": "mean"},
    {"method": "median", "n_neighbors": 3},
    {"method": "median", "n_neighbors": 4},
]


def sampling(**parameters):
    return Sampling(random_state=0, **parameters)


@pytest.mark.parametrize("rule", ["shapley", "integrated"])
@pytest.mark.parametrize("parameters", METHODS)
def test_distances_are_shared(parameters, rule):
    # two of three sets: of all subsets, and of a sample
    check_scores(lambda: KNN(**parameters), names=["wine", "drawn"], rule=rule)
    if rule == "integrated":
        check_scores(lambda: KNN(**parameters), names=["cancer"])


def test_other_scores_by_distances_are_shared():
    check_scores(lambda: LOF(n_neighbors=7), residual=True)
    check_scores(sampling)
    check_scores(sampling, rule="integrated")


@pytest.mark.parametrize(
    "fresh", [KNN, lambda: KNN(method="median", n_neighbors=4), LOF, sampling]
)
def test_mechanics(fresh):
    check_mechanics(fresh)
    check_behind_a_scaler(fresh)


@pytest.mark.parametrize("parameters", METHODS)
def test_parts_of_distances_are_values_of_the_game(parameters):
    model = KNN(**parameters).fit(TRAIN)
    statistic = {"largest": np.max, "mean": np.mean, "median": np.median}

    def value(squares):
        distances = np.sort(np.sqrt(squares.sum(axis=1)))[: model.n_neighbors]
        return statistic[model.method](distances)

    check_games(model, ROWS[:3], lambda x: (x - TRAIN) ** 2, value)


def test_parts_of_the_distance_to_a_sample_are_values_of_the_game():
    model = sampling().fit(TRAIN)

    def value(squares):
        return np.sqrt(squares.sum(axis=1)).min()

    check_games(model, ROWS[:3], lambda x: (x - model.subset) ** 2, value)


@pytest.mark.parametrize("fresh", [KNN, lambda: KNN(method="mean"), LOF])
def test_training_rows_are_left_out_as_by_pyod(fresh):
    model = fresh().fit(TRAIN)
    got = explain(model)
    np.testing.assert_allclose(got.score, model.decision_scores_, rtol=1e-12)
    given = explain(model, X_train=TRAIN)
    np.testing.assert_array_equal(given.relevance, got.relevance)
    new = explain(model, ROWS)
    np.testing.assert_array_equal(new.training_score, model.decision_scores_)
    assert new.p_value is not None
    with pytest.raises(ValueError, match="X_train does not match"):
        explain(model, ROWS, X_train=TRAIN + 1)


@pytest.mark.parametrize("left_out", [False, True])
def test_shapley_values_are_those_of_detectors_fitted_to_some_columns(left_out):
    model = KNN(n_neighbors=3, method="mean").fit(TRAIN)
    rows = None if left_out else ROWS
    got = explain(model, rows, rule="shapley").relevance[:8]

    def value(S):
        if not S:
            return np.zeros(8)
        other = clone(model).fit(TRAIN[:, list(S)])
        if left_out:
            return other.decision_scores_[:8]
        return other.decision_function(ROWS[:8, list(S)])

    np.testing.assert_allclose(got, shapley(value, 4), rtol=1e-9, atol=1e-12)


def test_a_row_left_out_is_a_model_refitted():
    model = KNN(n_neighbors=4, method="mean").fit(TRAIN)
    got = explain(model, ROWS, leave_out=5)
    expected = explain(clone(model).fit(np.delete(TRAIN, 5, axis=0)), ROWS)
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-12)
    # one of a group of repeated measurements takes the others along
    groups = np.arange(len(TRAIN)) // 2
    together = explain(model, ROWS, groups=groups, leave_out=5)
    expected = explain(clone(model).fit(np.delete(TRAIN, [4, 5], axis=0)), ROWS)
    np.testing.assert_allclose(together.relevance, expected.relevance, rtol=1e-12)
    # PyOD's scores of training rows are of rows one by one
    assert together.training_score is None


def test_rows_that_were_drawn_are_left_out_of_the_sample():
    # twins are told apart by their number
    rows = np.vstack([TRAIN, TRAIN[:10]])
    model = sampling(subset_size=30).fit(rows)
    network = neuralize(model, X_train=rows)
    got = network.explain()
    drawn = np.flatnonzero(network.training.absent >= 0)
    assert len(drawn) == 30
    far = np.sqrt(((rows[:, None] - model.subset) ** 2).sum(axis=2))
    own = network.training.absent[drawn]
    far[drawn, own] = np.inf
    np.testing.assert_allclose(got.score, far.min(axis=1), rtol=1e-12)
    # others have PyOD's score, and are what new rows are compared with
    others = np.delete(model.decision_scores_, drawn)
    np.testing.assert_allclose(np.delete(got.score, drawn), others, rtol=1e-12)
    new = explain(model, ROWS)
    np.testing.assert_allclose(np.sort(new.training_score), np.sort(others))
    with pytest.raises(ValueError, match="Sampling does not keep its training rows"):
        explain(model)
    with pytest.raises(ValueError, match="row 0 of its subset is none of the rows"):
        explain(model, ROWS, X_train=rows + 1)


def test_a_sample_of_all_rows_leaves_none_to_compare_with():
    model = sampling(subset_size=1.0).fit(TRAIN)
    assert explain(model, ROWS).p_value is None


def test_rows_on_training_rows_have_no_parts():
    got = explain(KNN(n_neighbors=1).fit(TRAIN), TRAIN[:3])
    assert (got.relevance == 0).all()
    assert (got.score == 0).all()


def test_other_metrics_are_refused():
    for model in (
        KNN(metric="manhattan"),
        KNN(p=3),
        LOF(metric="manhattan"),
        Sampling(metric="manhattan"),
    ):
        fitted, name = model.fit(TRAIN), type(model).__name__
        message = f'Only the euclidean metric .*Fit {name} with metric="euclidean"'
        with pytest.raises(ValueError, match=message):
            explain(fitted, ROWS)
    assert explain(KNN(metric="euclidean").fit(TRAIN), ROWS).score.min() > 0
    with pytest.raises(ValueError, match=r"LOF\(novelty=False\)"):
        explain(LOF(novelty=False).fit(TRAIN), ROWS)
    message = "does not explain the distances of KNN: take one of 'integrated', 'sh"
    with pytest.raises(ValueError, match=message):
        explain(KNN().fit(TRAIN), ROWS, rule="midpoint")
    with pytest.raises(TypeError, match=r"neuralize\(LOF\) takes no rule; it takes"):
        explain(LOF().fit(TRAIN), ROWS, rule="shapley")
