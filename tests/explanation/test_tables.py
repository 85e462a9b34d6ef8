# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What forms ask of their tables: the same of dense and of sparse ones."""

import numpy as np
import pytest
import scipy.sparse
from sklearn import config_context

from skneon.explanation import SharedRows
from skneon.explanation._tables import filled, lone, some_cells, stacked

ROWS = scipy.sparse.random(5, 4, 0.5, format="csr", random_state=0)
GROUPS = [[1], [0, 3], [2]]


@pytest.mark.parametrize("table", [ROWS, scipy.sparse.csr_array(ROWS)])
def test_sparse_rows(table):
    columns = np.array([[0, 3], [1, 1], [2, 0], [3, 2], [1, 0]])
    expected = np.take_along_axis(table.toarray(), columns, axis=1)
    np.testing.assert_array_equal(some_cells(table, columns), expected)
    np.testing.assert_array_equal(
        lone(table, GROUPS).toarray(), lone(filled(table), GROUPS)
    )
    assert type(lone(table, GROUPS)) is type(table)
    both = stacked([table, table[:2]])
    np.testing.assert_array_equal(both.toarray(), filled(table)[[0, 1, 2, 3, 4, 0, 1]])
    with config_context(working_memory=1e-5), pytest.raises(MemoryError):
        filled(table)


def test_lone_columns():
    X = np.arange(8.0).reshape(2, 4)
    expected = [[1, np.nan, 2], [5, np.nan, 6]]
    np.testing.assert_array_equal(lone(X, GROUPS), expected)
    objects = lone(np.array([["a", 1, "b", 2]], dtype=object), GROUPS)
    assert objects[0, 0] == 1 and np.isnan(objects[0, 1]) and objects[0, 2] == "b"
    np.testing.assert_array_equal(
        lone(SharedRows(X, np.array([0, 1])), GROUPS), expected
    )


def test_tables_of_two_kinds_become_arrays():
    shared = SharedRows(np.ones((1, 4)), np.zeros(2, dtype=int))
    np.testing.assert_array_equal(
        stacked([shared, ROWS]), np.vstack([np.ones((2, 4)), ROWS.toarray()])
    )
