# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""K-means with centroids of a fixed norm (chapter #5.2)."""

import numpy as np
import pytest
from helpers.networks import activations, convolutional, photos
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.cluster import KMeans, MiniBatchKMeans

from skneon import NeonKDE, NeonKMeans
from skneon.deep import NeonImages
from skneon.deep._rescaled import with_fixed_norm

pytestmark = pytest.mark.usefixtures("zennit")

CLUSTERS = NeonKMeans(4, random_state=0)
LAYER = "relu2"


def shaded(n):
    """Images that are darker to the left: norms differ where directions do not."""
    return photos(n) * np.linspace(0.05, 1.0, 24)


@pytest.fixture(scope="module")
def rescaled(zennit):
    model = NeonImages(convolutional(), LAYER, CLUSTERS, rescale_centroids=True)
    return model.fit(shaded(6))


@pytest.fixture(scope="module")
def rows(rescaled):
    return activations(rescaled.module, LAYER, shaded(6))


def test_centroids_keep_their_directions_and_mean_norm(rescaled, rows):
    before = clone(CLUSTERS).fit(rows)
    norms = np.linalg.norm(before.cluster_centers_, axis=1)
    assert np.ptp(norms) > 0.1 * norms.mean()
    centroids = rescaled.estimator_.cluster_centers_
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), norms.mean())
    expected = before.cluster_centers_ / norms[:, None] * norms.mean()
    np.testing.assert_allclose(centroids, expected, rtol=1e-9)


def test_rows_go_to_the_nearest_of_the_new_centroids(rescaled, rows):
    before = clone(CLUSTERS).fit(rows)
    model = rescaled.estimator_
    distances = cdist(rows, model.cluster_centers_, "sqeuclidean")
    nearest = distances.argmin(axis=1)
    np.testing.assert_array_equal(model.labels_, nearest)
    np.testing.assert_array_equal(model.predict(rows), nearest)
    np.testing.assert_array_equal(rescaled.clusters().ravel(), nearest)
    np.testing.assert_array_equal(rescaled.clusters(shaded(6)).ravel(), nearest)
    assert 0 < rescaled.reassigned_ == np.mean(nearest != before.labels_) < 1
    assert rescaled.explain().meta["reassigned"] == rescaled.reassigned_
    np.testing.assert_allclose(model.inertia_, distances.min(axis=1).sum())
    rivals = np.sort(distances, axis=1)
    evidence = rivals[:, 1] - rivals[:, 0]
    np.testing.assert_allclose(model.mean_evidence_, evidence.mean())
    np.testing.assert_allclose(rescaled.score_locations().ravel(), evidence, atol=1e-9)


def test_evidence_goes_by_directions_alone(rescaled, rows):
    explanation = rescaled.explain()
    size = np.abs(explanation.layer_relevance).max()
    # with beta "auto" relevance is soft over the rivals, and so is the residual;
    # against one rival it is linear, without a bias
    c = explanation.target
    one = rescaled.explain(rival=(c + 1) % 4)
    assert np.abs(one.layer_residual).max() < 1e-9 * size
    model = rescaled.estimator_
    twice = model.explain(2 * rows, cluster=0, rival=1, rule="activation").score
    once = model.explain(rows, cluster=0, rival=1, rule="activation").score
    np.testing.assert_allclose(twice, 2 * once, atol=1e-9 * size)
    # that of the fit has biases
    plain = clone(rescaled).set_params(rescale_centroids=False).fit(shaded(6))
    assert plain.reassigned_ == 0
    rival = (plain.clusters() + 1) % 4
    assert np.abs(plain.explain(rival=rival).layer_residual).max() > 1e-3 * size


def test_the_original_stays(rows):
    kmeans = clone(CLUSTERS).fit(rows)
    before = {name: np.copy(value) for name, value in vars(kmeans).items()}
    evidence = kmeans.evidence()
    rescaled = with_fixed_norm(kmeans, rows)
    assert rescaled.labels_.dtype == kmeans.labels_.dtype
    assert np.any(rescaled.labels_ != kmeans.labels_)
    for name, value in vars(kmeans).items():
        np.testing.assert_array_equal(value, before[name])
    np.testing.assert_array_equal(kmeans.evidence(), evidence)


def test_equal_norms_change_nothing():
    rows = np.repeat(np.eye(3), 4, axis=0)
    kmeans = NeonKMeans(3, random_state=0, n_init=5).fit(rows)
    rescaled = with_fixed_norm(kmeans, rows)
    np.testing.assert_allclose(rescaled.cluster_centers_, kmeans.cluster_centers_)
    np.testing.assert_array_equal(rescaled.labels_, kmeans.labels_)
    np.testing.assert_allclose(rescaled.mean_evidence_, kmeans.mean_evidence_)


def test_a_centroid_without_a_direction():
    images = photos(2)
    images[0] = 0
    model = NeonImages(
        convolutional(),
        LAYER,
        NeonKMeans(2, random_state=0, n_init=5),
        rescale_centroids=True,
    )
    with pytest.raises(ValueError, match=r"Centroid [01] is 0 .*fewer clusters"):
        model.fit(images)
    assert not hasattr(model, "estimator_") and not hasattr(model, "reassigned_")


@pytest.mark.parametrize(
    "estimator", [None, NeonKDE(), KMeans(2), MiniBatchKMeans(2, n_init=1)]
)
def test_only_for_neon_kmeans(estimator):
    model = NeonImages(convolutional(), LAYER, estimator, rescale_centroids=True)
    with pytest.raises(TypeError, match="takes NeonKMeans as the estimator, got"):
        model.fit(shaded(3))


def test_a_refit_without_it(rescaled):
    model = clone(rescaled).fit(shaded(3))
    model.set_params(rescale_centroids=False).fit(shaded(3))
    plain = NeonImages(convolutional(), LAYER, CLUSTERS).fit(shaded(3))
    np.testing.assert_array_equal(model.score_locations(), plain.score_locations())
    assert model.reassigned_ == 0
