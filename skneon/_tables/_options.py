# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How a table is to be read and prepared, where the user says so."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    """The options of `skneon.prepare`, by its names."""

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
    strict: bool = False
