# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the examples of images share: networks, images, and the command line."""

import argparse
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import torch
from skimage import data
from skimage.draw import line
from skimage.io import imread

from skneon.deep import load_efficientnet_lite0

# what the networks' strides add up to
STRIDE = 32
# pixels of masks up to here count as black
BLACK = 40
# mean and standard deviation of the colours of ImageNet, on the scale 0 to 1
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Pretrained:
    """A network with what `NeonImages` has to know of it.

    Parameters
    ----------
    module : torch.nn.Module
    preprocess : callable
        Makes the module's input of images of values 0 to 255.
    density_layer, cluster_layer : str
        Names of layers that densities and clusters of locations go well with.
    gamma : float or str
        Kernel coefficient of a density there.
    """

    module: torch.nn.Module
    preprocess: callable
    density_layer: str
    cluster_layer: str
    gamma: float | str


def efficientnet():
    """EfficientNet-Lite0, of the extra "efficientnet"."""
    module = load_efficientnet_lite0()
    return Pretrained(
        module, module.preprocess, "blocks.11.expand", "head", gamma="nearest"
    )


def vgg16():
    """VGG-16 as in the chapter; needs torchvision, which downloads the weights."""
    from torchvision.models import VGG16_Weights
    from torchvision.models import vgg16 as make_vgg16

    module = make_vgg16(weights=VGG16_Weights.IMAGENET1K_V1).eval()
    # the output of block 5, of which no value is negative
    return Pretrained(module, imagenet, "features.30", "features.30", gamma=0.05)


NETWORKS = {"efficientnet": efficientnet, "vgg16": vgg16}


def imagenet(images):
    """Images of values 0 to 255 as the networks of torchvision take them."""
    mean, std = images.new_tensor([MEAN, STD])[:, :, None, None]
    return (images / 255 - mean) / std


def parser_of(description):
    """A command line with the options of both examples."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("image", nargs="?", help="file to read; default: a CC0 image")
    parser.add_argument("--network", choices=NETWORKS, default="efficientnet")
    parser.add_argument("--layer", help="name of a submodule whose output is not < 0")
    parser.add_argument("--output", metavar="FILE.png", help="save the picture there")
    return parser


def cropped(image):
    """An image of colours, with sides that are multiples of 32."""
    image = np.asarray(image)
    image = image[..., None] if image.ndim == 2 else image[..., :3]
    height, width = (side - side % STRIDE for side in image.shape[:2])
    return np.broadcast_to(image, (*image.shape[:2], 3))[:height, :width].copy()


def read(path):
    """An image of values 0 to 255, cropped."""
    return cropped(imread(path))


def scratched_brick():
    """A wall of bricks (CC0) with a scratch, a light line, and the scratch's pixels."""
    image = cropped(data.brick())
    scratch = np.zeros(image.shape[:2], dtype=bool)
    for shift in range(-2, 3):
        scratch[line(120 + shift, 150, 330 + shift, 380)] = True
    image[scratch] = 235
    return image, scratch


def read_mask(path):
    """The pixels of a mask that are not black, cropped; its edges may be blurred."""
    return read(path).max(axis=2) > BLACK


def as_batch(image):
    """One image, its colours last, as a batch with colours first."""
    return image.transpose(2, 0, 1)[None]


def finish(figure, path):
    """Save the figure, or show it."""
    if path is not None:
        figure.savefig(path, dpi=80, pil_kwargs={"optimize": True})
    elif plt.get_backend().lower() != "agg":
        plt.show()
