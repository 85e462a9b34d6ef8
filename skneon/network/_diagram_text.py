# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A diagram of a network as plain text."""

import textwrap
from collections.abc import Iterator

from skneon.network._diagram import Diagram, Line, Step, Values

WIDTH = 80
# of the column that has the shapes
SHAPES = 8


def diagram_text(diagram: Diagram) -> str:
    """Lines of at most 80 characters, from the columns to the score and back.

    Parameters
    ----------
    diagram : Diagram

    Returns
    -------
    text : str
    """
    lines = [diagram.title, ""] if diagram.title else []
    for part in diagram.forward:
        if isinstance(part, Values):
            width = "?" if part.width is None else f"{part.width:,}"
            lines.append(f"{width:>{SHAPES}}  {part.name}")
        else:
            lines += [f"{'':{SHAPES}}  │  {text}" for text in _step(part)]
    if diagram.rule:
        words = f"Relevance goes back {diagram.rule}"
        lines += ["", *textwrap.wrap(words, WIDTH, subsequent_indent="    ")]
    for line in diagram.backward:
        lines += [f"  {text}" for text in _line(line, WIDTH - 2)]
    return "\n".join(line.rstrip() for line in lines)


def _step(step: Step) -> Iterator[str]:
    room = WIDTH - SHAPES - 5
    title = ": ".join(filter(None, [step.name, step.words]))
    yield from textwrap.wrap(title, room, subsequent_indent="  ")
    for line in step.lines:
        yield from _line(line, room)
    for branch in step.branches:
        yield from textwrap.wrap(
            branch, room, initial_indent="  ", subsequent_indent="    "
        )


def _line(line: Line, room: int) -> Iterator[str]:
    """An equation, broken where its parts are two spaces apart, or else by words."""
    indent = "  "
    text = f"{line.of}: {line.text}" if line.of else line.text
    taken = ""
    for part in text.split(",  "):
        longer = f"{taken},  {part}" if taken else part
        if len(longer) <= room - len(indent) or not taken:
            taken = longer
            continue
        yield from textwrap.wrap(
            taken + ",", room, initial_indent=indent, subsequent_indent=indent * 3
        )
        taken, indent = part, "      "
    yield from textwrap.wrap(
        taken, room, initial_indent=indent, subsequent_indent=indent * 3
    )
