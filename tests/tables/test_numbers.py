# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers with marks, large ones, what stands for a missing one: read or refused."""

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from helpers.cli_runs import document, refused, written
from helpers.odd_tables import OTHER, WHOLE, N, frame_of, read

from skneon import prepare
from skneon._tables import _source


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


@pytest.mark.parametrize(("odd", "said"), [("59", "without 'kg'"), ("g 5", "such")])
def test_a_few_without_the_unit_are_named(odd, said):
    with pytest.raises(ValueError, match=f"59 numbers, .* 1 value .*{said}: '{odd}'"):
        read([odd, *(f"{n} kg" for n in WHOLE[1:])])


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


@pytest.mark.parametrize(
    "mark", ["?", "-", "..", "*", "N.A.", "#VALUE!", "missing", "\\N", "***", "(none)"]
)
def test_marks_for_missing_numbers(mark):
    cells = [str(n) for n in WHOLE]
    cells[3] = cells[40] = mark
    kind, values, found = read(cells)
    assert kind == "number" and np.isnan(values[[3, 40]]).all()
    assert sum(np.isnan(values)) == 2
    assert any(f"{mark!r} 2" in note for note in found.notes)


def test_words_for_missing_are_named(tmp_path):
    cells = [*OTHER[:-2].astype(str), "trace", "trace"]
    path = written(tmp_path / "t.csv", frame_of(cells))
    assert "--missing 'trace'" in refused(path)
    assert document(path, "--missing", "trace")["settings"]["categories"] == []
    kind, values, _ = read(cells, missing=["trace"])
    assert kind == "number" and np.isnan(values[-2:]).all()


def test_a_number_for_missing_is_named_on_the_command_line(tmp_path):
    cells = [*OTHER[:-3].astype(str), "-200", "-200", "-200"]
    frame = frame_of(cells)
    written(tmp_path / "t.csv", frame)
    frame.astype({"x": float, "other": float}).to_parquet(tmp_path / "t.pq")
    for path in (tmp_path / "t.csv", tmp_path / "t.pq"):
        found = document(path, "--missing", "-200", "?")
        assert any("x 3." in note for note in found["notes"])
        assert not any("-200 is repeated" in note for note in found["notes"])


def test_nan_is_missing_wherever_it_comes_from():
    numbers = [np.nan, *np.arange(59.0) ** 1.5]
    frame = pd.DataFrame({"x": numbers, "y": numbers[::-1]})
    expected = prepare(frame).notes
    assert any("x 1, y 1" in note for note in expected)
    arrays = {name: pa.array(frame[name].to_numpy()) for name in frame}
    assert prepare(pa.table(arrays)).notes == expected


def test_words_behind_a_number_sign_are_no_errors_of_a_sheet():
    kinds = prepare(pd.DataFrame({"x": ["#ff0000", "#00ff00", "#P"] * 20})).kinds
    assert kinds == {"x": "category"}


@pytest.mark.parametrize("form", ["lines", "json", "decimal", "frame", "uint64", "csv"])
def test_whole_numbers_beyond_64_bits_wherever_they_come_from(form, tmp_path):
    start = 2**63 + 1 if form == "uint64" else 2**64 + 1
    whole = [start + 7 * (i * i % 59) for i in range(N)]
    rows = [
        json.dumps({"x": n, "other": float(o)})
        for n, o in zip(whole, OTHER, strict=True)
    ]
    table = tmp_path / "t"
    if form == "lines":
        table.write_text("\n".join(rows))
    elif form == "json":
        table.write_text(f"[{','.join(rows)}]")
    elif form == "decimal":
        cells = pa.array(map(Decimal, whole), pa.decimal128(30, 0))
        pyarrow.parquet.write_table(pa.table({"x": cells, "other": OTHER}), table)
    else:
        kind = form if form == "uint64" else object
        table = pd.DataFrame({"x": np.array(whole, dtype=kind), "other": OTHER})
    if form == "csv":
        table = written(tmp_path / "t.csv", table)
    expected = np.array([float(n - start) for n in whole])
    np.testing.assert_array_equal(prepare(table).rows["x"], expected)


def test_whole_numbers_beyond_two_to_53_among_others():
    cells = ["9007199254740993", "1.5", *map(str, WHOLE[2:])]
    kind, values, _ = read(cells)
    assert kind == "number"
    np.testing.assert_array_equal(values, np.array(cells, dtype=float))


