# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What labels rows, may be a code, or is skewed: left out, pointed out, or said."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import document, refused, written
from helpers.odd_tables import OTHER, N, read

from skneon import prepare


def test_categories_of_which_none_is_frequent():
    texts = [f"t{i % 150}" for i in range(300)] * 2
    frame = pd.DataFrame(
        {"x": texts, "other": np.random.default_rng(0).normal(size=600)}
    )
    assert prepare(frame).aside["x"] == "no category is frequent enough"


@pytest.mark.parametrize("name", ["ID", "customer_id", "sampleNo", "zip code", "key"])
def test_numbers_that_label_rows(name):
    labels = np.random.default_rng(0).permutation(np.arange(61_000, 1_400_000, 7919))[
        :N
    ]
    found = prepare(pd.DataFrame({name: labels, "a": OTHER, "b": OTHER**2}))
    assert found.aside[name] == "numbers that label rows"
    assert any(f"keep= {name}" in note for note in found.notes)
    kept = prepare(pd.DataFrame({name: labels, "a": OTHER}), keep=[name])
    assert kept.kinds[name] == "number"


def test_labels_without_a_telling_name_are_pointed_out(tmp_path):
    labels = np.random.default_rng(0).choice(
        np.arange(61_000, 1_400_000), N, replace=False
    )
    path = written(tmp_path / "t.csv", pd.DataFrame({"customer": labels, "a": OTHER}))
    found = document(path)
    assert any("nearly all different: customer" in note for note in found["notes"])
    assert "customer" in refused(path, "--strict")
    assert document(path, "--strict", "--keep", "customer")["n_rows"] == N
    people = pd.DataFrame(
        {"people": np.random.default_rng(0).lognormal(9, 2, N).round(), "a": OTHER}
    )
    assert not any("nearly all different" in note for note in prepare(people).notes)


def test_leading_zeros_are_labels():
    kind, values, found = read([f"{i % 9:05}" for i in range(N)])
    assert kind == "category" and values[1] == "00001"
    assert any("leading zeros" in note for note in found.notes)


def test_skewed_columns_are_on_a_log_scale():
    frame = pd.DataFrame(
        {"x": np.random.default_rng(0).lognormal(3, 2, N), "other": OTHER + 9}
    )
    found = prepare(frame)
    assert found.log == ("x",) and any("log scale" in note for note in found.notes)
    assert prepare(frame, log="none").log == () and prepare(-frame).log == ()
    assert prepare(frame, log="other").log == ("other",)


@pytest.mark.parametrize("code", [-200, 999, 9999, -99])
def test_codes_for_missing_are_pointed_out(code):
    numbers = np.random.default_rng(0).uniform(1, 12, N).round(1)
    numbers[[3, 9, 40, 41]] = code
    found = prepare(pd.DataFrame({"x": numbers, "other": OTHER}))
    assert any(f"missing= {code}," in note for note in found.notes)
    with pytest.raises(ValueError, match="strict="):
        prepare(pd.DataFrame({"x": numbers, "other": OTHER}), strict=True)
    found = prepare(pd.DataFrame({"x": numbers, "other": OTHER}), missing=[str(code)])
    assert found.rows["x"].isna().sum() == 4 and found.rows["x"].max() < 13


@pytest.mark.parametrize(
    ("most", "code"), [(1, -999), (5, 99), (5, -9), (5, 88), (7, -999), (10, 9999)]
)
def test_codes_for_missing_among_few_values(most, code):
    numbers = np.arange(N) % (most + 1)
    numbers[numbers == 0] = code if code > 0 else 0
    numbers[::10] = code
    frame = pd.DataFrame({"x": numbers, "other": OTHER})
    found = prepare(frame)
    assert found.log == () and any(f"missing= {code}," in n for n in found.notes)
    steps = np.where(numbers == code, most + 1, numbers)
    notes = prepare(frame.assign(x=steps)).notes
    assert not any("far from all other" in note for note in notes)


def test_nines_need_not_come_often():
    numbers = np.random.default_rng(0).uniform(1, 12, N).round(1)
    numbers[[3, 9]] = -9999
    notes = prepare(pd.DataFrame({"x": numbers, "other": OTHER})).notes
    assert any("-9999 is repeated" in note for note in notes)


