# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances of sparse rows against the array that they stand for."""

import pickle
from copy import deepcopy

import numpy as np
import pytest
import scipy.sparse
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon.explanation import SparseRelevance


def random_table(seed, n=7, d=9, M=3):
    """A table with cells that tie, an empty row and a zero that is stored."""
    rng = np.random.default_rng(seed)
    stored = scipy.sparse.random(n, d, 0.3, format="csr", random_state=seed)
    stored.data = rng.integers(-3, 4, size=len(stored.data)).astype(float)
    weights = rng.integers(-2, 3, size=(n, M)).astype(float)
    return SparseRelevance(stored, weights, rng.integers(-2, 3, (M, d)).astype(float))


@settings(max_examples=60)
@given(seeds, st.integers(1, 12), st.integers(0, 3))
def test_sums_parts_and_leading_columns(seed, k, M):
    table = random_table(seed, M=M)
    array = table.toarray()
    for axis in (None, 0, 1, -1):
        np.testing.assert_allclose(table.sum(axis), array.sum(axis), atol=1e-12)
        np.testing.assert_allclose(np.mean(table, axis), array.mean(axis), atol=1e-12)
    pattern = table.stored.copy()
    pattern.data = np.ones(len(pattern.data))
    inside = pattern.toarray() > 0
    np.testing.assert_allclose(table.present.toarray(), np.where(inside, array, 0))
    np.testing.assert_allclose(table.absent, np.where(inside, 0, array).sum(axis=1))
    assert table.present.nnz == table.stored.nnz
    expected = np.argsort(-np.abs(array), axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(table.leading(k), expected)


def test_scaled_grouped_and_stacked():
    one, other = random_table(0), random_table(1)
    same = one.some(np.array([3, 1]), None)
    factors = np.arange(7.0)
    expected = one.toarray()
    np.testing.assert_allclose(one.scaled(factors), expected * factors[:, None])
    groups = [[3, 0], [5], [1, 2, 4]]
    sums = np.column_stack([expected[:, group].sum(axis=1) for group in groups])
    np.testing.assert_allclose(one.grouped(groups), sums)
    for parts in ([one, same], [one, other, same]):
        whole = SparseRelevance.stacked(parts)
        arrays = [part.toarray() for part in parts]
        np.testing.assert_allclose(whole, np.concatenate(arrays))
    assert len(SparseRelevance.stacked([one, same]).constants) == 3


def test_axes_that_there_are_not():
    table = random_table(0)
    with pytest.raises(ValueError, match="axis must be None, 0 or 1, got 2"):
        table.sum(axis=2)
    np.testing.assert_array_equal(table.sum(0, dtype=int), table.toarray().sum(0, int))


def test_cannot_be_written_to_and_leaves_what_it_was_made_of():
    rows = scipy.sparse.csr_array(([1.0, 2.0], ([0, 0], [1, 1])), shape=(1, 3))
    rows = scipy.sparse.csr_array((rows.data, rows.indices, rows.indptr), (1, 3))
    table = SparseRelevance(rows, np.ones((1, 1)), np.zeros((1, 3)))
    for copy in (table, deepcopy(table), pickle.loads(pickle.dumps(table))):
        for values in (copy.stored.data, copy.weights, copy.constants):
            with pytest.raises(ValueError, match="read-only"):
                values[:] = 7.0
    rows.data[:] = 5.0
