# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 1: from a fitted model to an equivalent network; a file a model family."""

from skneon.neuralization import (  # noqa: F401 (they register what they know)
    _functions,
    _linear_maps,
    _one_class_svm,
    _transformers,
)
from skneon.neuralization._bisecting import NeuralizedSplits
from skneon.neuralization._centroids import NeuralizedCentroids
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._kernel_clusters import NeuralizedKernelClusters
from skneon.neuralization._kernel_density import NeuralizedKernelDensity
from skneon.neuralization._mixture import NeuralizedMixture
from skneon.neuralization._neighbors import NeuralizedNeighbors
from skneon.neuralization._neuralize import explain, neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization._pipeline import NeuralizedPipeline

__all__ = [
    "NeuralizedCentroids",
    "NeuralizedClusters",
    "NeuralizedKernelClusters",
    "NeuralizedKernelDensity",
    "NeuralizedMixture",
    "NeuralizedModel",
    "NeuralizedNeighbors",
    "NeuralizedPipeline",
    "NeuralizedSplits",
    "explain",
    "neuralize",
]
