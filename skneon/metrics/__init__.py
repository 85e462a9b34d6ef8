# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Is the explanation right? Measures of explanations, and scorers to search by."""

from skneon.metrics._distance import conservation_error, relevance_distance
from skneon.metrics._flipping import (
    flipping_curve,
    flipping_score,
    insertion_score,
    insertion_trials,
)
from skneon.metrics._scorers import (
    conservation_scorer,
    flipping_scorer,
    insertion_scorer,
    shapley_scorer,
)
from skneon.metrics._shapley import exact_shapley

__all__ = [
    "conservation_error",
    "conservation_scorer",
    "exact_shapley",
    "flipping_curve",
    "flipping_score",
    "flipping_scorer",
    "insertion_score",
    "insertion_scorer",
    "insertion_trials",
    "relevance_distance",
    "shapley_scorer",
]
