# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Conformal p-values of new rows, and what is flagged by them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from skneon import Explanation, NeonKDE, explain, neuralize, p_values, threshold

X = np.random.default_rng(0).normal(size=(60, 3))
NEW = np.random.default_rng(1).normal(size=(20, 3))
NEW[0] += 8
PIPE = make_pipeline(StandardScaler(), KernelDensity(bandwidth=0.5)).fit(X)
KEPT = {
    "NeonKDE": NeonKDE().fit(X),
    "LocalOutlierFactor": LocalOutlierFactor(novelty=True).fit(X),
    "pipeline": make_pipeline(StandardScaler(), NeonKDE()).fit(X),
}
MIXTURE = GaussianMixture(2, random_state=0).fit(X)
GIVEN = {
    "KernelDensity": (KernelDensity().fit(X), {}),
    "NearestNeighbors": (NearestNeighbors().fit(X), {"target": "kth_distance"}),
    "OneClassSVM": (OneClassSVM(nu=0.3).fit(X), {}),
    "EmpiricalCovariance": (EmpiricalCovariance().fit(X), {}),
    "PCA": (PCA(2).fit(X), {"target": "outlier"}),
    "GaussianMixture": (MIXTURE, {"target": "outlier"}),
    "pipeline": (PIPE, {}),
}  # fmt: skip

values = st.sampled_from([-np.inf, 0.0, 1.0, 2.0, np.inf])
few = arrays(float, st.integers(1, 12), elements=values)


@given(scores=few, training=few)
def test_is_the_brute_force_rank(scores, training):
    expected = [
        (1 + sum(t >= s for t in training)) / (len(training) + 1) for s in scores
    ]
    np.testing.assert_array_equal(p_values(scores, training), expected)


@given(scores=few)
def test_is_super_uniform_among_exchangeable_scores(scores):
    # each in turn is the new one: exactly the law behind conformal prediction
    if len(scores) == 1:
        scores = np.repeat(scores, 2)
    n = len(scores)
    each = [p_values(scores[[i]], np.delete(scores, i))[0] for i in range(n)]
    for alpha in np.unique(each):
        assert np.mean(each <= alpha) <= alpha + 1e-12


@pytest.mark.parametrize("name", KEPT)
def test_new_rows_beside_scores_that_are_kept(name):
    model = KEPT[name]
    training = explain(model) if name != "pipeline" else explain(model, X_train=X)
    found = explain(model, NEW)
    np.testing.assert_allclose(found.training_score, training.score, rtol=1e-12)
    np.testing.assert_array_equal(
        found.p_value, p_values(found.score, found.training_score)
    )
    assert training.p_value is None
    assert found.p_value[0] == 1 / 61


@pytest.mark.parametrize("name", GIVEN)
def test_new_rows_beside_rows_that_are_given(name):
    model, options = GIVEN[name]
    door = neuralize(model, X_train=X, **options)
    found = door.explain(NEW)
    expected = door.forward(None)
    if isinstance(model, GaussianMixture | OneClassSVM):
        # by a model that was fitted without the row, and every tenth other
        expected = np.empty(60)
        for fold in range(10):
            fresh = clone(model).fit(np.delete(X, np.s_[fold::10], axis=0))
            expected[fold::10] = neuralize(fresh, **options).forward(X[fold::10])
    np.testing.assert_array_equal(found.training_score, expected)
    np.testing.assert_array_equal(found.p_value, p_values(found.score, expected))
    assert explain(model, NEW, **options).p_value is None
    assert found.p_value[0] == 1 / 61


def test_order_of_rows_counts_for_nothing():
    order = np.random.default_rng(2).permutation(60)
    np.testing.assert_array_equal(
        NeonKDE().fit(X[order]).p_values(NEW), KEPT["NeonKDE"].p_values(NEW)
    )


def test_rows_of_the_model_without_themselves():
    density = NeonKDE(gamma=2.0).fit(X)
    slow = [
        NeonKDE(gamma=2.0).fit(np.delete(X, i, axis=0)).outlierness(X[[i]])[0]
        for i in range(60)
    ]
    np.testing.assert_allclose(density.outlierness_, slow, rtol=1e-12)
    np.testing.assert_allclose(density.outlierness(), slow, rtol=1e-12)


