# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Step 2: neural networks with forward passes and relevance propagation rules.

Pure maths on clean arrays; whoever calls it has validated the input.
"""

from skneon.network._coalitions import coalition_scores
from skneon.network._distance import GaussianKernel, SquaredDistance
from skneon.network._linear import CentroidPairs
from skneon.network._network import Network, Propagation
from skneon.network._pooling import LogMeanExp, Mean, Min, SupportWeights
from skneon.network._query import Query
from skneon.network._random_features import Cosine, draw_random_features
from skneon.network._shapley import (
    all_coalitions,
    marginal_background,
    product_shapley,
    shapley_weights,
)

__all__ = [
    "CentroidPairs",
    "Cosine",
    "GaussianKernel",
    "LogMeanExp",
    "Mean",
    "Min",
    "Network",
    "Propagation",
    "Query",
    "SquaredDistance",
    "SupportWeights",
    "all_coalitions",
    "coalition_scores",
    "draw_random_features",
    "marginal_background",
    "product_shapley",
    "shapley_weights",
]
