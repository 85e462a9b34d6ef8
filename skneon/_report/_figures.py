# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of a report: where their parts are. The template draws them as SVG.

Places across are percentages, so that texts keep their size on narrow screens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from skneon._report._driven import Driven
from skneon._report._judge import largest
from skneon._report._scale import Scale
from skneon.explanation._cluster_names import (
    cluster_name,
    is_none,
    noise_last,
    noise_of,
)
from skneon.explanation._explanation import Explanation
from skneon.explanation._ranking import importance
from skneon.explanation._summary import summarize
from skneon.explanation._text import number_text, one_line, row_name, shorten
from skneon.network.numerics._types import Array
from skneon.plotting._display import distinct, split_order

# columns of the chart, bars of histograms, labels of a map, shades of its scores
BARS, BINS, LABELS, SHADES = 12, 48, 5, 5
# scores whose largest is that many times the median have a log axis
WIDE = 5.0
# width of a character and height of a line in percent of a map on a phone
CHARACTER, LINE, LONGEST = 2.1, 5.0, 24
# between a label and its point, in the same percent; where the middle of a text is
# above its place; and lines that a label may be away, the nearest first
GAP, MIDDLE, AWAY = 1.5, 2.9, sorted(range(-20, 21), key=abs)
# units of a map's width and height, and the margin around its points
UNITS, MARGIN = 1000, 50
# of the sum over all columns, by which a column is worth a word
LEAST_PART = 0.03
Picture = dict[str, Any]


@dataclass(frozen=True)
class Axis:
    """Numbers from `low` to `high`, maybe on a log scale."""

    low: float
    high: float
    is_log: bool = False

    @classmethod
    def of(cls, values: Array, is_log: bool = False) -> "Axis":
        """The axis of some numbers; logarithmic where they are positive."""
        finite = values[np.isfinite(values)]
        low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
        return cls(float(low), float(high), is_log and low > 0)

    @classmethod
    def of_scores(cls, score: Array) -> "Axis":
        """The axis of scores; logarithmic where the largest are far from most."""
        score = score[np.isfinite(score)]
        middle = np.median(score) if len(score) else 0.0
        return cls.of(score, 0 < WIDE * middle < score.max(initial=0.0))

    def places(self, values: Array) -> Array:
        """Parts of the axis, from 0 to 1; what is beyond is at an end."""
        ends = np.array([self.low, self.high])
        values = np.clip(np.asarray(values, dtype=float), *ends)
        if self.is_log:
            ends, values = np.log(ends), np.log(values)
        # halves: the largest floats have no difference
        width = ends[1] / 2 - ends[0] / 2
        part = (values / 2 - ends[0] / 2) / width if width > 0 else 0 * values + 0.5
        return np.asarray(part)

    def heights(self, values: Array, n_bins: int) -> Array:
        """Bars of a histogram as parts of the highest one."""
        values = values[np.isfinite(values)]
        counts = np.histogram(self.places(values), n_bins, (0, 1))[0]
        return np.asarray(counts / max(counts.max(), 1))


def score_histogram(score: Array, shown: Explanation, scale: Scale | None) -> Picture:
    """All scores, the rows whose reasons are told, and where flags begin.

    The median is that of the text: of the training rows, where they are known.
    """
    finite = score[np.isfinite(score)]
    limits = [scale.least] if scale and np.isfinite(scale.least) else []
    middle, word = _middle(finite, scale)
    axis = Axis.of_scores(np.concatenate([finite, limits, middle]))
    ends = np.concatenate([middle, np.quantile(finite, [1, 0]) if len(finite) else []])
    # the texts of a median, which is first, and of ends: what covers others is left out
    words = zip([word] * len(middle) + ["largest", "least"], ends, strict=False)
    names = [row_name(shown, i) for i in range(len(shown))]
    places = (100 * axis.places(shown.judged_score)).tolist()
    lines = zip((100 * axis.places(np.array(limits))).tolist(), limits, strict=True)
    return {
        "bars": axis.heights(finite, BINS).tolist(), "is_log": axis.is_log,
        "rows": list(zip(names, places, strict=True)),
        "limits": [(place, number_text(limit)) for place, limit in lines],
        "ticks": _labels([f"{word} {number_text(x)}" for word, x in words],
                         axis.places(ends)),
    }  # fmt: skip


def _middle(finite: Array, scale: Scale | None) -> tuple[list[float], str]:
    """The median as the text has it, none where it is infinite; and whose it is."""
    if scale is None:
        return [float(np.median(finite))] if len(finite) else [], "median"
    median = scale.limit.median
    is_own = median == np.quantile(scale.score, 0.5, method="inverted_cdf")
    word = "median" if is_own else "training median"
    return [median] if np.isfinite(median) else [], word


def drivers(driven: Driven) -> list[Picture]:
    """What each of the leading columns has in some rows, and in all.

    Those that are ``telling`` are worth a word: they have a part of all columns' sum
    and, beside training rows, more than in all of these; new rows may all be unusual.
    The first always is, unless it has nothing.
    """
    found = summarize(driven.beside, driven.rows, None)
    leading, others = split_order(found.order, BARS)
    sides = np.stack([found.inside, found.everywhere], axis=1)
    names = [driven.beside.feature_names[i] for i in leading]
    values = sides[leading]
    if len(others):
        names.append(f"mean of {len(others)} others")
        values = np.vstack([values, sides[others].mean(axis=0)])
    inside, everywhere = values.T
    some = inside >= LEAST_PART * found.inside.clip(0).sum()
    is_alone = not driven.is_part or driven.beside.p_value is not None
    telling = some & ((inside > everywhere) | is_alone)
    telling[:1] = True
    telling &= inside > 0
    telling[len(leading) :] = False
    widths = 100 * values.clip(0) / (values.max(initial=0) or 1.0)
    lines = zip(names, values.tolist(), widths.tolist(), telling.tolist(), strict=True)
    return [{"name": n, "means": m, "widths": w, "telling": t} for n, m, w, t in lines]


