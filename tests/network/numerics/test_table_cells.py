# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Cells of tables of any make."""

import numpy as np
import pandas as pd
import scipy.sparse

from skneon.network.numerics._table_cells import dense, is_missing, numbers, unknown


def test_missing_values_of_all_kinds():
    values = [None, np.nan, pd.NA, pd.NaT, float("nan"), np.datetime64("NaT")]
    assert is_missing(np.array(values, dtype=object)).all()
    values = ["", "nan", 0, False, 0.0, np.inf, (), "None", np.str_("nan")]
    table = np.empty(len(values), dtype=object)
    table[:] = values
    assert not is_missing(table).any()


def test_rows_of_any_make():
    X = np.arange(6.0).reshape(3, 2)
    for rows in (X, scipy.sparse.csr_array(X), pd.DataFrame(X), X.tolist()):
        np.testing.assert_array_equal(dense(rows), X)
        np.testing.assert_array_equal(numbers(rows), X)
    np.testing.assert_array_equal(dense(pd.Series(X[:, 0])), X[:, :1])


def test_numbers_are_floats_whatever_they_were():
    for rows in (np.array([[1, True]], dtype=object), np.array([["1", "1e0"]])):
        got = numbers(rows)
        assert got.dtype == np.float64 and (got == 1).all()


def test_unknown_values_are_missing_and_take_any_value():
    table = unknown(2, 3)
    assert table.shape == (2, 3) and is_missing(table).all()
    table[0, 0] = "text"
    assert is_missing(table).sum() == 5
