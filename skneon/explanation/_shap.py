# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations in the form that the plots of shap take."""

from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
from skneon.explanation._tables import filled
from skneon.explanation._text import cell_text, is_missing
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation


def shap_explanation(explanation: "Explanation") -> Any:
    """See `Explanation.to_shap`."""
    shap = import_optional("shap", "shap")
    data = filled(explanation.data)
    categories = data.dtype.kind not in "fiub"
    return shap.Explanation(
        values=filled(explanation.relevance),
        base_values=np.zeros(len(explanation)),
        data=_numbers(data) if categories else data,
        display_data=_shown(data) if categories else None,
        feature_names=list(explanation.feature_names),
    )


def _shown(data: Array) -> Array:
    """Numbers as they are, anything else as texts, which is all that shap can print."""
    shown = np.empty(data.shape, dtype=object)
    for place, value in np.ndenumerate(data):
        number = isinstance(value, Number) and not is_missing(value)
        shown[place] = value if number else cell_text(value)
    return shown


def _numbers(data: Array) -> Array:
    """Cells as floats: columns that are no numbers by the order of their values."""
    return np.column_stack([_column_numbers(column) for column in data.T])


def _column_numbers(column: Array) -> Array:
    missing = np.array([is_missing(value) for value in column], dtype=bool)
    numbers = np.full(len(column), np.nan)
    try:
        numbers[~missing] = column[~missing].astype(float)
    except (TypeError, ValueError):
        texts = column[~missing].astype(str)
        numbers[~missing] = np.unique(texts, return_inverse=True)[1]
    return numbers
