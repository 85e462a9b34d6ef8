# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The wholesale customers data, and copies of it that are refused."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from skneon import datasets
from skneon.datasets import fetch_wholesale_customers


def test_reads_the_data(wholesale_path):
    bunch = fetch_wholesale_customers(wholesale_path)
    assert bunch.data.shape == (440, 6)
    assert bunch.feature_names[0] == "Fresh"
    np.testing.assert_array_equal(bunch.data[337], [9351, 1347, 2611, 8170, 442, 868])
    assert set(bunch.channel) == {1, 2} and set(bunch.region) == {1, 2, 3}


def test_refuses_polluted_copies(wholesale_path, tmp_path):
    lines = wholesale_path.read_text().splitlines()
    polluted = tmp_path / "polluted.csv"
    polluted.write_text("\n".join([*lines, lines[-1]]))
    with pytest.raises(ValueError, match=r"polluted copy.* 441 rows .*10.24432/C5030X"):
        fetch_wholesale_customers(polluted)
    polluted.write_text("\n".join([*lines[:-1], "2,3,1,1,1,1,1,1"]))
    with pytest.raises(ValueError, match=r"polluted copy.* 440 rows with the sum"):
        fetch_wholesale_customers(polluted)


def test_refuses_other_files(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="not the wholesale customers data: columns"):
        fetch_wholesale_customers(other)
    other.write_text("a,b\n1,x\n")
    with pytest.raises(ValueError, match="no table of numbers"):
        fetch_wholesale_customers(other)
    other.write_text("")
    with pytest.raises(ValueError, match="not the wholesale customers data"):
        fetch_wholesale_customers(other)


def test_fetches_from_openml_by_default(wholesale_path, monkeypatch, tmp_path):
    table = np.loadtxt(wholesale_path, delimiter=",", skiprows=1)
    header = wholesale_path.read_text().splitlines()[0].split(",")
    header[-1] = "Delicatessen"
    calls = []

    def fetch_openml(**arguments):
        calls.append(arguments)
        return Bunch(data=table, feature_names=[name.lower() for name in header])

    monkeypatch.setattr(datasets, "fetch_openml", fetch_openml)
    bunch = fetch_wholesale_customers(data_home=tmp_path)
    expected = fetch_wholesale_customers(wholesale_path)
    np.testing.assert_array_equal(bunch.data, expected.data)
    np.testing.assert_array_equal(bunch.channel, expected.channel)
    assert calls[0]["data_id"] == 1511 and calls[0]["data_home"] == tmp_path
