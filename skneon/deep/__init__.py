# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Images: models of a network's activations, explained down to the pixels.

Needs the extra "deep": ``pip install "skneon[deep]"`` brings torch and zennit.
"""

from skneon.deep import _extra  # noqa: F401  # isort: skip
from skneon.deep._efficientnet_lite import EfficientNetLite0, load_efficientnet_lite0
from skneon.deep._image_explanation import ImageExplanation
from skneon.deep._neon_images import NeonImages

__all__ = [
    "EfficientNetLite0",
    "ImageExplanation",
    "NeonImages",
    "load_efficientnet_lite0",
]
