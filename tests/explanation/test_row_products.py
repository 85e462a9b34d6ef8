# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Products of two tables of few dimensions, against the array that they stand for."""

import pickle

import numpy as np
import pytest
import scipy.sparse
from sklearn import config_context

from skneon.explanation import RowProducts, SparseRelevance
from skneon.explanation import _sparse_relevance as module

RNG = np.random.default_rng(0)
N, D, M, P = 6, 9, 3, 2
WEIGHTS = RNG.normal(size=(N, M))
PRODUCTS = RowProducts(*(RNG.normal(size=s) for s in ((N, P), (P, D), (M, D))))
EXPECTED = (PRODUCTS.left @ PRODUCTS.right) * (WEIGHTS @ PRODUCTS.slopes)


def test_sums_and_cells():
    np.testing.assert_allclose(PRODUCTS.table(WEIGHTS), EXPECTED)
    np.testing.assert_allclose(PRODUCTS.row_sums(WEIGHTS), EXPECTED.sum(axis=1))
    np.testing.assert_allclose(PRODUCTS.column_sums(WEIGHTS), EXPECTED.sum(axis=0))
    rows, columns = np.array([5, 0, 2]), np.array([1, 8, 1])
    cells = PRODUCTS.cells(WEIGHTS, rows, columns)
    np.testing.assert_allclose(cells, EXPECTED[rows, columns])
    some = PRODUCTS.some(rows, columns).table(WEIGHTS[rows])
    np.testing.assert_allclose(some, EXPECTED[np.ix_(rows, columns)])


def test_groups():
    groups = np.arange(D) % 4
    within = scipy.sparse.csr_array((np.ones(D), (np.arange(D), groups)), (D, 4))
    weights, constants = PRODUCTS.grouped(WEIGHTS, within)
    np.testing.assert_allclose(weights @ constants, EXPECTED @ within.toarray())
    with config_context(working_memory=1e-5), pytest.raises(MemoryError):
        PRODUCTS.grouped(WEIGHTS, within)


def test_leading_columns_block_by_block(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 2 * D)
    stored = scipy.sparse.random(N, D, 0.3, format="csr", random_state=0)
    table = SparseRelevance(stored, WEIGHTS, np.zeros((M, D)), PRODUCTS)
    array = table.toarray()
    for k in (1, 4, 20):
        expected = np.argsort(-np.abs(array), axis=1, kind="stable")[:, :k]
        np.testing.assert_array_equal(table.leading(k), expected)


def test_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        pickle.loads(pickle.dumps(PRODUCTS)).left[0] = 7.0
