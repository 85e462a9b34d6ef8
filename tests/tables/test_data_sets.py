# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of scikit-learn by their names."""

import numpy as np
import pytest
from helpers.cli_runs import document, refused, run

from skneon import prepare
from skneon._tables._data_sets import DATA_SETS, data_set

pytest.importorskip("pandas")


@pytest.mark.parametrize("name", DATA_SETS)
def test_all_are_tables_that_are_read_by_their_names(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    frame, title = data_set(name)
    table = prepare(name)
    assert set(table.rows.columns) <= set(frame.columns)
    for column in table.rows.columns:
        np.testing.assert_array_equal(table.rows[column], frame[column])
    assert table._known.name == title


def test_the_command_reads_them_and_names_them(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    said = run("--model", "isolation-forest", "iris").out
    assert said.startswith("scikit-learn's iris data: 150 rows, 4 columns")
    assert document("wine") == document()
    message = refused("vine")
    assert "vine: there is no such file, and no such data set of scikit" in message
    assert "breast_cancer, cancer, diabetes, digits, iris, linnerud, wine." in message
    assert "data set" not in refused("vine.csv")
    assert "data set" not in refused("wine", "--model-file", "vine")
    assert "put the file first" in refused("--drop", "ash", "wine")


def test_a_file_of_that_name_goes_first(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iris").write_text("a,b\n1,2\n3,5\n4,4\n")
    assert prepare("iris").rows.shape == (3, 2)
    assert run("iris").out.startswith("iris: 3 rows, 2 columns")
