# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Texts and tables that are harmless to spreadsheets and terminals."""

import re
from typing import Any
from urllib.parse import quote

import numpy as np

from skneon._report._judge import largest
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import row_name

# what spreadsheets take for the start of a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# characters that could steer a terminal
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# characters of a table in a page, and of a number in it
LONGEST, DIGITS = 700_000, 20


def harmless(text: object) -> str:
    """The text with a quote in front where a spreadsheet would take it for a formula.

    Control characters, but for tabs and ends of lines, become question marks.
    """
    text = CONTROL.sub("?", str(text))
    is_formula = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return "'" * is_formula + text


def unused(name: str, table: Any) -> str:
    """The name, with as many trailing underscores as set it apart from the columns."""
    return name if name not in table else unused(name + "_", table)


def csv_link(explanation: Explanation) -> tuple[int, str]:
    """Contributions of the largest scores as CSV in a link; and of how many rows.

    As many rows as a page has room for, which may be none.
    """
    n_columns = explanation.relevance.shape[1] + 3
    n = min(len(explanation), LONGEST // (DIGITS * n_columns))
    part = explanation[largest(explanation.score, n)]
    frame = part.to_frame()
    if not isinstance(part.target, str):
        names = [harmless(cluster) for cluster in np.asarray(part.target).tolist()]
        frame.insert(0, unused("cluster", frame), names)
    labels = [harmless(row_name(part, row)) for row in range(n)]
    frame.insert(0, unused("row", frame), labels)
    frame.columns = [harmless(name) for name in frame.columns]
    text = frame.to_csv(index=False, lineterminator="\r\n")
    # half a character cannot be written
    return n, "data:text/csv;charset=utf-8," + quote(text, ",+", errors="replace")
