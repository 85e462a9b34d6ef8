# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The public names, imported where the first of them is asked for."""

from skneon import datasets, metrics, plotting
from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._p_values import p_values
from skneon._report import Report, report
from skneon._tables._prepare import Prepared, prepare
from skneon._threshold import Threshold, threshold
from skneon._version import __version__
from skneon.explanation import Contribution, Explanation, ReasonGroup
from skneon.neuralization import InSampleWarning, explain, neuralize

__all__ = [
    "Contribution",
    "Explanation",
    "InSampleWarning",
    "NeonKDE",
    "NeonKMeans",
    "Prepared",
    "ReasonGroup",
    "Report",
    "Threshold",
    "__version__",
    "datasets",
    "explain",
    "metrics",
    "neuralize",
    "p_values",
    "plotting",
    "prepare",
    "report",
    "threshold",
]
