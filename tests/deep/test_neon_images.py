# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models of a layer's activations: the laws of scores and relevances."""

import pickle
from copy import deepcopy

import numpy as np
import pytest
import torch
from helpers.networks import (
    LAST,
    activations,
    assert_conserves,
    assert_same,
    by_location,
    connected,
    convolutional,
    named,
    photos,
    shallow,
)
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from torch import nn

from skneon import NeonKDE, NeonKMeans, explain
from skneon.deep import NeonImages

pytestmark = [
    pytest.mark.usefixtures("zennit"),
    # locations meet themselves on purpose
    pytest.mark.filterwarnings("ignore::skneon.InSampleWarning"),
]

CLUSTERS = NeonKMeans(3, random_state=0)
ESTIMATORS = [None, NeonKDE(0.02, beta=0.01), CLUSTERS]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_conserves_from_the_score_to_the_pixels(dtype, estimator):
    images = photos()
    model = NeonImages(convolutional(dtype), LAST, estimator).fit(images)
    assert_conserves(model.explain())
    if estimator is None:
        assert_conserves(model.explain(target="inlier"))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_conserves_in_fully_connected_networks(estimator):
    inputs = np.random.default_rng(0).uniform(0, 10, size=(20, 10))
    model = NeonImages(connected(), "relu2", estimator).fit(inputs)
    explanation = model.explain()
    assert explanation.relevance.shape == (20, 10)
    assert explanation.layer_relevance.shape == (20, 12)
    assert explanation.score.shape == (20,) and model.layer_shape_ == (12,)
    assert_conserves(explanation)


def test_only_stabilisers_keep_relevance_from_the_pixels(zennit):
    composite = zennit.composites.EpsilonPlusFlat(epsilon=1e-14, stabilizer=1e-14)
    model = NeonImages(convolutional(torch.float64), LAST, composite=composite)
    explanation = model.fit(photos()).explain()
    carried = explanation.layer_relevance.sum((1, 2, 3))
    np.testing.assert_allclose(explanation.relevance.sum((1, 2)), carried, rtol=1e-12)


def test_biases_take_their_share():
    explanation = NeonImages(convolutional(bias=True), LAST).fit(photos()).explain()
    carried = explanation.layer_relevance.sum((1, 2, 3))
    assert np.all(explanation.pixel_residual > 1e-4 * carried)
    total = explanation.relevance.sum((1, 2)) + explanation.pixel_residual
    np.testing.assert_allclose(total, carried, rtol=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_layer_relevance_is_that_of_the_estimator(estimator):
    net, images, others = convolutional(), photos(), photos(2, seed=1)
    model = NeonImages(net, LAST, estimator).fit(images)
    direct = clone(NeonKDE("nearest") if estimator is None else estimator)
    direct.fit(activations(net, LAST, images))
    for some in (None, images, others):
        rows = None if some is None else activations(net, LAST, some)
        expected = direct.explain(rows, rule="activation")
        got = model.explain(some)
        assert got.layer_relevance.shape[1:] == model.layer_shape_ == (8, 2, 3)
        size = np.abs(expected.relevance).max()
        np.testing.assert_allclose(
            by_location(got.layer_relevance), expected.relevance, atol=1e-9 * size
        )
        for name in ("score", "residual"):
            value = getattr(got, name if name == "score" else "layer_residual")
            wanted = getattr(expected, name).reshape(value.shape)
            np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-9 * size)
        np.testing.assert_allclose(model.score_locations(some), got.score, rtol=1e-9)
        rows = activations(net, LAST, images if some is None else some)
        inactive = rows == 0
        assert 0.05 < inactive.mean() < 0.95
        assert not by_location(got.layer_relevance)[inactive].any()


def test_the_images_of_the_fit_are_left_out_of_their_own_model():
    images = photos()
    model = NeonImages(convolutional(), LAST).fit(images)
    own, new = model.explain(), model.explain(images)
    assert np.all(own.score > new.score)
    # the first location of the second image, by a model without it
    rows = activations(model.module, LAST, images)
    location = new.score[0].size
    rest = NeonKDE(model.estimator_.gamma_).fit(np.delete(rows, location, axis=0))
    alone = rest.explain(rows[[location]], rule="activation")
    np.testing.assert_allclose(own.score[1, 0, 0], alone.score[0], rtol=1e-9)
    np.testing.assert_allclose(
        own.layer_relevance[1, :, 0, 0], alone.relevance[0], rtol=1e-9
    )


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_batches_change_nothing(estimator):
    images = photos(5)
    model = NeonImages(convolutional(torch.float64), LAST, estimator, batch_size=5)
    expected = model.fit(images).explain()
    new = model.explain(images)
    for size in (1, 2, np.int64(3), 100):
        model.set_params(batch_size=size)
        assert_same(model.fit(images).explain(), expected)
    for i in range(5):
        assert_same(model.explain(images[[i]]), new[i])
        assert_same(model.explain(images[[i]], where=np.ones((1, 2, 3), bool)), new[i])


