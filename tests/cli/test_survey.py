# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The first pass: samples do not depend on the parts, columns are counted rightly."""

import numpy as np
import pandas as pd
import pytest

from skneon._cli._survey import Column, Sample


@pytest.mark.parametrize("size", [1, 20, 150, 500])
def test_samples_are_the_same_in_any_parts(size):
    frame = pd.DataFrame({"a": np.arange(300.0)})
    drawn = []
    for part in (1, 7, 100, 300):
        sample = Sample(size)
        for start in range(0, 300, part):
            sample.add(frame.iloc[start : start + part])
        drawn.append(sample.frame())
    assert len(drawn[0]) == min(size, 300) and drawn[0].index.is_monotonic_increasing
    assert drawn[0].index.is_unique
    for other in drawn[1:]:
        pd.testing.assert_frame_equal(other, drawn[0])


def test_samples_are_uniform():
    sample = Sample(2000)
    for start in range(0, 100_000, 10_000):
        rows = pd.RangeIndex(start, start + 10_000)
        sample.add(pd.DataFrame({"a": 0.0}, index=rows))
    counts = np.bincount(sample.frame().index // 10_000, minlength=10)
    # 200 expected each, with a standard deviation of 13
    assert np.abs(counts - 200).max() < 55


def test_columns():
    cells = ["1", np.nan, "x", "3.5", "y", "x", "z", "w"]
    column = Column()
    for start in (0, 3):
        part = pd.Series(cells[start : start + 5][: 3 if start == 0 else 5])
        part.index += start
        column.add(part.astype(object), ".", 100)
    assert (column.n_numbers, column.n_words, column.n_missing) == (2, 5, 1)
    assert (column.minimum, column.maximum) == (1, 3.5)
    assert column.words == [(2, "x"), (4, "y"), (5, "x")]
    assert len(column.distinct) == 6 and not column.many and not column.counts_rows


def test_columns_of_many_values():
    column = Column()
    column.add(pd.Series([f"{i}" for i in range(50)], dtype=object), ".", 10)
    assert column.many and column.counts_rows


@pytest.mark.parametrize(
    ("numbers", "counts"),
    [
        ([3, 4, 5, 6], True),
        ([3, 4, 6, 7], False),
        ([3, 4, np.nan, 6], False),
        ([1, 0, -1, -2], False),
    ],
)
def test_columns_that_count_rows(numbers, counts):
    for part in (1, 2, 4):
        column = Column()
        for start in range(0, 4, part):
            column.add(pd.Series(numbers[start : start + part], dtype=float), None, 9)
        assert column.counts_rows == counts
