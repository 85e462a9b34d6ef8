# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Optional libraries that are imported when they are first used."""

import sys
from typing import Any

from skneon._validation import import_optional


class Lazy:
    """A module by its name; without it, the error names the extra that brings it."""

    def __init__(self, module: str, extra: str = "tables") -> None:
        self._named = module, extra

    def __getattr__(self, name: str) -> Any:
        found = sys.modules.get(self._named[0]) or import_optional(*self._named)
        return getattr(found, name)


pa, pc, pd = Lazy("pyarrow"), Lazy("pyarrow.compute"), Lazy("pandas")
