# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Isolation forests: the score, the games of the rules by brute force, and odd rows."""

import pickle
from copy import copy

import numpy as np
import pytest
from helpers.checks import check_mechanics
from helpers.forests import RNG, ROWS, RULES, X, background, c, fitted, score
from scipy.sparse import csr_matrix
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize
from skneon.network import Layerwise, PathDependent, Query, Split, WSquare
from skneon.testing import check_network

shap = pytest.importorskip("shap")


def with_gaps(rows):
    rows = rows.copy()
    rows[np.random.default_rng(1).random(rows.shape) < 0.15] = np.nan
    return rows


TIED = np.round(X)
CASES = {
    "plain": (X, ROWS, {}),
    "some columns": (X, ROWS, {"max_features": 0.5}),
    "all columns in another order": (X, ROWS, {"max_features": 4}),
    "bootstrap": (X, ROWS, {"bootstrap": True}),
    "missing": (with_gaps(X), with_gaps(ROWS), {}),
    "an offset": (X + 1e6, ROWS + 1e6, {}),
    "a large offset": (100 * X + 1e8, 100 * ROWS + 1e8, {}),
    "sparse": (csr_matrix(TIED), csr_matrix(np.round(ROWS)), {}),
    "a constant column": (X * [1, 1, 0, 1, 1], ROWS, {}),
    "constant columns": (np.ones((20, 5)), ROWS, {}),
    "ties": (TIED, np.round(ROWS), {}),
    "one row a tree": (X, ROWS, {"max_samples": 1}),
    "two rows a tree": (X, ROWS, {"max_samples": 2}),
    "three rows a tree": (X, ROWS, {"max_samples": 3}),
    "equal rows": (np.repeat(X[:3], 20, axis=0), ROWS, {}),
    "float32": (X.astype(np.float32), ROWS.astype(np.float32), {}),
    "a single tree": (X, ROWS, {"n_estimators": 1}),
    "weights": (X, ROWS, {"max_samples": 30}),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("case", CASES)
def test_columns_share_the_score(case, rule):
    rows, new, parameters = CASES[case]
    forest = fitted(rows, **parameters)
    if case == "weights":
        forest.fit(rows, sample_weight=1 + np.arange(60))
    got = explain(forest, new, rule=rule, **background(rule, rows))
    np.testing.assert_allclose(got.score, score(forest, new), rtol=0, atol=1e-12)
    assert np.isfinite(got.relevance).all()
    whole = got.relevance.sum(axis=1) + got.residual
    np.testing.assert_allclose(whole, got.score, rtol=0, atol=1e-12)
    if rule in ("split", "shapley"):
        # bagging counts repeated rows once
        roots = [c(member.tree_.n_node_samples[0]) for member in forest.estimators_]
        offset = c(forest.max_samples_) - np.mean(roots)
        assert (abs(offset) < 1e-12) == (case != "bootstrap")
    else:
        offset = got.residual[0]
    np.testing.assert_allclose(got.residual, offset, rtol=0, atol=1e-12)
    assert (got.standard_error is None) == (case == "a single tree")


def test_outliers_are_above_the_threshold():
    rows = load_wine().data
    for contamination in ("auto", 0.1):
        forest = fitted(rows, 20, contamination=contamination)
        got = explain(forest, rows, rule="split")
        outlier = got.score > got.meta["threshold"]
        np.testing.assert_array_equal(outlier, forest.predict(rows) == -1)
        assert 0 < outlier.sum() < len(rows)
    assert got.meta["n_trees"] == 20 and got.meta["expected_depth"] == c(178)


@pytest.mark.parametrize("max_features", [1.0, 0.6])
def test_path_is_what_shap_gives(max_features):
    forest = fitted(max_features=max_features)
    got = explain(forest, ROWS, rule="path")
    expected = shap.TreeExplainer(forest).shap_values(ROWS)
    np.testing.assert_allclose(got.relevance, -expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("rule", RULES)
def test_a_column_that_no_tree_uses_gets_exactly_nothing(rule):
    rows = np.insert(X, 2, 7.0, axis=1)
    got = explain(fitted(rows), rows[:9] + 0.5, rule=rule, **background(rule, rows))
    assert (got.relevance[:, 2] == 0).all() and (got.standard_error[:, 2] == 0).all()
    assert np.isnan(got.compared_with[:, 2]).all()


@pytest.mark.parametrize("rule", RULES)
def test_columns_in_another_order(rule):
    order = np.array([3, 0, 4, 1, 2])
    forest = fitted()
    expected = explain(forest, ROWS, rule=rule, **background(rule, X)).relevance
    # the same trees, whose columns have other numbers
    forest.estimators_features_ = [np.argsort(order)] * len(forest.estimators_)
    permuted = background(rule, X[:, order])
    got = explain(forest, ROWS[:, order], rule=rule, **permuted)
    np.testing.assert_allclose(got.relevance, expected[:, order], atol=1e-13)


def test_scaling_changes_nothing():
    model = make_pipeline(StandardScaler(), fitted(n_estimators=10))
    gaps = with_gaps(X)
    model.fit(gaps)
    got = explain(model, gaps[:5])
    expected = explain(model[-1], model[0].transform(gaps[:5]))
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-13)
    back = model[0].inverse_transform(expected.compared_with)
    np.testing.assert_allclose(got.compared_with, back, atol=1e-12)
    np.testing.assert_array_equal(got.data, gaps[:5])


def test_linear_steps_share_a_split_by_w_square():
    model = make_pipeline(PCA(3), IsolationForest(n_estimators=4, random_state=0))
    model.fit(X)
    got = explain(model, ROWS)
    assert got.meta["rule"] == "split"
    Z = model[0].transform(ROWS)
    by_component = explain(model[-1], Z, rule="split").relevance
    V = model[0].components_
    expected = by_component @ (V**2 / np.sum(V**2, axis=1, keepdims=True))
    np.testing.assert_allclose(got.relevance, expected, atol=1e-12)
    np.testing.assert_allclose(got.residual, 0, atol=1e-12)
    np.testing.assert_allclose(got.score, score(model[-1], Z), atol=1e-12)
    assert np.isfinite(got.compared_with).all()
    for rule in RULES[1:]:
        with pytest.raises(ValueError, match=r'mixes columns.* take rule="split"'):
            explain(model, ROWS, rule=rule, **background(rule, X))


@pytest.mark.parametrize("rule", RULES)
def test_mechanics(rule):
    def refit(model):
        model.set_params(warm_start=True, n_estimators=9).fit(X[:30] + 1)

    check_mechanics(fitted(), ROWS, refit, rule=rule, **background(rule, X))


@pytest.mark.parametrize("rule", RULES)
def test_laws_of_networks(rule):
    door = neuralize(fitted(), rule=rule, **background(rule, X))
    for check in check_network(door, ROWS, reference=score(fitted(), ROWS)):
        check()


@pytest.mark.parametrize("rule", RULES)
def test_the_engine_gives_what_the_layers_do(rule):
    door = neuralize(fitted(with_gaps(X)), rule=rule, **background(rule, with_gaps(X)))
    rows = with_gaps(ROWS)
    got = door.explain(rows)
    network = door.network
    expected = Layerwise(network, rows, Query()).explain(slice(0, len(rows)))
    for name in ("relevance", "score", "standard_error"):
        np.testing.assert_allclose(getattr(got, name), expected[name], atol=1e-12)
    # sums of squares round where trees agree
    np.testing.assert_allclose(got.compared_with, expected["reference"], atol=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_standard_errors_are_those_of_a_mean_of_trees(rule):
    forest = fitted()
    got = explain(forest, ROWS, rule=rule, **background(rule, X))
    each = []
    for tree in range(6):
        one = copy(forest)
        one.estimators_ = one.estimators_[tree : tree + 1]
        one.estimators_features_ = one.estimators_features_[tree : tree + 1]
        each.append(explain(one, ROWS, rule=rule, **background(rule, X)).relevance)
    np.testing.assert_allclose(got.relevance, np.mean(each, axis=0), atol=1e-12)
    expected = np.std(each, axis=0, ddof=1) / np.sqrt(6)
    np.testing.assert_allclose(got.standard_error, expected, atol=1e-7)


def test_borders_are_between_a_row_and_the_others():
    rows = np.concatenate([RNG.normal(size=(200, 2)), [[9.0, 0.0]]])
    got = explain(fitted(rows, 20), rows[-1:])
    assert got[0].top(1)[0][0].feature == "x0"
    # beyond what the others have, and short of the row
    assert rows[:-1, 0].mean() < got.compared_with[0, 0] < 9
    assert "threshold" in got.meta["compared_with"]


def test_pickles_hold_no_tables():
    door = neuralize(fitted())
    size = len(pickle.dumps(door))
    door.explain(ROWS)
    assert door.network.units.marginal._built and door.network.units._built
    assert len(pickle.dumps(door)) == size


def test_training_rows_and_those_beside_them():
    forest = fitted()
    own = explain(forest, X_train=X)
    np.testing.assert_allclose(own.score, score(forest, X), atol=1e-12)
    new = explain(forest, ROWS, X_train=X)
    assert new.p_value.shape == (10,) and len(new.training_score) == 60
    assert own.excess().shape == (60, 5)
    with pytest.raises(ValueError, match=r"does not keep its training rows.*X_train"):
        explain(forest)
    with pytest.raises(ValueError, match=r'"interventional".*pass them as X_train'):
        explain(forest, X, rule="interventional")


def test_deep_trees_take_no_tables(monkeypatch):
    forest = fitted()
    expected = explain(forest, ROWS, rule="split")
    monkeypatch.setattr("skneon.network.layers._isolation_trees.ROOM", 10)
    got = explain(forest, ROWS, rule="split")
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-12)
    monkeypatch.setattr("skneon.network.layers._forest_games.ROOM", 10)
    with pytest.raises(MemoryError, match=r'up to 60 rows, are too deep.*rule="split"'):
        explain(forest, ROWS)


def test_trees_of_more_columns_than_patterns_hold():
    rows = np.random.default_rng(0).normal(size=(3000, 40))
    forest = fitted(rows, 2, max_samples=3000, max_features=1.0)
    forest = forest.set_params(max_samples=1.0)
    for member in forest.estimators_:
        assert member.tree_.max_depth >= 12
    got = explain(forest, rows[:5], rule="split")
    np.testing.assert_allclose(got.relevance.sum(axis=1), got.score, atol=1e-12)


@pytest.mark.parametrize("rule", ["shapley", "path"])
def test_many_columns(rule):
    rows = np.random.default_rng(0).normal(size=(40, 30))
    forest = fitted(rows, 3)
    got = explain(forest, rows[:4], rule=rule)
    np.testing.assert_allclose(got.score, score(forest, rows[:4]), atol=1e-12)
    if rule == "path":
        expected = shap.TreeExplainer(forest).shap_values(rows[:4])
        np.testing.assert_allclose(got.relevance, -expected, atol=1e-10)
    else:
        np.testing.assert_allclose(got.residual, 0, atol=1e-12)


def test_what_is_refused():
    forest = fitted()
    rows = ROWS.copy()
    rows[1, 2] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        explain(forest, rows)
    with pytest.raises(ValueError, match="'w-square' does not explain an IsolationFor"):
        explain(forest, ROWS, rule=WSquare())
    with pytest.raises(ValueError, match="5 features"):
        explain(forest, ROWS[:, :4])
    with pytest.raises(TypeError, match="takes no groups"):
        explain(forest, ROWS, groups=[1])
    with pytest.raises(TypeError, match="no leave_out"):
        explain(forest, ROWS, leave_out=0, X_train=X)
    network = neuralize(forest).network
    with pytest.raises(ValueError, match="of rule 'shapley', and not of 'path'"):
        type(network)(network.units, network.pooling, PathDependent())
    with pytest.raises(ValueError, match="of rule 'shapley', and not of 'split'"):
        type(network)(network.units, network.pooling, Split())


def test_huge_values_are_beyond_all_thresholds():
    rows = np.array([[1e300, -1e300, 0, 1e39, -1e39]])
    forest = fitted()
    got = explain(forest, rows)
    capped = np.clip(rows, -1e6, 1e6)
    np.testing.assert_array_equal(got.score, explain(forest, capped).score)


@pytest.mark.parametrize("contamination", ["auto", 0.1, 0.2])
def test_predict_is_the_threshold_of_meta_up_to_rounding(contamination):
    """Scores of 101 rows have quantiles that are one of them."""
    rows = np.random.default_rng(0).normal(size=(101, 4))
    model = IsolationForest(
        n_estimators=20, contamination=contamination, random_state=0
    ).fit(rows)
    door = neuralize(model, rule="split")
    above = door.forward(rows) - door.meta["threshold"]
    apart = np.abs(above) > 1e-12
    assert np.count_nonzero(~apart) == (contamination != "auto")
    np.testing.assert_array_equal((above > 0)[apart], model.predict(rows)[apart] == -1)
