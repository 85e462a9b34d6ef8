# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Axes whose labels fit: plain texts, shortened, wrapped, shrunk or thinned out."""

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
from skneon.explanation._text import shorten
from skneon.plotting._short_names import shorten_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.colorbar import Colorbar

# names hold dollars and underscores that are no formulas
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
# red and blue that the colour-blind tell apart, on white and on black
FOR, AGAINST, REST = "#CB2A3E", "#2166AC", "#7F7F7F"
# bars of several columns together
OTHERS = "#A8A8A8"
# every other lane, on any ground
LANE = (0.5, 0.5, 0.5, 0.12)

# mean width of a character, and distance of lines, in units of the font size
CHARACTER, LINE = 0.58, 1.3
# mean width in sentences, which have narrow letters and spaces
IN_PROSE = 0.54
# extent of tick labels, as part of their distance, that they may have
CLOSE = 0.92
# font size in points below which labels are cut or left out
SMALLEST = 5.0
# width of axes in points below which texts are smaller
NARROW = 280
# part of the width of the axes, before it has labels, that they may take beside it
BESIDE = 0.65


def new_axes(ax: "Axes | None", width: float, height: float) -> "Axes":
    """`ax`, or the axes of a new figure of this size in inches."""
    pyplot = import_optional("matplotlib.pyplot", "plot")
    if ax is None:
        _, ax = pyplot.subplots(figsize=(width, height), layout="constrained")
    return ax


def ink() -> Any:
    """The colour of texts, for lines beside them: light in dark styles."""
    return import_optional("matplotlib", "plot").rcParams["text.color"]


def shades(name: str, *colours: str) -> Any:
    """A colour map by way of some colours."""
    colors = import_optional("matplotlib.colors", "plot")
    return colors.LinearSegmentedColormap.from_list(name, colours)


def points(ax: "Axes") -> tuple[float, float]:
    """Width and height of the axes in points, as last laid out."""
    box = ax.get_window_extent()
    return box.width * 72 / ax.figure.dpi, box.height * 72 / ax.figure.dpi


def lay_out(ax: "Axes") -> None:
    """Let matplotlib lay out the figure, without a picture."""
    ax.figure.canvas.figure.draw_without_rendering()


def font_size(ax: "Axes", parameter: str) -> float:
    """A font size of rcParams in points, down to 8/10 of it on narrow axes."""
    matplotlib = import_optional("matplotlib", "plot")
    manager = import_optional("matplotlib.font_manager", "plot")
    properties = manager.FontProperties(size=matplotlib.rcParams[parameter])
    smaller = float(np.clip(points(ax)[0] / NARROW, 0.8, 1))
    return float(properties.get_size_in_points()) * smaller