@pytest.mark.parametrize("typed", [True, False])
def test_days_that_stand_for_a_missing_one(typed):
    days = pd.Series(pd.date_range("2020-01-01", periods=N).astype("datetime64[us]"))
    code = "2100-12-31" if typed else "9999-12-31"
    days = days if typed else days.dt.strftime("%Y-%m-%d").astype(object)
    days[[3, 9, 20]] = pd.Timestamp(code) if typed else code
    frame = pd.DataFrame({"x": days, "other": OTHER})
    notes = prepare(frame).notes
    assert any(f"missing= {code}, if it stands" in note for note in notes)
    assert prepare(frame, missing=[code]).rows["x"].isna().sum() == 3


def test_minutes_and_seconds_are_doubted():
    cells = [f"{i % 60:02}:{i * 7 % 60:02}" for i in range(N)]
    frame = pd.DataFrame({"x": cells, "other": OTHER})
    assert any("Maybe minutes and seconds" in note for note in prepare(frame).notes)
    frame["x"] = [f"{i % 24:02}:{i * 7 % 60:02}" for i in range(N)]
    assert not any("Maybe minutes" in note for note in prepare(frame).notes)


@pytest.mark.parametrize("name", ["Total", "Grand total:", "SUM"])
def test_a_last_row_of_sums_is_doubted(name):
    cells = [*(f"n{i % 5}" for i in range(N - 1)), name]
    frame = pd.DataFrame({"x": cells, "other": OTHER})
    with pytest.raises(ValueError, match=f"last row, of {name!r}, may be a sum"):
        prepare(frame, strict=True)
    assert prepare(frame[::-1], strict=True).rows.shape == (N, 2)


def test_marks_are_counted_among_what_they_are_in():
    days = pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"x": ["?", *days[1:]], "other": OTHER})
    assert "Counted as missing among dates: '?' 1 in x." in prepare(frame).notes


@pytest.mark.parametrize(
    ("codes", "most"),
    [((97, 98, 99), 5), ((77, 88, 99), 30), ((998, 999), 12), ((-99, -98, -97), 20)],
)
def test_several_codes_for_missing_are_pointed_out(codes, most):
    numbers = np.arange(N) % (most + 1)
    for i, code in enumerate(codes):
        numbers[[i, i + 20, i + 40, i + 50]] = code
    frame = pd.DataFrame({"x": numbers, "other": OTHER})
    texts = [str(code) for code in codes]
    said = f"{', '.join(texts)} are repeated, and far from all other values of x"
    notes = prepare(frame).notes
    assert (
        f"{said}: missing= {' '.join(texts)}, if they stand for missing values."
        in notes
    )
    assert not any("repeated" in note for note in prepare(frame, missing=codes).notes)
    # in the range of the others they are no codes
    frame["x"] = np.arange(N) % 3 + 97
    assert not any("repeated" in note for note in prepare(frame).notes)


def test_a_yearly_series_keeps_its_years():
    frame = pd.DataFrame({"year": np.arange(1960, 1960 + N), "other": OTHER})
    found = prepare(frame, strict=True)
    assert found.kinds["year"] == "number"
    assert any("Kept as years, though" in note for note in found.notes)
    assert prepare(frame.rename(columns={"year": "n"})).aside["n"]
    assert prepare(frame.assign(year=np.arange(N))).aside["year"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [("{} h {} min", True), ("Monday, 5 May {}{}", True), ("PC-{}{}", False)],
)
def test_texts_that_hide_numbers_are_pointed_out(cell, said):
    _, _, found = read([cell.format(i, 7 * i % 60) for i in range(N)])
    assert found.aside["x"].startswith("free text")
    assert any("Maybe numbers or dates" in note for note in found.notes) == said


def test_numbers_among_texts_are_pointed_out():
    _, _, found = read([f"n{i}" if i % 3 else str(i) for i in range(N)])
    assert any("be read from 'n1' in row 1: x." in note for note in found.notes)


def test_units_and_dates_that_are_kept_are_categories():
    cells = [f"{n % 25} {['kg', 'g'][n % 2]}" for n in range(N)]
    assert any("keep= x" in note for note in read(cells)[2].notes)
    kind, _, found = read(cells, keep="x")
    assert kind == "category"
    assert any("though they are numbers with several units" in n for n in found.notes)
