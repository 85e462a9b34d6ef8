# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""From a layer's relevance to the pixels, by the rules of zennit."""

import numpy as np
import pytest
import torch
from helpers.networks import (
    LAST,
    convolutional,
    named,
    normalised,
    photos,
    seeded,
    untouched,
)
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from skneon.deep import NeonImages
from skneon.deep._propagation import relevance_of_inputs, resolve_composite

pytestmark = pytest.mark.usefixtures("zennit")

STABILIZER = 1e-6


def by_hand(module, images, relevance):
    """LRP through conv1, a ReLU and conv2: the flat rule, above it z-plus."""
    conv1, conv2 = module.conv1, module.conv2
    hidden = np.maximum(convolved(conv1, images), 0)
    of_hidden = shared_out(conv2, hidden, relevance, z_plus)
    return shared_out(conv1, images, of_hidden, flat)


def flat(pixel, weight):
    return 1.0


def z_plus(activation, weight):
    return activation * max(weight, 0.0)


def contributions(conv, image, rule, k, y, x):
    """What each input of a neuron contributes to it, by the input's place."""
    stride, padding = conv.stride[0], conv.padding[0]
    channels, height, width = image.shape
    weights = conv.weight[k].detach().numpy()
    found = {}
    for c in range(channels):
        for i in range(weights.shape[1]):
            for j in range(weights.shape[2]):
                row, column = y * stride + i - padding, x * stride + j - padding
                if 0 <= row < height and 0 <= column < width:
                    place = c, row, column
                    found[place] = rule(image[place], weights[c, i, j])
    return found


def convolved(conv, images):
    with torch.no_grad():
        shape = conv(torch.from_numpy(images)).shape
    out = np.empty(shape)
    for n, k, y, x in np.ndindex(*shape):
        terms = contributions(conv, images[n], lambda a, w: a * w, k, y, x)
        out[n, k, y, x] = sum(terms.values()) + conv.bias[k].item()
    return out


def shared_out(conv, images, relevance, rule):
    result = np.zeros(images.shape)
    for n, k, y, x in np.ndindex(*relevance.shape):
        terms = contributions(conv, images[n], rule, k, y, x)
        # the flat rule knows no bias
        bias = 0.0 if rule is flat else max(conv.bias[k].item(), 0.0)
        total = sum(terms.values()) + bias + STABILIZER
        for place, term in terms.items():
            result[n][place] += term / total * relevance[n, k, y, x]
    return result


def test_the_default_rules_by_hand():
    net = seeded(
        lambda: named(
            conv1=nn.Conv2d(3, 4, 3, padding=1),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(4, 5, 2, stride=2),
            relu2=nn.ReLU(),
        ),
        torch.float64,
    )
    images = photos(2, 6, 8)
    explanation = NeonImages(net, "relu2").fit(images).explain()
    assert np.abs(explanation.layer_relevance).max() > 0
    expected = by_hand(net, images, explanation.layer_relevance).sum(axis=1)
    np.testing.assert_allclose(
        explanation.relevance, expected, atol=1e-12 * np.abs(expected).max()
    )


@pytest.mark.parametrize("name", ["EpsilonPlus", "EpsilonAlpha2Beta1Flat"])
def test_composites_by_either_name_or_as_an_instance(name, zennit):
    kind = getattr(zennit.composites, name)
    known = zennit.composites.COMPOSITES
    (registered,) = (key for key, value in known.items() if value is kind)
    model = NeonImages(convolutional(), LAST).fit(photos())
    default = model.explain().relevance
    found = []
    for composite in (name, registered, kind()):
        explanation = model.set_params(composite=composite).explain()
        assert explanation.meta["composite"] == name
        found.append(explanation.relevance)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[0] - default).max() > 0.01 * np.abs(default).max()


def test_every_registered_composite_has_both_names(zennit):
    for name, kind in zennit.composites.COMPOSITES.items():
        if name != "epsilon_gamma_box":
            assert type(resolve_composite(name)) is kind
            assert type(resolve_composite(kind.__name__)) is kind


def test_composites_that_are_none(zennit):
    model = NeonImages(convolutional(), LAST).fit(photos())
    kind = zennit.composites.EpsilonPlus
    for wrong in ("EpsilonPlusflat", "", None, 3, kind, ["EpsilonPlus"]):
        model.set_params(composite=wrong)
        with pytest.raises(
            ValueError, match=r"one of EpsilonGammaBox, .*EpsilonPlusFlat"
        ):
            model.explain()


def test_composites_with_arguments_are_passed_as_instances(zennit):
    model = NeonImages(convolutional(), LAST, composite="EpsilonGammaBox").fit(photos())
    with pytest.raises(ValueError, match=r"needs arguments of its own .*low.*instance"):
        model.explain()
    low, high = torch.zeros(1, 3, 1, 1), torch.full((1, 3, 1, 1), 10.0)
    model.set_params(composite=zennit.composites.EpsilonGammaBox(low, high))
    explanation = model.explain()
    # the box rule shares out everything between the two images that bound it
    carried = explanation.layer_relevance.sum((1, 2, 3))
    np.testing.assert_allclose(explanation.relevance.sum((1, 2)), carried, rtol=1e-3)


def merged():
    """`normalised` with its batch norms merged for good."""
    net = normalised()
    return named(
        conv1=fuse_conv_bn_eval(net.conv1, net.norm1),
        relu1=nn.ReLU(),
        conv2=fuse_conv_bn_eval(net.conv2, net.norm2),
        relu3=nn.ReLU(),
    )


