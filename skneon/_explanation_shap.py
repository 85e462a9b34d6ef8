# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations in the form that the plots of shap take."""

import numpy as np

from skneon._text import is_missing
from skneon._validation import import_optional


def shap_explanation(explanation):
    """See `Explanation.to_shap`."""
    shap = import_optional("shap", "shap")
    data, categories = np.array(explanation.data), explanation.data.dtype.kind == "O"
    return shap.Explanation(
        values=np.array(explanation.relevance),
        base_values=np.zeros(len(explanation)),
        data=_numbers(data) if categories else data,
        display_data=data if categories else None,
        feature_names=list(explanation.feature_names),
    )


def _numbers(data):
    """Cells as floats: columns that are no numbers by the order of their values."""
    return np.column_stack([_column_numbers(column) for column in data.T])


def _column_numbers(column):
    missing = np.array([is_missing(value) for value in column], dtype=bool)
    numbers = np.full(len(column), np.nan)
    try:
        numbers[~missing] = column[~missing].astype(float)
    except (TypeError, ValueError):
        texts = column[~missing].astype(str)
        numbers[~missing] = np.unique(texts, return_inverse=True)[1]
    return numbers
