# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers with marks are numbers, or refused; large ones keep their digits."""

import json

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import document, refused, written
from helpers.odd_tables import OTHER, WHOLE, N, frame_of, read

from skneon import prepare


@pytest.mark.parametrize(
    "form",
    [
        "{:,}", "${:,}", "€ {:,}", "{:,} EUR", "USD {:,}", "{:,} kg", "{:,} %",
        "{:,}.00",
    ],
)  # fmt: skip
def test_marks_of_numbers(form):
    kind, values, found = read([form.format(n) for n in WHOLE])
    assert kind == "number"
    np.testing.assert_array_equal(values, WHOLE)
    assert any("Read as numbers" in note for note in found.notes)


@pytest.mark.parametrize("mark", [".", " ", "'", "\N{NO-BREAK SPACE}"])
def test_thousands_of_other_conventions(mark, tmp_path):
    cells = [f"{n + 0.25:,.2f}".replace(",", "t").replace(".", ",") for n in WHOLE]
    kind, values, _ = read([cell.replace("t", mark) for cell in cells])
    assert kind == "number"
    np.testing.assert_array_equal(values, WHOLE + 0.25)


def test_negative_numbers_of_all_sorts():
    signed = np.where(OTHER < 0, -WHOLE, WHOLE)
    for form in ("({:,})", "\N{MINUS SIGN}{:,}", "{:,}-", "-${:,}"):
        cells = [form.format(-n) if n < 0 else f"{n:,}" for n in signed]
        np.testing.assert_array_equal(read(cells)[1], signed)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1,651", "2,300", "4,125"] * 20, "say --thousands ,"),
        ([f"{i},5" if i % 2 else f"{i}.25" for i in range(N)], "cannot be read"),
        (["1.078", "2.125", "887", "3.512"] * 15, "say --thousands ."),
    ],
)
def test_marks_that_cannot_be_told_are_refused(cells, message, tmp_path):
    cells = [f'"{cell}"' for cell in cells]
    path = written(tmp_path / "t.csv", "\n".join(["x", *cells]) + "\n")
    assert message in refused(path)


def test_units_that_differ_are_no_number():
    kind, _, found = read([f"{n} {['kg', 'g'][n % 2]}" for n in WHOLE])
    assert kind is None and "several units (g, kg)" in found.aside["x"]
    kind, _, found = read([f"{n}%" if n % 2 else f"{n}" for n in WHOLE])
    assert kind is None and "several units (none, %)" in found.aside["x"]


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("kind", ["csv", "frame", "parquet"])
def test_integers_beyond_two_to_53(step, kind, tmp_path):
    whole = 2**60 + step * np.random.default_rng(0).permutation(N)
    frame = pd.DataFrame({"v": whole, "other": OTHER})
    table = {"csv": tmp_path / "t.csv", "parquet": tmp_path / "t.pq", "frame": frame}[
        kind
    ]
    if kind == "csv":
        written(table, frame)
    elif kind == "parquet":
        frame.to_parquet(table)
    found = prepare(table)
    np.testing.assert_array_equal(found.rows["v"], (whole - whole[0]).astype(float))
    assert any(f"counted from {whole[0]}" in note for note in found.notes)


def test_numbers_as_text_are_the_same_on_every_door(tmp_path):
    few = np.random.default_rng(0).integers(1, 40, N)
    few[5] = 9000
    frame = frame_of(few.astype(str))
    path, parquet = written(tmp_path / "t.csv", frame), tmp_path / "t.pq"
    frame.to_parquet(parquet)
    frame["other"] = OTHER
    for table in (path, parquet, frame, frame.assign(x=few)):
        np.testing.assert_array_equal(prepare(table).rows["x"], few)
    assert json.dumps(document(path)["rows"]) == json.dumps(document(parquet)["rows"])


def test_integers_beyond_64_bits_and_gaps_among_them():
    whole = [2**70 + 7 * (i * i % 59) for i in range(N)]
    cells = ["?" if i == 3 else str(n) for i, n in enumerate(whole)]
    kind, values, _ = read(cells)
    expected = np.array([float(n - whole[0]) for n in whole])
    expected[3] = np.nan
    assert kind == "number"
    np.testing.assert_array_equal(values, expected)
