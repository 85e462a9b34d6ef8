# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars in lanes: what speaks for and against each cluster."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon.explanation import Explanation
from skneon.explanation._text import number_text, one_line, score_name, shorten
from skneon.network.numerics._types import Array
from skneon.plotting._axes import (
    AGAINST,
    FOR,
    LANE,
    OTHERS,
    finish,
    ink,
    new_axes,
)
from skneon.plotting._bar_numbers import lane_room, like_numbers, write_number
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    distinct,
    split_features,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

LONGEST_CLUSTER = 16
SCALES = ("auto", "common", "cluster")
# on a common scale bars below this part of the longest can hardly be seen
VISIBLE = 0.1
# part of a lane's width that bars and their numbers take
BARS = 0.86


class ClusterProfileDisplay(ExplanationDisplay):
    """Mean relevances of the members of each cluster, a lane of bars a cluster.

    Red bars, to the right, speak for membership, blue ones, to the left, against it.

    Parameters
    ----------
    relevance : array-like of shape (K, b)
        Mean relevance of each feature over the members of each cluster.
    feature_names : list of str, length b
    clusters : list, length K
        Their names.
    counts : array-like of int, shape (K,), default=None
        Their numbers of members.
    score : array-like of shape (K,), default=None
        Mean evidence of the members, of which the bars are parts.
    score_name : str, default="evidence"

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : list of matplotlib BarContainer
        One a cluster.
    numbers_ : list of matplotlib Annotation
        At the bars, cluster by cluster; empty where there is no room.

    See Also
    --------
    SummaryDisplay : All rows together.
    RelevanceDisplay : A single row.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skneon import NeonKMeans
    >>> from skneon.plotting import ClusterProfileDisplay
    >>> iris = load_iris(as_frame=True)
    >>> kmeans = NeonKMeans(3, random_state=0, n_init=10).fit(iris.data)
    >>> display = ClusterProfileDisplay.from_estimator(kmeans)
    >>> display.clusters
    [0, 1, 2]
    >>> display.relevance.shape
    (3, 4)
    """

    def __init__(
        self,
        relevance: ArrayLike,
        feature_names: list[str],
        clusters: list[Any],
        *,
        counts: ArrayLike | None = None,
        score: ArrayLike | None = None,
        score_name: str = "evidence",
    ) -> None:
        self.relevance = relevance
        self.feature_names = feature_names
        self.clusters = clusters
        self.counts = counts
        self.score = score
        self.score_name = score_name

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        *,
        k: int = 10,
        scale: str = "auto",
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the clusters of an explanation.

        Parameters
        ----------
        explanation : Explanation
            Of the evidence for clusters. Members of a cluster are the rows that are
            explained for it.
        k : int, default=10
            Number of features that have a row; the others share one, their mean. The
            leading features are those of the largest part in the mean evidence,
            averaged over the clusters.
        scale : {"auto", "common", "cluster"}, default="auto"
            As in `plot`.
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``.

        Returns
        -------
        display : ClusterProfileDisplay

        Raises
        ------
        ValueError
            For an explanation without rows or clusters, k below 1 or an unknown scale.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_rows(explanation)
        check_count("k", k)
        target = explanation.target
        if isinstance(target, str):
            raise ValueError(
                f"The explanation has no clusters, its target is {target!r}: explain a "
                "clustering."
            )
        clusters = distinct(target)
        members = [np.flatnonzero(target == cluster) for cluster in clusters]
        means = np.stack([explanation.relevance[m].mean(axis=0) for m in members])
        total = np.abs(means).sum(axis=1, keepdims=True)
        parts = np.abs(means) / np.where(total > 0, total, 1.0)
        leading, others = split_features(parts.mean(axis=0), k)
        names = [one_line(explanation.feature_names[i]) for i in leading]
        bars = means[:, leading]
        if len(others):
            names.append(f"mean of {len(others)} others")
            bars = np.column_stack([bars, means[:, others].mean(axis=1)])
        display = cls(
            bars,
            names,
            clusters,
            counts=np.array([len(m) for m in members]),
            score=np.array([explanation.score[m].mean() for m in members]),
            score_name=score_name(target),
        )
        return display.plot(ax=ax, scale=scale, **kwargs)

    def plot(
        self, ax: "Axes | None" = None, *, scale: str = "auto", **kwargs: Any
    ) -> Self:
        """Draw the lanes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        scale : {"auto", "common", "cluster"}, default="auto"
            Whether bars of all clusters are comparable, or the longest of each has the
            same length. "auto" takes the latter where the bars of a cluster would be
            too short to see; the title says which.
        **kwargs
            As in ``Axes.barh``.

        Returns
        -------
        self : ClusterProfileDisplay

        Raises
        ------
        ValueError
            For an unknown scale.
        """
        if scale not in SCALES:
            raise ValueError(f"scale must be one of {SCALES}, got {scale!r}.")
        bars = np.asarray(self.relevance, dtype=float)
        n_clusters, b = bars.shape
        if scale == "auto":
            longest_of_each = np.abs(bars).max(axis=1, initial=0)
            alike = longest_of_each.min() >= VISIBLE * longest_of_each.max()
            scale = "common" if alike else "cluster"
        ax = new_axes(ax, min(2.8 + 1.35 * n_clusters, 11), 1.5 + 0.3 * b)
        last = OTHERS if self.feature_names[-1].startswith("mean of ") else None
        self.bars_ = []
        for lane, values in enumerate(bars):
            colours = [FOR if value > 0 else AGAINST for value in values]
            colours[-1] = last or colours[-1]
            style: dict[str, Any] = {"color": colours, "height": 0.7}
            self.bars_.append(ax.barh(range(b), values, **(style | kwargs)))
            if lane % 2:
                ax.axvspan(lane - 0.5, lane + 0.5, color=LANE, linewidth=0, zorder=0)
        # as wide as it will be
        ax.set_xlim(-0.5, n_clusters - 0.5)
        longest = number_text(np.abs(bars).max(initial=0))
        note = (
            f"longest bar {longest}" if scale == "common" else "each to its own scale"
        )
        finish(
            ax,
            title=f"mean contribution to {self.score_name} ({note})",
            xlabel=self._lane_words(),
            rows=list(self.feature_names),
            columns=self._lane_labels(),
        )
        self.numbers_ = self._place(ax, bars, scale)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _place(self, ax: "Axes", bars: Array, scale: str) -> "list[Annotation]":
        """Put bars into their lanes, with numbers where there is room for all."""
        lengths = bars
        if scale == "cluster":
            largest = np.abs(bars).max(axis=1, keepdims=True)
            lengths = bars / np.where(largest > 0, largest, 1.0)
        alike = scale == "common"
        texts = (
            np.reshape(like_numbers(bars.ravel()), bars.shape).tolist()
            if alike
            else [like_numbers(lane) for lane in bars]
        )
        size, room = lane_room(ax, texts)
        low, high = lengths.min(initial=0), lengths.max(initial=0)
        width = (BARS - room) / (high - low) if high > low else 1.0
        zero = -BARS / 2 - low * width
        numbers = []
        for lane, bar in enumerate(self.bars_):
            ax.axvline(lane + zero, color=ink(), linewidth=0.8)
            for row, patch in enumerate(bar):
                length = lengths[lane, row] * width
                patch.set_x(lane + zero)
                patch.set_width(length)
                if size:
                    # on the right of zero, where bars to the left leave room
                    end = lane + zero + max(length, 0.0), row
                    numbers.append(write_number(ax, texts[lane][row], end, size))
        ax.set_xlim(-0.5, len(bars) - 0.5)
        return numbers

    def _lane_words(self) -> str:
        """What the labels of the lanes say."""
        rows = "" if self.counts is None else " (rows)"
        mean = "" if self.score is None else f", and mean {self.score_name}"
        return f"cluster{rows}{mean}"

    def _lane_labels(self) -> list[str]:
        names = [shorten(one_line(name), LONGEST_CLUSTER) for name in self.clusters]
        if self.counts is not None:
            counts = np.asarray(self.counts)
            names = [f"{name}\n({n})" for name, n in zip(names, counts, strict=True)]
        if self.score is not None:
            means = map(number_text, np.asarray(self.score))
            names = [f"{name}\n{m}" for name, m in zip(names, means, strict=True)]
        return names
