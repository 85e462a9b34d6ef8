# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A beeswarm: every row a point, column by column, coloured by its own value."""

from operator import index as as_integer
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon.explanation import Explanation
from skneon.explanation._column import percentiles
from skneon.explanation._ranking import chosen_ranking, excess
from skneon.explanation._summary import summarize
from skneon.explanation._text import (
    count,
    number_text,
    one_line,
    row_name,
    score_name,
    shorten,
)
from skneon.network.numerics._types import Array
from skneon.plotting._axes import (
    color_bar,
    few_ticks,
    finish,
    ink,
    new_axes,
    shades,
)
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    measure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.colorbar import Colorbar

# half the width of a lane, and places along it where points are stacked
HALF, PLACES = 0.4, 120
NO_ORDER = "0.6"
MARK = "#D9138A"
# small and large values, on any ground
SHADES = "#2F78C4", "#A46BA5", "#E2781E"


class BeeswarmDisplay(ExplanationDisplay):
    """What each column contributes to every row, coloured by the column's own value.

    A lane per column: the further to the right a row, the more the column adds to its
    score; blue points have small values of the column, orange ones large values, grey
    ones categories or none. Where many rows are alike the lane is wide.

    Parameters
    ----------
    feature_names : list of str, length b
    size : array-like of shape (n, b)
        Excess or relevance of each row.
    standing : array-like of shape (n, b)
        Where in its column each value stands, from 0 to 100; NaN for no order.
    marked : int, default=None
        Number of a row with a ring around its points.
    mark_name : str, default=""
        Its name, and its score.
    n_rows : int, default=None
        Number of rows from which these are taken.
    n_others : int, default=0
        Number of further columns, which have no lane; the axis says so.
    measure : str, default="relevance"
        What the axis shows.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    points_ : list of matplotlib PathCollection
        One per column.
    colorbar_ : matplotlib Colorbar, or None where no column has an order

    See Also
    --------
    SummaryDisplay : Means over some rows.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKDE
    >>> from skneon.plotting import BeeswarmDisplay
    >>> kde = NeonKDE().fit(load_iris(as_frame=True).data)
    >>> display = BeeswarmDisplay.from_estimator(kde, row=118)
    >>> display.size.shape
    (150, 4)
    """

    def __init__(
        self,
        feature_names: list[str],
        size: ArrayLike,
        standing: ArrayLike,
        *,
        marked: int | None = None,
        mark_name: str = "",
        n_rows: int | None = None,
        n_others: int = 0,
        measure: str = "relevance",
    ) -> None:
        self.feature_names = feature_names
        self.size = size
        self.standing = standing
        self.marked = marked
        self.mark_name = mark_name
        self.n_rows = n_rows
        self.n_others = n_others
        self.measure = measure

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        row: int | None = None,
        *,
        k: int = 12,
        max_rows: int = 2000,
        by: str | None = None,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the rows of an explanation.

        Parameters
        ----------
        explanation : Explanation
        row : int, default=None
            Number of a row that is marked.
        k : int, default=12
            Number of features that have a lane: those that lead the chart of
            `SummaryDisplay`.
        max_rows : int, default=2000
            Of more rows half as many of the largest scores are drawn, and of the others
            some at equal distances in the order of scores.
        by : {"excess", "relevance"}, default=None
            As in `Explanation.top`.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.scatter``.

        Returns
        -------
        display : BeeswarmDisplay

        Raises
        ------
        ValueError
            For an explanation without rows, and for k or max_rows below 1.
        IndexError
            Where there is no such row.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k)
        check_count("max_rows", max_rows)
        by = chosen_ranking(explanation, by)
        leading = summarize(explanation, None, by).order[:k]
        size = excess(explanation) if by == "excess" else explanation.relevance
        shown = _some(explanation.score, max_rows)
        name = ""
        if row is not None:
            _ = explanation[as_integer(row)]
            row = as_integer(row) % len(explanation)
            name = shorten(row_name(explanation, row), 20)
            score = number_text(explanation.score[row])
            name = f"{name}, {score_name(explanation.target)} {score}"
            shown = np.append(shown[shown != row], row)
        display = cls(
            [one_line(explanation.feature_names[i]) for i in leading],
            size[np.ix_(shown, leading)],
            _standing(explanation, shown, leading),
            marked=None if row is None else len(shown) - 1,
            mark_name=name,
            n_rows=len(explanation),
            n_others=len(explanation.feature_names) - len(leading),
            measure=measure(by, score_name(explanation.target)),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: "Axes | None" = None, **kwargs: Any) -> Self:
        """Draw the lanes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.scatter``.

        Returns
        -------
        self : BeeswarmDisplay
        """
        size, standing = np.asarray(self.size, float), np.asarray(self.standing, float)
        n, b = size.shape
        ax = new_axes(ax, 7.0, 1.4 + 0.42 * b)
        ax.axvline(0, color=ink(), linewidth=0.8, zorder=0)
        style: dict[str, Any] = {"s": 9, "linewidths": 0, "vmin": 0, "vmax": 100}
        style |= {"cmap": shades("values", *SHADES), "plotnonfinite": True}
        width = np.ptp(size) or 1.0
        self.points_ = []
        for lane in range(b):
            places = lane + _spread(size[:, lane], width)
            if self.marked is not None:
                # beside the lane's middle it would seem to be in another
                places[self.marked] = lane
            points = _draw(ax, size[:, lane], places, standing[:, lane], style | kwargs)
            self.points_.append(points)
            if self.marked is not None:
                x, y = size[self.marked, lane], places[self.marked]
                ax.scatter(x, y, s=60, facecolors="none", edgecolors=MARK, linewidths=2)
        few_ticks(ax.xaxis)
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
        ordered = np.flatnonzero(np.isfinite(standing).any(axis=0))
        self.colorbar_: Colorbar | None = None
        if len(ordered):
            artist = self.points_[ordered[0]]
            self.colorbar_ = color_bar(
                ax, artist, "value in its column", ticks=[0, 100]
            )
            self.colorbar_.ax.set_yticklabels(["low", "high"])
        others = f" ({count(self.n_others, 'other')} not shown)" * bool(self.n_others)
        label = f"{self.measure}{others}"
        finish(ax, title=self._title(n), xlabel=label, rows=list(self.feature_names))
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _title(self, n: int) -> str:
        of = "" if self.n_rows in (None, n) else f"{n} of {self.n_rows} rows"
        ring = "" if self.marked is None else f"ring: row {self.mark_name}"
        return ", ".join(filter(None, [of, ring]))


