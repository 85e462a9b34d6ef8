# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Labels of points that keep clear of each other."""

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
from skneon.network.numerics._types import Array
from skneon.plotting._axes import PLAIN, font_size, lay_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

# directions from a point, and distances in points, in which its label may be
DIRECTIONS = [d for d in product((1, -1, 0), repeat=2) if any(d)]
DISTANCES = (6, 16, 30)


def place_labels(
    ax: "Axes", positions: Array, labels: dict[int, str]
) -> "list[Annotation]":
    """Write texts beside points: inside the axes, clear of other texts.

    Of all such places a text takes a near one where it hides few points.

    Parameters
    ----------
    ax : Axes
    positions : ndarray of shape (n, 2)
    labels : dict of int to str
        Texts of some points, the most important first. Those without a place are left
        out.

    Returns
    -------
    annotations : list of Annotation
    """
    module = import_optional("matplotlib.text", "plot")
    colors = import_optional("matplotlib.colors", "plot")
    ground = colors.to_rgba(ax.get_facecolor(), 0.8)
    lay_out(ax)
    frame = ax.get_window_extent().extents
    points = ax.transData.transform(positions)
    unit = ax.figure.dpi / 72
    size = 0.9 * font_size(ax, "xtick.labelsize")
    placed: list[Annotation] = []
    boxes: list[Array] = []
    for row, text in labels.items():
        label = ax.annotate(
            text,
            positions[row],
            xytext=(0, 0),
            textcoords="offset points",
            fontsize=size,
            arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkB": 0},
            bbox={"boxstyle": "square,pad=0.1", "fc": ground, "ec": "none"},
            **PLAIN,
        )
        label.get_window_extent()
        # the text alone, without the line to its point
        extent = module.Text.get_window_extent(label)
        corner = _corner((extent.width, extent.height), points, row, frame, boxes, unit)
        if corner is None:
            label.remove()
            continue
        label.set_position((corner - points[row]) / unit)
        label.set(ha="left", va="bottom")
        label.set_in_layout(False)
        placed.append(label)
        boxes.append(_box(corner, (extent.width, extent.height)))
    return placed


def _corner(
    extent: Any, points: Array, row: int, frame: Any, boxes: list[Array], unit: float
) -> Array | None:
    """Lower left corner of the best place for a text, or None; all in pixels."""
    best, least = None, np.inf
    for distance, direction in product(DISTANCES, DIRECTIONS):
        away = np.array(direction)
        corner = points[row] + distance * unit * away + (away - 1) / 2 * extent
        box = _box(corner, extent)
        inside = np.all(box[:2] >= frame[:2]) and np.all(box[2:] <= frame[2:])
        if not inside or any(_overlap(box, other) for other in boxes):
            continue
        hidden = np.all((points >= box[:2]) & (points <= box[2:]), axis=1).sum()
        # points may be hidden a little rather than lines become long
        cost = hidden + distance / 4
        if cost < least:
            best, least = corner, cost
    return best


def _box(corner: Array, extent: Any) -> Array:
    return np.concatenate([corner, corner + extent])


def _overlap(one: Array, other: Array) -> bool:
    return bool(np.all(one[:2] < other[2:]) and np.all(other[:2] < one[2:]))
