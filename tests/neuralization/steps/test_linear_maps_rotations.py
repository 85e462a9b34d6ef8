# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A rotation changes nothing: a full PCA before models, against the models alone."""

import numpy as np
import pytest
from helpers.pipelines import numeric_rows
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline

from skneon import NeonKDE, explain
from skneon.network import Midpoint, RandomFeatures, SoftArgmin, WSquare

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows(40, 5)


@settings(max_examples=20)
@given(seeds, st.integers(1, 6), st.sampled_from([1e-2, 1.0, 1e2]))
def test_full_pca_equals_no_pca_for_densities(seed, d, gamma):
    rows = np.random.default_rng(seed).normal(size=(30, d)) * 1.5 ** np.arange(d)
    kde = NeonKDE(gamma=gamma)
    pipeline = make_pipeline(PCA(), kde).fit(rows)
    kde = NeonKDE(gamma=gamma).fit(rows)
    for options in (
        {},
        {"rule": SoftArgmin(beta=0.3, epsilon=0.01)},
        {"target": "inlier", "rule": "exact-inlier"},
        {"target": "inlier", "rule": "integrated"},
        {"target": "inlier", "rule": "uniform"},
    ):
        got, expected = (
            explain(pipeline, rows, **options),
            explain(kde, rows, **options),
        )
        size = np.abs(expected.relevance).sum(axis=1, keepdims=True)
        # a stabiliser takes nearly all of a row that is a support point: then what is
        # left is no more than the rounding of its distance to itself
        size = size + 1e-15 * expected.score[:, None]
        assert np.all(np.abs(got.relevance - expected.relevance) <= 1e-8 * size)
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-8)
        np.testing.assert_allclose(got.compared_with, expected.compared_with, atol=1e-8)


@settings(max_examples=20)
@given(seeds, st.integers(1, 6))
def test_full_pca_equals_no_pca_for_clusters(seed, d):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(30, d)) * 1.5 ** np.arange(d)
    mu = rng.normal(size=(3, d))
    pca = PCA().fit(rows)
    plain_kmeans = KMeans(3, init=mu, n_init=1).fit(rows)
    mu = plain_kmeans.cluster_centers_
    pipeline = make_pipeline(PCA(), KMeans(3, init=pca.transform(mu), n_init=1)).fit(
        rows
    )
    for rule in (Midpoint(beta=0.5), WSquare(beta=0.5), "shapley"):
        got, expected = (
            explain(model, rows, rule=rule) for model in (pipeline, plain_kmeans)
        )
        np.testing.assert_array_equal(got.target, expected.target)
        scale = np.abs(expected.relevance).sum() / len(rows)
        np.testing.assert_allclose(
            got.relevance, expected.relevance, rtol=1e-8, atol=1e-8 * scale
        )
        np.testing.assert_allclose(got.compared_with, expected.compared_with, atol=1e-8)


@pytest.mark.parametrize("covariance_type", ["full", "tied"])
def test_full_pca_equals_no_pca_for_mixtures(covariance_type):
    rows = X[:, :4]
    pca = PCA().fit(rows)
    mu = rows[[3, 17]]
    precision = np.diag(1 / rows.var(axis=0))
    turned = pca.components_ @ precision @ pca.components_.T
    precisions = [precision] * 2 if covariance_type == "full" else precision
    turned = [turned] * 2 if covariance_type == "full" else turned
    options = {
        "n_components": 2,
        "weights_init": [0.5, 0.5],
        "covariance_type": covariance_type,
    }
    mixture = GaussianMixture(means_init=mu, precisions_init=precisions, **options)
    other = GaussianMixture(
        means_init=pca.transform(mu), precisions_init=turned, **options
    )
    mixture.fit(rows)
    pipeline = make_pipeline(PCA(), other).fit(rows)
    for asked in (
        {"target": "outlier"},
        {"rule": "integrated"},
        {"rule": "shapley", "cluster": 1},
    ):
        got, expected = (
            explain(pipeline, rows, **asked),
            explain(mixture, rows, **asked),
        )
        size = np.abs(expected.relevance).sum(axis=1)
        error = np.abs(got.relevance - expected.relevance).sum(axis=1)
        assert np.all(error <= 1e-8 * size + 1e-10)


def test_random_features_behind_a_rotation_agree_within_their_errors():
    options = {"target": "inlier", "rule": RandomFeatures(n_components=4000)}
    exact = {"target": "inlier", "rule": "exact-inlier"}
    pipeline = make_pipeline(PCA(), NeonKDE(gamma=0.02)).fit(X)
    got = explain(pipeline, X, **options)
    expected = explain(NeonKDE(gamma=0.02).fit(X), X, **exact)
    z = (got.relevance - expected.relevance) / got.standard_error
    assert np.sqrt(np.mean(z**2)) < 2 and np.isfinite(z).all()
