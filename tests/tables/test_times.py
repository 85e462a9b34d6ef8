# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Dates and durations are days."""

import numpy as np
import pandas as pd
import pytest
from helpers.odd_tables import N, read

DAYS = pd.date_range("2019-12-25", periods=20).repeat(3)


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%b-%Y", "%Y-%m-%dT%H:%M:%SZ",
     "%Y-%m-%d %H:%M", "%d %B %Y", "%b %d, %Y"],
)  # fmt: skip
def test_dates(form):
    kind, values, found = read(DAYS.strftime(form))
    assert kind == "date"
    np.testing.assert_array_equal(
        np.diff(values), np.diff(DAYS) / np.timedelta64(1, "D")
    )
    assert values[0] == (DAYS[0] - pd.Timestamp(0)).days
    assert any("Read as dates" in note for note in found.notes)


def test_dates_that_cannot_be_told():
    kind, _, found = read([f"{1 + i % 12:02}/{1 + i % 11:02}/2020" for i in range(N)])
    assert kind is None and "day and month" in found.aside["x"]
    kind, values, _ = read([f"{i % 24:02}:{i % 50 + 10}:30" for i in range(N)])
    assert kind == "duration" and values[1] == pytest.approx(
        (3600 + 11 * 60 + 30) / 86400
    )


def test_dates_as_whole_numbers_are_pointed_out():
    _, _, found = read(DAYS.strftime("%Y%m%d"))
    assert any("maybe dates: x" in note for note in found.notes)


@pytest.mark.parametrize(
    ("form", "cell"),
    [("%Y-%m-%d", "2019-02-29"), ("%Y-%m-%d %H:%M", "2020-02-30 10:00"),
     ("%Y-%m-%d %H:%M", "2020-02-28 24:00"), ("%d.%m.%Y", "31.04.2020"),
     ("%d-%b-%y", "31-Jun-20"), ("%H:%M:%S", "08:75:00")],
)  # fmt: skip
def test_days_and_minutes_that_there_are_not(form, cell):
    texts = list((DAYS + pd.to_timedelta(np.arange(60) * 613, "s")).strftime(form))
    texts[7] = cell
    with pytest.raises(ValueError, match=f"1 value .* '{cell}' in row 7"):
        read(texts)
