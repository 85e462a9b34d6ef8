# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of bisecting k-means."""

import numpy as np
import pytest
from helpers.checks import REAL, assert_same, check_mechanics, refit_to_less
from helpers.splits import path_to, units, walk
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.cluster import BisectingKMeans
from sklearn.exceptions import NotFittedError

from skneon import explain, neuralize
from skneon._compat import bisecting_tree


def fitted(n_clusters, X, **parameters):
    return BisectingKMeans(n_clusters, random_state=0, **parameters).fit(X)


def assert_equivalent(model, X):
    """The network follows predict, and its evidence the slow walk down the tree."""
    network = neuralize(model)
    centers, children, labels = bisecting_tree(model)
    explanation = network.explain(X)
    walks = [walk(x, centers, children) for x in X]
    clear = np.array([closest for _, closest in walks]) > 1e-9
    assert clear.any()
    reached = labels[[leaf for leaf, _ in walks]]
    predicted = model.predict(X)
    np.testing.assert_array_equal(reached[clear], predicted[clear])
    np.testing.assert_array_equal(explanation.target[clear], predicted[clear])
    for c in range(network.n_clusters):
        evidence = network.forward(X, cluster=c)
        np.testing.assert_array_equal(evidence[clear] > 0, predicted[clear] == c)
        path = path_to(children, labels, c)
        if path:
            expected = [units(x, centers, path)[0].min() for x in X[:5]]
            expected = np.array(expected, dtype=float)
            np.testing.assert_allclose(evidence[:5], expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=25)
@given(seeds, st.integers(2, 6), st.integers(1, 6), st.sampled_from([0, 100]))
def test_network_follows_predict(seed, n_clusters, d, offset):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, d)) * 2.0 ** rng.integers(-3, 4, size=d) + offset
    strategy = ["biggest_inertia", "largest_cluster"][seed % 2]
    assert_equivalent(fitted(n_clusters, X, bisecting_strategy=strategy), X)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("n_clusters", [2, 7])
def test_real_sets(name, n_clusters):
    X = REAL[name]
    assert_equivalent(fitted(n_clusters, X), X)


def test_leaves_bear_the_centers_and_labels_of_the_fit():
    X = REAL["wine"]
    for rows in (X, sparse.csr_matrix(np.where(X > 0.5, X, 0.0))):
        model = fitted(5, rows)
        units = neuralize(model).layers[0]
        np.testing.assert_allclose(units.centers[units.leaves], model.cluster_centers_)


@pytest.mark.parametrize("rule", ["shapley", "interventional", "midpoint", "w-square"])
def test_mechanics(rule):
    X = REAL["iris"]
    model = fitted(4, X)
    network = neuralize(model, rule=rule, X_train=X)
    assert_same(network.explain(), network.explain(X))
    check_mechanics(model, X[::9], refit_to_less, rule=rule, X_train=X)


def test_a_rival_is_asked_about_where_the_paths_part():
    X = REAL["iris"]
    model = fitted(6, X)
    for rival in (1, 4):
        explanation = explain(model, X, cluster=0, rival=rival)
        assert np.all(explanation.rival == rival) and np.all(explanation.target == 0)
        back = explain(model, X, cluster=rival, rival=0)
        np.testing.assert_allclose(back.score, -explanation.score)


@pytest.mark.parametrize("rule", ["shapley", "midpoint", "w-square"])
def test_one_cluster(rule):
    X = REAL["iris"]
    explanation = explain(fitted(1, X), X, rule=rule)
    assert np.all(explanation.score == np.inf) and not explanation.relevance.any()
    assert np.all(explanation.rival == -1) and np.all(
        np.isnan(explanation.compared_with)
    )


def test_conservation_for_the_assigned_cluster():
    X = REAL["wine"]
    for rule in ("shapley", "midpoint", "w-square"):
        explanation = explain(fitted(5, X), X, rule=rule)
        size = np.abs(explanation.relevance).sum(axis=1)
        assert np.all(np.abs(explanation.residual) <= 1e-9 * size)


def test_refusals():
    X = REAL["iris"]
    with pytest.raises(NotFittedError):
        neuralize(BisectingKMeans())
    model = fitted(3, X)
    with pytest.raises(ValueError, match="BisectingKMeans does not keep its training"):
        explain(model)
    with pytest.raises(ValueError, match="BisectingKMeans does not keep: pass them as"):
        explain(model, X, rule="interventional")
    with pytest.raises(ValueError, match=r"must be a str among {'cluster'}. Got 'outl"):
        explain(model, X, target="outlier")
    with pytest.raises(
        ValueError, match="'integrated' does not explain the evidence of"
    ):
        explain(model, X, rule="integrated")
