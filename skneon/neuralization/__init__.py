# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 1: from a fitted model to an equivalent network; a file a model family."""

from skneon.neuralization._centroids import NeuralizedCentroids
from skneon.neuralization._kernel_density import NeuralizedKernelDensity
from skneon.neuralization._neuralize import explain, neuralize
from skneon.neuralization._pipeline import NeuralizedPipeline

from skneon.neuralization import _transformers  # noqa: F401  isort: skip

__all__ = [
    "NeuralizedCentroids",
    "NeuralizedKernelDensity",
    "NeuralizedPipeline",
    "explain",
    "neuralize",
]
