# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Running modules up to a layer: what is refused, and that no trace is left."""

import numpy as np
import pytest
import torch
from helpers.networks import (
    LAST,
    connected,
    convolutional,
    named,
    normalised,
    photos,
    untouched,
)
from torch import nn

from skneon import NeonKDE, NeonKMeans
from skneon.deep import NeonImages

pytestmark = pytest.mark.usefixtures("zennit")


class Odd(nn.Module):
    """A layer "part" whose output is not one that can be explained."""

    def __init__(self, give, *, runs=1):
        super().__init__()
        self.conv, self.part, self.runs = nn.Conv2d(3, 4, 3), Giving(give), runs

    def forward(self, images):
        out = self.conv(images)
        for _ in range(self.runs):
            out = self.part(out)
        return out


class Giving(nn.Module):
    def __init__(self, give):
        super().__init__()
        self.give = give

    def forward(self, maps):
        return self.give(maps)


@pytest.mark.parametrize(
    ("give", "message"),
    [
        (lambda x: (x, x), "gives a tuple, not a tensor"),
        (lambda x: {"x": x}, "gives a dict, not a tensor"),
        (lambda x: x.flatten(2), r"shape \(3, 4, 308\) for 3 inputs"),
        (lambda x: x.sum(), r"shape \(\) for 3 inputs"),
        (lambda x: x.mean(0, keepdim=True), r"shape \(1, 4, 14, 22\) for 3 inputs"),
        (lambda x: x > 0, "gives torch.bool"),
        (lambda x: x.abs() / 0, "gives values that are not finite: .*preprocess"),
        (lambda x: x * torch.nan, "gives values that are not finite"),
        (lambda x: -x.relu() - 0.5, "gives negative values"),
    ],
)
def test_outputs_that_cannot_be_explained(give, message):
    net = Odd(give)
    with untouched(net), pytest.raises(ValueError, match=message):
        NeonImages(net, "part", batch_size=3).fit(photos())


def test_negative_activations_tell_the_least_and_where_to_look():
    net = convolutional(torch.float64)
    with torch.no_grad():
        least = net[:4](torch.from_numpy(photos())).min().item()
    with pytest.raises(ValueError, match=f"least is {least:.3g}") as raised:
        NeonImages(net, "conv2").fit(photos())
    # near ones first
    assert "such as 'relu2', 'relu1', 'relu3'." in str(raised.value)
    bare = named(conv=nn.Conv2d(3, 4, 3))
    with pytest.raises(ValueError, match=r"the output of a ReLU\.$"):
        NeonImages(bare, "conv").fit(photos())


def test_negative_activations_of_new_images():
    net = named(linear=nn.Linear(2, 2, bias=False))
    nn.init.ones_(net.linear.weight)
    model = NeonImages(net, "linear").fit(np.random.default_rng(0).uniform(size=(9, 2)))
    for method in (model.explain, model.score_locations):
        with pytest.raises(ValueError, match="the least is -3"):
            method([[-1.0, -2.0]])


def test_layers_must_run_once():
    for runs, message in ((0, "does not run in its forward pass"), (2, "runs 2 times")):
        net = Odd(torch.relu, runs=runs)
        with untouched(net), pytest.raises(ValueError, match=message):
            NeonImages(net, "part").fit(photos())
    # what comes behind the layer need not work
    net = named(relu=nn.ReLU(), wrong=nn.Linear(7, 1))
    assert NeonImages(net, "relu").fit(photos()).score_locations().shape == (3, 16, 24)


def test_unknown_layers_list_the_near_ones():
    with pytest.raises(ValueError, match="no layer 'relu4'") as raised:
        NeonImages(convolutional(), "relu4").fit(photos())
    for name in ("'relu1'", "'relu2'", "'relu3'"):
        assert name in str(raised.value)
    with pytest.raises(ValueError, match=r"near it are 'linear1'.*'relu2'"):
        NeonImages(connected(), "$%&").fit(np.eye(10))
    for wrong in (0, None, nn.ReLU(), ["relu1"]):
        with pytest.raises(TypeError, match="layer must be the name of a submodule"):
            NeonImages(convolutional(), wrong).fit(photos())


def test_modules_that_are_none():
    for wrong in (None, "resnet", torch.relu, nn.ReLU):
        with pytest.raises(TypeError, match=r"module must be a torch\.nn\.Module"):
            NeonImages(wrong, "relu").fit(photos())


def test_the_module_itself_is_a_layer():
    expected = NeonImages(connected(), "relu2").fit(np.eye(10)).explain()
    got = NeonImages(connected(), "").fit(np.eye(10)).explain()
    np.testing.assert_array_equal(got, expected)


