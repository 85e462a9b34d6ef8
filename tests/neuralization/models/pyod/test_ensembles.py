# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Ensembles of PyOD: the scores of the members, and what these hand down."""

from copy import deepcopy

import numpy as np
import pytest
from helpers.detectors import check_behind_a_scaler, check_mechanics, tables
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from skneon import explain
from skneon.metrics import exact_shapley

pytest.importorskip("pyod", reason="the extra pyod is not installed")
pytest.importorskip("combo", reason="PyOD's ensembles need combo")

from pyod.models.abod import ABOD
from pyod.models.ecod import ECOD
from pyod.models.feature_bagging import FeatureBagging
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lscp import LSCP
from pyod.models.mcd import MCD
from pyod.models.suod import SUOD

KINDS = ["average", "max"]
BASES = {"LOF": None, "KNN": KNN(), "HBOS": HBOS(), "ECOD": ECOD(), "MCD": MCD()}
TRAIN, ROWS = tables()["drawn"]


def fresh(base=None, combination="average"):
    return FeatureBagging(base, 4, combination=combination, random_state=0)


def by_members(model, rows):
    """Scores and relevances of each member, with zeros for columns it has not."""
    scores, relevances = [], []
    pairs = zip(model.estimators_, model.estimators_features_, strict=True)
    for member, columns in pairs:
        own = explain(member, rows[:, columns])
        R = np.zeros(rows.shape)
        R[:, columns] = own.relevance
        scores.append(own.score)
        relevances.append(R)
    return np.array(scores), np.array(relevances)


@pytest.mark.parametrize("combination", KINDS)
def test_members_settle_ties_as_they_do_alone(combination):
    counts = np.random.default_rng(1).poisson(2, (80, 5)).astype(float)
    model = fresh(combination=combination).fit(counts)
    got = explain(model, counts)
    np.testing.assert_allclose(got.score, model.decision_function(counts), rtol=1e-9)
    flagged = got.score > got.meta["threshold"]
    np.testing.assert_array_equal(flagged, model.predict(counts) == 1)
    own = explain(model, X_train=counts)
    np.testing.assert_allclose(own.score, model.decision_scores_, rtol=1e-9)


# rules that draw a sample of orders beyond 12 columns have another one of other columns
CASES = [
    *((name, base, "average") for name in tables() for base in BASES if base != "MCD"),
    ("drawn", "MCD", "average"),
    *(("drawn", base, "max") for base in BASES),
    ("wine", "HBOS", "max"),
    ("cancer", "LOF", "max"),
]


@pytest.mark.parametrize(("name", "base", "combination"), CASES)
def test_parts_are_those_of_the_members(name, base, combination):
    train, rows = tables()[name]
    model = fresh(BASES[base], combination).fit(train)
    got = explain(model, rows)
    if base == "ECOD":
        expected = [model.decision_function(row[None])[0] for row in rows]
    else:
        expected = model.decision_function(rows)
        flagged = got.score > got.meta["threshold"]
        np.testing.assert_array_equal(flagged, model.predict(rows) == 1)
    np.testing.assert_allclose(got.score, expected, rtol=1e-9)
    scores, relevances = by_members(model, rows)
    if combination == "average":
        shared = relevances.mean(axis=0)
    else:
        shared = relevances[scores.argmax(axis=0), np.arange(len(rows))]
    np.testing.assert_allclose(got.relevance, shared, rtol=1e-9, atol=1e-12)
    if base != "LOF":
        total = got.relevance.sum(axis=1)
        np.testing.assert_allclose(total, got.score, rtol=1e-9)


@pytest.mark.parametrize("combination", KINDS)
def test_mechanics(combination):
    check_behind_a_scaler(lambda: fresh(HBOS(), combination))

    def other_columns(model, order):
        back, model = np.argsort(order), deepcopy(model)
        model.estimators_features_ = [back[c] for c in model.estimators_features_]
        return model

    check_mechanics(lambda: fresh(KNN(), combination), other_columns)


@pytest.mark.parametrize("base", ["LOF", "KNN", "ECOD", "HBOS"])
def test_training_rows_are_scored_as_the_members_do(base):
    model = fresh(BASES[base]).fit(TRAIN)
    own = explain(model, X_train=TRAIN)
    np.testing.assert_allclose(own.score, model.decision_scores_, rtol=1e-9)
    np.testing.assert_allclose(own.training_score, own.score)
    assert explain(model, ROWS).p_value is not None
    with pytest.raises(ValueError, match="X_train has 69 rows, and the Feature"):
        explain(model, ROWS, X_train=TRAIN[1:])
    with pytest.raises(ValueError, match="does not keep its training rows"):
        explain(model)


def test_the_game_of_a_mean_is_the_mean_of_the_games():
    model = fresh(ECOD()).fit(TRAIN)
    got = explain(model, ROWS[:3])
    played = exact_shapley(model, ROWS[:3])
    np.testing.assert_allclose(played.relevance, got.relevance, atol=1e-12)
    mixed = make_pipeline(PCA(3), fresh(KNN())).fit(TRAIN)
    got = explain(mixed, ROWS)
    expected = mixed.decision_function(ROWS)
    np.testing.assert_allclose(got.score, expected, rtol=1e-9)
    np.testing.assert_allclose(got.relevance.sum(axis=1), expected, rtol=1e-9)


def test_members_that_do_not_add_up_are_refused():
    model = FeatureBagging(ABOD(), 2, random_state=0).fit(TRAIN)
    with pytest.raises(TypeError, match=r"Member 0 of the FeatureBagging .* for ABOD"):
        explain(model, ROWS)
    model = FeatureBagging(IForest(10), 2, random_state=0).fit(TRAIN)
    with pytest.raises(
        ValueError, match=r"is IForest, .*explain\(model.estimators_\[0\], X\[:, "
    ):
        explain(model, ROWS)


def test_ensembles_without_a_network_say_why():
    class Fitted(LSCP):
        pass

    for kind in (LSCP, Fitted):
        with pytest.raises(TypeError, match="has no network: it draws neighbourhoods"):
            explain(kind([KNN(), HBOS()]), ROWS)
    suod = object.__new__(SUOD)
    with pytest.raises(TypeError, match="SUOD has no network: it replaces detectors"):
        explain(suod, ROWS)
