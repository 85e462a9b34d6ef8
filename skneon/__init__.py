# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations of unsupervised models, feature by feature, in figures that add up."""

import skneon._kde_network  # noqa: F401 (registers NeonKDE)
from skneon import datasets, metrics, plotting
from skneon._explanation import Contribution, Explanation
from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._version import __version__
from skneon.neuralization import explain, neuralize

__all__ = [
    "Contribution",
    "Explanation",
    "NeonKDE",
    "NeonKMeans",
    "__version__",
    "datasets",
    "explain",
    "metrics",
    "neuralize",
    "plotting",
]
