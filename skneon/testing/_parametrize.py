# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Checks as the parameters of a pytest test."""

from collections.abc import Iterable, Mapping
from typing import Any

from skneon._validation import import_optional
from skneon.testing._check import Check


def parametrize_with_checks(
    checks: Iterable[Check], *, expected_failures: Mapping[str, str] | None = None
) -> Any:
    """Decorate a test with the argument ``check``: it runs once for each.

    Parameters
    ----------
    checks : iterable of Check
    expected_failures : mapping of str to str, default=None
        Names of laws, or of checks, that are known to fail, and why. They must fail.

    Returns
    -------
    decorator : pytest.MarkDecorator

    Raises
    ------
    ImportError
        Where pytest is not installed.
    TypeError
        For expected failures without reasons.
    ValueError
        For a name that none of the checks has.

    Examples
    --------
    >>> from skneon.network import Midpoint
    >>> from skneon.testing import check_rule, parametrize_with_checks
    >>> @parametrize_with_checks(check_rule(Midpoint()))
    ... def test_midpoint(check):
    ...     check()
    """
    pytest = import_optional("pytest", "test")
    if expected_failures is not None and not isinstance(expected_failures, Mapping):
        raise TypeError(
            "expected_failures must map names to reasons, such as "
            f'{{"conservation": "keeps back 1 %"}}, got {expected_failures!r}.'
        )
    checks, reasons = list(checks), dict(expected_failures or {})
    known = {check.law for check in checks} | {str(check) for check in checks}
    unknown = sorted(set(reasons) - known)
    if unknown:
        raise ValueError(
            f"expected_failures holds {', '.join(map(repr, unknown))}, which is the "
            "name of none of the checks."
        )
    parameters = []
    for check in checks:
        reason = reasons.get(str(check), reasons.get(check.law))
        marks = [] if reason is None else [_fails(pytest, reason)]
        parameters.append(pytest.param(check, id=str(check), marks=marks))
    return pytest.mark.parametrize("check", parameters)


def _fails(pytest: Any, reason: str) -> Any:
    return pytest.mark.xfail(reason=reason, raises=AssertionError, strict=True)
