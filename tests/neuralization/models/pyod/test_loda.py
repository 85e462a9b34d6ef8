# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""LODA: the score of PyOD, shared by the squares of its projections."""

from copy import deepcopy

import numpy as np
import pytest
from helpers.detectors import (
    check_behind_a_scaler,
    check_mechanics,
    check_scores,
    tables,
)
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from skneon import explain, neuralize
from skneon.metrics import conservation_error

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.loda import LODA

BINS = [10, "auto", 2]
TRAIN, ROWS = tables()["drawn"]


def fresh(n_bins, **parameters):
    return LODA(n_bins=n_bins, n_random_cuts=30, random_state=0, **parameters)


def of_columns(model, order):
    other = deepcopy(model)
    other.projections_ = model.projections_[:, order]
    return other


@pytest.mark.parametrize("n_bins", BINS)
def test_scores_and_mechanics(n_bins):
    check_scores(lambda: fresh(n_bins))
    # a sum moves by what is rounded of it
    check_mechanics(lambda: fresh(n_bins), of_columns, moves=False)
    check_behind_a_scaler(lambda: fresh(n_bins))


@pytest.mark.parametrize("n_bins", BINS)
def test_projections_are_shared_by_squares(n_bins):
    model = fresh(n_bins).fit(TRAIN)
    expected = np.zeros_like(ROWS)
    for k, w in enumerate(model.projections_):
        p, limits = model.histograms_[k], model.limits_[k]
        bins = [int(np.sum(limits[: len(p) - 1] < row @ w)) for row in ROWS]
        scores = -np.log(p[bins]) / 30**2
        expected += np.outer(scores, w**2 / np.sum(w**2))
    got = explain(model, ROWS)
    np.testing.assert_allclose(got.relevance, expected, rtol=1e-10)
    assert np.isnan(got.compared_with).all() and "squares" in got.meta["note"]
    # the least projection of the training rows is a border itself
    own = explain(model, X_train=TRAIN)
    np.testing.assert_allclose(own.score, model.decision_scores_, rtol=1e-10)


def test_behind_a_projection():
    model = make_pipeline(PCA(3), fresh(10)).fit(TRAIN)
    got = explain(model, ROWS)
    expected = model.decision_function(ROWS)
    np.testing.assert_allclose(got.score, expected, rtol=1e-9)
    assert conservation_error(model, ROWS) < 1e-12


def test_columns_that_no_projection_has():
    model = LODA(n_random_cuts=1, random_state=0).fit(TRAIN)
    got = explain(model, ROWS)
    unused = model.projections_[0] == 0
    assert unused.any() and (got.relevance[:, unused] == 0).all()
    assert [type(layer).__name__ for layer in neuralize(model).layers] == [
        "ColumnScores",
        "Sum",
    ]
