# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 1: from a fitted model to an equivalent network; one file per model family."""

from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._explain import explain
from skneon.neuralization._in_sample import InSampleWarning
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._pipeline import NeuralizedPipeline
from skneon.neuralization.models import (  # noqa: F401 (they register what they know)
    _bisecting,
    _dbscan,
    _hdbscan,
    _kernel_expansion,
    _kernel_pca,
    _one_class_svm,
    _optics,
)
from skneon.neuralization.models._centroids import NeuralizedCentroids, NeuralizedSplits
from skneon.neuralization.models._density_clusters import NeuralizedDensityClusters
from skneon.neuralization.models._gaussians import NeuralizedGaussian
from skneon.neuralization.models._isolation_forest import NeuralizedForest
from skneon.neuralization.models._kernel_clusters import NeuralizedKernelClusters
from skneon.neuralization.models._kernel_density import NeuralizedKernelDensity
from skneon.neuralization.models._linear_score import NeuralizedLinear
from skneon.neuralization.models._linkage import NeuralizedLinkage
from skneon.neuralization.models._merges import NeuralizedMerges
from skneon.neuralization.models._mixture import NeuralizedMixture
from skneon.neuralization.models._neighbors import NeuralizedNeighbors
from skneon.neuralization.models._spectral import NeuralizedSpectral
from skneon.neuralization.models.pyod import (  # noqa: F401 (they register, too)
    _densities,
    _ensembles,
    _isolation_forest,
    _loda,
    _neighbors,
    _of_columns,
    _points,
    _suod,
)
from skneon.neuralization.models.pyod._detector import NeuralizedDetector
from skneon.neuralization.steps import (  # noqa: F401 (they register what they know)
    _encoders,
    _feature_maps,
    _functions,
    _linear_maps,
    _transformers,
)

__all__ = [
    "InSampleWarning",
    "NeuralizedCentroids",
    "NeuralizedClusters",
    "NeuralizedDensityClusters",
    "NeuralizedDetector",
    "NeuralizedForest",
    "NeuralizedGaussian",
    "NeuralizedKernelClusters",
    "NeuralizedKernelDensity",
    "NeuralizedLinear",
    "NeuralizedLinkage",
    "NeuralizedMerges",
    "NeuralizedMixture",
    "NeuralizedModel",
    "NeuralizedNeighbors",
    "NeuralizedPipeline",
    "NeuralizedSpectral",
    "NeuralizedSplits",
    "TrainingRows",
    "explain",
    "neuralize",
]