def score_map(explanation: Explanation, positions: Any, scale: Scale | None) -> Picture:
    """Rows in the plane by shades of their scores, and which of them are flagged."""
    score = explanation.judged_score
    axis = Axis.of_scores(score)
    shade = np.minimum(axis.places(score) * SHADES, SHADES - 1).astype(int)
    if scale is not None:
        shade[scale.flagged(score)] = SHADES
    places = _plane(positions)
    points = [(f"s{s}", _dots(places[shade == s])) for s in range(SHADES + 1)]
    top = largest(score, LABELS)
    first = importance(explanation[top], None).argmax(axis=1)
    texts = [
        f"{row_name(explanation, row)}: {one_line(explanation.feature_names[i])}"
        for row, i in zip(top.tolist(), first.tolist(), strict=True)
    ]
    return _map(positions, points, _beside(texts, places[top], places)) | {
        "axis": axis, "flagged": bool((shade == SHADES).any())
    }  # fmt: skip


def cluster_map(clusters: Explanation, positions: Any) -> Picture:
    """Rows in the plane by cluster, faint where the evidence is least."""
    target, places = np.asarray(clusters.target), _plane(positions)
    # no interpolation between infinities
    least = np.quantile(clusters.score, 0.25, method="lower")
    faint, points, texts, middles = clusters.score < least, [], [], []
    noise = noise_of(clusters.meta)
    names = noise_last(distinct(target), noise)
    for i, cluster in enumerate(names):
        own, colour = target == cluster, f"c{i % 8}"
        if is_none(cluster, noise):
            # evidence for no cluster is another
            points.append(("c-none", _dots(places[own])))
            continue
        for word, chosen in ((" faint", own & faint), ("", own & ~faint)):
            points.append((f"{colour}{word}", _dots(places[chosen])))
        texts.append(cluster_name(cluster, noise))
        middles.append(_middle_member(places[own]))
    at = np.array(middles).reshape(-1, 2)
    return _map(positions, points, _beside(texts, at, places))


def _middle_member(places: Array) -> Array:
    """Of some rows in the plane the one that is nearest to their mean."""
    away = ((places - places.mean(axis=0)) ** 2).sum(axis=1)
    return np.asarray(places[away.argmin()])


def _map(positions: Any, points: Any, labels: Any) -> Picture:
    return {"names": list(positions.columns), "points": points, "labels": labels}


def _plane(positions: Any) -> Array:
    """Parts of the width and, from the top, of the height; (n, 2)."""
    x, y = np.asarray(positions, dtype=float).T
    both = np.stack([Axis.of(x).places(x), 1 - Axis.of(y).places(y)], axis=1)
    return (both * (UNITS - 2 * MARGIN) + MARGIN) / UNITS


def _dots(places: Array) -> str:
    """A path of points: lines without length, whose ends are round."""
    points = np.unique((places * UNITS).round().astype(int), axis=0)
    return "".join(f"M{x} {y}h0" for x, y in points.tolist())


def _labels(texts: Sequence[object], x: Array, y: Array | None = None) -> list[Picture]:
    """Texts that do not cover one another, the first ones first."""
    y = np.zeros(len(x)) if y is None else y
    found: list[Picture] = []
    for name, left, top in zip(texts, 100 * x, 100 * y, strict=True):
        text = shorten(one_line(name), LONGEST)
        width = CHARACTER * len(text)
        anchor = "start" if left < 30 else "end" if left > 70 else "middle"
        start = left - width * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        box = (start, start + width, top, top + LINE)
        if not any(_overlap(box, other["box"]) for other in found):
            found.append(
                {"text": text, "x": left, "y": top, "anchor": anchor, "box": box}
            )
    return found


def _beside(texts: Sequence[str], at: Array, points: Array) -> list[Picture]:
    """Texts beside their points, where they cover the fewest points and no text.

    Those that are more than a line away have a line to their points.
    """
    points, boxes, found = 100 * points, list[Any](), list[Picture]()
    for text, (left, top) in zip(texts, (100 * at).tolist(), strict=True):
        short = shorten(text, LONGEST)
        width = CHARACTER * len(short)
        spots = []
        for away, anchor in product(AWAY, ("start", "end")):
            x, y = left + (GAP if anchor == "start" else -GAP), top + away * LINE
            start = x - width * (anchor == "end")
            box = (start, start + width, y - LINE / 2, y + LINE / 2)
            inside = min(box) >= 0 and max(box) <= 100
            if inside and not any(_overlap(box, other) for other in boxes):
                spots.append((_covered(box, points) + abs(away), box, x, y, anchor))
        if spots:
            _, box, x, y, anchor = min(spots, key=lambda spot: spot[0])
            boxes.append(box)
            ends = (left, top, x, y) if abs(y - top) > LINE else ()
            found.append(
                {"text": short, "x": x, "y": y + MIDDLE, "anchor": anchor, "line": ends}
            )
    return found


def _covered(box: Sequence[float], points: Array) -> int:
    """Number of points in a box."""
    x, y = points.T
    inside = (box[0] < x) & (x < box[1]) & (box[2] < y) & (y < box[3])
    return int(inside.sum())


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    across = one[0] < other[1] and other[0] < one[1]
    return across and one[2] < other[3] and other[2] < one[3]
