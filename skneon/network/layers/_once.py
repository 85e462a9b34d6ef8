# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is built at the first call, kept, and not pickled."""

from collections.abc import Callable
from threading import RLock
from typing import Any

# what is built once is built by one thread
BUILDING = RLock()


class Once:
    """Builds things at the first call and keeps them; copies and pickles do without.

    Subclasses set `_built` to an empty dict where they are made.
    """

    _built: dict[Any, Any]

    def __getstate__(self) -> dict[str, Any]:
        """All but what is quick to build again."""
        return vars(self) | {"_built": {}}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, kept under a key."""
        with BUILDING:
            if key not in self._built:
                self._built[key] = make()
            return self._built[key]
