# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is typical of a column, and where values stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skneon.explanation._column import percentiles, typical_value

NUMBERS = st.lists(st.integers(-5, 5) | st.just(np.nan), min_size=1, max_size=20)


@given(NUMBERS, NUMBERS)
def test_numbers(column, values):
    column, values = np.array(column, float), np.array(values, float)
    known = [x for x in column if x == x]
    assert typical_value(column) == pytest.approx(
        np.median(known) if known else np.nan, nan_ok=True
    )
    expected = [
        np.mean([100 * ((u < x) + (u == x) / 2) for u in known])
        if known and x == x
        else np.nan
        for x in values
    ]
    np.testing.assert_allclose(percentiles(column, values), expected)
    objects = column.astype(object)
    np.testing.assert_allclose(percentiles(objects, values.astype(object)), expected)


def test_categories():
    column = np.array(["b", "a", None, "b", "a", np.nan, True], dtype=object)
    assert typical_value(column) == "a"
    assert typical_value(np.array([True, False, True], dtype=object)) is True
    assert np.isnan(percentiles(column, column)).all()
    # a text among numbers stands nowhere
    assert np.isnan(percentiles(np.arange(3.0), np.array(["x"], dtype=object))).all()
