# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of PyOD's isolation forest."""

import numpy as np
import pytest
from helpers.detectors import check_behind_a_scaler, check_scores, tables

from skneon import explain
from skneon.network import expected_depth

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.iforest import IForest


def fresh(**parameters):
    return IForest(n_estimators=10, random_state=0, **parameters)


def saved(model, scores):
    c = float(expected_depth(model.max_samples_))
    return c * (1 + np.log2(scores - model.offset_))


@pytest.mark.parametrize("rule", ["shapley", "split"])
def test_splits_saved_are_shared(rule):
    check_scores(fresh, saved, rule=rule)


def test_explanations_are_those_of_the_forest_inside():
    train, rows = tables()["wine"]
    model = fresh(max_features=0.5).fit(train)
    for rule in ("shapley", "split", "path", "interventional"):
        got = explain(model, rows, rule=rule, X_train=train)
        expected = explain(model.detector_, rows, rule=rule, X_train=train)
        np.testing.assert_array_equal(got.relevance, expected.relevance)
        np.testing.assert_array_equal(got.compared_with, expected.compared_with)
    with pytest.raises(ValueError, match="IsolationForest does not keep"):
        explain(model, rows, rule="interventional")


def test_behind_a_scaler():
    check_behind_a_scaler(fresh)


def test_a_threshold_below_all_scores_is_passed_by_every_row():
    train, rows = tables()["drawn"]
    model = fresh().fit(train)
    # as other ways to a threshold may give it
    model.threshold_ = model.offset_ - 1
    got = explain(model, rows)
    assert got.meta["threshold"] == -np.inf
    assert (model.predict(rows) == 1).all()