def few_ticks(axis: "Axis") -> None:
    """A few round numbers on an axis, short ones."""
    ticker = import_optional("matplotlib.ticker", "plot")
    axis.set_major_locator(ticker.MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    formatter = ticker.ScalarFormatter()
    formatter.set_powerlimits((-3, 4))
    axis.set_major_formatter(formatter)


def plain_frame(ax: "Axes") -> None:
    """Without the lines above and to the right."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def color_bar(ax: "Axes", artist: Any, label: str, **kwargs: Any) -> "Colorbar":
    """The colour bar of an artist, with a plain label."""
    bar = ax.figure.colorbar(artist, ax=ax, **kwargs)
    bar.set_label(label, fontsize=font_size(ax, "axes.labelsize"), **PLAIN)
    bar.ax.tick_params(labelsize=font_size(ax, "ytick.labelsize"))
    return bar


def finish(
    ax: "Axes",
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    rows: Sequence[str] | None = None,
    values: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> None:
    """Label an axes so that all texts fit.

    Parameters
    ----------
    ax : Axes
    title, xlabel, ylabel : str
        Wrapped to the axes.
    rows, values, notes : list of str, default=None
        Name of each row 0, 1, ... from the top, its value and what it compares to, ""
        for none. They share a line where there is room, or take two; else the notes
        are left out, then the values.
    columns : list of str, default=None
        Names of the columns 0, 1, ...
    """
    # the axes shrinks as its labels grow: it is measured while it still has none
    text, tick = font_size(ax, "axes.labelsize"), font_size(ax, "xtick.labelsize")
    room = BESIDE * points(ax)[0]
    ax.tick_params(labelsize=tick)
    # the second time the axes is nearly as it will be
    for _ in range(2):
        width, height = points(ax)
        _write(ax.set_title, title, width, text)
        _write(ax.set_xlabel, xlabel, width, text)
        _write(ax.set_ylabel, ylabel, height, text)
        if rows:
            pairs = values or [""] * len(rows), notes or [""] * len(rows)
            _label_rows(ax, rows, *pairs, room, tick)
        if columns:
            _label_columns(ax, columns, tick)
        lay_out(ax)
    for axis in (ax.xaxis, ax.yaxis):
        fit_tick_labels(axis)


def _write(setter: Callable[..., Any], text: str, room: float, size: float) -> None:
    length = max(int(room / (IN_PROSE * size)), 12)
    setter(textwrap.fill(text, length), fontsize=size, **PLAIN)


def _label_rows(
    ax: "Axes",
    names: Sequence[str],
    values: Sequence[str],
    notes: Sequence[str],
    room: float,
    size: float,
) -> None:
    slot = points(ax)[1] / len(names)
    size = min(size, max(slot / LINE, SMALLEST))
    small = min(size, slot / (2 * LINE))
    triples = list(zip(names, values, notes, strict=True))
    full = [_joined(name, _joined(v, n, " ("), " = ") for name, v, n in triples]
    if max(map(len, full)) <= _length(room, size):
        labels = full
    elif any(values) and small >= 1.1 * SMALLEST:
        # somewhat smaller texts are better than no notes
        longest = 2 + max(len(_joined(v, n, " (")) for _, v, n in triples)
        size = min(small, max(room / (CHARACTER * longest), 1.2 * SMALLEST))
        length = _length(room, size)
        names = shorten_apart(names, length)
        pairs = zip(names, values, notes, strict=True)
        labels = [_two_lines(*triple, length) for triple in pairs]
    else:
        length = _length(room, size)
        labels = [_joined(name, value, " = ") for name, value, _ in triples]
        if max(map(len, labels)) > length:
            labels = shorten_apart(names, length)
    ax.set_yticks(range(len(labels)), labels, **PLAIN)
    ax.tick_params(axis="y", length=0, labelsize=size)
    ax.set_ylim(len(labels) - 0.5, -0.5)


def _length(room: float, size: float) -> int:
    """Number of characters of a font size for which there is room."""
    return max(int(room / (CHARACTER * size) + 1e-9), 8)


def _joined(first: str, second: str, between: str) -> str:
    """Two texts and what is between them, if there is a second one."""
    if not second:
        return first
    return f"{first}{between}{second}" + (")" if between.endswith("(") else "")


def _two_lines(name: str, value: str, note: str, length: int) -> str:
    detail = _joined(value, note, " (")
    if len(detail) + 2 > length:
        detail = shorten(value, length - 2)
    return _joined(name, detail, "\n= ")


def _label_columns(ax: "Axes", names: Sequence[str], size: float) -> None:
    width, height = points(ax)
    slot = 0.95 * width / len(names)
    longest = max(len(line) for name in names for line in name.split("\n"))
    upright = longest * CHARACTER * min(size, SMALLEST + 1) > slot
    if upright:
        size = min(size, max(slot / LINE, SMALLEST))
        length = max(int(0.55 * height / (CHARACTER * size)), 8)
        names = shorten_apart([name.replace("\n", " ") for name in names], length)
    else:
        size = min(size, slot / (longest * CHARACTER))
    ax.set_xticks(range(len(names)), names, rotation=90 * upright, **PLAIN)
    ax.tick_params(axis="x", length=0, labelsize=size)
    ax.set_xlim(-0.5, len(names) - 0.5)


def fit_tick_labels(axis: Any) -> None:
    """Shrink tick labels that touch; leave some out where they would get tiny."""
    ratio = _crowding(axis)
    if ratio <= CLOSE:
        return
    label = axis.get_ticklabels()[0]
    size, turn = label.get_size(), label.get_rotation()
    axis.set_tick_params(labelsize=max(size * CLOSE / ratio, min(size, SMALLEST)))
    # letters of whole pixels may have shrunk by less
    step = int(np.ceil(_crowding(axis)))
    if step > 1:
        kept = [label.get_text() for label in axis.get_ticklabels()][::step]
        axis.set_ticks(axis.get_ticklocs()[::step], kept, rotation=turn, **PLAIN)


def _crowding(axis: Any) -> float:
    """The largest part that a tick label takes of the room beside the next one."""
    shown = [label for label in axis.get_ticklabels() if label.get_text()]
    if len(shown) < 2:
        return 0.0
    boxes = [label.get_window_extent() for label in shown]
    side = "x" if axis.axis_name == "x" else "y"
    low = np.array([getattr(box, f"{side}0") for box in boxes])
    high = np.array([getattr(box, f"{side}1") for box in boxes])
    order = np.argsort(low + high)
    middle, extent = ((low + high) / 2)[order], (high - low)[order]
    needed = (extent[1:] + extent[:-1]) / 2
    return float(np.max(needed / np.maximum(np.diff(middle), 1e-9)))
