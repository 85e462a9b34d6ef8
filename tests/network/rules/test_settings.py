# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Checks of the settings of rules: what passes, and what the errors say."""

from types import SimpleNamespace

import numpy as np
import pytest

from skneon.network.rules._settings import check_count, check_number, check_seed


def given(value):
    return SimpleNamespace(setting=value)


@pytest.mark.parametrize("value", [0, 0.0, 3, 1e300, np.float32(2), np.int64(1)])
def test_numbers(value):
    check_number(given(value), "setting")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-1e-300, ValueError),
        (np.nan, ValueError),
        (np.inf, ValueError),
        ("gamma", ValueError),
        (True, TypeError),
        (None, TypeError),
        ([1.0], TypeError),
        (1j, TypeError),
    ],
)
def test_no_numbers(value, error):
    message = "SimpleNamespace: setting must be a number of at least 0, got "
    with pytest.raises(error, match=message):
        check_number(given(value), "setting")


def test_words_in_the_place_of_a_number():
    for value in ("gamma", None, 2.0):
        check_number(given(value), "setting", also=("gamma", None))
    for value in ("auto", np.str_("x"), "None"):
        with pytest.raises(ValueError, match="or 'gamma', or None, got"):
            check_number(given(value), "setting", also=("gamma", None))
    # 0 is no None, nor True a 1
    with pytest.raises(TypeError):
        check_number(given(True), "setting", also=(1, None))


@pytest.mark.parametrize("value", [1, 7, np.int64(3)])
def test_counts(value):
    check_count(given(value), "setting")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, ValueError),
        (-3, ValueError),
        (1.0, TypeError),
        (True, TypeError),
        ("1", TypeError),
        (None, TypeError),
    ],
)
def test_no_counts(value, error):
    message = "SimpleNamespace: setting must be an integer of at least 1, got "
    with pytest.raises(error, match=message):
        check_count(given(value), "setting")
    check_count(given(None), "setting", also=(None,))


@pytest.mark.parametrize("value", [0, 2**32 - 1, np.uint32(5)])
def test_seeds(value):
    check_seed(given(value), "setting")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-1, ValueError),
        (2**32, ValueError),
        (1.0, TypeError),
        (True, TypeError),
        (None, TypeError),
        (np.random.RandomState(0), TypeError),
    ],
)
def test_no_seeds(value, error):
    with pytest.raises(error, match="setting must be an integer of at least 0"):
        check_seed(given(value), "setting")
