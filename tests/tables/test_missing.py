# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Marks for missing numbers, and codes that may stand for one."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from helpers.cli_runs import document, refused, written
from helpers.odd_tables import OTHER, WHOLE, N, frame_of, read

from skneon import prepare


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
