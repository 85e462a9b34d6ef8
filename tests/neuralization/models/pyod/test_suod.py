# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""PyOD's SUOD: standardized members, some of them behind random projections."""

from copy import copy, deepcopy

import numpy as np
import pytest
from helpers.detectors import check_behind_a_scaler, check_mechanics, tables
from sklearn.pipeline import make_pipeline
from sklearn.random_projection import GaussianRandomProjection

from skneon import explain, neuralize
from skneon.metrics import exact_shapley

pytest.importorskip("pyod", reason="the extra pyod is not installed")
pytest.importorskip("suod.models.base", reason="PyOD's SUOD needs suod")

from pyod.models.abod import ABOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from pyod.models.mcd import MCD
from pyod.models.suod import SUOD

# it warns of detectors that it has no defaults for
pytestmark = pytest.mark.filterwarnings("ignore:.*predefined code")
KINDS = ["average", "maximization"]
PROJECTED = {"rp_clf_list": ["KNN", "LOF", "HBOS"], "rp_ng_clf_list": ["MCD"]}
WHOLE = {"rp_flag_global": False}
TRAIN, ROWS = tables()["drawn"]


def fresh(members=None, **parameters):
    # suod draws projections from NumPy's own state
    np.random.seed(0)  # noqa: NPY002
    members = members or [HBOS(), KNN(), LOF(), MCD(), KNN(method="mean")]
    chosen = {"approx_flag_global": False, **parameters}
    return SUOD(members, bps_flag=False, n_jobs=1, **chosen)


def by_members(model, rows):
    """Explanations of each member alone, behind a step that projects in a Pipeline."""
    found = []
    inside = model.model_
    pairs = zip(inside.base_estimators, inside.jl_transformers_, strict=True)
    for member, matrix in pairs:
        if matrix.shape[1] < matrix.shape[0]:
            step = GaussianRandomProjection(matrix.shape[1]).fit(rows)
            step.components_ = matrix.T
            member = make_pipeline(step, member)
        found.append(explain(member, rows))
    return found


@pytest.mark.parametrize("combination", KINDS)
@pytest.mark.parametrize("projection", [PROJECTED, WHOLE])
@pytest.mark.parametrize("name", ["drawn", "wine"])
def test_parts_are_those_of_the_members(name, projection, combination):
    train, rows = tables()[name]
    model = fresh(combination=combination, **projection).fit(train)
    sizes = {matrix.shape[1] for matrix in model.model_.jl_transformers_}
    assert (len(sizes) == 2) == (projection is PROJECTED)
    got = explain(model, rows)
    expected = model.decision_function(rows)
    np.testing.assert_allclose(got.score, expected, rtol=1e-9, atol=1e-9)
    flagged = got.score > got.meta["threshold"]
    np.testing.assert_array_equal(flagged, model.predict(rows) == 1)
    total = got.relevance.sum(axis=1) + got.residual
    np.testing.assert_allclose(total, expected, rtol=1e-9, atol=1e-9)
    # scores, relevances and residuals, standardized as the members' scores are
    mean, scale = model.score_scalar_.mean_, model.score_scalar_.scale_
    alone = by_members(model, rows)
    scores = (np.array([of.score for of in alone]).T - mean) / scale
    relevances = np.array(
        [of.relevance / s for of, s in zip(alone, scale, strict=True)]
    )
    if combination == "average":
        score, shared = scores.mean(axis=1), relevances.mean(axis=0)
    else:
        score = scores.max(axis=1)
        shared = relevances[scores.argmax(axis=1), np.arange(len(rows))]
    close = {"rtol": 1e-9, "atol": 1e-9 * np.abs(shared).max()}
    np.testing.assert_allclose(got.score, score, **close)
    np.testing.assert_allclose(got.relevance, shared, **close)


def test_the_constant_is_no_columns():
    model = fresh([HBOS(), KNN()], **WHOLE).fit(TRAIN)
    got = explain(model, ROWS)
    scaler = model.score_scalar_
    constant = -np.mean(scaler.mean_ / scaler.scale_)
    np.testing.assert_allclose(got.residual, constant, rtol=1e-9)
    pooling = neuralize(model).network.pooling
    np.testing.assert_allclose(pooling.symbols["c"], constant, rtol=1e-12)


