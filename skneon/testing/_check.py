# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""One law, and what it is checked on."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Check:
    """One law, and what it is checked on: a function without arguments.

    Parameters
    ----------
    law : str
        Name of the law.
    run : callable
        Without arguments; raises AssertionError where the law is broken.
    on : str, default=""
        What it is checked on.
    statement : str, default=""
        What the law is, and where it does not hold.

    Raises
    ------
    AssertionError
        When called, where the law is broken. It names the law, the row and the values.

    Examples
    --------
    >>> from skneon.testing import check_rule
    >>> from skneon.network import Midpoint
    >>> checks = {str(check): check for check in check_rule(Midpoint())}
    >>> check = checks["conservation(centroids)"]
    >>> check()
    >>> print(check.statement.splitlines()[0])
    Relevances sum to the score less the residual that the rule states.
    """

    law: str
    run: Callable[[], None] = field(repr=False)
    on: str = ""
    statement: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.law}({self.on})" if self.on else self.law

    @property
    def __name__(self) -> str:
        """What pytest takes for the test's id."""
        return str(self)

    def __call__(self) -> None:
        """Check the law."""
        try:
            self.run()
        except AssertionError as error:
            raise AssertionError(f"{self}: {error}") from error


def only(
    checks: Iterable[Check], laws: Iterable[str], without: Collection[str]
) -> Iterator[Check]:
    """The checks whose laws are not left out.

    Parameters
    ----------
    checks : iterable of Check
    laws : iterable of str
        All that can be left out.
    without : collection of str

    Raises
    ------
    TypeError
        For one name in the place of several.
    ValueError
        For a name that no law has.
    """
    if isinstance(without, str):
        raise TypeError(f"without must be a list of laws, got {without!r}.")
    known = sorted(set(laws))
    unknown = sorted(set(without) - set(known))
    if unknown:
        raise ValueError(
            f"without holds {', '.join(map(repr, unknown))}, which is no law: known "
            f"are {', '.join(known)}."
        )
    return (check for check in checks if check.law not in without)
