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
     "%Y-%m-%d %H:%M", "%d %B %Y", "%b %d, %Y", "%d/%m/%Y %I:%M %p",
     "%Y-%m-%d %H:%M+00:00", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S +0000"],
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


@pytest.mark.parametrize("form", ["%Y%m", "%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S"])
def test_dates_as_whole_numbers_are_pointed_out(form):
    days = DAYS + pd.to_timedelta(np.arange(N) * 100_003, "s")
    cells = days.strftime(form)
    with pytest.raises(ValueError, match=r"maybe dates: x. Write dates as 2020-12-31"):
        read(cells, strict=True)
    assert read(cells, strict=True, keep="x")[0] == "number"
    # a month, or an hour, that there is not
    notes = read([*cells[1:], f"{cells[0][:4]}99{cells[0][6:]}"])[2].notes
    assert not any("maybe dates" in note for note in notes)


@pytest.mark.parametrize(("start", "doubted"), [("2019-05", True), ("1998-05", False)])
def test_months_of_a_year_of_two_digits(start, doubted):
    days = pd.date_range(start, periods=N // 2, freq="MS").repeat(2)
    kind, values, found = read(days.strftime("%b-%y"))
    assert kind == "date"
    np.testing.assert_array_equal(values, (days - pd.Timestamp(0)).days)
    assert any("Maybe months and days" in note for note in found.notes) == doubted


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


@pytest.mark.parametrize(
    ("form", "freq"),
    [("%G-W%V", "W-MON"), ("%GW%V", "W-MON"), ("%b %Y", "MS"), ("%B-%Y", "MS"),
     ("%m/%Y", "MS"), ("%Y-%m", "MS"), ("%YQ{}", "QS"), ("%Y-Q{}", "QS"),
     ("Q{} %Y", "QS")],
)  # fmt: skip
def test_weeks_months_and_quarters_begin_with_a_day(form, freq):
    days = pd.date_range("2018-12-25", periods=N // 2, freq=freq).repeat(2)
    cells = [day.strftime(form.format(day.quarter)) for day in days]
    kind, values, _ = read(cells)
    assert kind == "date"
    epoch = pd.Timestamp(0)
    np.testing.assert_array_equal(values, (days - epoch) // pd.Timedelta("1D"))


@pytest.mark.parametrize("form", ["%y-%m-%d", "%y/%m/%d"])
def test_years_of_two_digits_in_front(form):
    days = pd.date_range("1997-12-25", periods=20).repeat(3)
    kind, values, _ = read(days.strftime(form))
    assert kind == "date" and values[0] == (days[0] - pd.Timestamp(0)).days
    # from 2001 on they may be days as well
    kind, _, found = read(
        pd.date_range("2024-11-03", periods=N // 3).repeat(3).strftime(form)
    )
    assert kind is None and "or year" in found.aside["x"]


@pytest.mark.parametrize(
    ("form", "hours"),
    [("{h} hours", None), ("PT{h}H{m}M", 24), ("P1DT{h}H{m}M", 48),
     ("{h:02}:{m:02}:00", 24),
     ("1 days {h:02}:{m:02}:00", 48)],
)  # fmt: skip
def test_lengths(form, hours):
    parts = [(i % 24, i * 7 % 60) for i in range(N)]
    kind, values, _ = read([form.format(h=h, m=m) for h, m in parts])
    if hours is None:
        assert kind == "number"
        return
    days = [hours / 24 - 1 + (h + m / 60) / 24 for h, m in parts]
    assert kind == "duration"
    np.testing.assert_allclose(values, days, rtol=1e-12)


def test_noon_and_midnight():
    cells = ["12:00 AM", "12:00 PM", "1:30 a.m.", "11:59pm"] * (N // 4)
    kind, values, _ = read(cells)
    assert kind == "duration"
    np.testing.assert_allclose(values[:4] * 24, [0, 12, 1.5, 23 + 59 / 60])


@pytest.mark.parametrize(
    ("form", "why"),
    [("%b %d", "cannot be told apart"), ("%-d-%b", "without a year"),
     ("%B %-d", "without a year")],
)  # fmt: skip
def test_months_and_days_alone_are_no_dates(form, why):
    days = [day.strftime(form) for day in pd.date_range("2020-01-10", periods=N)]
    kind, _, found = read(days)
    assert kind is None and why in found.aside["x"]
    kind, _, found = read([f"{day:%b} {60 + i % 30}" for i, day in enumerate(DAYS)])
    assert kind == "date"


def test_hours_from_utc_are_said():
    clock = [
        f"2020-0{3 + i % 2}-{i % 28 + 1:02} 10:00+0{1 + i % 2}:00" for i in range(N)
    ]
    _, values, found = read(clock)
    assert values[1] - int(values[1]) == pytest.approx(8 / 24)
    said = f"Counted in UTC: x, {N} dates, first '{clock[0]}' in row 0."
    assert said in found.notes
    with pytest.raises(ValueError, match=r"Counted in UTC: x, 59 dates"):
        read(["2020-03-01 10:00Z", *clock[1:]], strict=True)
