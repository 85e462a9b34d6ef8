# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars: what one row's score consists of."""

from operator import index as as_integer
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon.explanation import Explanation
from skneon.explanation._ranking import importance, usual_relevance
from skneon.explanation._text import (
    note_text,
    one_line,
    score_name,
    value_text,
)
from skneon.explanation._title import row_title
from skneon.network.numerics._types import Array
from skneon.plotting._axes import (
    AGAINST,
    FOR,
    OTHERS,
    REST,
    few_ticks,
    finish,
    ink,
    new_axes,
    plain_frame,
)
from skneon.plotting._bar_numbers import write_numbers
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    split_order,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection

# a residual below this part of all bars together would not be seen
NEGLIGIBLE = 1e-3


class RelevanceDisplay(ExplanationDisplay):
    """Bars of one row's relevances, the largest on top.

    Red bars speak for the score, blue ones against it, grey are the other features
    together, and the residual: with them the bars add up to the score. Lines show
    what an ordinary row has, where that is known: what is beyond is the excess. Where
    the explanation is estimated from random features, lines show the standard errors.

    Parameters
    ----------
    feature_names : list of str, length b
        Names of the bars.
    relevance : array-like of shape (b,)
    values : list of str, length b, default=None
        Value of each feature; "" for none.
    notes : list of str, length b, default=None
        What the values compare to, as "median 2.4, top 3 %", or "own 2.1, rival 2.4"
        for the centres of clusters; "" for nothing.
    standard_error : array-like of shape (b,), default=None
        NaN where it is not known.
    residual : float, default=None
        Part of the score that no feature has; None: it is not shown.
    usual : array-like of shape (b,), default=None
        What the features have in an ordinary row; None: it is not shown.
    n_others : int, default=0
        How many features share the last bar, which is grey; 0: none do.
    title : str, default=""
    score_name : str, default="score"

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : matplotlib BarContainer
        A bar a feature, and one for the residual where it is shown.
    numbers_ : list of matplotlib Annotation
        At the bars; empty where there is no room.
    usual_ : matplotlib LineCollection, or None

    See Also
    --------
    SummaryDisplay : All rows together.
    HeatmapDisplay : Row by row.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skneon import NeonKDE
    >>> from skneon.plotting import RelevanceDisplay
    >>> wine = load_wine(as_frame=True)
    >>> Z = StandardScaler().set_output(transform="pandas").fit_transform(wine.data)
    >>> display = RelevanceDisplay.from_estimator(NeonKDE().fit(Z), row=121, k=3)
    >>> display.feature_names
    ['ash', 'flavanoids', 'alcalinity_of_ash', '10 others']
    """

    def __init__(
        self,
        feature_names: list[str],
        relevance: ArrayLike,
        *,
        values: list[str] | None = None,
        notes: list[str] | None = None,
        standard_error: ArrayLike | None = None,
        residual: float | None = None,
        usual: ArrayLike | None = None,
        n_others: int = 0,
        title: str = "",
        score_name: str = "score",
    ) -> None:
        self.feature_names = feature_names
        self.relevance = relevance
        self.values = values
        self.notes = notes
        self.standard_error = standard_error
        self.residual = residual
        self.usual = usual
        self.n_others = n_others
        self.title = title
        self.score_name = score_name

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        row: int | None = None,
        *,
        k: int = 10,
        by: str | None = None,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw one row of an explanation.

        Parameters
        ----------
        explanation : Explanation
        row : int, default=None
            Its number, from 0 (labels of rows are not looked up); None: the row of the
            largest score.
        k : int, default=10
            Number of features that have a bar; the others share one, their sum.
        by : {"excess", "relevance"}, default=None
            What the bars are ordered by, as in `Explanation.top`; their length is the
            relevance.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``.

        Returns
        -------
        display : RelevanceDisplay

        Raises
        ------
        ValueError
            For an explanation without rows, and for k below 1.
        IndexError
            Where there is no such row.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k)
        row = int(np.argmax(explanation.score)) if row is None else as_integer(row)
        one = explanation[row]
        relevance = one.relevance[0]
        order = np.argsort(-importance(one, by)[0], kind="stable")
        leading, others = split_order(order, k)
        usual = usual_relevance(one)
        names = [one_line(one.feature_names[i]) for i in leading]
        values = [value_text(one, 0, i) for i in leading]
        notes = [note_text(one, 0, i) for i in leading]
        bars, error = relevance[leading], one.standard_error
        error = None if error is None else error[0, leading]
        if len(others):
            names.append(f"{len(others)} others")
            values.append("")
            notes.append("")
            bars = np.append(bars, relevance[others].sum())
            if usual is not None:
                usual = np.append(usual[leading], usual[others].sum())
            error = None if error is None else np.append(error, np.nan)
        elif usual is not None:
            usual = usual[leading]
        residual = float(one.residual[0])
        seen = abs(residual) > NEGLIGIBLE * (np.abs(bars).sum() + abs(one.score[0]))
        display = cls(
            names,
            bars,
            values=values,
            notes=notes,
            standard_error=error,
            residual=residual if seen and np.isfinite(residual) else None,
            usual=usual,
            n_others=len(others),
            title=row_title(explanation, row % len(explanation)),
            score_name=score_name(one.target),
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
        self : RelevanceDisplay
        """
        names, bars = list(self.feature_names), np.asarray(self.relevance, dtype=float)
        colours = [FOR if value > 0 else AGAINST for value in bars]
        if self.n_others:
            colours[-1] = OTHERS
        error = self.standard_error
        if self.residual is not None:
            names.append("residual")
            bars, colours = np.append(bars, self.residual), [*colours, REST]
            error = None if error is None else np.append(error, np.nan)
        ax = new_axes(ax, 6.4, 1.2 + 0.36 * len(bars))
        style: dict[str, Any] = {"color": colours, "height": 0.7}
        style |= {"xerr": error, "capsize": 2.5}
        self.bars_ = ax.barh(range(len(bars)), bars, **(style | kwargs))
        ax.axvline(0, color=ink(), linewidth=0.8)
        few_ticks(ax.xaxis)
        plain_frame(ax)
        self.usual_: LineCollection | None = None
        if self.usual is not None:
            usual = np.asarray(self.usual, dtype=float)
            places = np.arange(len(usual))
            self.usual_ = ax.vlines(usual, places - 0.35, places + 0.35, color=ink())
        note = "" if self.usual is None else " (line: in an ordinary row)"
        blank = [""] * len(names)
        finish(
            ax,
            title=self.title,
            xlabel=f"contribution to {self.score_name}{note}",
            rows=names,
            # the residual has neither
            values=[*(self.values or []), *blank][: len(names)],
            notes=[*(self.notes or []), *blank][: len(names)],
        )
        self.numbers_ = write_numbers(ax, bars, self._ends(bars))
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _ends(self, bars: Array) -> Array:
        """How far bars reach, with lines and errors."""
        ends = bars.copy()
        if self.usual is not None:
            usual = np.asarray(self.usual, dtype=float)
            own = ends[: len(usual)]
            ends[: len(usual)] = np.where(own < 0, own, np.maximum(own, usual))
        if self.standard_error is not None:
            error = np.nan_to_num(np.asarray(self.standard_error, dtype=float))
            ends[: len(error)] += np.sign(ends[: len(error)]) * error
        return ends
