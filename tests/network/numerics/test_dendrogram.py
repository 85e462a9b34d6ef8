# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Dendrograms: their nodes, their heights, and which nodes are alive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, leaves_list, linkage

from skneon.network.numerics import _merges
from skneon.network.numerics._dendrogram import dendrogram_of
from skneon.network.numerics._linkage_tree import tree_of
from skneon.network.numerics._merges import merge_values

KINDS = ("single", "complete", "average", "ward")


def dendrogram(X, kind, n_clusters):
    Z = linkage(X, kind)
    labels = cut_tree(Z, n_clusters)[:, 0]
    tree = tree_of(Z[:, :2].astype(int), labels)
    return Z, tree, dendrogram_of(X, tree, kind, merge_values(X, tree, kind))


@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS), st.booleans())
@settings(max_examples=60)
def test_every_row_could_join_a_node_of_every_cluster(seed, kind, tied):
    rng = np.random.default_rng(seed)
    n, d = rng.integers(2, 40), rng.integers(1, 4)
    X = rng.integers(4, size=(n, d)) * 1.0 if tied else rng.normal(size=(n, d))
    n_clusters = int(rng.integers(1, min(n, 6) + 1))
    Z, _, found = dendrogram(X, kind, n_clusters)
    heights = Z[:, 2] if kind == "average" else Z[:, 2] ** 2
    rows = np.vstack([X, X + rng.normal(size=X.shape), X + 1e6])
    alive = found.alive(found.values(rows), None)
    D = found.nearest(alive)
    assert D.shape == (3 * n, n_clusters) and np.isfinite(D).all()
    cluster = rng.integers(n_clusters, size=len(rows))
    node = found.node(alive, cluster)
    np.testing.assert_array_equal(found.cluster[node], cluster)
    np.testing.assert_array_equal(
        alive[node, np.arange(len(rows))], D[np.arange(len(rows)), cluster]
    )
    within = len(heights) - n_clusters + 1
    cut = heights[within - 1] if within else 0.0
    np.testing.assert_allclose(found.cut, cut, 1e-9, 1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
@settings(max_examples=40)
def test_the_first_merge_of_a_row_left_out_of_the_fit_is_foretold(seed, kind):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rng.integers(3, 60), rng.integers(1, 6)))
    found = dendrogram(X[1:], kind, 1)[2]
    D = found.nearest(found.alive(found.values(X[:1]), None))[0, 0]
    Z = linkage(X, kind)
    first = Z[(Z[:, :2] == 0).any(axis=1), 2]
    np.testing.assert_allclose(D ** (1 if kind == "average" else 0.5), first, 1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_heights_are_those_of_scipy(kind, monkeypatch):
    X = np.random.default_rng(0).normal(size=(60, 3)) + 1e4
    Z, tree, _ = dendrogram(X, kind, 3)
    values = merge_values(X, tree, kind)
    power = 1 if kind == "average" else 2
    np.testing.assert_allclose(values, Z[:, 2] ** power, rtol=1e-9)
    np.testing.assert_array_equal(tree.size[60:], Z[:, 3])
    np.testing.assert_array_equal(tree.order, leaves_list(Z))
    # pairs that are too many to be held are taken in parts
    monkeypatch.setattr(_merges, "PAIRS", 7)
    np.testing.assert_allclose(merge_values(X, tree, kind), values, rtol=1e-12)