def test_flagged_by_level_and_by_false_discovery_rate():
    density = KEPT["NeonKDE"]
    p = density.p_values(NEW)
    np.testing.assert_array_equal(density.flagged(NEW), p <= 0.05)
    np.testing.assert_array_equal(density.flagged(NEW, alpha=0.3), p <= 0.3)
    found = explain(density, NEW)
    np.testing.assert_array_equal(found.flagged(alpha=0.3), p <= 0.3)
    # Benjamini and Hochberg, as they wrote it
    fdr, rank = 0.35, np.arange(1, 21)
    last = np.flatnonzero(np.sort(p) <= fdr * rank / 20).max()
    np.testing.assert_array_equal(found.flagged(fdr=fdr), p <= np.sort(p)[last])
    np.testing.assert_array_equal(density.flagged(NEW, fdr=fdr), p <= np.sort(p)[last])


def test_rows_of_weight_0_do_not_count():
    weights = np.repeat([1.0, 0.0], [50, 10])
    density = NeonKDE(gamma=0.5).fit(X, sample_weight=weights)
    expected = NeonKDE(gamma=0.5).fit(X[:50]).p_values(NEW)
    np.testing.assert_array_equal(density.p_values(NEW), expected)
    np.testing.assert_array_equal(explain(density, NEW).p_value, expected)
    same = KernelDensity().fit(X, sample_weight=weights + 1e-300)
    assert explain(same, NEW, X_train=X).p_value is None


def test_weights_have_no_p_values():
    density = NeonKDE().fit(X, sample_weight=np.arange(1.0, 61.0))
    assert explain(density, NEW).p_value is None
    with pytest.raises(ValueError, match="same weight"):
        density.p_values(NEW)
    with pytest.raises(ValueError, match="same weight"):
        NeonKDE().fit(X[:1]).flagged(NEW)
    # but scores, and so a threshold
    limit = threshold(density.outlierness_)
    assert explain(density).threshold.value == pytest.approx(limit.value)


def test_training_rows_have_none_among_themselves():
    density = KEPT["NeonKDE"]
    with pytest.raises(ValueError, match="among themselves"):
        density.p_values(None)
    with pytest.raises(ValueError, match="no p-values among themselves"):
        explain(density).flagged(fdr=0.1)
    own = neuralize(density).explain(X[:2], leave_out=[0, -1])
    assert own.p_value is None
    assert own.threshold == threshold(density.outlierness_)
    # without others than themselves, rows are no scale for anybody
    assert neuralize(density).explain(None, leave_out=0).training_score is None


def test_scores_of_other_kinds_have_no_scale():
    density = KEPT["NeonKDE"]
    found = explain(density, NEW, target="inlier")
    assert found.p_value is None is found.training_score
    assert found.threshold is None
    with pytest.raises(ValueError, match="pass X_train="):
        found.flagged()
    groups = np.arange(60) // 2
    assert explain(density, NEW, groups=groups).training_score is None


def test_other_rows_than_those_of_the_fit_are_refused():
    models = KernelDensity(), NearestNeighbors(), KEPT["LocalOutlierFactor"], NeonKDE()
    for model in (model.fit(X) for model in models):
        with pytest.raises(ValueError, match="X_train does not match"):
            explain(model, NEW, X_train=X[::-1])
        with pytest.raises(ValueError, match="X_train does not match"):
            explain(model, NEW, X_train=X[1:])
        assert explain(model, NEW, X_train=X).p_value[0] == 1 / 61


def test_explanations_keep_them():
    found = explain(KEPT["NeonKDE"], NEW)
    again = Explanation.from_json(found.to_json())
    np.testing.assert_array_equal(again.p_value, found.p_value)
    np.testing.assert_array_equal(again.training_score, found.training_score)
    both = Explanation.concat([found[:5], found[5:]])
    np.testing.assert_array_equal(both.p_value, found.p_value)
    assert len(found[3].training_score) == 60
    with pytest.raises(ValueError, match="read-only"):
        found.training_score[0] = 0


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"alpha": 0.1, "fdr": 0.1}, "give one of them"),
        ({"alpha": 0.0}, "'alpha' parameter"),
        ({"fdr": 1.5}, "'fdr' parameter"),
    ],
)
def test_bad_levels(wrong, message):
    with pytest.raises(ValueError, match=message):
        KEPT["NeonKDE"].flagged(NEW, **wrong)


def test_too_few_rows_to_fit_the_model_without_some():
    few = GaussianMixture(4, random_state=0).fit(X[:4])
    found = explain(few, NEW, X_train=X[:4], target="outlier")
    assert found.p_value is None


def test_bad_scores():
    with pytest.raises(ValueError, match="training_scores is empty"):
        p_values(np.ones(2), np.empty(0))
    with pytest.raises(ValueError, match="training_scores has NaN at 1"):
        p_values(np.ones(2), np.array([0.0, np.nan]))