@pytest.mark.parametrize(("cell", "number"), [("1.000", 1.0), ("1,000", 1000.0)])
def test_a_frame_of_texts_is_as_its_file(cell, number, tmp_path):
    cells = [cell, *(f"{i}{cell[1]}{i * 37 % 900 + 100}" for i in range(2, N + 1))]
    frame = frame_of(cells).astype({"other": str})
    found = prepare(frame).rows
    assert found["x"][0] == number
    path = tmp_path / "t.csv"
    frame.to_csv(path, sep=";", index=False)
    pd.testing.assert_frame_equal(prepare(path).rows, found)


@pytest.mark.parametrize("unit", ["", " kg", " €"])
@pytest.mark.parametrize("n_marked", [1, 40])
@pytest.mark.parametrize("cells_of_a_part", [128, 500_000])
def test_points_beside_whole_numbers_are_asked_for(
    unit, n_marked, cells_of_a_part, tmp_path, monkeypatch
):
    # also late ones, and whatever numbers of the frame that are no texts
    monkeypatch.setattr(_source, "CELLS", cells_of_a_part)
    cells = [str(i % 900 + 1) for i in range(700)]
    cells[-n_marked:] = [f"{n % 9 + 1}.{n + 234}" for n in range(n_marked)]
    frame = pd.DataFrame({"x": [cell + unit for cell in cells], "other": 0.5})
    frame["other"] += frame.index
    frame.to_parquet(tmp_path / "t.pq")
    frame.assign(other=frame.index).to_csv(tmp_path / "t.csv", sep=";")
    for table in (frame, tmp_path / "t.pq", tmp_path / "t.csv"):
        with pytest.raises(ValueError, match=r"such as 1.234 beside .* thousands= \."):
            prepare(table)
        for options, number in (({"thousands": "."}, 1234), ({"decimal": "."}, 1.234)):
            assert prepare(table, **options).rows["x"].iloc[-n_marked] == number


@pytest.mark.parametrize("unit", ["", "€"])
def test_points_that_may_all_mark_thousands_are_pointed_out(unit):
    cells = [f"{i + 11}.{i * 37 % 900 + 100}{unit}" for i in range(N)]
    frame = pd.DataFrame({"x": cells, "other": OTHER})
    with pytest.raises(ValueError, match=r"such as 11.100 .*point: x \(thousands= \."):
        prepare(frame, strict=True)
    for more in ({"decimal": "."}, {"thousands": "."}):
        assert not any("such as" in note for note in prepare(frame, **more).notes)
    # decimals elsewhere, as texts, tell
    notes = prepare(frame.assign(other=OTHER.astype(str))).notes
    assert not any("such as" in note for note in notes)


def test_an_option_for_thousands_tells_the_decimal_sign():
    cells = [f"{i % 9 + 1},{i * 37 % 900 + 100}" for i in range(N)]
    with pytest.raises(ValueError, match="say thousands= ,"):
        read(cells)
    _, values, _ = read(cells, thousands=",")
    np.testing.assert_array_equal(values, [int(c.replace(",", "")) for c in cells])
    with pytest.raises(ValueError, match="decimal= , and thousands= , are the same"):
        read(cells, thousands=",", decimal=",")


@pytest.mark.parametrize("unit", ["", "$"])
def test_thousands_may_be_marked_in_some_numbers_alone(unit):
    cells = [f"{unit}{5000 + i}.25" for i in range(N - 1)] + [f"{unit}1,234.50"]
    kind, values, _ = read(cells)
    assert kind == "number"
    np.testing.assert_array_equal(values, [*5000.25 + np.arange(N - 1), 1234.5])


@pytest.mark.parametrize("end", [".-", ".--", ".\N{EN DASH}", ",-", ".\N{EM DASH}"])
@pytest.mark.parametrize("form", ["{}", "CHF {}", "{} Fr."])
def test_a_dash_for_no_cents_is_no_sign(end, form):
    _, values, _ = read([form.format(f"{n}{end}") for n in WHOLE])
    np.testing.assert_array_equal(values, WHOLE)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_scales_that_have_no_square_are_refused(factor):
    with pytest.raises(ValueError, match=r"'x' holds values .*: rescale it"):
        prepare(pd.DataFrame({"x": OTHER * factor, "other": OTHER}))
