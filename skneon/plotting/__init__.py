# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of explanations, by scikit-learn's Display convention."""

from skneon.plotting._beeswarm import BeeswarmDisplay
from skneon.plotting._cluster_profile import ClusterProfileDisplay
from skneon.plotting._heatmap import HeatmapDisplay
from skneon.plotting._relevance import RelevanceDisplay
from skneon.plotting._score_map import ScoreMapDisplay
from skneon.plotting._summary import SummaryDisplay

__all__ = [
    "BeeswarmDisplay",
    "ClusterProfileDisplay",
    "HeatmapDisplay",
    "RelevanceDisplay",
    "ScoreMapDisplay",
    "SummaryDisplay",
]
