# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers at the ends of horizontal bars, for which the axis makes room."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from skneon.explanation._text import number_text
from skneon.network.numerics._types import Array
from skneon.plotting._axes import (
    LINE,
    PLAIN,
    SMALLEST,
    fit_tick_labels,
    font_size,
    points,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

# width of a digit in units of the font size
DIGIT = 0.66
# distance of a number from its bar in points
GAP = 3.0
# part of the width, and of a lane's, that numbers may take
MOST, MOST_OF_LANE = 0.4, 0.52
MINUS = "\N{MINUS SIGN}"


def write_numbers(
    ax: "Axes", values: Array, ends: Array | None = None, rows: Sequence[float] = ()
) -> "list[Annotation]":
    """Write each bar's number beside its end, where there is room for all of them.

    Parameters
    ----------
    ax : Axes
        Laid out.
    values : ndarray of shape (b,)
        What the bars show.
    ends : ndarray of shape (b,), default=None
        What the numbers are to be clear of; None: the values.
    rows : sequence of float, default=()
        Places of the bars; empty: 0, 1, ...

    Returns
    -------
    numbers : list of Annotation
        Empty where they would be too small.
    """
    ends = values if ends is None else ends
    width, height = points(ax)
    low, high = ax.get_ylim()
    size = min(font_size(ax, "ytick.labelsize"), height / abs(high - low) / LINE)
    texts = [number_text(value) for value in values]
    room = (GAP + np.array(_lengths(texts)) * DIGIT * size) / width
    if size < SMALLEST or room.max(initial=0) > MOST:
        return []
    ax.set_xlim(*_limits(ends, room))
    fit_tick_labels(ax.xaxis)
    numbers = []
    for row, text, end in zip(rows or range(len(ends)), texts, ends, strict=True):
        numbers.append(write_number(ax, text, (end, row), size, end < 0))
    return numbers


def write_number(
    ax: "Axes", text: str, end: tuple[float, float], size: float, left: bool = False
) -> "Annotation":
    """Write a bar's number beside its end, on the right or on the left."""
    label = ax.annotate(
        text,
        end,
        xytext=(-GAP if left else GAP, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=size,
        **PLAIN,
    )
    label.set_in_layout(False)
    return label


def lane_room(ax: "Axes", texts: Sequence[Sequence[str]]) -> tuple[float, float]:
    """What numbers need on the right of bars that are in lanes next to one another.

    Parameters
    ----------
    ax : Axes
        Laid out.
    texts : list of K lists of b str
        The numbers, lane by lane.

    Returns
    -------
    size : float
        Of the font; 0 where there is no room, or no number.
    room : float
        As a part of a lane's width.
    """
    width, height = points(ax)
    lane = width / len(texts)
    digits = max((max(_lengths(row)) for row in texts), default=1)
    if not digits:
        return 0.0, 0.0
    size = min(0.9 * font_size(ax, "ytick.labelsize"), height / len(texts[0]) / LINE)
    size = min(size, (MOST_OF_LANE * lane - GAP) / (DIGIT * digits))
    if size < SMALLEST + 1:
        return 0.0, 0.0
    return size, (GAP + digits * DIGIT * size) / lane


def _lengths(texts: Sequence[str]) -> list[int]:
    """Widths of numbers in digits."""
    # a minus is wide
    return [len(t) + t.startswith(MINUS) for t in texts]


def _limits(ends: Array, room: Array) -> tuple[float, float]:
    """Limits within which all numbers fit: fixed point of what they need."""
    low, high = min(0.0, ends.min(initial=0)), max(0.0, ends.max(initial=0))
    if low == high:
        return 0.0, 1.0
    left, right = low, high
    # what numbers need grows with the axis: a few rounds are enough, as they are small
    for _ in range(20):
        need = room * (right - left)
        right = max([high, *(ends + need)[ends >= 0]])
        left = min([low, *(ends - need)[ends < 0]])
    return left, right
