# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Labels of points that keep clear of each other."""

from skneon._validation import import_optional
from skneon.plotting._axes import PLAIN, font_size, lay_out

# offsets of a label from its point, in points, and how it is aligned there
PLACES = [
    ((6, 4), "left", "bottom"),
    ((-6, 4), "right", "bottom"),
    ((6, -4), "left", "top"),
    ((-6, -4), "right", "top"),
    ((0, 8), "center", "bottom"),
    ((0, -8), "center", "top"),
    ((14, 16), "left", "bottom"),
    ((-14, 16), "right", "bottom"),
    ((14, -16), "left", "top"),
    ((-14, -16), "right", "top"),
]


def place_labels(ax, positions, labels):
    """Write texts beside points, each where it is inside the axes and clear of others.

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
    lay_out(ax)
    frame = ax.get_window_extent()
    size = 0.9 * font_size(ax, "xtick.labelsize")
    placed, boxes = [], []
    for row, text in labels.items():
        for offset, horizontal, vertical in PLACES:
            label = ax.annotate(
                text,
                positions[row],
                xytext=offset,
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                fontsize=size,
                arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkB": 0},
                bbox={"boxstyle": "square,pad=0.1", "fc": "#FFFFFFD0", "ec": "none"},
                **PLAIN,
            )
            label.get_window_extent()
            # the text alone, without the line to its point
            box = module.Text.get_window_extent(label)
            inside = frame.containsx(box.x0) and frame.containsx(box.x1)
            inside = inside and frame.containsy(box.y0) and frame.containsy(box.y1)
            if inside and not any(box.overlaps(other) for other in boxes):
                label.set_in_layout(False)
                placed.append(label)
                boxes.append(box)
                break
            label.remove()
    return placed
