# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What labels rows is left out or pointed out; categories never frequent are out."""

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
