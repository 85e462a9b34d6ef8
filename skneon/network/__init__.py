# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 2: neural networks with forward passes and relevance propagation rules.

Pure maths on clean arrays; whoever calls it has validated the input.
"""

from skneon.network._network import Network
from skneon.network._query import Query
from skneon.network.engines._engine import Engine
from skneon.network.engines._engine_for import engine_for
from skneon.network.engines._layerwise import Layerwise
from skneon.network.engines._propagation import Propagation
from skneon.network.engines.pruned import Search
from skneon.network.layers._branches import Branches
from skneon.network.layers._centroids import CentroidPairs
from skneon.network.layers._chain import Chain
from skneon.network.layers._column_scores import ColumnScores
from skneon.network.layers._column_wise import ColumnWise
from skneon.network.layers._cosine_sum import CosineFeatures
from skneon.network.layers._distance import Distance, MemberDistance, SquaredDistance
from skneon.network.layers._forest import Forest
from skneon.network.layers._forest_games import (
    BackgroundGame,
    ForestGame,
    PathGame,
    RelativeDepthGame,
)
from skneon.network.layers._gaussian_kernel import GaussianKernel
from skneon.network.layers._gaussian_marginal import GaussianMarginal
from skneon.network.layers._grouped import GroupedLogMeanExp, GroupedMin
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._isolation_trees import IsolationTrees
from skneon.network.layers._kernel_sum import KernelSum
from skneon.network.layers._large_clusters import CentreDistance, LargeClusters
from skneon.network.layers._level_distance import LevelDistance, SpreadDistance
from skneon.network.layers._level_min import LevelMin
from skneon.network.layers._linear import LinearPairs
from skneon.network.layers._linear_map import LinearMap
from skneon.network.layers._linear_score import LinearScore
from skneon.network.layers._linkage_distance import (
    InsertionDistance,
    LinkageDistance,
    WardDistance,
)
from skneon.network.layers._linkage_pooling import LinkagePooling
from skneon.network.layers._log_ratio import LogRatio, VoterDistance
from skneon.network.layers._mahalanobis import MahalanobisDistance, MahalanobisPairs
from skneon.network.layers._marginal import Marginal
from skneon.network.layers._max import Max
from skneon.network.layers._mean import Mean
from skneon.network.layers._members import Members
from skneon.network.layers._merge_distance import MergeDistance
from skneon.network.layers._mixture_marginal import MixtureMarginal
from skneon.network.layers._nearest_distances import NearestDistances
from skneon.network.layers._nearest_member import NearestMember
from skneon.network.layers._neighbor_graph import NeighborGraph
from skneon.network.layers._neighbors import (
    LocalOutlierFactorPooling,
    NearestNeighborsPooling,
)
from skneon.network.layers._neighbors_mean import NeighborsMean
from skneon.network.layers._pooling import LogMeanExp, LogSumExp, Min, Pooling
from skneon.network.layers._preprocessing_layer import PreprocessingLayer, WiredLayer
from skneon.network.layers._random_features import Cosine, draw_random_features
from skneon.network.layers._reachability import Reachability, ReachedDistance
from skneon.network.layers._row_scaled import RowScaled
from skneon.network.layers._scaled_distance import ScaledDistance
from skneon.network.layers._splits import SplitPairs
from skneon.network.layers._sum import Sum
from skneon.network.layers._tail_scores import TailScores
from skneon.network.layers._units import HiddenLayer, Units
from skneon.network.layers._untraceable import Untraceable
from skneon.network.layers._vote_mean import VoteMean
from skneon.network.layers._weights import LogWeights, RivalWeights, SupportWeights
from skneon.network.numerics._isolation_tree import IsolationTree, expected_depth
from skneon.network.rules import (
    Activation,
    ByMembers,
    ExactInlier,
    IntegratedSoftArgmin,
    Interventional,
    MeanImputation,
    Midpoint,
    Passed,
    PathDependent,
    RandomFeatures,
    Rule,
    Scales,
    Shapley,
    SoftArgmin,
    Split,
    Uniform,
    WSquare,
    register_rule,
    rule_named,
    rules_for,
)

__all__ = [
    "Activation",
    "BackgroundGame",
    "Branches",
    "ByMembers",
    "CentreDistance",
    "CentroidPairs",
    "Chain",
    "ColumnScores",
    "ColumnWise",
    "Cosine",
    "CosineFeatures",
    "Distance",
    "Engine",
    "ExactInlier",
    "Forest",
    "ForestGame",
    "GaussianKernel",
    "GaussianMarginal",
    "GroupedLogMeanExp",
    "GroupedMin",
    "HiddenLayer",
    "Inputs",
    "InsertionDistance",
    "IntegratedSoftArgmin",
    "Interventional",
    "IsolationTree",
    "IsolationTrees",
    "KernelSum",
    "LargeClusters",
    "Layerwise",
    "LevelDistance",
    "LevelMin",
    "LinearMap",
    "LinearPairs",
    "LinearScore",
    "LinkageDistance",
    "LinkagePooling",
    "LocalOutlierFactorPooling",
    "LogMeanExp",
    "LogRatio",
    "LogSumExp",
    "LogWeights",
    "MahalanobisDistance",
    "MahalanobisPairs",
    "Marginal",
    "Max",
    "Mean",
    "MeanImputation",
    "MemberDistance",
    "Members",
    "MergeDistance",
    "Midpoint",
    "Min",
    "MixtureMarginal",
    "NearestDistances",
    "NearestMember",
    "NearestNeighborsPooling",
    "NeighborGraph",
    "NeighborsMean",
    "Network",
    "Passed",
    "PathDependent",
    "PathGame",
    "Pooling",
    "PreprocessingLayer",
    "Propagation",
    "Query",
    "RandomFeatures",
    "Reachability",
    "ReachedDistance",
    "RelativeDepthGame",
    "RivalWeights",
    "RowScaled",
    "Rule",
    "ScaledDistance",
    "Scales",
    "Search",
    "Shapley",
    "SoftArgmin",
    "Split",
    "SplitPairs",
    "SpreadDistance",
    "SquaredDistance",
    "Sum",
    "SupportWeights",
    "TailScores",
    "Uniform",
    "Units",
    "Untraceable",
    "VoteMean",
    "VoterDistance",
    "WSquare",
    "WardDistance",
    "WiredLayer",
    "draw_random_features",
    "engine_for",
    "expected_depth",
    "register_rule",
    "rule_named",
    "rules_for",
]
