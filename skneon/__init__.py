# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations of unsupervised models, feature by feature, that sum to the score."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skneon._version import __version__ as __version__

if TYPE_CHECKING:
    from skneon._public import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        """All public names come with the first: the command line may need none."""
        public = vars(import_module("skneon._public"))
        # the list is last, and lacks while that module is imported itself
        names = ["__all__", *public["__all__"]] if "__all__" in public else []
        globals().update({name: public[name] for name in names})
        if name not in globals():
            raise AttributeError(f"module 'skneon' has no attribute {name!r}")
        return globals()[name]

    def __dir__() -> list[str]:
        return sorted({*globals(), *__getattr__("__all__")})
