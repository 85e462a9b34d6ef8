# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables that are worked out where they are asked for: as arrays, and within memory."""

import re

import numpy as np
import pytest
import scipy.sparse
from sklearn import config_context

from skneon.explanation import SharedRows, SparseRelevance

RNG = np.random.default_rng(0)
TABLES = [
    SharedRows(RNG.normal(size=(3, 6)), np.array([2, 0, 0, 1, 2])),
    SparseRelevance(
        scipy.sparse.random(5, 6, 0.3, format="csr", random_state=0),
        RNG.normal(size=(5, 2)),
        RNG.normal(size=(2, 6)),
    ),
]
MASK = np.array([True, False, True, True, False])
KEYS = [
    2,
    -1,
    slice(None),
    slice(3, 0, -1),
    [4, 0, 0],
    MASK,
    (2, 3),
    (slice(None), 3),
    (1, slice(1, 4)),
    (slice(None), [5, 0, 3]),
    (MASK, slice(2, None)),
    ([[0], [4]], [1, 2, 5]),
    (np.arange(5), np.array([0, 5, 1, 1, 2])),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: type(table).__name__)
def test_indexed_as_an_array(table):
    array = table.toarray()
    assert table.shape == array.shape and len(table) == 5 and table.ndim == 2
    for key in KEYS:
        got = np.asarray(table[key])
        np.testing.assert_allclose(got, array[key], rtol=1e-12, atol=1e-15)
    for key in (5, (0, 6), (0, 1, 2)):
        with pytest.raises((IndexError, ValueError)):
            table[key]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: type(table).__name__)
def test_numpy_takes_it_for_an_array_within_memory(table):
    array = table.toarray()
    np.testing.assert_array_equal(np.abs(table), np.abs(array))
    np.testing.assert_array_equal(2 - table, 2 - array)
    assert np.asarray(table, dtype=np.float32).dtype == np.float32
    message = "5 x 6 cells takes 0.000229 MiB, more than .* 0.0001 MiB. Take some rows"
    with config_context(working_memory=1e-4):
        for ask in (np.asarray, np.abs, lambda table: -table):
            with pytest.raises(MemoryError, match=message):
                ask(table)
        np.testing.assert_array_equal(table.toarray(), array)
        assert re.search(r"shape \(5, 6\)", repr(table))
