# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is said of a table: notes, doubts, and what the user has to fix."""

from collections.abc import Iterable


class TableError(ValueError):
    """Input or arguments cannot be used; the message says why, and what to do."""


class Doubt(str):
    """A note about a decision that may be wrong; `strict` makes an error of it."""

    __slots__ = ()


def listed(names: Iterable[object], most: int = 20) -> str:
    """Names as a text, the first ones of many."""
    texts = [str(name) for name in names]
    more = [f"... ({len(texts)} in all)"] if len(texts) > most else []
    return ", ".join(texts[:most] + more)


def quoted(texts: Iterable[str], most: int = 3) -> str:
    """The first texts in quotes, cut where they are long."""
    return listed([repr(text[:30]) for text in texts], most)


def count(number: int, noun: str) -> str:
    """A number and its noun, in the plural but for 1."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text: str) -> str:
    """The text without characters that could steer a terminal, each as a mark."""
    return "".join(c if c.isprintable() else "?" for c in text)
