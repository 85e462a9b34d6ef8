# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What explaining images gives."""

import copy
import dataclasses
import sys

import matplotlib as mpl
import numpy as np
import pytest
from helpers.networks import LAST, convolutional, photos

from skneon import NeonKMeans
from skneon.deep import ImageExplanation, NeonImages

mpl.use("Agg")
from matplotlib import pyplot as plt

ROWS = [
    "relevance", "score", "layer_relevance", "layer_residual", "pixel_residual",
    "where", "images",
]  # fmt: skip


def explanation_of(relevance, **changes):
    """An explanation with this relevance of the pixels, a location an image."""
    n = len(relevance)
    fields = {
        "relevance": relevance,
        "score": np.arange(n).reshape(n, 1, 1) + 5.0,
        "layer_relevance": np.full((n, 2, 1, 1), 2.0),
        "layer_residual": np.arange(n).reshape(n, 1, 1) + 1.0,
        "pixel_residual": np.arange(n) / 2.0,
        "where": np.ones((n, 1, 1), dtype=bool),
        "target": "outlier",
        "images": np.random.default_rng(1).integers(256, size=(n, 3, 40, 50)),
        "meta": {"layer": "relu"},
    }
    return ImageExplanation(**(fields | changes))


@pytest.fixture
def explanation():
    return explanation_of(np.random.default_rng(0).normal(size=(3, 40, 50)))


@pytest.fixture
def clusters(explanation):
    target = np.array([0, 2, 1]).reshape(3, 1, 1)
    return dataclasses.replace(explanation, target=target)


@pytest.fixture
def vectors(explanation):
    inputs = np.ones((3, 7))
    return dataclasses.replace(
        explanation,
        relevance=inputs,
        images=inputs,
        score=np.ones(3),
        layer_relevance=np.ones((3, 2)),
        layer_residual=np.ones(3),
        where=np.ones(3, dtype=bool),
    )


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_says_what_it_is(explanation, clusters, vectors):
    assert repr(explanation) == (
        "<ImageExplanation of 'outlier': 3 images of 40 x 50 pixels>"
    )
    assert repr(clusters[0]) == (
        "<ImageExplanation of clusters: 1 image of 40 x 50 pixels>"
    )
    assert repr(vectors).endswith("3 images of 7 inputs>")
    assert len(explanation) == 3 and len(explanation[:2]) == 2


def test_is_frozen(explanation, clusters):
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.relevance = 0
    for kept in (clusters, copy.deepcopy(clusters)):
        for name in [*ROWS, "target"]:
            with pytest.raises(ValueError, match="read-only"):
                getattr(kept, name)[:] = 0


def test_leaves_the_caller_its_arrays():
    relevance = np.ones((1, 40, 50))
    explanation = explanation_of(relevance)
    relevance[0, 0, 0] = 2.0
    assert relevance.flags.writeable and not explanation.relevance.flags.writeable


def test_as_an_array(explanation):
    relevance = explanation.relevance
    assert np.shares_memory(np.asarray(explanation), relevance)
    copied = np.array(explanation)
    assert copied.flags.writeable and not np.shares_memory(copied, relevance)
    np.testing.assert_array_equal(copied, relevance)
    assert np.asarray(explanation, dtype=np.float32).dtype == np.float32
    assert np.mean(explanation) == relevance.mean()
    assert explanation.__array__(copy=False) is not None
    with pytest.raises(ValueError, match="needs a copy"):
        explanation.__array__(np.float32, copy=False)


@pytest.mark.parametrize(
    "chosen",
    [1, -1, np.int64(2), slice(1, None), [2, 0], np.array([True, False, True]), []],
)
def test_images_can_be_chosen(clusters, chosen):
    part = clusters[chosen]
    for name in [*ROWS, "target"]:
        expected = getattr(clusters, name)[chosen]
        if isinstance(chosen, int | np.integer):
            expected = expected[None]
        np.testing.assert_array_equal(getattr(part, name), expected)
        assert not getattr(part, name).flags.writeable
    assert part.meta == clusters.meta
    assert clusters[:1][0].target == [[[0]]]


def test_texts_stay_when_images_are_chosen(explanation):
    assert explanation[[1, 2]].target == "outlier"
    assert [len(part) for part in explanation] == [1, 1, 1]


def test_what_is_no_choice_of_images(explanation):
    for number in (3, -4):
        with pytest.raises(IndexError, match=f"Image {number} is out of range for 3"):
            explanation[number]
    for wrong in ((0, 1), (slice(None), 0), [[0, 1]], np.ones((3, 40, 50), bool)):
        with pytest.raises(TypeError, match="Only images can be chosen"):
            explanation[wrong]
    for wrong in (None, ..., "first", 1.0):
        with pytest.raises(TypeError):
            explanation[wrong]
    with pytest.raises(IndexError, match="boolean"):
        explanation[np.array([True, False])]


def test_heatmap_keeps_the_sum_of_what_is_inside():
    relevance = np.zeros((2, 60, 70))
    relevance[0, 28:32, 30:34] = np.arange(16).reshape(4, 4)
    relevance[1, 30, 30], relevance[1, 35, 40] = 3.0, -2.0
    explanation = explanation_of(relevance)
    smooth = explanation.heatmap(4.0)
    np.testing.assert_allclose(smooth.sum((1, 2)), [120.0, 1.0])
    # a Gaussian, around where the mass lies, in each image by itself
    one = explanation_of(np.eye(1, 60 * 70, 30 * 70 + 35).reshape(1, 60, 70)).heatmap(
        3.0
    )
    y, x = np.mgrid[:60, :70]
    gauss = np.exp(-((y - 30) ** 2 + (x - 35) ** 2) / 18) / (18 * np.pi)
    # up to 4 sigma
    np.testing.assert_allclose(one[0], gauss, atol=np.exp(-8) * gauss.max())
    np.testing.assert_array_equal(explanation[1].heatmap(4.0)[0], smooth[1])


