# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the modules of tables share: options, what is said, optional libraries."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    """How a table is to be read and prepared: the parameters of `skneon.prepare`."""

    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    id: str | None = None
    log: Any = "auto"
    missing: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    skip_lines: int = 0
    comment: str | None = None
    header: bool = True
    names: tuple[str, ...] | None = None
    sheet: str | None = None
    strict: bool = False


class TableError(ValueError):
    """Input or arguments cannot be used; the message says why, and what to do."""


class Doubt(str):
    """A note about a decision that may be wrong; `strict` makes an error of it."""

    __slots__ = ()


class Lazy:
    """A module by its name; without it, the error names the extra that brings it."""

    def __init__(self, module: str, extra: str = "tables") -> None:
        self._named = module, extra

    def __getattr__(self, name: str) -> Any:
        # NumPy comes with it, and the command line answers without
        from skneon._validation import import_optional

        found = sys.modules.get(self._named[0]) or import_optional(*self._named)
        return getattr(found, name)


pa, pc, pd = Lazy("pyarrow"), Lazy("pyarrow.compute"), Lazy("pandas")


def listed(names: Iterable[object], most: int = 20) -> str:
    """Names as a text, the first ones of many."""
    texts = [str(name) for name in names]
    more = [f"... ({len(texts)} in all)"] if len(texts) > most else []
    return ", ".join(texts[:most] + more)


def printable(text: str, mark: str = "?") -> str:
    """The text without characters that could steer a terminal, each as a mark."""
    return "".join(c if c.isprintable() else mark for c in text)
