# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Flipping curves and scores, and insertion."""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import fitted_kde, fitted_kmeans
from helpers.strategies import centroid_problems, density_problems
from hypothesis import given
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans, explain
from skneon.metrics import (
    exact_shapley,
    flipping_curve,
    flipping_score,
    insertion_score,
    insertion_trials,
)

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

IRIS, WINE = scale(load_iris().data), scale(load_wine().data[:, :9])


@given(density_problems(max_support=20, max_features=8))
def test_flipping_leaves_features_out_of_the_distances(problem):
    kde = fitted_kde(problem)
    relevance = kde.explain(problem.X).relevance
    curve = flipping_curve(kde, problem.X)
    np.testing.assert_array_equal(curve[:, -1], 0)
    np.testing.assert_allclose(curve[:, 0], kde.outlierness(problem.X), rtol=1e-9)
    # leaving out a squared difference never makes a row more of an outlier
    assert np.all(np.diff(curve, axis=1) <= 1e-9 * curve[:, :1])
    for n, x in enumerate(problem.X):
        squares = reference.squared_differences(x, problem.U)
        order = np.argsort(-relevance[n], kind="stable")
        for j in range(len(x)):
            h = squares[:, order[j:]].sum(axis=1)
            expected = reference.log_mean_exp(h, problem.pi, problem.gamma)
            assert abs(curve[n, j] - expected) <= 1e-9 * max(expected, 1e-3)


@given(centroid_problems(max_features=8))
def test_flipping_of_evidence(problem):
    if len(problem.mu) == 1:
        return
    kmeans = fitted_kmeans(problem.mu, "shapley", 1.0)
    curve = flipping_curve(kmeans, problem.X, cluster=problem.cluster)
    np.testing.assert_array_equal(curve[:, -1], 0)
    score = kmeans.evidence(problem.X, cluster=problem.cluster)
    size = 1 + np.abs(score) + np.sum(problem.X**2) + np.sum(problem.mu**2)
    assert np.all(np.abs(curve[:, 0] - score) <= 1e-12 * size)


def test_flipping_of_inlierness():
    kde = NeonKDE(gamma=0.3).fit(IRIS)
    curve = flipping_curve(kde, IRIS[:20], target="inlier")
    np.testing.assert_array_equal(curve[:, -1], 0)
    np.testing.assert_allclose(curve[:, 0], kde.inlierness(IRIS[:20]))
    assert np.all(np.diff(curve[:, :-1], axis=1) >= 0)
    good = flipping_score(kde, target="inlier")
    bad = -kde.explain(target="inlier").relevance
    assert 0 < good < flipping_score(kde, relevance=bad, target="inlier") < 1


def test_flipping_leaves_training_rows_out():
    kde = NeonKDE(gamma=1.0).fit(IRIS)
    curve = flipping_curve(kde)
    np.testing.assert_allclose(curve[:, 0], kde.outlierness())
    refit = NeonKDE(gamma=1.0).fit(IRIS[1:])
    np.testing.assert_allclose(curve[:1], flipping_curve(refit, IRIS[:1]), rtol=1e-9)


def test_flipping_score_is_the_area_under_the_normalised_curve():
    kde = NeonKDE(gamma=0.5).fit(WINE)
    curve = flipping_curve(kde)
    x = np.linspace(0, 1, 10)
    area = [np.sum(np.diff(x) * (c[1:] + c[:-1]) / 2) / c[0] for c in curve]
    assert flipping_score(kde) == pytest.approx(np.mean(area))
    kmeans = NeonKMeans(3, random_state=0).fit(WINE)
    curve = flipping_curve(kmeans, cluster=1)
    sign = np.sign(curve[:, 0])
    area = [np.sum(np.diff(x) * (c[1:] + c[:-1]) / 2) for c in curve]
    expected = np.sum(area * sign) / np.sum(curve[:, 0] * sign)
    assert flipping_score(kmeans, cluster=1) == pytest.approx(expected)
    # scores of both signs are weighed by their size, too
    forest = IsolationForest(n_estimators=10, random_state=0).fit(WINE)
    curve = flipping_curve(forest, WINE[:20])
    assert (curve[:, 0] < 0).any() and (curve[:, 0] > 0).any()
    area = [np.sum(np.diff(x) * (c[1:] + c[:-1]) / 2) / np.sign(c[0]) for c in curve]
    expected = np.sum(area) / np.sum(np.abs(curve[:, 0]))
    assert flipping_score(forest, WINE[:20]) == pytest.approx(expected)
    assert flipping_score(NeonKDE().fit(np.ones((4, 3)))) == 0
    single = NeonKDE(gamma=1.0).fit([[0.0, 0.0]])
    of_two = flipping_score(single, [[0.0, 0.0], [1.0, 2.0]])
    assert of_two == flipping_score(single, [[1.0, 2.0]]) > 0
    assert flipping_score(NeonKMeans(1).fit(IRIS)) == 0


