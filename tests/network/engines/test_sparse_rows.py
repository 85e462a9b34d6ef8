# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sparse rows that are not filled up, against the reference engine."""

import numpy as np
import pytest
import scipy.sparse
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context

from skneon.network import CentroidPairs, Inputs, Midpoint, Min, Network, Query
from skneon.network.engines._layerwise import Layerwise
from skneon.network.engines._sparse_rows import SparseRows

N, D, K = 12, 8, 5


def problem(seed, labels=None, near=False):
    """Sparse rows, and a network of centroids; some of them coincide if `near`."""
    rng = np.random.default_rng(seed)
    X = scipy.sparse.random(N, D, 0.4, format="csr", random_state=seed)
    points = rng.normal(size=(K, D)) * (rng.random((K, D)) < 0.6)
    if near:
        points[1] = points[0]
    labels = None if labels is None else np.array(labels)
    return X, Network(CentroidPairs(points, labels), Min(), Midpoint(0.7))


def both(network, X, query):
    """Relevances, and what the reference engine gives for the rows filled up."""
    found = network.propagate_sparse(X, query)
    expected = Layerwise(network, X.toarray(), query).explain(slice(0, X.shape[0]))
    return found, found.stored + found.weights @ found.constants, expected


@settings(max_examples=40)
@given(seeds, st.sampled_from([None, [0, 1, 1, 0, 2]]), st.booleans(), st.booleans())
def test_same_as_the_reference_engine(seed, labels, near, asks):
    X, network = problem(seed, labels, near)
    rng = np.random.default_rng(seed)
    query = Query()
    if asks:
        cluster, rival = rng.integers(3, size=N), rng.integers(-1, 3, size=N)
        query = Query(cluster=cluster, rival=np.where(rival == cluster, -1, rival))
    found, relevance, expected = both(network, X, query)
    np.testing.assert_allclose(relevance, expected["relevance"], atol=1e-12)
    np.testing.assert_allclose(found.score, expected["score"], atol=1e-12)
    np.testing.assert_array_equal(found.rival, expected["rival"])
    np.testing.assert_array_equal(found.cluster, expected["cluster"])
    np.testing.assert_array_equal(found.points[found.number], expected["reference"])
    np.testing.assert_array_equal(found.stored.indices, X.indices)


def test_columns_that_have_several_children():
    X, network = problem(0)
    parents = np.array([2, 0, 0, 1, 2, 2, 0, 1])
    units = network.units.through(Inputs(parents, 3, list(range(D))))
    network = Network(units, Min(), Midpoint(0.7))
    _, relevance, expected = both(network, X, Query())
    np.testing.assert_allclose(relevance, expected["relevance"], atol=1e-12)


@settings(max_examples=20)
@given(seeds, st.sampled_from([None, [0, 1, 1, 0, 2]]))
def test_behind_a_linear_step(seed, labels):
    rng = np.random.default_rng(seed)
    X, network = problem(seed)
    inputs = Inputs.identity(D)
    inputs = inputs.mixed(
        rng.normal(size=(D, 3)), rng.normal(size=3), rng.normal(size=D)
    )
    units = CentroidPairs(rng.normal(size=(K, 3)), labels and np.array(labels))
    network = Network(units.through(inputs), Min(), Midpoint(0.7))
    found, relevance, expected = both(network, X, Query())
    left, right, slopes = found.products
    relevance = relevance + (left @ right) * (found.weights @ slopes)
    size = np.abs(expected["relevance"]).max()
    np.testing.assert_allclose(relevance, expected["relevance"], atol=1e-12 * size)
    np.testing.assert_allclose(found.score, expected["score"], atol=1e-12 * size)
    np.testing.assert_array_equal(found.points[found.number], expected["reference"])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_chunks_and_threads(n_jobs, monkeypatch):
    X, network = problem(1)
    expected = network.propagate_sparse(X, Query())
    monkeypatch.setattr("skneon.network.engines._sparse_rows.CHUNK", K)
    monkeypatch.setattr("skneon.network.engines._sparse_rows.LEAST_ROWS", 1)
    network.n_jobs = n_jobs
    with config_context(working_memory=1e-6):
        found = network.propagate_sparse(X, Query())
    np.testing.assert_allclose(found.weights, expected.weights, atol=1e-14)
    np.testing.assert_array_equal(found.number, expected.number)


def test_networks_that_are_not_taken():
    X, network = problem(0)
    units = network.units
    assert SparseRows.of(network, X, Query()) is not None
    assert SparseRows.of(network, X.toarray(), Query()) is None
    # products of columns cannot be summed by parent
    parents = np.repeat(np.arange(D // 2), 2)
    mixed = Inputs(parents, D // 2, list(range(D))).explicit()
    mixed = units.through(mixed)
    for other in (
        Network(units, Min(), "shapley"),
        Network(mixed, Min(), Midpoint(0.7)),
        Network(units, Min()),
    ):
        assert other.propagate_sparse(X, Query()) is None
