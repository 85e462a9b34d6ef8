# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models of packages that skneon never imports: known by the names of their classes.

A class is registered with `neuralize` when the first model of it comes. From then on
there is nothing special about it, and subclasses are found.
"""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

# by module and qualified name, as in "pyod.models.knn.KNN"
NAMED: dict[str, Callable[..., Any]] = {}
# why others of these packages have no network, and what to do
REFUSED: dict[str, str] = {}


def named(*classes: str) -> Callable[[F], F]:
    """Let `neuralize` find a function by the full name of a class; a decorator.

    Parameters
    ----------
    *classes : str
        Module and qualified name, as in ``"pyod.models.knn.KNN"``.

    Returns
    -------
    decorator : callable
        It gives back the function that it decorates.
    """

    def register(function: F) -> F:
        NAMED.update(dict.fromkeys(classes, function))
        return function

    return register


def full_name(kind: type) -> str:
    """Module and qualified name of a class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def found_by_name(kind: type) -> tuple[type, Callable[..., Any]] | None:
    """The class that is known by its name among a class and its bases; or None.

    Parameters
    ----------
    kind : type

    Returns
    -------
    base : type
    function : callable
        What gives the network of its instances.
    """
    for base in kind.__mro__:
        function = NAMED.get(full_name(base))
        if function is not None:
            return base, function
    return None


def refusal_of(kind: type) -> str | None:
    """Why a class, or one of its bases, has no network, where that was said."""
    whys = (REFUSED.get(full_name(base)) for base in kind.__mro__)
    return next((why for why in whys if why is not None), None)


def known_of(package: str) -> list[str]:
    """Names of the known classes of a package, sorted."""
    inside = [name for name in NAMED if name.startswith(f"{package}.")]
    return sorted(name.rpartition(".")[2] for name in inside)


def is_named(kind: type) -> bool:
    """Whether a class itself is known by its name."""
    return full_name(kind) in NAMED


def named_packages(kind: type) -> list[str]:
    """Packages of a class and its bases of which some classes are known by name."""
    known = {name.partition(".")[0] for name in NAMED}
    packages = [base.__module__.partition(".")[0] for base in kind.__mro__]
    return [package for package in dict.fromkeys(packages) if package in known]
