# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A map: rows in a plane, coloured by what is explained."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon._validation import import_optional
from skneon.explanation import Explanation
from skneon.explanation._text import one_line, row_name, score_name, shorten
from skneon.network.numerics._types import Array, Table
from skneon.plotting._axes import (
    PLAIN,
    color_bar,
    few_ticks,
    finish,
    font_size,
    new_axes,
    shades,
)
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    distinct,
)
from skneon.plotting._point_labels import place_labels
from skneon.plotting._short_names import shorten_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.legend import Legend

# of Okabe and Ito, brown for their black; further clusters take them again, with
# another marker
CLUSTERS = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C6D46",
    "#999999",
)  # fmt: skip
MARKERS = "osD^vP"
MISSING = "0.7"
COLOURS = ("score", "cluster")
# ordinary and unusual rows, on any ground
SHADES = "#A9B4C0", "#E39B3B", "#C2182B"
LONGEST, LONGEST_FEATURE = 16, 20


class ScoreMapDisplay(ExplanationDisplay):
    """Rows at positions in a plane, coloured by score, or by cluster and evidence.

    Parameters
    ----------
    positions : array-like of shape (n, 2)
    score : array-like of shape (n,)
    clusters : array-like of shape (n,), default=None
        Colour the rows by cluster: the more opaque, the more evidence. None colours
        them by score.
    labels : dict of int to str, default=None
        Texts at some of the rows.
    axis_names : tuple of two str, default=("", "")
    score_name : str, default="score"

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    points_ : list of matplotlib PathCollection
        One for all rows, or one a cluster.
    colorbar_ : matplotlib Colorbar, or None among clusters and without finite scores
    legend_ : matplotlib Legend, or None without clusters
    annotations_ : list of matplotlib Annotation
        Those labels that have a place clear of the others.

    See Also
    --------
    RelevanceDisplay : Why one of the rows is where it is.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.decomposition import PCA
    >>> from skneon import NeonKDE, explain
    >>> from skneon.plotting import ScoreMapDisplay
    >>> iris = load_iris(as_frame=True).data
    >>> plane = PCA(2).fit_transform(iris)
    >>> reasons = explain(NeonKDE().fit(iris))
    >>> display = ScoreMapDisplay.from_explanation(reasons, plane, k=2)
    >>> display.labels
    {118: '118: petal length (cm)', 117: '117: petal length (cm)'}
    """

    def __init__(
        self,
        positions: Table,
        score: ArrayLike,
        *,
        clusters: ArrayLike | None = None,
        labels: dict[int, str] | None = None,
        axis_names: tuple[str, str] = ("", ""),
        score_name: str = "score",
    ) -> None:
        self.positions = positions
        self.score = score
        self.clusters = clusters
        self.labels = labels
        self.axis_names = axis_names
        self.score_name = score_name

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        positions: Table,
        *,
        color: str = "score",
        k: int = 5,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the rows of an explanation at given positions.

        Parameters
        ----------
        explanation : Explanation
        positions : array-like or frame of shape (n, 2)
            Two columns of the data, or an embedding of it. The columns of a frame name
            the axes.
        color : {"score", "cluster"}, default="score"
            Colour by score; or by cluster, and by evidence as opacity.
        k : int, default=5
            Number of rows of the largest scores that are labelled by their name and
            leading feature; labels that find no place are left out.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.scatter``; ``norm="log"`` suits outlierness.

        Returns
        -------
        display : ScoreMapDisplay

        Raises
        ------
        ValueError
            For an explanation without rows, positions of another shape or not finite,
            an unknown color, and "cluster" without clusters.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k, least=0)
        if color not in COLOURS:
            raise ValueError(f"color must be one of {COLOURS}, got {color!r}.")
        target = explanation.target
        if color == "cluster" and isinstance(target, str):
            raise ValueError(
                f'color="cluster" needs clusters, and the target is {target!r}.'
            )
        names = [one_line(name) for name in getattr(positions, "columns", ("", ""))]
        largest = np.argsort(-explanation.score, kind="stable")[:k].tolist()
        display = cls(
            _checked(positions, len(explanation)),
            explanation.score,
            clusters=target if color == "cluster" else None,
            labels=_labels(explanation, largest),
            axis_names=(names[0], names[1]),
            score_name=score_name(target),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: "Axes | None" = None, **kwargs: Any) -> Self:
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.scatter``.

        Returns
        -------
        self : ScoreMapDisplay
        """
        self.positions = _checked(self.positions, len(np.asarray(self.score)))
        ax = new_axes(ax, 6.4, 4.8)
        style: dict[str, Any] = {"s": 18, "linewidths": 0} | kwargs
        self.colorbar_: Colorbar | None = None
        self.legend_: Legend | None = None
        if self.clusters is None:
            self._draw_scores(ax, style)
        else:
            self._draw_clusters(ax, style)
        few_ticks(ax.xaxis)
        few_ticks(ax.yaxis)
        title = "" if self.clusters is None else "the more opaque, the more evidence"
        xlabel, ylabel = self.axis_names
        finish(ax, title=title, xlabel=xlabel, ylabel=ylabel)
        self.annotations_ = place_labels(ax, self.positions, self.labels or {})
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _draw_scores(self, ax: "Axes", style: dict[str, Any]) -> None:
        score = np.asarray(self.score, dtype=float)
        # infinite evidence has no colour: it is drawn in the colour map's grey
        score = np.where(np.isfinite(score), score, np.nan)
        if np.isnan(score).all():
            scale = ("cmap", "norm", "vmin", "vmax")
            style = {name: value for name, value in style.items() if name not in scale}
            self.points_ = [ax.scatter(*self.positions.T, color=MISSING, **style)]
            return
        # rows of large scores are drawn last, over the others
        order = np.argsort(np.nan_to_num(score, nan=-np.inf), kind="stable")
        usual: dict[str, Any] = {
            "cmap": shades("scores", *SHADES),
            "plotnonfinite": True,
        }
        style = usual | style
        x, y = self.positions[order].T
        points = ax.scatter(x, y, c=score[order], **style)
        points.set_cmap(points.get_cmap().with_extremes(bad=MISSING))
        self.points_ = [points]
        self.colorbar_ = color_bar(ax, points, self.score_name)

    def _draw_clusters(self, ax: "Axes", style: dict[str, Any]) -> None:
        clusters = np.asarray(self.clusters)
        opacity = _opacity(np.asarray(self.score, dtype=float))
        self.points_, names = [], distinct(clusters)
        for number, name in enumerate(names):
            members = clusters == name
            turn, colour = divmod(number, len(CLUSTERS))
            own = {
                "color": CLUSTERS[colour],
                "marker": MARKERS[turn % len(MARKERS)],
                "alpha": opacity[members],
            }
            self.points_.append(ax.scatter(*self.positions[members].T, **(own | style)))
        self.legend_ = _legend(ax, names)


def _checked(positions: Table, n: int) -> Array:
    """Positions as a float array of shape (n, 2)."""
    try:
        plane = np.asarray(positions, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"positions must be numbers: {error}") from None
    if plane.shape != (n, 2):
        raise ValueError(
            f"positions must be of shape ({n}, 2), a row for each that is explained, "
            f"got {plane.shape}."
        )
    if not np.isfinite(plane).all():
        row = np.flatnonzero(~np.isfinite(plane).all(axis=1))[0]
        raise ValueError(f"positions must be finite, row {row} is {plane[row]}.")
    return plane


def _labels(explanation: Explanation, rows: list[int]) -> dict[int, str]:
    """Names and leading features of rows."""
    leading = [one_line(explanation[row].top(1)[0][0].feature) for row in rows]
    features = shorten_apart(leading, LONGEST_FEATURE)
    names = [shorten(row_name(explanation, row), LONGEST) for row in rows]
    pairs = zip(rows, names, features, strict=True)
    return {row: f"{name}: {feature}" for row, name, feature in pairs}


def _opacity(evidence: Array) -> Array:
    """From 0.2 without evidence to 1 at the ninth decile of it."""
    finite = evidence[np.isfinite(evidence)]
    full = np.quantile(finite, 0.9) if len(finite) else 0.0
    if full <= 0:
        return np.ones(len(evidence))
    return 0.2 + 0.8 * np.clip(evidence / full, 0, 1)


def _legend(ax: "Axes", names: list[Any]) -> "Legend":
    """Names of the clusters beside the axes, in columns of up to 16."""
    lines = import_optional("matplotlib.lines", "plot")
    handles = [
        lines.Line2D(
            [],
            [],
            linestyle="",
            color=CLUSTERS[number % len(CLUSTERS)],
            marker=MARKERS[number // len(CLUSTERS) % len(MARKERS)],
            markersize=5,
        )
        for number in range(len(names))
    ]
    legend = ax.legend(
        handles,
        list(map(str, range(len(names)))),
        title="cluster",
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
        borderaxespad=0,
        frameon=False,
        fontsize=font_size(ax, "legend.fontsize"),
        title_fontsize=font_size(ax, "legend.fontsize"),
        handletextpad=0.1,
        ncols=-(-len(names) // 16),
    )
    # matplotlib would hide the names that begin with an underscore
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=shorten(one_line(name), LONGEST), **PLAIN)
    return legend
