# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars over many rows: which features matter."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon.explanation import Explanation
from skneon.explanation._text import one_line, score_name
from skneon.plotting._axes import few_ticks, finish, new_axes
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    split_features,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class SummaryDisplay(ExplanationDisplay):
    """Mean absolute relevance of each feature, with its quartiles over the rows.

    Parameters
    ----------
    feature_names : list of str, length b
    mean : array-like of shape (b,)
        Mean absolute relevance over the rows.
    quartiles : array-like of shape (2, b)
        First and third quartile of the absolute relevance.
    n_rows : int, default=None
        Number of rows; None: it is not shown.
    score_name : str, default="score"

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : matplotlib BarContainer
    spread_ : matplotlib LineCollection
        From the first to the third quartile. Where few rows have most of the
        relevance, the mean lies beyond it.

    See Also
    --------
    RelevanceDisplay : A single row.
    ClusterProfileDisplay : Cluster by cluster, with signs.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKMeans
    >>> from skneon.plotting import SummaryDisplay
    >>> iris = load_iris(as_frame=True)
    >>> kmeans = NeonKMeans(3, random_state=0, n_init=10).fit(iris.data)
    >>> SummaryDisplay.from_estimator(kmeans, k=2).feature_names
    ['petal length (cm)', 'sepal length (cm)', 'mean of 2 others']
    """

    def __init__(
        self,
        feature_names: list[str],
        mean: ArrayLike,
        quartiles: ArrayLike,
        *,
        n_rows: int | None = None,
        score_name: str = "score",
    ) -> None:
        self.feature_names = feature_names
        self.mean = mean
        self.quartiles = quartiles
        self.n_rows = n_rows
        self.score_name = score_name

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        *,
        k: int = 20,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the features of an explanation, over all its rows.

        Parameters
        ----------
        explanation : Explanation
        k : int, default=20
            Number of features that have a bar; the others share one, of their mean.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``.

        Returns
        -------
        display : SummaryDisplay

        Raises
        ------
        ValueError
            For an explanation without rows, and for k below 1.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k)
        size = np.abs(explanation.relevance)
        leading, others = split_features(size.mean(axis=0), k)
        names = [one_line(explanation.feature_names[i]) for i in leading]
        bars = size[:, leading]
        if len(others):
            names.append(f"mean of {len(others)} others")
            bars = np.column_stack([bars, size[:, others].mean(axis=1)])
        display = cls(
            names,
            bars.mean(axis=0),
            np.quantile(bars, [0.25, 0.75], axis=0),
            n_rows=len(explanation),
            score_name=score_name(explanation.target),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: "Axes | None" = None, **kwargs: Any) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``.

        Returns
        -------
        self : SummaryDisplay
        """
        names = list(self.feature_names)
        ax = new_axes(ax, 6.4, 1.2 + 0.3 * len(names))
        rows, (first, third) = range(len(names)), np.asarray(self.quartiles)
        style: dict[str, Any] = {"color": "#35618F", "height": 0.7}
        self.bars_ = ax.barh(rows, self.mean, **(style | kwargs))
        self.spread_ = ax.hlines(rows, first, third, color="#F0A202", linewidth=2.5)
        ax.set_xlim(left=0)
        few_ticks(ax.xaxis)
        over = f" over {self.n_rows} rows" if self.n_rows is not None else ""
        what = f"mean |contribution to {self.score_name}|{over}"
        finish(ax, xlabel=f"{what} (line: quartiles)", rows=names)
        self.ax_, self.figure_ = ax, ax.figure
        return self
