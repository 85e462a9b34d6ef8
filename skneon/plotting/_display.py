# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all Displays share: where they come from, and which features they show."""

from abc import ABC, abstractmethod
from numbers import Integral
from pathlib import Path
from typing import Any, Self

import numpy as np

from skneon.explanation import Explanation
from skneon.network.numerics._types import Array, Table
from skneon.neuralization import explain
from skneon.plotting._svg import adaptive_svg


class ExplanationDisplay(ABC):
    """A picture of an explanation; subclasses define `from_explanation`."""

    figure_: Any

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

    def to_svg(self, path: Any = None) -> str:
        """The picture as SVG that reads on light and on dark pages.

        It has no background; what is black or white follows what the reader's system
        prefers. A page that has it inline may set ``color`` and ``--ground`` of
        ``svg.skneon-picture``. For PDF or PNG on a dark slide draw it within
        ``matplotlib.pyplot.style.context("dark_background")``.

        Parameters
        ----------
        path : path-like, default=None
            File that it is written to, too.

        Returns
        -------
        svg : str

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skneon import NeonKDE
        >>> from skneon.plotting import RelevanceDisplay
        >>> display = RelevanceDisplay.from_estimator(NeonKDE().fit(load_iris().data))
        >>> display.to_svg()[:4]
        '<svg'
        """
        svg = adaptive_svg(self.figure_)
        if path is not None:
            Path(path).write_text(svg, encoding="utf-8")
        return svg


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
