# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Names that are shortened, and can still be told apart."""

from collections.abc import Sequence

from skneon.explanation._text import shorten

DOTS = "\N{HORIZONTAL ELLIPSIS}"


def shorten_apart(names: Sequence[str], length: int) -> list[str]:
    """Names of at most `length` characters, which differ where the names do.

    A name is cut as `shorten` does it. Where several that are cut begin alike, each
    shows the part in which they differ.

    Parameters
    ----------
    names : sequence of str
    length : int

    Returns
    -------
    names : list of str

    Examples
    --------
    >>> shorten_apart(["height of wing 1 (long)", "height of wing 2 (long)", "age"], 12)
    ['…wing 1 (lo…', '…wing 2 (lo…', 'age']
    """
    cut: dict[str, list[str]] = {}
    for name in names:
        if len(name) > length:
            cut.setdefault(_head(name, length), []).append(name)
    return [
        _around(name, alike, length)
        if len(set(alike := cut.get(_head(name, length), []))) > 1 and name in alike
        else shorten(name, length)
        for name in names
    ]


def _head(name: str, length: int) -> str:
    """What `shorten` shows before the dots."""
    return shorten(name, length).partition(DOTS)[0]


def _around(name: str, others: list[str], length: int) -> str:
    """The part of a name in which it differs from others, and what is around it."""
    first = _shared(others)
    last = len(name) - _shared([other[::-1] for other in others])
    room = length - 2
    start = max(0, min((first + max(last, first) - room) // 2, len(name) - room))
    # of a long part its beginning
    start = min(start, first)
    part = name[start : start + room]
    end = "" if start + room >= len(name) else DOTS
    return f"{DOTS if start else ''}{part.strip()}{end}"


def _shared(names: list[str]) -> int:
    """How many letters names begin with alike."""
    letters = enumerate(zip(*names, strict=False))
    least = min(map(len, names))
    return next((i for i, some in letters if len(set(some)) > 1), least)
