# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A heat map: rows by features."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon.explanation import Explanation
from skneon.explanation._text import (
    number_text,
    one_line,
    row_name,
    score_name,
    shorten,
)
from skneon.plotting._axes import color_bar, finish, new_axes
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    split_features,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_ROW = 12
# negative parts that are nothing but rounding, relative to the largest
ROUNDING = 1e-9


class HeatmapDisplay(ExplanationDisplay):
    """Relevances of rows by features: the largest scores on top.

    Red cells speak for the score, blue ones against it, and white ones not at all;
    where none speaks against it colours go from white to red. The leading features, by
    mean absolute relevance over the rows that are shown, are on the left.

    Parameters
    ----------
    relevance : array-like of shape (r, b)
    feature_names : list of str, length b
    row_names : list of str, length r
    score : array-like of shape (r,), default=None
        Shown beside the names of the rows.
    n_rows : int, default=None
        Number of rows from which these are taken.
    limit : float, default=None
        Colours end at -limit and limit, or begin at 0 where no relevance is negative;
        None: at the largest absolute relevance.
    score_name : str, default="score"

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    image_ : matplotlib AxesImage
    colorbar_ : matplotlib Colorbar

    See Also
    --------
    RelevanceDisplay : A single row.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKDE
    >>> from skneon.plotting import HeatmapDisplay
    >>> kde = NeonKDE().fit(load_iris(as_frame=True).data)
    >>> display = HeatmapDisplay.from_estimator(kde, max_rows=3)
    >>> display.row_names
    ['118', '117', '131']
    """

    def __init__(
        self,
        relevance: ArrayLike,
        feature_names: list[str],
        row_names: list[str],
        *,
        score: ArrayLike | None = None,
        n_rows: int | None = None,
        limit: float | None = None,
        score_name: str = "score",
    ) -> None:
        self.relevance = relevance
        self.feature_names = feature_names
        self.row_names = row_names
        self.score = score
        self.n_rows = n_rows
        self.limit = limit
        self.score_name = score_name

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        *,
        k: int = 20,
        max_rows: int = 30,
        limit: float | None = None,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the rows of the largest scores.

        Parameters
        ----------
        explanation : Explanation
        k : int, default=20
            Number of features that have a column; the others share one, their mean.
        max_rows : int, default=30
            Number of rows that are shown.
        limit : float, default=None
            Colours end at -limit and limit, which is of use where one row outshines
            the others. None: at the largest absolute relevance of a leading feature.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.imshow``.

        Returns
        -------
        display : HeatmapDisplay

        Raises
        ------
        ValueError
            For an explanation without rows, and for k or max_rows below 1.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k)
        check_count("max_rows", max_rows)
        rows = np.argsort(-explanation.score, kind="stable")[:max_rows]
        shown = explanation.relevance[rows]
        leading, others = split_features(np.abs(shown).mean(axis=0), k)
        names = [one_line(explanation.feature_names[i]) for i in leading]
        cells = shown[:, leading]
        limit = float(np.abs(cells).max()) if limit is None else limit
        if len(others):
            names.append(f"mean of {len(others)} others")
            cells = np.column_stack([cells, shown[:, others].mean(axis=1)])
        display = cls(
            cells,
            names,
            [row_name(explanation, row) for row in rows],
            score=explanation.score[rows],
            n_rows=len(explanation),
            limit=limit,
            score_name=score_name(explanation.target),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: "Axes | None" = None, **kwargs: Any) -> Self:
        """Draw the heat map.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.imshow``.

        Returns
        -------
        self : HeatmapDisplay
        """
        cells = np.asarray(self.relevance, dtype=float)
        r, b = cells.shape
        ax = new_axes(ax, min(3 + 0.3 * b, 9), max(2 + 0.19 * r, 3.6))
        largest = np.abs(cells).max(initial=0)
        limit = (largest if self.limit is None else self.limit) or 1.0
        style: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
        if cells.min(initial=0) >= -ROUNDING * limit:
            # relevance of one sign needs no second half of the colours
            style |= {"cmap": "Reds", "vmin": 0.0}
        style |= {"aspect": "auto", "interpolation": "nearest"}
        self.image_ = ax.imshow(cells, **(style | kwargs))
        if self.feature_names[-1].startswith("mean of "):
            # what is a column's, and what is of several
            ax.axvline(b - 1.5, color="white", linewidth=4)
        self.colorbar_ = color_bar(
            ax,
            self.image_,
            f"contribution to {self.score_name}",
            extend="both" if largest > limit else "neither",
        )
        n_rows = r if self.n_rows is None else self.n_rows
        of = "" if self.score is None else f" ({self.score_name})"
        finish(
            ax,
            title="" if r == n_rows else f"the top {r} of {n_rows} rows",
            ylabel=f"row{of}",
            rows=self._row_labels(),
            columns=list(self.feature_names),
        )
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _row_labels(self) -> list[str]:
        names = [shorten(name, LONGEST_ROW) for name in self.row_names]
        if self.score is None:
            return names
        scores = map(number_text, np.asarray(self.score))
        return [f"{name} ({s})" for name, s in zip(names, scores, strict=True)]
