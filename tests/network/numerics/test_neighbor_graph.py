# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Graphs of nearest neighbours, against one that is sorted anew for each row."""

import numpy as np
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import kneighbors_graph

from skneon.network.numerics._neighbor_graph import Reach, graph_affinities


def places(distances, k):
    """The share that each has of the k first places."""
    share = np.empty(len(distances))
    for n, h in enumerate(distances):
        closer = np.sum(distances < h - 1e-9 * h)
        tied = np.sum(np.abs(distances - h) <= 1e-9 * h)
        share[n] = np.clip((k - closer) / tied, 0, 1)
    return share


def inserted(x, U, k, absent):
    """Affinities of one row that is inserted among the points that are there."""
    there = np.flatnonzero(np.arange(len(U)) != absent)
    h = np.square(x - U).sum(axis=1)
    W = np.zeros(len(U))
    W[there] = places(h[there], k)
    for n in there:
        others = there[there != n]
        among = np.append(np.square(U[n] - U[others]).sum(axis=1), h[n])
        W[n] += places(among, k)[-1]
    return W / W.sum()


@settings(max_examples=60)
@given(seeds, st.sampled_from([0, 1, 12]), st.booleans(), st.booleans())
def test_rows_are_inserted(seed, digits, leaves, own):
    rng = np.random.default_rng(seed)
    N, d, n = rng.integers(3, 14), rng.integers(0, 4), rng.integers(1, 6)
    U = np.round(rng.normal(size=(N, d)), digits)
    X = np.round(rng.normal(size=(n, d)), digits)
    absent = rng.integers(-1, N, size=n) if leaves else None
    if leaves and own:
        X = U[absent]
    k = int(rng.integers(1, N - 1))
    found = graph_affinities(X, U, k, Reach.of(U, k), absent)
    for i, x in enumerate(X):
        expected = inserted(x, U, k, -1 if absent is None else absent[i])
        np.testing.assert_allclose(found[i], expected, 0, 1e-12)


def test_training_rows_have_scikit_learns_affinities():
    U = np.random.default_rng(0).normal(size=(40, 3))
    graph = kneighbors_graph(U, 6, include_self=True).toarray()
    W = graph + graph.T
    np.fill_diagonal(W, 0.0)
    found = graph_affinities(U, U, 5, Reach.of(U, 5), np.arange(40))
    np.testing.assert_allclose(found, W / W.sum(axis=1, keepdims=True), 0, 1e-15)


def test_without_columns_all_are_alike():
    U = np.empty((7, 0))
    found = graph_affinities(U[:2], U, 3, Reach.of(U, 3), np.array([-1, 4]))
    np.testing.assert_allclose(found[0], 1 / 7)
    np.testing.assert_allclose(np.delete(found[1], 4), 1 / 6)
    assert found[1, 4] == 0
