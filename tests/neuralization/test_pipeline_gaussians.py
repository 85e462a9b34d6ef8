# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Gaussians and mixtures behind preprocessing."""

import numpy as np
import pandas as pd
import pytest
from helpers import gaussians
from helpers.checks import REAL, WINE, assert_same
from helpers.pipelines import mixed_frame
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.covariance import EllipticEnvelope, EmpiricalCovariance, LedoitWolf
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.impute import SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import explain, neuralize
from skneon.metrics import exact_shapley, flipping_curve, shapley_scorer
from skneon.network import MeanImputation

MODELS = {
    "covariance": (EmpiricalCovariance(), {}),
    "PCA": (PCA(2), {"target": "outlier"}),
    "mixture": (GaussianMixture(3, random_state=0), {}),
    "density": (GaussianMixture(3, random_state=0), {"target": "outlier"}),
    "diagonal": (
        GaussianMixture(2, covariance_type="diag", random_state=0),
        {"target": "outlier"},
    ),
}
RULES = ["shapley", "integrated", "mean"]


def assert_equal_but_for_units(got, expected, part=1e-8):
    size = np.abs(expected.relevance).sum(axis=1, keepdims=True)
    assert np.all(np.abs(got.relevance - expected.relevance) <= part * size)
    np.testing.assert_allclose(got.score, expected.score, rtol=part)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", MODELS)
def test_behind_a_scaler_references_come_back_in_units(name, rule):
    model, options = MODELS[name]
    frame = pd.DataFrame(WINE[:, :5], columns=list("abcde"))
    pipeline = make_pipeline(StandardScaler(), model).fit(frame)
    got = explain(pipeline, frame, rule=rule, **options)
    Z = pipeline[:-1].transform(frame)
    own = explain(pipeline[-1], Z, rule=rule, **options)
    assert_same(got, own)
    assert got.feature_names == tuple("abcde")
    back = pipeline[0].inverse_transform(own.compared_with)
    np.testing.assert_allclose(got.compared_with, back)
    assert got.meta["compared_with"] == own.meta["compared_with"]


def test_a_decomposition_at_the_end_is_a_model():
    for model in (PCA(2), FactorAnalysis(2)):
        pipeline = make_pipeline(StandardScaler(), model).fit(WINE[:, :6])
        explanation = explain(pipeline, WINE[:, :6])
        np.testing.assert_allclose(
            explanation.score, -pipeline.score_samples(WINE[:, :6])
        )
        assert explanation.target == "outlier"
        given = explain(pipeline, X_train=WINE[:, :6])
        assert_same(given, explanation)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), PCA()), {"pca__n_components": [1, 2]}
    )
    search.fit(WINE[:, :4])
    assert explain(search, WINE[:, :4]).meta["last_step"] == "PCA"


@pytest.mark.parametrize("name", MODELS)
def test_one_hot_children_come_and_go_together(name):
    model, options = MODELS[name]
    frame = mixed_frame(80)[["income", "debt", "city", "grade"]]
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["income", "debt"]),
        (OneHotEncoder(sparse_output=False, drop="first"), ["city", "grade"]),
    )
    if isinstance(model, GaussianMixture):
        model = model.set_params(n_components=2, reg_covar=0.1)
    pipeline = make_pipeline(steps, model).fit(frame)
    rows = frame[:4]
    explanation = explain(pipeline, rows, **options)
    Z, last = steps.transform(rows), pipeline[-1]
    groups = np.array([0, 1, 2, 2, 3, 3])
    if name == "mixture":
        exact = exact_shapley(pipeline, rows)
        np.testing.assert_allclose(exact.relevance, explanation.relevance, rtol=1e-9)
        return
    if name in ("covariance", "PCA"):
        mean = last.location_ if name == "covariance" else last.mean_
        C = last.covariance_ if name == "covariance" else last.get_covariance()
        factor = 1.0 if name == "covariance" else 0.5

        def value(S):
            columns = gaussians.columns_of(S, groups)
            return factor * gaussians.distance(Z - mean, C, columns)
    else:
        C = np.stack([np.diag(c) if c.ndim == 1 else c for c in last.covariances_])

        def value(S):
            columns = gaussians.columns_of(S, groups)
            return gaussians.density_value(Z, last.weights_, last.means_, C, columns)

    expected = gaussians.shapley(value, 4)
    size = np.abs(expected).sum(axis=1, keepdims=True)
    assert np.all(np.abs(explanation.relevance - expected) <= 1e-9 * size)


