# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars over some rows beside all of them: what drives them."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon._validation import import_optional
from skneon.explanation import Explanation
from skneon.explanation._summary import summarize
from skneon.explanation._text import all_of, count, one_line, score_name
from skneon.plotting._axes import (
    OTHERS,
    few_ticks,
    finish,
    font_size,
    ink,
    new_axes,
    plain_frame,
)
from skneon.plotting._bar_numbers import write_numbers
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    measure,
    split_order,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer

# chosen rows, and all rows
INSIDE, EVERYWHERE = "#3E6FA3", "#9DB4CC"


class SummaryDisplay(ExplanationDisplay):
    """What drives some of the rows, column by column, beside all rows.

    Dark bars are means over the rows that were chosen, light ones over all rows.

    Parameters
    ----------
    feature_names : list of str, length b
    inside : array-like of shape (b,)
        Mean excess, or mean absolute relevance, over the chosen rows.
    everywhere : array-like of shape (b,), default=None
        The same over all rows; None where all rows were chosen.
    n_inside, n_rows : int, default=None
        Numbers of the chosen rows, and of all rows.
    title : str, default=""
    measure : str
        What the axis shows; by default mean absolute contributions.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : matplotlib BarContainer
        Of the chosen rows.
    bars_of_all_ : matplotlib BarContainer, or None
    numbers_ : list of matplotlib Annotation
        At the bars; empty where there is no room.

    See Also
    --------
    BeeswarmDisplay : Every row a point.
    RelevanceDisplay : A single row.
    ClusterProfileDisplay : Cluster by cluster, with signs.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKDE
    >>> from skneon.plotting import SummaryDisplay
    >>> kde = NeonKDE().fit(load_iris(as_frame=True).data)
    >>> SummaryDisplay.from_estimator(kde, k=2, rows=0.1).feature_names
    ['petal length (cm)', 'sepal length (cm)', 'mean of 2 others']
    """

    def __init__(
        self,
        feature_names: list[str],
        inside: ArrayLike,
        everywhere: ArrayLike | None = None,
        *,
        n_inside: int | None = None,
        n_rows: int | None = None,
        title: str = "",
        measure: str = "mean |contribution|",
    ) -> None:
        self.feature_names = feature_names
        self.inside = inside
        self.everywhere = everywhere
        self.n_inside = n_inside
        self.n_rows = n_rows
        self.title = title
        self.measure = measure

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        *,
        rows: Any = None,
        k: int = 20,
        by: str | None = None,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw what drives some rows of an explanation.

        Parameters
        ----------
        explanation : Explanation
        rows : float, mask of shape (n,), array of int, default=None
            As in `Explanation.summary`: by default the 5 % of the largest scores, and
            all rows for clusters.
        k : int, default=20
            Number of features that have a bar; the others share one, of their mean.
        by : {"excess", "relevance"}, default=None
            As in `Explanation.top`.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``, for the chosen rows.

        Returns
        -------
        display : SummaryDisplay

        Raises
        ------
        ValueError
            For an explanation without rows, and for k below 1; as
            `Explanation.summary`.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k)
        found = summarize(explanation, rows, by)
        leading, others = split_order(found.order, k)
        names = [one_line(explanation.feature_names[i]) for i in leading]
        inside, everywhere = found.inside[leading], found.everywhere[leading]
        if len(others):
            names.append(f"mean of {len(others)} others")
            inside = np.append(inside, found.inside[others].mean())
            everywhere = np.append(everywhere, found.everywhere[others].mean())
        n, n_inside = len(explanation), len(np.unique(found.rows))
        score = score_name(explanation.target)
        largest = rows is None or isinstance(rows, float)
        which = f"{all_of(n_inside, 'row')} of largest {score}" if largest else ""
        relevance = f"|contribution to {score}|"
        display = cls(
            names,
            inside,
            everywhere if n_inside < n else None,
            n_inside=n_inside,
            n_rows=n,
            title=f"What drives {which or count(n_inside, 'row')}"
            if n_inside < n
            else "",
            measure="mean "
            + (relevance if found.by == "relevance" else measure("excess", score)),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: "Axes | None" = None, **kwargs: Any) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``, for the chosen rows.

        Returns
        -------
        self : SummaryDisplay
        """
        names = list(self.feature_names)
        inside = ends = np.asarray(self.inside, dtype=float)
        beside = self.everywhere is not None
        ax = new_axes(ax, 6.4, 1.4 + (0.36 if beside else 0.3) * len(names))
        muted = names[-1].startswith("mean of ")
        colours = [INSIDE] * (len(names) - muted) + [OTHERS] * muted
        style: dict[str, Any] = {"color": colours, "height": 0.45 if beside else 0.7}
        places = np.arange(len(names)) - (0.17 if beside else 0.0)
        self.bars_ = ax.barh(places, inside, **(style | kwargs))
        self.bars_of_all_: BarContainer | None = None
        if self.everywhere is not None:
            everywhere = np.asarray(self.everywhere, dtype=float)
            below = np.arange(len(names)) + 0.23
            self.bars_of_all_ = ax.barh(below, everywhere, height=0.3, color=EVERYWHERE)
            ends = np.where(inside >= 0, np.maximum(inside, 0), inside)
        ax.axvline(0, color=ink(), linewidth=0.8)
        few_ticks(ax.xaxis)
        plain_frame(ax)
        over = ""
        if self.n_rows and not beside:
            over = f" over {count(self.n_rows, 'row')}"
        finish(ax, title=self.title, xlabel=f"{self.measure}{over}", rows=names)
        self.numbers_ = write_numbers(ax, inside, ends, places.tolist())
        if beside:
            self._legend(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _legend(self, ax: "Axes") -> None:
        """Which bars are whose, where the bars are short."""
        chosen = "chosen rows" if self.n_inside is None else f"these {self.n_inside}"
        every = "all rows" if self.n_rows is None else f"all {self.n_rows} rows"
        patches = import_optional("matplotlib.patches", "plot")
        handles = [patches.Patch(color=INSIDE), patches.Patch(color=EVERYWHERE)]
        size = font_size(ax, "legend.fontsize")
        ax.legend(handles, [chosen, every], fontsize=size, frameon=False, loc="best")
