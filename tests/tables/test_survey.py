# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The first pass: samples do not depend on the parts, columns are counted rightly."""

import numpy as np
import pyarrow as pa
import pytest
from helpers.cli_runs import document

from skneon._tables import _source
from skneon._tables._guess import Texts
from skneon._tables._numbers import Numbers
from skneon._tables._source import Source
from skneon._tables._survey import Column, drawn, sampled, survey
from skneon._tables._words import Options


@pytest.mark.parametrize("size", [1, 20, 150, 500])
def test_samples_are_the_same_in_any_parts(size, monkeypatch):
    numbers = pa.array(np.arange(300.0))
    batch = pa.RecordBatch.from_arrays([numbers, numbers], ["a", "b"])
    source = Source("X", ["a", "b"], lambda: iter([batch]))
    rows = sampled(300, size)
    assert len(rows) == min(size, 300) and (np.diff(rows) > 0).all()
    for cells in (1, 7, 200, 600):
        monkeypatch.setattr(_source, "CELLS", cells)
        found = survey(source, ["a"], Options(), size)
        np.testing.assert_array_equal(found.rows, rows)
        np.testing.assert_array_equal(found.sample["a"], rows)
        np.testing.assert_array_equal(found.judged["a"], np.arange(300))
        np.testing.assert_array_equal(drawn(source, ["b"], rows)["b"], rows)


def test_samples_are_uniform_and_nested():
    rows = sampled(100_000, 2000)
    counts = np.bincount(rows // 10_000, minlength=10)
    # 200 expected each, with a standard deviation of 13
    assert np.abs(counts - 200).max() < 55
    assert np.isin(sampled(100_000, 300), rows).all()


def test_columns():
    cells = ["1", None, "x", "3.5", "y", "x", "z", "w"]
    column = Column(Texts())
    for start, stop in ((0, 3), (3, 8)):
        column.add(pa.array(cells[start:stop]), start, 100)
    assert (column.n_numbers, column.n_words, column.n_missing) == (2, 5, 1)
    assert (column.minimum, column.maximum) == (1, 3.5)
    assert column.words == {"x": 2, "y": 4, "z": 6}
    assert len(column.distinct) == 6 and not column.many and not column.counts_rows


def test_columns_of_many_values():
    column = Column(Texts())
    column.add(pa.array([f"{i}" for i in range(50)]), 0, 10)
    assert column.many and column.counts_rows


@pytest.mark.parametrize(
    ("numbers", "counts"),
    [
        ([3, 4, 5, 6], True),
        ([3, 4, 6, 7], False),
        ([3, 4, None, 6], False),
        ([1, 0, -1, -2], False),
    ],
)
def test_columns_that_count_rows(numbers, counts):
    for part in (1, 2, 4):
        column = Column(Numbers())
        for start in range(0, 4, part):
            some = pa.array(numbers[start : start + part], "float64")
            column.add(some, start, 9)
        assert column.counts_rows == counts


def test_what_becomes_of_columns_does_not_depend_on_the_support(table):
    rng = np.random.default_rng(0)
    skewed = np.exp(rng.normal(0, 2, 400)).round(4)
    rows = [f"{7919 * i % 99991},{skewed[i]},{i % 7}.5" for i in range(400)]
    path = table("customer_id,income,size\n" + "\n".join(rows) + "\n")
    whole, few = document(path), document(path, "--max-support", 12)
    assert whole["settings"]["columns"] == ["income", "size"]
    assert few["settings"]["columns"] == ["income", "size"]
    said = [note for note in few["notes"] if "--max-support" not in note]
    assert said == whole["notes"]
    assert any("drawn at random" in note for note in few["notes"])