def _standing(explanation: Explanation, rows: Array, columns: Array) -> Array:
    """Where in its column each value stands: among training rows, or those at hand."""
    known = explanation[rows].percentile
    if known is not None:
        return np.asarray(known[:, columns])
    data = explanation.data[:, columns]
    return np.column_stack([percentiles(column, column[rows]) for column in data.T])


def _draw(
    ax: "Axes", x: Array, y: Array, standing: Array, style: dict[str, Any]
) -> "PathCollection":
    """Points coloured by where their values stand; grey where none stands anywhere."""
    if np.isnan(standing).all():
        scale = ("cmap", "norm", "vmin", "vmax", "plotnonfinite")
        plain = {name: value for name, value in style.items() if name not in scale}
        return ax.scatter(x, y, color=NO_ORDER, **plain)
    points = ax.scatter(x, y, c=standing, **style)
    points.set_cmap(points.get_cmap().with_extremes(bad=NO_ORDER))
    return points


def _some(score: Array, n: int) -> Array:
    """Numbers of up to n rows: half of the largest scores, and some of the others."""
    order = np.argsort(-score, kind="stable")
    if len(order) <= n:
        return order[::-1]
    first = -(-n // 2)
    others = np.linspace(first, len(order) - 1, n - first).astype(int)
    return np.append(order[:first], order[others])[::-1]


def _spread(values: Array, width: float) -> Array:
    """Places across the lane of points that are stacked where they are close, (n,)."""
    bins = np.round(PLACES * (values - values.min()) / width).astype(int)
    _, number, counts = np.unique(bins, return_inverse=True, return_counts=True)
    order = np.argsort(number.ravel(), kind="stable")
    starts = np.cumsum(counts) - counts
    place = np.empty(len(values))
    place[order] = np.arange(len(values)) - np.repeat(starts, counts)
    # from the middle to both sides in turn
    side = np.where(place % 2 == 0, 1.0, -1.0) * np.ceil(place / 2)
    most = counts.max()
    step = HALF / max(most / 2, 8.0)
    return np.asarray(side * step)
