# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A dict that cannot be written to."""

from typing import Any, NoReturn


class FrozenDict(dict[str, Any]):
    """A dict that cannot be written to; what ``dict()`` or ``|`` make of it can.

    A dict all the same, for JSON, `dataclasses.asdict` and comparisons; copies and
    pickles of it are frozen, too.

    Examples
    --------
    >>> from skneon.explanation._frozen_dict import FrozenDict
    >>> meta = FrozenDict(rule="midpoint")
    >>> meta | {"n_clusters": 3}
    {'rule': 'midpoint', 'n_clusters': 3}
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            "This dict belongs to an explanation and cannot be written to: change a "
            "copy of it, dict(explanation.meta), and put that into "
            "dataclasses.replace(explanation, meta=copy)."
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return type(self), (dict(self),)