@pytest.mark.parametrize("combination", KINDS)
def test_mechanics(combination):
    def whole():
        return fresh([HBOS(), KNN()], combination=combination, **WHOLE)

    def projected():
        return fresh([KNN(), LOF()], combination=combination)

    def other_columns(model, order):
        model = deepcopy(model)
        model.model_.jl_transformers_ = [
            A[order] for A in model.model_.jl_transformers_
        ]
        return model

    check_behind_a_scaler(whole)
    check_mechanics(whole)
    # projections have the origin, not the mean of the rows, as their centre
    check_mechanics(projected, other_columns, moves=False)


@pytest.mark.parametrize("projection", [PROJECTED, WHOLE])
def test_training_rows_are_scored_as_the_members_do(projection):
    model = fresh(**projection).fit(TRAIN)
    own = explain(model, X_train=TRAIN)
    np.testing.assert_allclose(own.score, model.decision_scores_, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(own.training_score, own.score)
    assert explain(model, ROWS).p_value is not None
    with pytest.raises(
        ValueError, match="X_train has 69 rows, and the SUOD was fitted"
    ):
        explain(model, ROWS, X_train=TRAIN[1:])
    with pytest.raises(ValueError, match="SUOD does not keep its training rows"):
        explain(model)


def test_rows_of_the_same_bins_are_flagged_alike():
    counts = np.random.default_rng(1).poisson(2, (80, 5)).astype(float)
    model = fresh([HBOS(), HBOS(5), HBOS(7)]).fit(counts)
    got = explain(model, counts)
    flagged = got.score > got.meta["threshold"]
    np.testing.assert_array_equal(flagged, model.predict(counts) == 1)


def test_the_game_of_a_mean_is_the_mean_of_the_games():
    model = fresh([ECOD(), HBOS()]).fit(TRAIN)
    got = explain(model, ROWS[:3])
    # as ECOD alone, each row by itself
    expected = [model.decision_function(row[None])[0] for row in ROWS[:3]]
    np.testing.assert_allclose(got.score, expected, rtol=1e-9)
    played = exact_shapley(model, ROWS[:3])
    np.testing.assert_allclose(played.relevance, got.relevance, atol=1e-12)


def test_approximated_members_are_refused():
    model = fresh([HBOS(), KNN()], approx_flag_global=True, **WHOLE).fit(TRAIN)
    message = (
        r"Member 1 of the SUOD, KNN, is approximated: .* RandomForestRegressor, .* "
        r"approx_flag_global=False, or .*n\(model.model_.base_estimators\[1\], X\)\.$"
    )
    with pytest.raises(ValueError, match=message):
        explain(model, ROWS)
    got = explain(model.model_.base_estimators[1], ROWS)
    np.testing.assert_allclose(got.score, KNN().fit(TRAIN).decision_function(ROWS))
    # behind a projection it alone would explain other columns
    model = fresh([HBOS(), KNN()], approx_flag_global=True).fit(TRAIN)
    with pytest.raises(ValueError, match=r"with approx_flag_global=False\.$"):
        explain(model, ROWS)


def test_members_that_do_not_add_up_are_refused():
    model = fresh([HBOS(), ABOD()], **WHOLE).fit(TRAIN)
    with pytest.raises(TypeError, match=r"Member 1 of the SUOD is not .* for ABOD"):
        explain(model, ROWS)
    forest = IForest(10, random_state=0)
    model = fresh([forest, KNN()]).fit(TRAIN)
    message = (
        r"0 of the SUOD is IForest, .*, explain\(model.model_.base_estimators\[0\], X\)"
    )
    with pytest.raises(ValueError, match=message):
        explain(model, ROWS)
    lists = {"rp_clf_list": ["IForest", "KNN"], "rp_ng_clf_list": []}
    model = fresh([forest, KNN()], **lists).fit(TRAIN)
    with pytest.raises(ValueError, match=r"X @ model.model_.jl_transformers_\[0\]\)"):
        explain(model, ROWS)


def test_projections_of_no_digits_are_refused():
    model = fresh([KNN(), LOF()]).fit(TRAIN)
    # what two columns differ by is rounding alone
    rows = TRAIN.copy()
    rows[:, 1] = rows[:, 0] + 1e-9 * rows[:, 3]
    inside = model.model_ = copy(model.model_)
    matrix = np.array([[1.0, 1e9], [1.0, -1e9], [0.0, 0.0], [0.0, 0.0]])
    member = KNN().fit(rows @ matrix)
    inside.jl_transformers_ = [matrix, *inside.jl_transformers_[1:]]
    inside.base_estimators = [member, *inside.base_estimators[1:]]
    message = (
        r"Member 0 of the SUOD, KNN, is not explained behind its random projection: "
        r".* magnifies .* rp_flag_global=False"
    )
    with pytest.raises(ValueError, match=message):
        explain(model, rows)
