# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations of unsupervised models, feature by feature, that sum to the score."""

from skneon import datasets, metrics, plotting
from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._report import Report, report
from skneon._tables import Prepared, prepare
from skneon._version import __version__
from skneon.explanation import Contribution, Explanation, ReasonGroup
from skneon.neuralization import explain, neuralize

__all__ = [
    "Contribution",
    "Explanation",
    "NeonKDE",
    "NeonKMeans",
    "Prepared",
    "ReasonGroup",
    "Report",
    "__version__",
    "datasets",
    "explain",
    "metrics",
    "neuralize",
    "plotting",
    "prepare",
    "report",
]