def test_all_categories_make_a_singular_covariance():
    frame = mixed_frame(80)[["debt", "city", "grade"]]
    steps = make_column_transformer(
        (StandardScaler(), ["debt"]),
        (OneHotEncoder(sparse_output=False), ["city", "grade"]),
    )
    pipeline = make_pipeline(steps, EmpiricalCovariance()).fit(frame)
    for rule in RULES:
        explanation = explain(pipeline, frame, rule=rule)
        total = explanation.relevance.sum(axis=1)
        np.testing.assert_allclose(total, explanation.score, rtol=1e-9)
        if rule != "mean":
            # rows keep the relations of the categories
            assert np.all(explanation.relevance >= -1e-9)


def test_columns_that_are_dropped_have_nothing():
    frame = pd.DataFrame(WINE[:, :4], columns=list("abcd"))
    steps = ColumnTransformer([("kept", StandardScaler(), ["d", "a"])])
    for model, options in MODELS.values():
        pipeline = make_pipeline(steps, model).fit(frame)
        for rule in RULES:
            explanation = explain(pipeline, frame[:9], rule=rule, **options)
            assert not explanation.relevance[:, [1, 2]].any()
            assert explanation.relevance[:, [0, 3]].any()
        exact = exact_shapley(pipeline, frame[:9], **options)
        expected = explain(pipeline, frame[:9], **options)
        np.testing.assert_allclose(
            exact.relevance, expected.relevance, rtol=1e-9, atol=1e-9
        )


# Linear steps


@pytest.mark.parametrize("rule", ["shapley", "integrated"])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("whiten", [False, True])
def test_behind_a_rotation_columns_are_integrated_out(name, rule, whiten):
    X = REAL["wine"][:, :5]
    pca = PCA(whiten=whiten).fit(X)
    model, options = MODELS[name]
    if name == "diagonal":
        pytest.skip("a rotated metric is no longer diagonal")
    pipeline = make_pipeline(pca, model).fit(X)
    last = pipeline[-1]
    got = explain(pipeline, X[:20], rule=rule, **options)
    A = pca.components_.T / (np.sqrt(pca.explained_variance_) if whiten else 1.0)
    inverse = np.linalg.inv(A)

    def unmapped(C):
        return inverse.T @ C @ inverse

    means = pca.mean_ + getattr(last, "means_", np.zeros((1, 5))) @ inverse
    Z = X[:20] - pca.mean_
    if name == "mixture":
        exact = exact_shapley(pipeline, X[:20])
        if rule == "shapley":
            np.testing.assert_allclose(got.relevance, exact.relevance, rtol=1e-6)
        return
    if name == "density":
        C = np.stack([unmapped(C) for C in last.covariances_])

        def value(S):
            columns = np.array(S, dtype=int)
            return gaussians.density_value(X[:20], last.weights_, means, C, columns)
    else:
        C = unmapped(
            last.covariance_ if name == "covariance" else last.get_covariance()
        )

        def value(S):
            half = 0.5 if name == "PCA" else 1.0
            return half * gaussians.distance(Z, C, np.array(S, dtype=int))

    expected = gaussians.shapley(value, 5)
    size = np.abs(expected).sum(axis=1, keepdims=True)
    if rule == "shapley":
        assert np.all(np.abs(got.relevance - expected) <= 1e-7 * size)
    np.testing.assert_allclose(got.relevance.sum(axis=1), expected.sum(axis=1))


@pytest.mark.parametrize("name", ["covariance", "mixture", "density"])
def test_behind_a_projection_that_is_not_defined(name):
    X = REAL["wine"][:, :5]
    model, options = MODELS[name]
    pipeline = make_pipeline(StandardScaler(), PCA(2), model).fit(X)
    for rule in ("shapley", "integrated"):
        with pytest.raises(ValueError, match=r'Take rule="mean", z_i \(Pz\)_i'):
            neuralize(pipeline, rule=rule, **options)
    network = neuralize(pipeline, **options)
    assert network.network.rule == MeanImputation()
    explanation = network.explain(X)
    assert explanation.meta["rule"] == "mean"
    assert "conditional" not in explanation.meta["compared_with"]
    assert_same(explanation, explain(pipeline, X, rule="mean", **options))
    # the game that is left is that of the rule
    exact = exact_shapley(pipeline, X[:5], **options)
    if name == "covariance":
        np.testing.assert_allclose(exact.relevance, explanation.relevance[:5])


