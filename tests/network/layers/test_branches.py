# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps side by side: what they know together, and how they take their columns."""

import numpy as np
import pandas as pd
import pytest

from skneon.network import Branches, Chain, ColumnWise, Inputs, LinearMap
from skneon.network.numerics._table_cells import is_missing


def test_the_first_branch_that_knows_a_value_says_it():
    halve = ColumnWise(None, [0, 1], lambda R: R / 2)
    mute = ColumnWise(None, [0])
    branches = Branches(
        None,
        [
            (np.array([0]), [("mute", mute)]),
            (np.array([0, 2]), [("halve", halve)]),
            (np.array([2, 1]), []),
        ],
    )
    wired = branches.wire(Inputs.identity(4))
    values = wired.restore(np.arange(10.0).reshape(2, 5))
    # outputs: of 0 (mute); of 0 and 2 (halved); of 2 and 1 (as they are)
    np.testing.assert_array_equal(values[:, 0], [0.5, 3.0])
    np.testing.assert_array_equal(values[:, 2], [1.0, 3.5])
    np.testing.assert_array_equal(values[:, 1], [4, 9])
    assert is_missing(values[:, 3]).all()


def test_one_layer_in_two_branches_makes_different_columns():
    """Columns are the same where their values are, not where their layer is."""
    log = ColumnWise(np.log, [0])
    total = LinearMap(lambda X: X.sum(axis=1, keepdims=True), np.ones((2, 1)))
    X = np.array([[1.0, 2.0], [3.0, 5.0]])

    def transform(X):
        logs = np.log(X)
        return np.column_stack([logs, X.sum(axis=1)])

    branches = Branches(
        transform,
        [
            (np.array([0]), [("log", log)]),
            (np.array([1]), [("log", log)]),
            (np.array([0, 1]), [("total", total)]),
        ],
    )
    chain = Chain.wire([("branches", branches)], Inputs.identity(2))
    Z, Y = chain.trace(X)
    np.testing.assert_array_equal(Y, np.column_stack([np.log(X), X]))
    np.testing.assert_array_equal(chain.inputs.parents, [0, 1, 0, 1])
    np.testing.assert_allclose(chain.inputs.project(Y), Z)


@pytest.mark.parametrize("names", [None, np.array(["a", "b", "c"], dtype=object)])
def test_columns_of_tables_of_any_make(names):
    X = np.arange(6.0).reshape(2, 3)
    branches = Branches(None, [], names)
    frames = [pd.DataFrame(X, columns=list("abc"))]
    if names is not None:
        # by name, wherever they are
        frames.append(frames[0][["c", "a", "b"]])
    for rows in (X, *frames):
        several, lone = np.array([2, 0]), np.arange(3)[1]
        np.testing.assert_array_equal(branches.take(rows, several), X[:, [2, 0]])
        np.testing.assert_array_equal(branches.take(rows, lone), X[:, 1])