def test_canonizers_merge_batch_norms(zennit):
    images, net = photos(), normalised()
    merge = zennit.canonizers.SequentialMergeBatchNorm
    expected = NeonImages(merged(), LAST).fit(images).explain()
    composite = zennit.composites.EpsilonPlusFlat(canonizers=[merge()])
    for options in (
        {"canonizers": [merge()]},
        {"canonizers": (merge(),), "composite": "epsilon_plus_flat"},
        {"composite": composite},
    ):
        model = NeonImages(net, LAST, **options).fit(images)
        with untouched(net):
            got = model.explain()
        size = np.abs(expected.relevance).max()
        # zennit's merged batch norms still divide by sqrt(1 + eps)
        np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-5 * size)
    unmerged = NeonImages(net, LAST).fit(images).explain()
    assert np.abs(unmerged.relevance - expected.relevance).max() > 0.01 * size


def test_merged_batch_norms_without_shifts_conserve(zennit):
    images, net = photos(), normalised()
    for shift in (net.norm1.bias, net.conv2.bias, net.norm2.bias):
        nn.init.zeros_(shift)
    for norm in (net.norm1, net.norm2):
        norm.running_mean.zero_()
    canonizers = [zennit.canonizers.SequentialMergeBatchNorm()]
    explanation = NeonImages(net, LAST, canonizers=canonizers).fit(images).explain()
    carried = explanation.layer_relevance
    gap = np.abs(explanation.pixel_residual)
    assert np.all(gap <= 1e-5 * np.abs(carried).sum((1, 2, 3))) and carried.any()


def test_canonizers_go_into_the_composite_or_beside_its_name(zennit):
    merge = zennit.canonizers.SequentialMergeBatchNorm
    model = NeonImages(normalised(), LAST, canonizers=[merge()]).fit(photos())
    model.set_params(composite=zennit.composites.EpsilonPlus())
    with pytest.raises(ValueError, match=r"EpsilonPlus\(canonizers=\.\.\.\)"):
        model.explain()
    for wrong in (merge(), [merge], "merge", {merge: 1}):
        model.set_params(composite="EpsilonPlus", canonizers=wrong)
        with pytest.raises(ValueError, match="must be a list of instances"):
            model.explain()


def test_a_canonizer_that_fails_leaves_nothing_behind(zennit):
    net = named(
        **dict(normalised(torch.float32).named_children()),
        conv3=nn.Conv2d(8, 8, 1),
        norm3=nn.BatchNorm2d(8, affine=False).eval(),
        relu4=nn.ReLU(),
    )
    canonizers = [zennit.canonizers.SequentialMergeBatchNorm()]
    model = NeonImages(net, LAST, canonizers=canonizers).fit(photos())
    before = model.score_locations()
    # it merges two batch norms and fails at the third, which has no weights
    with untouched(net), pytest.raises(ValueError, match="cannot be applied to Sequ"):
        model.explain()
    assert net.conv1.bias is None
    np.testing.assert_array_equal(model.fit(photos()).score_locations(), before)


def test_divergence_is_said(zennit):
    images = photos()
    images[1] = 0
    composite = zennit.composites.EpsilonPlus(epsilon=0.0, stabilizer=0.0)
    model = NeonImages(convolutional(), LAST, composite=composite).fit(images)
    with (
        untouched(model.module),
        pytest.raises(ValueError, match="EpsilonPlus diverges on Sequential"),
    ):
        model.explain()


class Cut(nn.Module):
    """A network whose layer does not see the input, or hides that it does."""

    def __init__(self, how):
        super().__init__()
        self.conv, self.relu, self.how = nn.Conv2d(3, 4, 3), nn.ReLU(), how

    def forward(self, images):
        if self.how == "detached":
            images = images.detach()
        elif self.how == "constant":
            images = torch.ones_like(images)
        elif self.how == "ungraded":
            with torch.no_grad():
                return self.relu(self.conv(images))
        return self.relu(self.conv(images))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("how", ["detached", "constant", "ungraded"])
def test_no_way_to_the_pixels(how, frozen):
    net = seeded(lambda: Cut(how)).requires_grad_(not frozen)
    model = NeonImages(net, "relu").fit(photos(2, 6, 6))
    message = "does not depend on the input|does not pass gradients"
    with untouched(net), pytest.raises(ValueError, match=message):
        model.explain()


class Residual(nn.Module):
    """Works in place wherever it can, on the input as well."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images):
        images *= 2
        hidden = self.conv1(images).relu_()
        hidden = self.conv2(hidden)
        hidden += images
        return self.relu(hidden).mul_(-1)


def test_modules_may_work_in_place():
    net, images = seeded(Residual), torch.from_numpy(photos()).float()
    before = images.clone()
    model = NeonImages(net, "relu").fit(images)
    with torch.no_grad():
        expected = -net(images.clone()).numpy()
    with untouched(net):
        explanation = model.explain()
    assert torch.equal(images, before)
    np.testing.assert_array_equal(explanation.layer_relevance == 0, expected == 0)
    assert explanation.relevance.any()


def test_relevance_of_inputs_is_linear():
    net, inputs = convolutional(torch.float64), torch.from_numpy(photos())
    shape = 3, 8, 2, 3
    composite = resolve_composite("EpsilonPlusFlat")
    first, second = torch.rand(2, *shape, dtype=torch.float64)

    def pixels(relevance):
        return relevance_of_inputs(net, LAST, inputs, relevance, composite)

    assert pixels(first).shape == inputs.shape
    torch.testing.assert_close(
        pixels(first - 2 * second), pixels(first) - 2 * pixels(second)
    )
    assert not pixels(torch.zeros(shape)).any() and not inputs.requires_grad
