# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations with their columns in another order."""

from dataclasses import replace
from typing import Any

from skneon.explanation._explanation import Explanation


def reordered(explanation: Explanation, order: list[int] | None) -> Explanation:
    """The same explanation with its columns in another order; None: in its own."""
    if order is None:
        return explanation
    names = ("relevance", "data", "compared_with", "standard_error", "centres")
    columns: dict[str, Any] = {name: getattr(explanation, name) for name in names}
    for name, values in columns.items():
        columns[name] = None if values is None else values[:, order]
    if explanation.ordinary is not None:
        columns["ordinary"] = explanation.ordinary.taken(order)
    feature_names = tuple(explanation.feature_names[i] for i in order)
    return replace(explanation, feature_names=feature_names, **columns)
