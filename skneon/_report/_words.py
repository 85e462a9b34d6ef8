# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Words that pages and terminals share: counts, parts of a whole, names and cells."""

from skneon.explanation._text import cell_text, one_line, shorten

LONGEST_NAME, LONGEST_CELL = 60, 80


def count(number: int, noun: str) -> str:
    """A number of things, in words."""
    several = noun.removesuffix("y") + "ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else several}"


def percent(part: float) -> str:
    """A part of a whole as per cent, with a sign as text has it."""
    text = f"{part:.0%}".removesuffix("%")
    text = "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")
    return f"{text}\N{NO-BREAK SPACE}%"


def shown_name(name: object) -> str:
    """A name of a column, row or cluster as one line that is not too long."""
    return shorten(one_line(name), LONGEST_NAME) or "(no name)"


def shown_cell(value: object) -> str:
    """A cell as one line that is not too long."""
    return shorten(cell_text(value), LONGEST_CELL)


def plain_lines(text: str) -> str:
    """A text of several lines with spaces in the place of what cannot be printed."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