def test_reference_images_and_new_ones_of_another_size():
    model = NeonImages(convolutional(), LAST).fit(photos(4))
    assert model.layer_shape_ == (8, 2, 3)
    explanation = model.explain(photos(2, 24, 32, seed=1))
    assert explanation.relevance.shape == (2, 24, 32)
    assert explanation.layer_relevance.shape == (2, 8, 3, 4)
    assert model.score_locations(photos(2, 24, 32, seed=1)).shape == (2, 3, 4)
    assert_conserves(explanation)


def test_what_is_unusual_stands_out():
    images = np.full((1, 3, 20, 20), 5.0) + photos(1, 20, 20) / 20
    images[0, :, 8:11, 12:15] += 5.0
    # at the borders padding is unusual, too
    where = np.zeros((1, 20, 20), dtype=bool)
    where[:, 2:-2, 2:-2] = True
    explanation = NeonImages(shallow(), "relu").fit(images).explain(where=where)
    positive = np.maximum(explanation.relevance[0], 0)
    assert positive[6:13, 10:17].sum() > 0.8 * positive.sum()


def test_other_estimators_that_know_the_rule():
    net, images = convolutional(), photos()
    rows = activations(net, LAST, images)
    for estimator in (KMeans(3, random_state=0), make_pipeline(PCA(3), NeonKDE(0.01))):
        model = NeonImages(net, LAST, estimator).fit(images)
        fitted = clone(estimator).fit(rows)
        expected = explain(fitted, rows, rule="activation").relevance
        got = by_location(model.explain(images).layer_relevance)
        np.testing.assert_allclose(got, expected, atol=1e-8 * np.abs(expected).max())


def test_estimators_are_cloned():
    estimator = NeonKDE(0.1)
    model = NeonImages(convolutional(), LAST, estimator).fit(photos())
    assert model.estimator_ is not estimator and not hasattr(estimator, "weights_")
    assert model.estimator_.gamma_ == 0.1


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (GaussianMixture(2), "does not explain log-odds"),
        (PCA(2), "PCA"),
        ("kde", "does not seem to be a scikit-learn estimator"),
        (NeonKDE, "instance of scikit-learn estimator"),
    ],
)
def test_estimators_without_the_rule(estimator, message):
    with pytest.raises(TypeError, match=message):
        NeonImages(convolutional(), LAST, estimator).fit(photos())


def test_a_failed_fit_leaves_the_model_as_it_was():
    model = NeonImages(convolutional(), LAST).fit(photos())
    before, expected = vars(model).copy(), model.explain()
    with pytest.raises(ValueError, match="NaN"):
        model.fit(np.full((1, 3, 16, 16), np.nan))
    assert vars(model) == before
    model.set_params(estimator=GaussianMixture(2, random_state=0))
    with pytest.raises(TypeError, match="rule"):
        model.fit(photos(seed=1))
    model.set_params(estimator=None)
    assert vars(model) == before
    np.testing.assert_array_equal(model.explain(), expected)


def test_before_the_fit():
    model = NeonImages(convolutional(), LAST)
    for method in (model.explain, model.score_locations, model.clusters):
        with pytest.raises(NotFittedError):
            method()


@pytest.mark.parametrize("size", [0, -1, 1.5, "4", None])
def test_batch_sizes_are_positive_ints(size):
    model = NeonImages(convolutional(), LAST).fit(photos())
    model.set_params(batch_size=size)
    for method in (model.explain, lambda: model.fit(photos())):
        with pytest.raises(ValueError, match="batch_size must be an int"):
            method()


