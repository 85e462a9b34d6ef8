# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the user has to fix, in words."""


class TableError(Exception):
    """Input or arguments cannot be used; the message says why, and what to do."""


def listed(names, most=20):
    """Names as a text, the first ones of many."""
    names = [str(name) for name in names]
    more = [f"... ({len(names)} in all)"] if len(names) > most else []
    return ", ".join(names[:most] + more)


def count(number, noun):
    """A number and its noun, in the plural but for 1."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text):
    """The text without characters that could steer a terminal, each as a mark."""
    return "".join(c if c.isprintable() else "?" for c in text)