# Metrics


@pytest.mark.parametrize("name", MODELS)
def test_metrics_play_the_marginal_game(name):
    X = REAL["wine"][:, :6]
    model, options = MODELS[name]
    model.fit(X)
    rows = X[::20]
    own = explain(model, rows, **options)
    exact = exact_shapley(model, rows, **options)
    size = np.abs(own.relevance).sum(axis=1, keepdims=True)
    assert np.all(np.abs(exact.relevance - own.relevance) <= 1e-9 * size)
    assert shapley_scorer(model, rows, **options) > -1e-9
    assert shapley_scorer(model, rows, rule="mean", **options) < -1e-2
    curve = flipping_curve(model, rows, **options)
    np.testing.assert_allclose(
        curve[:, 0], own.relevance.sum(axis=1), rtol=1e-9, atol=1e-9
    )
    assert not curve[:, -1].any()


def test_flipping_curves_take_submatrices_of_the_covariance():
    X = REAL["iris"]
    model = LedoitWolf().fit(X)
    relevance = np.tile([1.0, 4, 3, 2], (len(X), 1))
    curve = flipping_curve(model, X, relevance)
    Z, C = X - model.location_, model.covariance_
    for j, columns in enumerate([[0, 1, 2, 3], [0, 2, 3], [0, 3], [0], []]):
        np.testing.assert_allclose(
            curve[:, j], gaussians.distance(Z, C, np.array(columns, dtype=int))
        )


def test_many_columns_are_sampled():
    X = REAL["cancer"][:, :17]
    model = EllipticEnvelope(random_state=0, support_fraction=0.9).fit(X)
    sample = exact_shapley(model, X[:3], n_permutations=20)
    own = explain(model, X[:3])
    np.testing.assert_allclose(sample.relevance.sum(axis=1), own.score, rtol=1e-6)
    distance = np.abs(sample.relevance - own.relevance).sum(axis=1) / own.score
    assert np.all(distance < 0.3)


@pytest.mark.parametrize("covariance", ["full", "spherical"])
def test_behind_whitening_of_nearly_singular_columns(covariance):
    X = np.repeat([[50.0], [0.0], [100.0]], 3, axis=1)
    X += 1e-2 * np.random.default_rng(0).normal(size=X.shape)
    X[:, 2] = X[:, 0] + X[:, 1]
    mixture = GaussianMixture(2, covariance_type=covariance, random_state=0)
    model = make_pipeline(PCA(whiten=True), mixture).fit(X)
    for options in ({}, {"rule": "integrated"}, {"target": "outlier"}):
        with pytest.raises(ValueError, match="component 0 is singular, but for round"):
            explain(model, X, **options)
    # the score itself is that of rounding, magnified
    for options in ({}, {"target": "outlier"}):
        with pytest.raises(ValueError, match="differ by rounding alone: shares of up"):
            explain(model, X, rule="mean", **options)


@pytest.mark.parametrize("last", [EmpiricalCovariance(), PCA(2)])
def test_behind_a_decomposition_of_columns_that_follow_from_others(last):
    X = WINE[:, [0, 1, 2, 3, 0]]
    white = make_pipeline(PCA(whiten=True), last).fit(X)
    models = [white]
    if isinstance(last, EmpiricalCovariance):
        plain = make_pipeline(PCA(), clone(last)).fit(X)
        models.append(plain)
        mean = explain(plain, X, rule="mean")
        # of the same columns twice each has the same
        np.testing.assert_allclose(mean.relevance[:, 0], mean.relevance[:, 4])
        np.testing.assert_allclose(mean.relevance.sum(axis=1), mean.score, rtol=1e-9)
    for model in models:
        for rule in (None, "shapley", "integrated"):
            with pytest.raises(ValueError, match=r'singular, but.*rule="mean"'):
                explain(model, X, rule=rule, target="outlier")
        with pytest.raises(ValueError, match="In the columns that are explained"):
            exact_shapley(model, X[:2], target="outlier")