def test_preprocess_makes_the_input():
    images = photos().astype(np.uint8)
    scaled = images / 2.0 - 1.0
    expected = NeonImages(convolutional(), LAST).fit(scaled).explain(scaled)

    def scale(inputs):
        assert inputs.dtype == torch.float32 and not inputs.requires_grad
        # in place, which the images must not notice
        return inputs.div_(2).sub_(1).double()

    before = images.copy()
    model = NeonImages(convolutional(), LAST, preprocess=scale).fit(images)
    assert_same(model.explain(images), expected)
    np.testing.assert_array_equal(images, before)
    assert model.explain().images.dtype == np.uint8


@pytest.mark.parametrize(
    "preprocess",
    [
        lambda images: images.numpy(),
        lambda images: images.mean(),
        lambda images: images[:1],
        lambda images: images[..., ::2],
        lambda images: images.flatten(2),
        lambda images: None,
    ],
)
def test_preprocess_leaves_images_and_pixels(preprocess):
    model = NeonImages(convolutional(), LAST, preprocess=preprocess, batch_size=3)
    with pytest.raises(ValueError, match="preprocess made"):
        model.fit(photos())


def test_preprocess_is_a_function():
    with pytest.raises(TypeError, match="must be a function of a tensor, or None"):
        NeonImages(convolutional(), LAST, preprocess=3).fit(photos())


def test_what_the_fit_goes_by_cannot_be_changed_after_it():
    model = NeonImages(convolutional(), LAST).fit(photos())
    changes = {"layer": "relu2", "module": convolutional(), "preprocess": torch.abs}
    for name, value in changes.items():
        before = getattr(model, name)
        model.set_params(**{name: value})
        for method in (model.explain, model.score_locations):
            with pytest.raises(ValueError, match=f"{name} was changed after the fit"):
                method()
        model.set_params(**{name: before})
    assert deepcopy(model).explain().relevance.shape == (3, 16, 24)


def test_images_that_change_after_the_fit():
    images = photos()
    model = NeonImages(convolutional(), LAST).fit(images)
    expected = model.explain().relevance
    images[:] = 0
    np.testing.assert_array_equal(model.explain().relevance, expected)


def test_preprocess_may_change_the_channels():
    model = NeonImages(
        convolutional(), LAST, preprocess=lambda images: images.repeat(1, 3, 1, 1)
    )
    explanation = model.fit(photos()[:, :1]).explain()
    assert explanation.relevance.shape == (3, 16, 24)
    assert explanation.images.shape == (3, 1, 16, 24)
    assert_conserves(explanation)


def test_other_channels_than_those_of_the_fit():
    model = NeonImages(named(relu=nn.ReLU()), "relu").fit(photos())
    with pytest.raises(ValueError, match=r"gives 4 channels .* gave 3 for those"):
        model.explain(np.ones((1, 4, 8, 8)))


def test_dead_layers_have_no_relevance():
    images = np.zeros((2, 3, 16, 16))
    explanation = NeonImages(convolutional(), LAST).fit(images).explain()
    assert not explanation.relevance.any() and not explanation.score.any()


def test_scikit_learn_can_handle_it():
    images = photos()
    model = NeonImages(convolutional(), LAST, CLUSTERS, batch_size=2)
    assert model.get_params(deep=False).keys() == {
        "module", "layer", "estimator", "preprocess", "composite", "canonizers",
        "rescale_centroids", "batch_size",
    }  # fmt: skip
    assert model.get_params()["estimator__n_clusters"] == 3
    copied = clone(model)
    assert copied.module is not model.module and copied.batch_size == 2
    model.fit(images)
    assert_same(copied.fit(images).explain(), model.explain())
    assert not hasattr(clone(model), "estimator_")
    for shown in (repr(model), model._repr_html_()):
        assert "NeonImages" in shown and "relu3" in shown
    model.set_params(estimator__n_clusters=2).fit(images)
    assert model.clusters().max() == 1


def test_pickles():
    model = NeonImages(convolutional(), LAST, CLUSTERS).fit(photos())
    again = pickle.loads(pickle.dumps(model))
    assert_same(again.explain(), model.explain())


def test_meta():
    model = NeonImages(connected(), "relu1", CLUSTERS)
    meta = model.fit(np.eye(10)).explain().meta
    assert meta["module"] == "Sequential" and meta["layer"] == "relu1"
    assert meta["composite"] == "EpsilonPlusFlat" and meta["reassigned"] == 0
    assert meta["model"] == "NeonKMeans" and meta["rule"] == "activation"
