# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 2: neural networks with forward passes and relevance propagation rules.

Pure maths on clean arrays; whoever calls it has validated the input.
"""

from skneon.network._network import Network, Propagation
from skneon.network._query import Query
from skneon.network.engines.pruned._pruned import Search
from skneon.network.layers._activations import (
    ActivationCosine,
    ActivationDistance,
    ActivationKernel,
)
from skneon.network.layers._branches import Branches
from skneon.network.layers._centroids import CentroidPairs
from skneon.network.layers._chain import Chain
from skneon.network.layers._column_wise import ColumnWise
from skneon.network.layers._distance import (
    Distance,
    GaussianKernel,
    MemberDistance,
    SquaredDistance,
)
from skneon.network.layers._grouped import GroupedLogMeanExp
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._linear_map import LinearMap
from skneon.network.layers._mahalanobis import MahalanobisDistance, MahalanobisPairs
from skneon.network.layers._neighbors import LocalOutlierFactor, NearestNeighbors
from skneon.network.layers._pooling import LogMeanExp, LogSumExp, Mean, Min, Pooling
from skneon.network.layers._preprocessing_layer import PreprocessingLayer, WiredLayer
from skneon.network.layers._random_features import Cosine, draw_random_features
from skneon.network.layers._splits import SplitPairs
from skneon.network.layers._units import Units
from skneon.network.layers._untraceable import Untraceable
from skneon.network.layers._weights import LogWeights, RivalWeights, SupportWeights

# not a public name: for modules of models that look for it here
from skneon.network.numerics._table_cells import dense  # noqa: F401
from skneon.network.rules._coalitions import coalition_scores
from skneon.network.rules._shapley import (
    all_coalitions,
    marginal_background,
    product_shapley,
    shapley_weights,
)

__all__ = [
    "ActivationCosine",
    "ActivationDistance",
    "ActivationKernel",
    "Branches",
    "CentroidPairs",
    "Chain",
    "ColumnWise",
    "Cosine",
    "Distance",
    "GaussianKernel",
    "GroupedLogMeanExp",
    "Inputs",
    "LinearMap",
    "LocalOutlierFactor",
    "LogMeanExp",
    "LogSumExp",
    "LogWeights",
    "MahalanobisDistance",
    "MahalanobisPairs",
    "Mean",
    "MemberDistance",
    "Min",
    "NearestNeighbors",
    "Network",
    "Pooling",
    "PreprocessingLayer",
    "Propagation",
    "Query",
    "RivalWeights",
    "Search",
    "SplitPairs",
    "SquaredDistance",
    "SupportWeights",
    "Units",
    "Untraceable",
    "WiredLayer",
    "all_coalitions",
    "coalition_scores",
    "draw_random_features",
    "marginal_background",
    "product_shapley",
    "shapley_weights",
]
