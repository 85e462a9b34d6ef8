# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A module on a GPU is explained there, to the figures of the CPU."""

import numpy as np
import pytest
import torch

from skneon import NeonKMeans
from skneon.deep import NeonImages, load_efficientnet_lite0

pytestmark = [
    pytest.mark.usefixtures("zennit"),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU"),
]


def explained(module, layer, images, **options):
    model = NeonImages(module, layer, batch_size=2, **options).fit(images)
    return model.explain()


def assert_alike(got, expected):
    for name in ("score", "layer_relevance", "relevance"):
        values = getattr(expected, name)
        gap = np.abs(getattr(got, name) - values).max()
        assert gap <= 1e-3 * np.abs(values).max(), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_small_network(dtype):
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1),
        torch.nn.ReLU(inplace=True),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 16, 3),
        torch.nn.ReLU(inplace=True),
    ).to(dtype)
    images = torch.rand(5, 3, 32, 32)
    expected = explained(module, "4", images)
    module.cuda()
    assert_alike(explained(module, "4", images), expected)
    # images may be on either device
    assert_alike(explained(module, "4", images.cuda()), expected)
    assert next(module.parameters()).is_cuda


def test_pretrained_network_and_clusters():
    network = load_efficientnet_lite0()
    images = 255 * np.random.default_rng(0).random((2, 3, 128, 128))
    options = {
        "preprocess": network.preprocess,
        "estimator": NeonKMeans(3, random_state=0, n_init=3),
    }
    expected = explained(network, "blocks.5.expand", images, **options)
    got = explained(network.cuda(), "blocks.5.expand", images, **options)
    np.testing.assert_array_equal(got.target, expected.target)
    assert_alike(got, expected)
