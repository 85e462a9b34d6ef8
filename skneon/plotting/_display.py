# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all Displays share: where they come from, and which features they show."""

from abc import ABC, abstractmethod
from numbers import Integral
from typing import Any, Self

import numpy as np

from skneon.explanation import Explanation
from skneon.network.numerics._types import Array, Table
from skneon.neuralization import explain


class ExplanationDisplay(ABC):
    """A picture of an explanation; subclasses define `from_explanation`."""

    @classmethod
    @abstractmethod
    def from_explanation(
        cls, explanation: Explanation, *args: Any, **kwargs: Any
    ) -> Self:
        """Draw an explanation."""

    @classmethod
    def from_estimator(
        cls,
        model: Any,
        X: Table = None,
        *,
        options: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> Self:
        """Explain the predictions of a fitted model, and draw the explanation.

        Parameters
        ----------
        model : fitted estimator
            Any model that `skneon.explain` takes.
        X : array-like or frame of shape (n, d), default=None
            Rows to explain; None: the training rows, where the model keeps them.
        options : dict, default=None
            Further arguments of `skneon.explain`, as ``{"cluster": 0}``.
        **parameters
            As in `from_explanation`.

        Returns
        -------
        display : object of this class

        Raises
        ------
        TypeError, ValueError, NotFittedError
            As `skneon.explain` and `from_explanation`.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        explanation = explain(model, X, **(options or {}))
        return cls.from_explanation(explanation, **parameters)


def check_count(name: str, value: Any, least: int = 1) -> None:
    """Refuse what is no integer of at least `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be an int of at least {least}, got {value!r}.")


def check_rows(explanation: Explanation) -> None:
    """Refuse an explanation without rows."""
    if not len(explanation):
        raise ValueError("The explanation has no rows: there is nothing to draw.")


def split_features(importance: Array, k: int) -> tuple[Array, Array]:
    """Leading features, and the others.

    Parameters
    ----------
    importance : ndarray of shape (d,)
        Not negative.
    k : int
        How many lead; a single other one is shown by itself.

    Returns
    -------
    leading : ndarray of int
        Column numbers, the most important first.
    others : ndarray of int
    """
    return split_order(np.argsort(-importance, kind="stable"), k)


def split_order(order: Array, k: int) -> tuple[Array, Array]:
    """As `split_features`, of columns that are in order already."""
    if len(order) == k + 1:
        k += 1
    return order[:k], order[k:]


def measure(by: str, score_name: str) -> str:
    """What an axis shows of columns that are ranked by excess or relevance."""
    if by == "excess":
        return f"excess over an ordinary row, in {score_name}"
    return f"contribution to {score_name}"


def distinct(values: Array) -> list[Any]:
    """Distinct values, sorted where they can be."""
    found = list(dict.fromkeys(values.tolist()))
    try:
        return sorted(found)
    except TypeError:
        return found
