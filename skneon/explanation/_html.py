# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as notebooks show them: a small table without scripts or resources."""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from skneon.explanation._contributions import telling_columns
from skneon.explanation._text import (
    count,
    note_text,
    number_text,
    one_line,
    row_name,
    score_name,
    shorten,
    value_text,
)

if TYPE_CHECKING:
    from skneon.explanation._explanation import Explanation

ROWS = 5
LEADING = 3
LONGEST = 60

# colours are the notebook's own, so that a dark one stays readable
TABLE = "border-collapse:collapse;color:inherit;background:transparent;font-size:90%"
LINE = "border-bottom:1px solid currentColor;"
CAPTION = "text-align:left;color:inherit;padding:2px 0"


def html_table(explanation: "Explanation") -> str:
    """The rows of the largest scores with their leading features, as HTML.

    Parameters
    ----------
    explanation : Explanation

    Returns
    -------
    html : str
        All names and values are escaped.
    """
    worst = np.argsort(-explanation.score, kind="stable")[:ROWS]
    score = score_name(explanation.target)
    clusters = not isinstance(explanation.target, str)
    heads = ["row", "cluster"] if clusters else ["row"]
    heads += [score, "because of", "share", "value", "compares to"]
    aligned = ["left"] * (1 + clusters) + ["right", "left", "right", "right", "left"]
    body = [
        "".join(map(_cell, cells, aligned))
        for row in worst
        for cells in _row_cells(explanation, row, clusters)
    ]
    rows = "".join(f"<tr>{cells}</tr>" for cells in body)
    head = "".join(_cell(h, a, "th", LINE) for h, a in zip(heads, aligned, strict=True))
    caption = escape(_caption(explanation, score, len(worst)))
    return (
        f'<table style="{TABLE}"><caption style="{CAPTION}">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _caption(explanation: "Explanation", score: str, shown: int) -> str:
    """What is explained: target, model, number of rows and features."""
    n, d = explanation.relevance.shape
    model = explanation.meta.get("model")
    of = f" of {shorten(one_line(model), LONGEST)}" if model else ""
    which = "" if shown == n else f"; the {shown} of largest {score}"
    if which and shown == 1:
        which = f"; that of largest {score}"
    return f"Explanation: {score}{of}, {count(n, 'row')}, {count(d, 'feature')}{which}"


def _row_cells(
    explanation: "Explanation", row: int, clusters: bool
) -> Iterator[list[str]]:
    """Cells of one row's lines: a line a leading feature."""
    head = [row_name(explanation, row)]
    if clusters:
        head.append(one_line(explanation.target[row]))
    head.append(number_text(explanation.score[row]))
    one = explanation[row]
    share = one.share
    for i in telling_columns(one, LEADING)[0]:
        part = f"{share[0, i]:.0%}".replace("-", "\N{MINUS SIGN}")
        name = one_line(one.feature_names[i])
        yield [*head, name, part, value_text(one, 0, i), note_text(one, 0, i)]
        head = [""] * len(head)
    if any(head):
        yield [*head, "nothing unusual", "", "", ""]


def _cell(text: str, aligned: str, tag: str = "td", border: str = "") -> str:
    full = escape(text)
    short = escape(shorten(text, LONGEST))
    title = "" if short == full else f' title="{full}"'
    style = f"{border}text-align:{aligned};padding:1px 8px;color:inherit"
    return f'<{tag}{title} style="{style};background:transparent">{short}</{tag}>'
