# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Bars in lanes: what tells each cluster from its rivals."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skneon.explanation import Explanation
from skneon.explanation._cluster_names import cluster_name, is_none, noise_of
from skneon.explanation._profile import profiles
from skneon.explanation._text import (
    number_text,
    one_line,
    percent,
    score_name,
    shorten,
)
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
from skneon.plotting._bar_numbers import lane_room, write_number
from skneon.plotting._display import (
    ExplanationDisplay,
    check_count,
    check_rows,
    split_features,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

LONGEST_CLUSTER = 16
# part of a lane's width that bars and their numbers take
BARS = 0.86
# of the line that sets rows in no cluster apart
APART = (0, (4, 3))


class ClusterProfileDisplay(ExplanationDisplay):
    """What tells each cluster from its rivals: a lane of bars a cluster.

    Bars are mean shares, as `Explanation.profile` has them, of any clustering. Red
    ones, to the right, speak for membership, blue ones, to the left, against it. A thin
    line goes a standard deviation to both sides of a bar's end: how much shares differ
    among the rows. Rows in no cluster have a lane of their own, behind a dashed line.

    Parameters
    ----------
    share : array-like of shape (K, b)
        Mean share of each feature over the rows of each cluster.
    feature_names : list of str, length b
    clusters : list, length K
        Their names.
    spread : array-like of shape (K, b), default=None
        Standard deviations of the shares; None, and NaN: no lines.
    counts : array-like of int, shape (K,), default=None
        Their numbers of rows.
    rivals : list, length K, default=None
        The usual rival of each, None where there is none.
    score : array-like of shape (K,), default=None
        Mean evidence of the rows.
    score_name : str, default="evidence"
    noise : label, default=None
        What stands for no cluster among `clusters` and `rivals`.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : list of matplotlib BarContainer
        One a cluster.
    spreads_ : list of matplotlib LineCollection
        One a cluster; empty without `spread`.
    numbers_ : list of matplotlib Annotation
        At the bars, cluster by cluster, in per cent; empty where there is no room.

    See Also
    --------
    skneon.Explanation.profile : The same as a frame.
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
    >>> display.share.shape
    (3, 4)
    """

    def __init__(
        self,
        share: ArrayLike,
        feature_names: list[str],
        clusters: list[Any],
        *,
        spread: ArrayLike | None = None,
        counts: ArrayLike | None = None,
        rivals: list[Any] | None = None,
        score: ArrayLike | None = None,
        score_name: str = "evidence",
        noise: Any = None,
    ) -> None:
        self.share = share
        self.feature_names = feature_names
        self.clusters = clusters
        self.spread = spread
        self.counts = counts
        self.rivals = rivals
        self.score = score
        self.score_name = score_name
        self.noise = noise

    @classmethod
    def from_explanation(
        cls,
        explanation: Explanation,
        *,
        k: int = 10,
        ax: "Axes | None" = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the clusters of an explanation.

        Parameters
        ----------
        explanation : Explanation
            Of the evidence for clusters, of any clustering. Rows of a cluster are those
            that are explained for it.
        k : int, default=10
            Number of features that have a row; the others share one, their mean. The
            leading features are those of the largest mean share, averaged over the
            clusters.
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
            For an explanation without rows or clusters, or k below 1.
        ImportError
            Without matplotlib: ``pip install "skneon[plot]"``.
        """
        check_count("k", k)
        check_rows(explanation)
        found, target = list(profiles(explanation)), explanation.target
        shares = np.stack([profile.share for profile in found])
        spread = np.stack([profile.spread for profile in found])
        leading, others = split_features(np.abs(shares).mean(axis=0), k)
        names = [one_line(explanation.feature_names[i]) for i in leading]
        bars, lines = shares[:, leading], spread[:, leading]
        if len(others):
            names.append(f"mean of {len(others)} others")
            bars = np.column_stack([bars, shares[:, others].mean(axis=1)])
            lines = np.column_stack([lines, np.full(len(lines), np.nan)])
        members = [target == profile.cluster for profile in found]
        display = cls(
            bars,
            names,
            [profile.cluster for profile in found],
            spread=lines,
            counts=np.array([own.sum() for own in members]),
            rivals=[profile.rival for profile in found],
            score=np.array([_mean_score(explanation.score[own]) for own in members]),
            score_name=score_name(target),
            noise=noise_of(explanation.meta),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: "Axes | None" = None, **kwargs: Any) -> Self:
        """Draw the lanes.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.
        **kwargs
            As in ``Axes.barh``.

        Returns
        -------
        self : ClusterProfileDisplay
        """
        bars = np.asarray(self.share, dtype=float)
        n_clusters, b = bars.shape
        ax = new_axes(ax, min(2.8 + 1.45 * n_clusters, 11), 1.7 + 0.3 * b)
        last = OTHERS if self.feature_names[-1].startswith("mean of ") else None
        self.bars_ = []
        for lane, values in enumerate(bars):
            colours = [FOR if value > 0 else AGAINST for value in values]
            colours[-1] = last or colours[-1]
            style: dict[str, Any] = {"color": colours, "height": 0.7}
            self.bars_.append(ax.barh(range(b), values, **(style | kwargs)))
            if lane % 2:
                ax.axvspan(lane - 0.5, lane + 0.5, color=LANE, linewidth=0, zorder=0)
            if lane and is_none(self.clusters[lane], self.noise):
                ax.axvline(lane - 0.5, color=ink(), linewidth=1, linestyle=APART)
        # as wide as it will be
        ax.set_xlim(-0.5, n_clusters - 0.5)
        finish(
            ax,
            title=f"mean share in the {self.score_name}"
            + ("" if self.spread is None else "; lines: how it spreads"),
            xlabel=self._lane_words(),
            rows=list(self.feature_names),
            columns=self._lane_labels(),
        )
        self.numbers_ = self._place(ax, bars)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _place(self, ax: "Axes", bars: Array) -> "list[Annotation]":
        """Put bars into their lanes, with numbers where there is room for all."""
        lone = np.zeros(len(bars), bool) if self.score is None else np.isinf(self.score)
        texts = [
            [percent(value) * (not alone) for value in lane]
            for lane, alone in zip(bars, lone, strict=True)
        ]
        size, room = lane_room(ax, texts)
        spread = np.zeros_like(bars)
        if self.spread is not None:
            spread = np.nan_to_num(np.asarray(self.spread, dtype=float))
        low = np.minimum(bars - spread, 0.0).min(initial=0)
        high = np.maximum(bars + spread, 0.0).max(initial=0)
        width = (BARS - room) / (high - low) if high > low else 1.0
        zero = -BARS / 2 - low * width
        numbers, self.spreads_ = [], []
        for lane, bar in enumerate(self.bars_):
            ax.axvline(lane + zero, color=ink(), linewidth=0.8)
            ends = lane + zero + bars[lane] * width
            reach = spread[lane] * width
            for row, patch in enumerate(bar):
                patch.set_x(lane + zero)
                patch.set_width(bars[lane, row] * width)
                if size and texts[lane][row]:
                    # on the right of zero, where bars to the left leave room
                    end = max(ends[row] + reach[row], lane + zero), row
                    numbers.append(write_number(ax, texts[lane][row], end, size))
            if reach.any():
                rows = np.flatnonzero(reach)
                left, right = (ends - reach)[rows], (ends + reach)[rows]
                lines = ax.hlines(rows, left, right, color=ink(), linewidth=0.9)
                self.spreads_.append(lines)
        ax.set_xlim(-0.5, len(bars) - 0.5)
        return numbers

    def _lane_words(self) -> str:
        """What the labels of the lanes say."""
        said = "cluster" if self.counts is None else "cluster (rows)"
        if self.rivals is not None and any(r is not None for r in self.rivals):
            said += ", its usual rival"
        return said if self.score is None else f"{said}, and mean {self.score_name}"

    def _lane_labels(self) -> list[str]:
        names = [self._name(cluster) for cluster in self.clusters]
        if self.counts is not None:
            counts = np.asarray(self.counts)
            names = [f"{name} ({n})" for name, n in zip(names, counts, strict=True)]
        if self.rivals is not None and any(r is not None for r in self.rivals):
            rivals = [
                "" if r is None else f"rival {self._name(r)}" for r in self.rivals
            ]
            names = [f"{name}\n{r}" for name, r in zip(names, rivals, strict=True)]
        if self.score is not None:
            means = [
                number_text(mean) if np.isfinite(mean) else "no rival"
                for mean in np.asarray(self.score)
            ]
            names = [f"{name}\n{m}" for name, m in zip(names, means, strict=True)]
        return names

    def _name(self, cluster: Any) -> str:
        return shorten(cluster_name(cluster, self.noise), LONGEST_CLUSTER)


def _mean_score(scores: Array) -> float:
    """Mean evidence of the rows that have a rival; infinite where none has."""
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else np.inf
