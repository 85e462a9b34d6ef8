# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small random networks for the tests of skneon.deep, and what is checked of them."""

from collections import OrderedDict
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

# the last layer of `convolutional` and `normalised`
LAST = "relu3"
# of an ImageExplanation
FIELDS = ("relevance", "score", "layer_relevance", "layer_residual", "pixel_residual")


def seeded(build, dtype=torch.float32, seed=0):
    """A network of random weights, in evaluation mode."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build().to(dtype).eval()


def named(**layers):
    return nn.Sequential(OrderedDict(layers))


def convolutional(dtype=torch.float32, bias=False):
    """Convolutions, strides, both kinds of pooling; (3, H, W) to (8, H / 8, W / 8)."""
    return seeded(
        lambda: named(
            conv1=nn.Conv2d(3, 6, 3, padding=1, bias=bias),
            relu1=nn.ReLU(inplace=True),
            pool=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 10, 3, stride=2, padding=1, bias=bias),
            relu2=nn.ReLU(inplace=True),
            average=nn.AvgPool2d(2),
            conv3=nn.Conv2d(10, 8, 3, padding=1, bias=bias),
            relu3=nn.ReLU(inplace=True),
            rest=nn.Conv2d(8, 2, 1),
        ),
        dtype,
    )


def normalised(dtype=torch.float64, dropout=0.0):
    """Convolutions with batch norms of any sign and scale."""

    def build():
        net = named(
            conv1=nn.Conv2d(3, 6, 3, padding=1, bias=False),
            norm1=nn.BatchNorm2d(6),
            relu1=nn.ReLU(inplace=True),
            dropout=nn.Dropout(dropout),
            conv2=nn.Conv2d(6, 8, 3, stride=2),
            norm2=nn.BatchNorm2d(8),
            relu3=nn.ReLU(inplace=True),
        )
        for norm in (net.norm1, net.norm2):
            for values in (norm.weight.data, norm.bias.data, norm.running_mean):
                values.normal_()
            norm.running_var.uniform_(0.5, 2.0)
        return net

    return seeded(build, dtype)


def connected(dtype=torch.float32):
    """A fully connected network for 10 inputs."""
    return seeded(
        lambda: named(
            linear1=nn.Linear(10, 16, bias=False),
            relu1=nn.ReLU(),
            linear2=nn.Linear(16, 12, bias=False),
            relu2=nn.ReLU(),
        ),
        dtype,
    )


def shallow(bias=False, dtype=torch.float64):
    """A convolution and a ReLU, a location a pixel."""
    return seeded(
        lambda: named(conv=nn.Conv2d(3, 5, 3, padding=1, bias=bias), relu=nn.ReLU()),
        dtype,
    )


def photos(n=3, height=16, width=24, seed=0):
    """Images of values 0 to 10, whose activations are far above the stabilisers."""
    return np.random.default_rng(seed).uniform(0, 10, size=(n, 3, height, width))


def activations(module, layer, images):
    """Rows of all locations, by hand: of a Sequential, run up to the layer.

    Image by image: in float32 a convolution of several rounds otherwise.
    """
    names = [name for name, _ in module.named_children()]
    images = torch.as_tensor(images, dtype=next(module.parameters()).dtype)
    start = module[: names.index(layer) + 1]
    with torch.no_grad():
        maps = torch.cat([start(image[None]) for image in images])
    rows = [maps[i, :, y, x] for i in range(len(maps)) for y, x in locations(maps)]
    return torch.stack(rows).double().numpy()


def locations(maps):
    return [(y, x) for y in range(maps.shape[2]) for x in range(maps.shape[3])]


def by_location(maps):
    """(n, C, h, w) as rows (n h w, C)."""
    return np.moveaxis(maps, 1, -1).reshape(-1, maps.shape[1])


def traces(module):
    """All that a call could leave behind in a module."""
    found = {"grad mode": torch.is_grad_enabled()}
    for name, part in module.named_modules():
        found[name, "training"] = part.training
        for key, value in vars(part).items():
            if "hooks" in key:
                found[name, key] = list(value)
    for kind in (module.named_parameters(), module.named_buffers()):
        for name, tensor in kind:
            grad = None if tensor.grad is None else tensor.grad.tolist()
            found[name] = id(tensor), tensor.requires_grad, grad, tensor.tolist()
    return found


@contextmanager
def untouched(module):
    """Check that the block, whether it raises or not, leaves the module as it was."""
    before = traces(module)
    try:
        yield
    finally:
        assert traces(module) == before


def assert_same(got, expected, rtol=1e-9):
    """The same explanation, but for what is rounded."""
    for field in FIELDS:
        value, wanted = getattr(got, field), getattr(expected, field)
        size = np.abs(expected.layer_relevance).sum()
        np.testing.assert_allclose(value, wanted, rtol=rtol, atol=rtol * size)
    np.testing.assert_array_equal(got.where, expected.where)
    np.testing.assert_array_equal(got.target, expected.target)


def assert_conserves(explanation):
    """The layer's relevance and residual are the score; the pixels' are the layer's."""
    carried = explanation.layer_relevance
    channels = carried.sum(axis=1)
    np.testing.assert_allclose(
        channels + explanation.layer_residual,
        explanation.score,
        rtol=1e-9,
        atol=1e-9 * np.abs(carried).max(),
    )
    n = len(explanation)
    total = explanation.relevance.reshape(n, -1).sum(axis=1)
    expected = carried.reshape(n, -1).sum(axis=1)
    size = np.abs(carried).reshape(n, -1).sum(axis=1)
    assert np.all(size > 0)
    assert np.all(np.abs(total - expected) <= 1e-5 * size)
    np.testing.assert_allclose(explanation.pixel_residual, expected - total, rtol=1e-12)
