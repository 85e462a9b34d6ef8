# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Short names can still be told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skneon.explanation._text import shorten
from skneon.plotting._short_names import shorten_apart

LONG = [
    f"a rather long name of measurement number {i} (mg per litre)" for i in range(9)
]


@pytest.mark.parametrize("length", [8, 12, 24, 40])
def test_long_names_that_differ_in_the_middle(length):
    short = shorten_apart([*LONG, "age", *LONG[:2]], length)
    assert len(set(short[:9])) == 9 and max(map(len, short)) <= length
    assert short[9] == "age" and short[10:] == short[:2]
    assert all(str(i) in text for i, text in enumerate(short[:9]))
    # not the last digit of a number alone
    tens = [LONG[4], LONG[4].replace("4", "44"), LONG[4].replace("4", "54")]
    assert "44" in shorten_apart(tens, length)[1]


@given(st.lists(st.text("ab", max_size=14), max_size=5), st.integers(8, 12))
def test_of_names_that_differ_at_one_place_none_are_alike(names, length):
    short = shorten_apart(names, length)
    assert all(len(text) <= length for text in short)
    for name, text in zip(names, short, strict=True):
        if len(name) <= length or len({n for n in names if len(n) > length}) == 1:
            assert text == shorten(name, length)
    middle = [f"{'a' * 20}{i}{'b' * 20}" for i in range(len(names))]
    assert len(set(shorten_apart(middle, length))) == len(names)
