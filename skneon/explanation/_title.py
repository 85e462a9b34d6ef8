# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is explained in a row, as the title of its reasons."""

from typing import TYPE_CHECKING

from skneon.explanation._noise import far_text
from skneon.explanation._text import (
    number_text,
    one_line,
    rival_name,
    row_name,
    score_name,
)

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields


def row_title(explanation: "Fields", row: int) -> str:
    """What is explained in a row, and its score, or how far from clusters it is."""
    if far := far_text(explanation, row):
        return f"row {row_name(explanation, row)} is {far}"
    score = number_text(explanation.score[row])
    title = f"row {row_name(explanation, row)}: {score_name(explanation.target)}"
    if isinstance(explanation.target, str):
        return f"{title} {score}"
    rival = rival_name(explanation, row)
    over = "" if rival is None else f", rival {rival}"
    return f"{title} {score} for cluster {one_line(explanation.target[row])}{over}"
