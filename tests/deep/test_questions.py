# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which locations are explained, and what is asked about them: clusters, targets."""

import numpy as np
import pytest
import torch
from helpers.networks import (
    LAST,
    activations,
    by_location,
    connected,
    convolutional,
    photos,
    shallow,
)
from sklearn.base import clone

from skneon import NeonKMeans
from skneon.deep import NeonImages

pytestmark = pytest.mark.usefixtures("zennit")

CLUSTERS = NeonKMeans(3, random_state=0)


def test_where_chooses_locations():
    images = photos(3, 8, 12)
    model = NeonImages(shallow(), "relu").fit(images)
    everywhere = model.explain()
    where = np.zeros((3, 8, 12), dtype=bool)
    where[1, 3, 8] = True
    explanation = model.explain(where=where)
    field = np.zeros_like(where)
    field[1, 2:5, 7:10] = True
    assert np.all((explanation.relevance != 0) == field)
    np.testing.assert_array_equal(explanation.score, everywhere.score)
    kept = explanation.layer_relevance[1, :, 3, 8]
    np.testing.assert_array_equal(kept, everywhere.layer_relevance[1, :, 3, 8])
    assert np.count_nonzero(explanation.layer_relevance) == np.count_nonzero(kept) > 0
    assert np.count_nonzero(explanation.layer_residual) == 1
    # the rest of the relevance is the rest of the locations'
    rest = model.explain(where=(~where).tolist())
    total = explanation.relevance + rest.relevance
    np.testing.assert_allclose(total, everywhere.relevance, rtol=1e-9)
    assert not model.explain(where=torch.zeros(3, 8, 12, dtype=bool)).relevance.any()


@pytest.mark.parametrize(
    "where", [np.ones((3, 2, 3)), np.ones((3, 2, 3), int), np.ones((2, 3), bool), True]
)
def test_where_is_a_mask_of_locations(where):
    model = NeonImages(convolutional(), LAST).fit(photos())
    with pytest.raises(
        ValueError, match=r"where must be an array of bool.*\(3, 2, 3\)"
    ):
        model.explain(where=where)


def test_clusters_are_those_of_kmeans():
    net, images, others = convolutional(), photos(), photos(2, seed=1)
    model = NeonImages(net, LAST, CLUSTERS).fit(images)
    kmeans = clone(CLUSTERS).fit(activations(net, LAST, images))
    for some, rows in ((None, kmeans.labels_), (others, None)):
        if rows is None:
            rows = kmeans.predict(activations(net, LAST, others))
        clusters = model.clusters(some)
        assert clusters.dtype.kind == "i"
        np.testing.assert_array_equal(clusters.ravel(), rows)
        explanation = model.explain(some)
        np.testing.assert_array_equal(explanation.target, clusters)
        np.testing.assert_array_equal(model.score_locations(some), explanation.score)
        assert np.all(explanation.score >= 0)


def test_clusters_one_by_one_sum_to_all():
    model = NeonImages(convolutional(torch.float64), LAST, CLUSTERS).fit(photos())
    clusters = model.clusters()
    parts = [model.explain(where=clusters == k) for k in range(3)]
    for k, part in enumerate(parts):
        others = np.moveaxis(part.layer_relevance, 1, -1)[clusters != k]
        assert others.size and not others.any()
        assert part.layer_relevance.any()
    whole = model.explain()
    for field in ("relevance", "layer_relevance", "layer_residual"):
        total = sum(getattr(part, field) for part in parts)
        np.testing.assert_allclose(total, getattr(whole, field), atol=1e-9)


def test_clusters_and_rivals_that_are_asked_about():
    net, images = convolutional(), photos()
    model = NeonImages(net, LAST, CLUSTERS).fit(images)
    rows = activations(net, LAST, images)
    clusters = model.clusters()
    rival = (clusters + 1) % 3
    for asked in (
        {"cluster": 1},
        {"cluster": np.int64(2), "rival": 0},
        {"rival": rival},
    ):
        got = model.explain(images, **asked)
        flat = {k: np.ravel(v) if np.ndim(v) else int(v) for k, v in asked.items()}
        expected = model.estimator_.explain(rows, rule="activation", **flat)
        size = np.abs(expected.relevance).max()
        np.testing.assert_allclose(
            by_location(got.layer_relevance), expected.relevance, atol=1e-9 * size
        )
        np.testing.assert_array_equal(got.target.ravel(), expected.target)
        np.testing.assert_allclose(
            model.score_locations(images, **asked), got.score, rtol=1e-9
        )
    asked = model.explain(cluster=(clusters + 1) % 3)
    assert np.all(asked.score <= 0)


def test_what_clusterings_and_densities_do_not_answer():
    images = photos()
    clustering = NeonImages(convolutional(), LAST, CLUSTERS).fit(images)
    density = NeonImages(convolutional(), LAST).fit(images)
    for method in (clustering.explain, clustering.score_locations):
        with pytest.raises(TypeError, match="takes no target"):
            method(target="outlier")
        for wrong in (np.zeros((3, 2), int), [0]):
            with pytest.raises(ValueError, match=r"an array of shape \(3, 2, 3\)"):
                method(cluster=wrong)
            with pytest.raises(ValueError, match="rival must be an int"):
                method(rival=wrong)
        for wrong in (3, -1):
            with pytest.raises(ValueError, match="numbered 0 to 2"):
                method(cluster=wrong)
        for wrong in (1.5, "first", np.zeros((3, 2, 3))):
            with pytest.raises(ValueError, match="cluster must be"):
                method(cluster=wrong)
        with pytest.raises(ValueError, match="very cluster"):
            method(cluster=1, rival=1)
    for method in (density.explain, density.score_locations):
        with pytest.raises(ValueError, match="'target' parameter"):
            method(target="cluster")
        for asked in ({"cluster": 0}, {"rival": 0}):
            with pytest.raises(TypeError, match="NeonKDE has no clusters"):
                method(**asked)
    with pytest.raises(TypeError, match="NeonKDE has no clusters: take NeonKMeans"):
        density.clusters()


def test_the_border_is_left_out_of_where():
    model = NeonImages(shallow(), "relu").fit(photos())
    where = np.random.default_rng(0).random(model.score_locations().shape) < 0.5
    inside = np.zeros_like(where)
    inside[:, 2:-2, 2:-2] = True
    for asked, expected in ((None, inside), (where, where & inside)):
        got = model.explain(where=asked, border=2)
        np.testing.assert_array_equal(got.where, expected)
        wanted = model.explain(where=expected)
        np.testing.assert_array_equal(got.relevance, wanted.relevance)
    for border in (-1, 1.5, "a", 1000):
        with pytest.raises(ValueError, match="border"):
            model.explain(border=border)
    vectors = NeonImages(connected(), "relu2").fit(np.eye(10))
    with pytest.raises(ValueError, match="leaves none of the locations"):
        vectors.explain(border=1)
