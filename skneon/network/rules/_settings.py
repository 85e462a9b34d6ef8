# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Checks of the settings of rules."""

from numbers import Integral, Real
from typing import Any

import numpy as np


def check_number(rule: Any, name: str, also: tuple[Any, ...] = ()) -> None:
    """Refuse a setting that is no finite number of at least 0, nor one of `also`.

    Raises
    ------
    TypeError
        For another type.
    ValueError
        For another value.
    """
    value = getattr(rule, name)
    if any(value is word or value == word for word in also if _alike(value, word)):
        return
    words = "".join(f", or {word!r}" for word in also)
    expected = f"{type(rule).__name__}: {name} must be a number of at least 0{words}"
    if not isinstance(value, Real) or isinstance(value, bool):
        error = ValueError if isinstance(value, str) else TypeError
        raise error(f"{expected}, got {value!r}.")
    if not 0 <= float(value) < np.inf:
        raise ValueError(f"{expected}, got {value!r}.")


def check_count(rule: Any, name: str, also: tuple[Any, ...] = ()) -> None:
    """Refuse a setting that is no integer of at least 1, nor one of `also`.

    Raises
    ------
    TypeError
        For another type.
    ValueError
        For another value.
    """
    value = getattr(rule, name)
    if any(value is word for word in also):
        return
    words = "".join(f", or {word!r}" for word in also)
    expected = f"{type(rule).__name__}: {name} must be an integer of at least 1{words}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{expected}, got {value!r}.")
    if value < 1:
        raise ValueError(f"{expected}, got {value!r}.")


def _alike(value: Any, word: Any) -> bool:
    return type(value) is type(word)


def check_seed(rule: Any, name: str) -> None:
    """Refuse a seed that is no integer from 0 to 2^32 - 1.

    Raises
    ------
    TypeError
        For another type: a rule is compared by its settings, which a generator is not.
    ValueError
        For another value.
    """
    value = getattr(rule, name)
    expected = f"{type(rule).__name__}: {name} must be an integer of at least 0"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{expected}, got {value!r}.")
    if not 0 <= int(value) < 2**32:
        raise ValueError(f"{expected} and below 2**32, got {value!r}.")


def check_truth(rule: Any, name: str) -> None:
    """Refuse a setting that is neither True nor False.

    Raises
    ------
    TypeError
    """
    value = getattr(rule, name)
    if not isinstance(value, bool):
        raise TypeError(
            f"{type(rule).__name__}: {name} must be True or False, got {value!r}."
        )
