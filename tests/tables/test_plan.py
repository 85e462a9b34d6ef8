# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which columns are features, and as what."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import document, mixed, refused, written


def one_column(tmp_path, cells, *arguments):
    """What is made of a column beside one of numbers."""
    other = np.random.default_rng(0).normal(size=len(cells))
    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object), "other": other})
    path = written(tmp_path / "table.csv", frame)
    found = document(path, *arguments)
    settings = found["settings"]
    kind = "category" if "x" in settings["categories"] else "number"
    return (kind if "x" in settings["columns"] else None), found["notes"]


def test_few_words_among_numbers(tmp_path):
    kind, notes = one_column(tmp_path, [1, 2, "many"] * 10)
    assert kind == "category"
    said = "holds numbers and words: x, first 'many' in row 2."
    assert any(said in note for note in notes)
    cells = [i / 7 for i in range(40)]
    cells[5], cells[30] = "ca. 3", "?"
    with pytest.raises(AssertionError, match=r"'ca\. 3' in row 5, '\?' in row 30"):
        one_column(tmp_path, cells)
    path = tmp_path / "table.csv"
    assert "leave the column out by --drop" in refused(path)
    assert document(path, "--drop", "x")["settings"]["columns"] == ["other"]


def test_decimal_commas_that_come_late(tmp_path):
    rows = [f"{i};{i * i}" for i in range(1, 300)] + ["1,5;2"]
    path = written(tmp_path / "table.csv", "a;b\n" + "\n".join(rows) + "\n")
    found = document(path, "--top", 300)
    assert found == document(path, "--top", 300, "--decimal", ",")
    values = {e["row"]: e["reasons"] for e in found["rows"]}[299]
    assert {r["feature"]: r["value"] for r in values} == {"a": 1.5, "b": 2}


def test_points_among_decimal_commas_are_no_numbers(tmp_path):
    rows = [f"{i},5;{i * i}" for i in range(1, 300)]
    path = tmp_path / "table.csv"
    written(path, "\n".join(["a;b", *rows, "1.23;2"]) + "\n")
    assert "'1.23' in row 299" in refused(path)
    # before three digits they mark thousands
    written(path, "\n".join(["a;b", *rows, "1.234;2"]) + "\n")
    assert document(path, "--top", 1)["rows"][0]["reasons"][0]["value"] == 1234


def test_texts_of_many_values_are_left_out_unless_named(tmp_path):
    cells = [f"text {i % 25}" for i in range(40)]
    assert one_column(tmp_path, cells)[0] is None
    kind, _ = one_column(tmp_path, cells, "--columns", "x", "other")
    assert kind == "category"
    assert one_column(tmp_path, [f"text {i % 20}" for i in range(40)])[0] == "category"


def test_row_numbers_are_left_out_unless_named(tmp_path):
    assert one_column(tmp_path, range(1, 31))[0] is None
    kind, _ = one_column(tmp_path, range(1, 31), "--columns", "x", "other")
    assert kind == "number"
    assert one_column(tmp_path, [*range(1, 30), 40])[0] == "number"


def test_order_of_columns(tmp_path):
    path = written(tmp_path / "table.csv", mixed())
    columns = document(path)["settings"]["columns"]
    assert columns == ["size", "kind", "weight", "grade"]
    asked = document(path, "--columns", "grade", "size")["settings"]["columns"]
    assert asked == ["grade", "size"]


def test_names_that_lack(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)))
    frame.to_csv(tmp_path / "table.csv", header=[" b ", ""])
    found = document(tmp_path / "table.csv")
    assert found["settings"]["columns"] == ["b", "column3"]
    assert "Left out, the number of the row: column1." in found["notes"]


def test_a_header_of_numbers_is_said(tmp_path):
    path = written(tmp_path / "table.csv", "1,2\n3,4\n5,9\n")
    said = "The first line, 1, 2, was taken for the header: if it is a row, say "
    assert f"{said}--no-header." in document(path)["notes"]


def test_truths_are_categories(tmp_path):
    assert one_column(tmp_path, [True, False, False] * 10)[0] == "category"


def test_numbers_with_thousands_separators(table):
    data = table('a,b\n"1.234,5",2\n"2.234,5",3\n"7.000,1",9\n')
    found = document(data, "--top", 3)
    reasons = {e["row"]: e["reasons"] for e in found["rows"]}
    values = [next(r for r in reasons[i] if r["feature"] == "a") for i in range(3)]
    assert [reason["value"] for reason in values] == [1234.5, 2234.5, 7000.1]
    assert any("thousands by '.'" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("cell", "noun"),
    [("${}.5", "number"), ("{} %", "number"), ("{} kg", "number"),
     ("2021-03-{:02}", "date"), ("{}.12.2020", "date"), ("07:{}:00", "duration")],
)  # fmt: skip
@pytest.mark.parametrize("bad", [0, 20])
def test_a_word_among_marked_numbers_or_dates_is_refused(cell, noun, bad, table):
    cells = [cell.format(i) for i in range(10, 32)]
    cells[bad] = "oops"
    rows = [f"{i % 7}.5;{text}" for i, text in enumerate(cells)]
    path = table("\n".join(["b;a", *rows]) + "\n")
    said = refused(path)
    assert f"holds 21 {noun}s" in said and f"'oops' in row {bad}" in said
    assert all(option in said for option in ("--missing", "--drop", "--categories"))
    assert document(path, "--categories", "a")["settings"]["categories"] == ["a"]
    assert "a" in document(path, "--missing", "oops")["settings"]["columns"]


@pytest.mark.parametrize(
    ("cell", "how"),
    [("(50.5)", "Read as negative, for parentheses or '-' behind"),
     ("120-", "Read as negative, for parentheses or '-' behind"),
     ("50.5", "Read without '$', which others have")],
)  # fmt: skip
def test_numbers_that_are_written_unlike_others_are_doubted(cell, how, table):
    mark = "$" if "$" in how else ""
    cells = [cell if i == 13 else f"{mark}{i * 7 % 11}.25" for i in range(30)]
    path = table("a;b\n" + "".join(f"{c};{i % 7}.5\n" for i, c in enumerate(cells)))
    note = f"{how}: a, 1 number, first {cell!r} in row 13."
    assert note in document(path)["notes"]
    assert note in refused(path, "--strict")
    path = table("a;b\n" + "".join(f"({i % 5});{i % 7}.5\n" for i in range(30)))
    notes = document(path, "--strict")["notes"]
    assert any("30 numbers, first '(0)' in row 0" in said for said in notes)


@pytest.mark.parametrize(("mark", "odd"), [("", "7.5%"), (" kg", "7 lb"), ("%", "7")])
def test_another_unit_of_one_number_is_refused(mark, odd, table):
    cells = [odd if i == 13 else f"{i}.25{mark}" for i in range(30)]
    path = table("a;b\n" + "".join(f"{c};{i % 7}.5\n" for i, c in enumerate(cells)))
    said = refused(path)
    assert "holds 29 numbers, but also 1 value" in said and f"{odd!r} in row 13" in said
