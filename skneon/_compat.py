# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The one place that imports private scikit-learn API."""

import numpy as np
from sklearn.base import _fit_context as fit_context
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_sample_weight

__all__ = [
    "BaseSearchCV",
    "Interval",
    "StrOptions",
    "check_sample_weight",
    "fit_context",
    "validate_parameter_constraints",
]


def check_sample_weight(sample_weight, X):
    """Sample weights as a float array: finite, not negative, with a positive sum.

    Parameters
    ----------
    sample_weight : array-like of shape (n,), a number, or None
    X : ndarray of shape (n, d)

    Returns
    -------
    sample_weight : ndarray of shape (n,)
    """
    sample_weight = _check_sample_weight(
        sample_weight, X, dtype=float, ensure_non_negative=True
    )
    with np.errstate(over="ignore"):
        total = sample_weight.sum()
    if not 0 < total < np.inf:
        raise ValueError(
            f"The sample weights sum to {total}: give at least one row a positive "
            "weight, and no weights near the limit of floating point numbers."
        )
    return sample_weight
