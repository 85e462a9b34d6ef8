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
from skneon.network.layers._centroids import CentroidPairs
from skneon.network.layers._distance import (
    Distance,
    GaussianKernel,
    MemberDistance,
    SquaredDistance,
)
from skneon.network.layers._grouped import GroupedLogMeanExp
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._mahalanobis import MahalanobisDistance, MahalanobisPairs
from skneon.network.layers._neighbors import LocalOutlierFactor, NearestNeighbors
from skneon.network.layers._pooling import LogMeanExp, LogSumExp, Mean, Min, Pooling
from skneon.network.layers._preprocessing import (
    Branches,
    ColumnWise,
    LinearMap,
    Untraceable,
    check,
    dense,
    is_missing,
    restore,
    trace,
    unknown,
    wire,
)
from skneon.network.layers._random_features import Cosine, draw_random_features
from skneon.network.layers._splits import SplitPairs
from skneon.network.layers._units import Units
from skneon.network.layers._weights import LogWeights, RivalWeights, SupportWeights
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
    "Propagation",
    "Query",
    "RivalWeights",
    "Search",
    "SplitPairs",
    "SquaredDistance",
    "SupportWeights",
    "Units",
    "Untraceable",
    "all_coalitions",
    "check",
    "coalition_scores",
    "dense",
    "draw_random_features",
    "is_missing",
    "marginal_background",
    "product_shapley",
    "restore",
    "shapley_weights",
    "trace",
    "unknown",
    "wire",
]
