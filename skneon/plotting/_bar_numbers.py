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
# part of the width that numbers may take
MOST = 0.4


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
    # a minus is wide
    lengths = np.array([len(t) + t.startswith("\N{MINUS SIGN}") for t in texts])
    room = (GAP + lengths * DIGIT * size) / width
    if size < SMALLEST or room.max(initial=0) > MOST:
        return []
    ax.set_xlim(*_limits(ends, room))
    fit_tick_labels(ax.xaxis)
    numbers = []
    for row, text, end in zip(rows or range(len(ends)), texts, ends, strict=True):
        right = end >= 0
        label = ax.annotate(
            text,
            (end, row),
            xytext=(GAP if right else -GAP, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=size,
            **PLAIN,
        )
        label.set_in_layout(False)
        numbers.append(label)
    return numbers


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
