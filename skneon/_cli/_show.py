# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The table that a terminal shows."""

from textwrap import wrap

import numpy as np

from skneon._cli._errors import printable

LEADING = 3
NAME, LABEL, SCORE, SHARE, CELL = 30, 7, 11, 6, 9
# the widest that labels and cells become, and a line
MOST_LABEL, MOST_CELL, LINE = 20, 14, 88


def outlier_lines(entries, gamma, n_support=None):
    """Lines about outlying rows.

    Parameters
    ----------
    entries : list of dict
        As `entries` gives them.
    gamma : float
    n_support : int or None
        Rows in the sample that the model was fitted to; None: all of them.

    Returns
    -------
    lines : list of str
    """
    by = "all the others" if n_support is None else f"a sample of {n_support} others"
    heading = (
        f"The {len(entries)} most outlying rows, each judged by {by}"
        if len(entries) > 1
        else f"The most outlying row, judged by {by}"
    )
    first = "id" if entries and "id" in entries[0] else "row"
    rows = [
        (str(entry.get("id", entry["row"])), f"{entry['score']:.2f}", entry["reasons"])
        for entry in entries
    ]
    return [
        heading,
        f"(kernel density, gamma {gamma:.3g}; rows count from 0; outlierness in "
        "squared",
        "standard deviations; share of it that a column accounts for)",
        "",
        *_table((first, "outlierness", "value", "typical"), rows),
    ]


def cluster_lines(entries):
    """Lines about clusters, by the entries of `Clusters`."""
    number = f"{len(entries)} cluster" + "s" * (len(entries) != 1)
    rows = [(str(e["cluster"]), str(e["rows"]), e["reasons"]) for e in entries]
    return [
        f"What speaks for membership of {number}",
        "(k-means; share of the members' mean evidence that a column accounts for;",
        "means of the column inside and outside the cluster)",
        "",
        *_table(("cluster", "rows", "inside", "outside"), rows),
    ]


def wrapped(note):
    """The lines of a note."""
    keep = {"break_long_words": False, "break_on_hyphens": False}
    return wrap(" ".join(note.split()), LINE, subsequent_indent="  ", **keep)


def _table(heads, rows):
    """Aligned lines of a heading and of rows (label, figure, reasons)."""
    label, figure, *cells = heads
    lines = [(label, figure, "because of", "share", *cells)]
    for label, figure, reasons in rows:
        if not reasons:
            lines.append((label, figure, "no other cluster to compare", "", "", ""))
        for reason in reasons[:LEADING]:
            share = f"{reason['share']:.0%}"
            values = [_shown(reason, name) for name in cells]
            lines.append((label, figure, reason["feature"], share, *values))
            label = figure = ""
    lines = [[" ".join(printable(cell).split()) for cell in line] for line in lines]
    wide = min(MOST_LABEL, max(LABEL, *(len(line[0]) for line in lines)))
    cell = min(MOST_CELL, max(CELL, *(len(c) for line in lines for c in line[4:])))
    name = min(NAME, LINE - (wide + SCORE + SHARE + 2 * cell + 6))
    return [
        f"{_cut(first, wide):>{wide}} {second:>{SCORE}}  {_cut(feature, name):<{name}} "
        f"{share:>{SHARE}} {_cut(one, cell):>{cell}} {_cut(two, cell):>{cell}}".rstrip()
        for first, second, feature, share, one, two in lines
    ]


def _shown(reason, name):
    """A cell of a reason; groups of several columns have none."""
    cell = reason.get(name, "")
    if isinstance(cell, str):
        return cell
    if np.isnan(cell):
        return "" if name == "typical" else "missing"
    return _number(cell)


def _number(value):
    """Four digits, but at least all before the decimal point, up to 999999."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"


def _cut(text, width):
    return text if len(text) <= width else text[: width - 3] + "..."
