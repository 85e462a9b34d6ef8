# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Texts and tables that are harmless to spreadsheets and terminals."""

import re
from urllib.parse import quote

import numpy as np

from skneon._report._judge import largest
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import row_name

# what spreadsheets take for the start of a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# characters that could steer a terminal, or that files cannot hold
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# characters of a table in a page, and of a number in it
LONGEST, DIGITS = 700_000, 20


def harmless(text: object) -> str:
    """The text with a quote in front where a spreadsheet would take it for a formula.

    Control characters, but for tabs and ends of lines, become question marks.
    """
    text = CONTROL.sub("?", str(text))
    is_formula = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return "'" * is_formula + text


def csv_link(explanation: Explanation) -> tuple[int, str]:
    """Contributions of the largest scores as CSV in a link; and of how many rows.

    As many rows as a page has room for, which may be none.
    """
    n_columns = explanation.relevance.shape[1] + 3
    n = min(len(explanation), LONGEST // (DIGITS * n_columns))
    while n:
        text = quote(_csv(explanation[largest(explanation.judged_score, n)]), safe=",+")
        if len(text) <= 2 * LONGEST:
            return n, f"data:text/csv;charset=utf-8,{text}"
        # names and labels are long
        n //= 2
    return 0, ""


def _csv(explanation: Explanation) -> str:
    frame = explanation.to_frame()
    columns = {"row": [row_name(explanation, i) for i in range(len(explanation))]}
    if not isinstance(explanation.target, str):
        columns["cluster"] = np.asarray(explanation.target).tolist()
    for place, (name, cells) in enumerate(columns.items()):
        frame.insert(place, name, [*map(harmless, cells)], allow_duplicates=True)
    frame = frame.set_axis([*map(harmless, frame.columns)], axis=1)
    return str(frame.to_csv(index=False, lineterminator="\r\n"))
