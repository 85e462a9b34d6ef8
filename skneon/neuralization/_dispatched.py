# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Functions that are chosen by the type of their first argument."""

from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class Dispatched(Protocol, Generic[P, R_co]):
    """A `functools.singledispatch` function that keeps its signature for editors."""

    registry: Mapping[Any, Callable[..., Any]]
    dispatch: Callable[[type], Callable[..., Any]]

    def register(self, cls: Any, func: Any = None) -> Callable[..., Any]:
        """Register a function for the type that its first argument is annotated with.

        Or for `cls`, as a decorator ``register(cls)``.
        """

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function that is registered for the first argument's type."""


def dispatched(function: Callable[P, R_co]) -> Dispatched[P, R_co]:
    """`functools.singledispatch`, with the signature of what it decorates."""
    return cast("Dispatched[P, R_co]", singledispatch(function))