@pytest.mark.parametrize(
    "model", [PCA(2), FactorAnalysis(1), GaussianMixture(2, reg_covar=0)]
)
def test_flipping_does_not_depend_on_the_units_of_densities(model):
    X = load_iris().data
    curves = []
    for unit in (1.0, 0.01):
        fitted = clone(model).fit(X * unit)
        curves.append(flipping_curve(fitted, X[::10] * unit, target="outlier"))
    # in the small unit densities are large, and their -log negative
    assert np.all(fitted.score_samples(X * unit) > 0)
    np.testing.assert_allclose(*curves, rtol=1e-3, atol=1e-6)


def test_flipping_of_log_odds_takes_their_prior_for_no_column():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 2)) + np.repeat([[0.0], [3.0]], [980, 20], axis=0)
    mixture = GaussianMixture(2, random_state=0).fit(X)
    large = int(mixture.weights_.argmax())
    rows = rng.uniform(0, 3, size=(100, 2))
    reasons = explain(mixture, rows, cluster=large)
    shared = reasons.score - reasons.residual
    curve = flipping_curve(mixture, rows, cluster=large)
    np.testing.assert_allclose(curve[:, 0], shared)
    # the columns speak against the cluster, and only the prior odds for it: of two
    # columns the one that stays speaks less against it
    against = (shared < 0) & (reasons.score > 0)
    assert against.sum() > 5
    other = flipping_curve(mixture, rows, -reasons.relevance, cluster=large)
    assert np.all(curve[against, 1] >= other[against, 1])


def test_good_orders_flip_sooner_than_bad_ones():
    kde = NeonKDE(gamma=0.3).fit(WINE)
    exact = exact_shapley(kde)
    random = np.random.default_rng(0).normal(size=WINE.shape)
    scores = [
        flipping_score(kde, relevance=relevance)
        for relevance in (exact, None, random, -exact.relevance)
    ]
    assert abs(scores[0] - scores[1]) < 0.01 and scores[1] < scores[2] < scores[3]
    kmeans = NeonKMeans(4, random_state=0, n_init=1).fit(WINE)
    for clusters in (kmeans.labels_, (kmeans.labels_ + 1) % 4):
        good = flipping_score(kmeans, cluster=clusters)
        assert good < flipping_score(kmeans, relevance=random, cluster=clusters)


def test_insertion_by_the_slow_protocol():
    kmeans = NeonKMeans(3, random_state=3, n_init=1).fit(IRIS)
    relevance = kmeans.explain().relevance
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(30):
        for n, x in enumerate(IRIS):
            order = list(np.argsort(-relevance[n]))
            failed = 0
            for step in range(4):
                row = np.array(
                    [
                        x[i]
                        if i in order[: step + 1]
                        else IRIS[rng.choice(np.delete(np.arange(150), n)), i]
                        for i in range(4)
                    ]
                )
                distances = np.sum((kmeans.cluster_centers_ - row) ** 2, axis=1)
                if distances.argmin() == kmeans.labels_[n]:
                    break
                failed += 1
            shares.append(1 - failed / 4)
    trials = insertion_trials(kmeans)
    assert trials.shape == (100, 150)
    standard_error = np.std(np.reshape(shares, (30, 150)).mean(axis=1)) / np.sqrt(30)
    assert abs(trials.mean() - np.mean(shares)) < 4 * standard_error
    assert insertion_score(kmeans) == trials.mean()
    random = rng.normal(size=IRIS.shape)
    assert insertion_score(kmeans) > insertion_score(kmeans, relevance=random)


def test_insertion_refuses_other_questions():
    with pytest.raises(TypeError, match="use flipping_score"):
        insertion_score(NeonKDE().fit(IRIS))
    kmeans = NeonKMeans(3, random_state=0).fit(IRIS)
    with pytest.raises(TypeError, match="asks about the assigned clusters"):
        insertion_score(kmeans, cluster=1)
    assert insertion_score(kmeans, cluster=None, n_trials=1) > 0
    with pytest.raises(ValueError, match="a single cluster"):
        insertion_score(NeonKMeans(1).fit(IRIS))
    with pytest.raises(ValueError, match="at least two rows"):
        insertion_score(kmeans, IRIS[:1])
    with pytest.raises(ValueError, match="n_trials == 0"):
        insertion_score(kmeans, n_trials=0)