def test_images_that_the_module_does_not_take():
    model = NeonImages(convolutional(), LAST).fit(photos())
    hint = "Channels come first"
    wrong = [
        (np.ones((1, 4, 16, 16)), "does not take inputs of shape .*3 channels"),
        (np.ones((1, 16, 16, 3)), hint),
        (np.ones((1, 16, 16, 4)), hint),
        (np.ones((2, 30)), r"does not take inputs of shape \([12], 30\)"),
        (np.ones((1, 3, 2, 2)), "does not take inputs of shape"),
    ]
    for images, message in wrong:
        for method in (
            model.explain,
            model.score_locations,
            NeonImages(model.module, LAST).fit,
        ):
            with (
                untouched(model.module),
                pytest.raises(ValueError, match=message) as raised,
            ):
                method(images)
            assert (hint in str(raised.value)) == (message == hint)
            assert ".." not in str(raised.value).replace("...", "").replace("[..", "")


def test_training_mode_makes_no_difference_and_is_given_back():
    net, images = normalised(dropout=0.5), photos()
    expected = NeonImages(net, LAST).fit(images).explain()
    net.train()
    # mixed modes as well
    net.norm1.eval()
    with untouched(net):
        model = NeonImages(net, LAST).fit(images)
        got = model.explain()
        model.score_locations(images)
    np.testing.assert_array_equal(got.relevance, expected.relevance)
    np.testing.assert_array_equal(got.layer_relevance, expected.layer_relevance)
    assert net.training and not net.norm1.training and net.norm2.training


def test_parameters_hooks_and_modes_stay():
    net = convolutional().train()
    calls = []
    net.conv2.register_forward_hook(lambda *args: calls.append("forward"))
    net.rest.register_full_backward_hook(lambda *args: calls.append("backward"))
    net.conv1.requires_grad_(False)
    net(torch.ones(1, 3, 16, 16)).sum().backward()
    assert net.conv2.weight.grad.any() and net.conv1.weight.grad is None
    for estimator in (None, NeonKMeans(2, random_state=0)):
        with untouched(net):
            model = NeonImages(net, LAST, estimator).fit(photos())
            model.explain()
            model.explain(photos(1, seed=2))
    assert calls


def test_errors_at_any_stage_leave_nothing(zennit):
    net = convolutional().train()
    images = photos()
    fitted = NeonImages(net, LAST).fit(images)
    rules = zennit.composites
    broken = rules.NameMapComposite([(("conv2",), None), (("relu1",), "no hook")])
    # at the layers, at the activations, in the fit, and behind it
    stages = [
        lambda: NeonImages(net, "conv4").fit(images),
        lambda: NeonImages(net, "conv3").fit(images),
        lambda: NeonImages(net, LAST, NeonKDE(-1.0)).fit(images),
        lambda: NeonImages(net, LAST, rescale_centroids=True).fit(images),
        lambda: fitted.explain(images[:, :2]),
        lambda: fitted.explain(target="cluster"),
        # where rules are put on the layers, and where relevance is on its way
        lambda: fitted.set_params(composite=broken).explain(),
        lambda: fitted.set_params(
            composite=rules.EpsilonGammaBox(torch.zeros(7), torch.ones(7))
        ).explain(),
    ]
    for stage in stages:
        with untouched(net), pytest.raises((ValueError, TypeError, RuntimeError)):
            stage()


class Interrupted(nn.Module):
    def forward(self, maps):
        raise KeyboardInterrupt


def test_an_interrupt_leaves_nothing():
    net = named(conv=nn.Conv2d(3, 4, 3), stop=Interrupted(), relu=nn.ReLU()).train()
    with untouched(net), pytest.raises(KeyboardInterrupt):
        NeonImages(net, "relu").fit(photos())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_works_without_gradients(mode, dtype):
    net, images = convolutional(dtype), torch.from_numpy(photos())
    model = NeonImages(net, LAST).fit(images)
    expected = model.explain()
    net.requires_grad_(False)
    with untouched(net), mode():
        assert not torch.is_grad_enabled()
        inner = NeonImages(net, LAST).fit(images.clone())
        got = [inner.explain(), inner.explain(images.clone()), model.explain()]
        assert not torch.is_grad_enabled()
    # tensors of inference mode, used outside
    got.append(inner.explain())
    for i in (0, 2, 3):
        np.testing.assert_array_equal(got[i].relevance, expected.relevance)
    np.testing.assert_array_equal(got[1].relevance, model.explain(images).relevance)


def test_double_modules_work_in_double():
    images = photos()
    narrow = NeonImages(convolutional(), LAST).fit(images).explain()
    net = convolutional().double()
    wide = NeonImages(net, LAST).fit(images).explain()
    np.testing.assert_allclose(narrow.score, wide.score, rtol=1e-4)
    # what float32 would have rounded
    tiny = photos() * (1 + 1e-12)
    assert np.any(NeonImages(net, LAST).fit(tiny).score_locations() != wide.score)


def test_modules_without_parameters():
    model = NeonImages(nn.Sequential(nn.ReLU()), "0").fit(photos(2, 5, 6) - 5)
    explanation = model.explain()
    carried = explanation.layer_relevance.sum(axis=1)
    np.testing.assert_allclose(explanation.relevance, carried, rtol=1e-6, atol=1e-9)
