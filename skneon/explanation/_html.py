# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as notebooks show them: a small table without scripts or resources."""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from skneon.explanation._contributions import LEAST_SHARE, telling_columns
from skneon.explanation._noise import far_text
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
# of bars, which let the page's ground through, and of what is together
FOR, AGAINST, MUTED = "rgba(200,60,60,.3)", "rgba(60,110,190,.35)", "opacity:.65;"
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
        "".join(_cell(t, a, s) for (t, s), a in zip(cells, aligned, strict=True))
        for row in worst
        for cells in _row_cells(explanation, row, clusters)
    ]
    rows = "".join(f"<tr>{cells}</tr>" for cells in body)
    head = "".join(_cell(h, a, LINE, "th") for h, a in zip(heads, aligned, strict=True))
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
) -> Iterator[list[tuple[str, str]]]:
    """Cells of one row's lines, each with its style: a line a leading feature.

    Then one for all other features, and one for a residual that is more than rounding:
    shares add up to all of the score.
    """
    head = [row_name(explanation, row)]
    if clusters:
        head.append(_cluster(explanation, row))
    head.append(number_text(explanation.score[row]))
    one = explanation[row]
    share = one.share
    telling = telling_columns(one, LEADING)[0]
    for i in telling:
        name = one_line(one.feature_names[i])
        cells = [name, "", value_text(one, 0, i), note_text(one, 0, i)]
        yield _line(head, cells, share[0, i])
        head = [""] * len(head)
    if not telling:
        yield _line(head, ["nothing unusual", "", "", ""], None)
        return
    whole = share.sum(axis=1)[0]
    left = len(one.feature_names) - len(telling)
    if whole and left:
        rest = whole - sum(share[0, i] for i in telling)
        yield _line(head, [count(left, "other"), "", "", ""], rest, MUTED)
    if whole and abs(1 - whole) >= LEAST_SHARE:
        yield _line(head, ["residual", "", "", ""], 1 - whole, MUTED)


def _cluster(explanation: "Explanation", row: int) -> str:
    """The cluster that a row is asked about, or how far from all it is."""
    return far_text(explanation, row, short=True) or one_line(explanation.target[row])


def _line(
    head: list[str], cells: list[str], share: float | None, style: str = ""
) -> list[tuple[str, str]]:
    """Cells with their styles; a share has a bar behind it."""
    name, _, *details = cells
    bar = ""
    if share is not None:
        end = f"{100 * min(abs(share), 1):.0f}%"
        colour = AGAINST if share < 0 else FOR
        ground = f"linear-gradient(90deg,{colour} {end},transparent {end})"
        bar = f"min-width:6em;background:{ground}"
    part = "" if share is None else f"{share:.0%}".replace("-", "\N{MINUS SIGN}")
    texts = [*head, name, part, *details]
    styles = [style] * len(texts)
    styles[len(head) + 1] += bar
    return list(zip(texts, styles, strict=True))


def _cell(text: str, aligned: str, own: str = "", tag: str = "td") -> str:
    full = escape(text)
    short = escape(shorten(text, LONGEST))
    title = "" if short == full else f' title="{full}"'
    style = f"text-align:{aligned};padding:1px 8px;color:inherit;"
    ground = "" if "background:" in own else "background:transparent;"
    return f'<{tag}{title} style="{style}{ground}{own}">{short}</{tag}>'
