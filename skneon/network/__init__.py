# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 2: neural networks with forward passes and relevance propagation rules.

Pure maths on clean arrays; whoever calls it has validated the input.
"""

from skneon.network._activations import (
    ActivationCosine,
    ActivationDistance,
    ActivationKernel,
)
from skneon.network._coalitions import coalition_scores
from skneon.network._distance import (
    Distance,
    GaussianKernel,
    MemberDistance,
    SquaredDistance,
)
from skneon.network._grouped import GroupedLogMeanExp
from skneon.network._inputs import Inputs
from skneon.network._mahalanobis import MahalanobisDistance, MahalanobisPairs
from skneon.network._neighbors import LocalOutlierFactor, NearestNeighbors
from skneon.network._network import Network, Propagation
from skneon.network._pooling import LogMeanExp, LogSumExp, Mean, Min, Pooling
from skneon.network._preprocessing import (
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
from skneon.network._prototypes import CentroidPairs
from skneon.network._pruned import Search
from skneon.network._query import Query
from skneon.network._random_features import Cosine, draw_random_features
from skneon.network._shapley import (
    all_coalitions,
    marginal_background,
    product_shapley,
    shapley_weights,
)
from skneon.network._splits import SplitPairs
from skneon.network._unit_weights import LogWeights, RivalWeights, SupportWeights
from skneon.network._units import Units

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