def test_heatmap_loses_what_is_carried_over_the_borders():
    relevance = np.zeros((1, 40, 50))
    relevance[0, 0, 20] = 1.0
    total = explanation_of(relevance).heatmap(3.0).sum()
    assert 0.5 < total < 0.6


def test_heatmap_without_smoothing(explanation):
    np.testing.assert_array_equal(explanation.heatmap(0), explanation.relevance)
    before = explanation.relevance.copy()
    assert explanation.heatmap(0) is not explanation.relevance
    explanation.heatmap()[:] = 7.0
    np.testing.assert_array_equal(explanation.relevance, before)
    np.testing.assert_array_equal(explanation.heatmap(), explanation.heatmap(6.0))


@pytest.mark.parametrize("sigma", [-1.0, np.nan, np.inf])
def test_heatmap_needs_a_width(explanation, sigma):
    for method in (explanation.heatmap, lambda sigma: explanation.plot(sigma=sigma)):
        with pytest.raises(ValueError, match="sigma must be finite and at least 0"):
            method(sigma)


def test_inputs_that_are_no_images(vectors):
    for method in (vectors.heatmap, vectors.plot):
        with pytest.raises(ValueError, match=r"Inputs of shape \(7,\) are no images"):
            method()
    assert not plt.get_fignums()


def test_plot_makes_a_figure(explanation):
    axes = explanation.plot(sigma=2.0)
    assert axes.shape == (3,) and len(plt.get_fignums()) == 1
    maps = explanation.heatmap(2.0)
    within = np.quantile(np.abs(maps), 0.995)
    for axis, values, image in zip(axes, maps, explanation.images, strict=True):
        grey, red = axis.get_images()
        # the same symmetric colours in all
        np.testing.assert_allclose(red.get_clim(), (-within, within))
        np.testing.assert_array_equal(red.get_array(), values)
        assert red.get_cmap().name == "seismic"
        brightness = image.mean(axis=0)
        shown = grey.get_array()
        assert shown.min() == 0 and shown.max() == 1
        assert np.corrcoef(shown.ravel(), brightness.ravel())[0, 1] > 1 - 1e-9
        assert axis.get_title() == "outlierness" and not axis.axison
        opacity = red.get_alpha()
        assert opacity.shape == values.shape and np.all(
            (opacity >= 0) & (opacity <= 0.9)
        )
        np.testing.assert_array_equal(
            np.argsort(opacity.ravel())[0], np.argmin(abs(values))
        )
    axes[0].figure.canvas.draw()


def test_plot_into_given_axes(explanation):
    _, axes = plt.subplots(2, 2)
    with pytest.raises(ValueError, match="ax holds 4 Axes for 3 images"):
        explanation.plot(axes)
    assert not any(axis.get_images() for axis in axes.ravel())
    got = explanation.plot(axes.ravel()[:3], vmax=0.25)
    assert got[2] is axes[1, 0] and len(plt.get_fignums()) == 1
    assert got[0].get_images()[1].get_clim() == (-0.25, 0.25)
    (one,) = explanation[0].plot(axes[1, 1])
    assert one is axes[1, 1]
    with pytest.raises(ValueError, match="ax holds 1 Axes for 3 images"):
        explanation.plot(axes[0, 0])


def test_plot_titles(explanation, clusters):
    def titles(axes):
        return [axis.get_title() for axis in axes]

    assert titles(clusters.plot()) == ["cluster 0", "cluster 2", "cluster 1"]
    where = np.array([[[True, True]], [[False, True]], [[False, False]]])
    target = np.array([[[0, 1]], [[0, 1]], [[0, 1]]])
    several = dataclasses.replace(clusters, where=where, target=target)
    assert titles(several.plot()) == ["clusters", "cluster 1", "clusters"]
    assert titles(explanation.plot(title="wood")) == ["wood"] * 3
    assert titles(explanation.plot(title=["a", "b", "c"])) == ["a", "b", "c"]
    for wrong in (["a"], [], list("abcd")):
        with pytest.raises(ValueError, match=f"title holds {len(wrong)} texts for 3"):
            explanation.plot(title=wrong)


def test_plot_of_nothing():
    flat = explanation_of(np.zeros((2, 40, 50)), images=np.full((2, 1, 40, 50), 9.0))
    axes = flat.plot()
    for axis in axes:
        assert axis.get_images()[1].get_clim() == (-1.0, 1.0)
        assert not axis.get_images()[1].get_alpha().any()
    axes[0].figure.canvas.draw()
    with pytest.raises(ValueError, match="no images to plot"):
        flat[:0].plot()


@pytest.mark.parametrize("vmax", [0, -1.0, np.nan])
def test_plot_needs_a_range(explanation, vmax):
    with pytest.raises(ValueError, match="vmax must be above 0"):
        explanation.plot(vmax=vmax)


def test_plot_without_matplotlib(explanation, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skneon\[plot\]"'):
        explanation.plot()


def test_plot_of_a_model(zennit):
    model = NeonImages(convolutional(), LAST, NeonKMeans(2, random_state=0))
    images = photos(2)
    explanation = model.fit(images).explain(where=model.clusters() == 1)
    axes = explanation.plot(sigma=1.0)
    assert [axis.get_title() for axis in axes] == ["cluster 1"] * 2
    np.testing.assert_array_equal(explanation.images, images)
    assert len(explanation[1].plot()) == 1
