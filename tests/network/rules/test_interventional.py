# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Interventional Shapley values by brute force, and where their background is from."""

import numpy as np
import pytest
import scipy.sparse
from helpers.shapley import by_permutations
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skneon import NeonKMeans, explain, neuralize
from skneon.network import Inputs, Interventional, Scales
from skneon.network.numerics._coalitions import marginal_background


def test_interventional_rule_agrees_with_all_orders():
    X = scale(load_wine().data)[:, :5]
    kmeans = NeonKMeans(4, random_state=0, n_init=1, rule="interventional").fit(X)
    mu, background = (
        kmeans.cluster_centers_,
        marginal_background(X, np.arange(X.shape[1])),
    )
    for asked in ({}, {"cluster": 2}, {"cluster": 1, "rival": 3}):
        explanation = kmeans.explain(X[:3], **asked)
        for n in range(3):
            c = explanation.target[n]
            rivals = [asked["rival"]] if "rival" in asked else list({0, 1, 2, 3} - {c})

            def value(S, x=X[n], c=c, rivals=rivals):
                rows = background.copy()
                rows[:, S] = x[S]
                h = ((rows[:, None] - mu) ** 2).sum(axis=2)
                return (h[:, rivals].min(axis=1) - h[:, c]).mean()

            expected = by_permutations(value, 5) - value([]) / 5
            marginals_from_zero = by_permutations(value, 5)
            # the first marginal of every order starts from 0 there, not from v(empty)
            assert np.isclose(marginals_from_zero.sum(), explanation.score[n])
            np.testing.assert_allclose(explanation.relevance[n], expected, atol=1e-10)
            np.testing.assert_allclose(explanation.residual[n], value([]), atol=1e-10)


def test_interventional_rule_of_other_models_and_inputs():
    X = np.where(scale(load_wine().data) > 0.5, 1.0, 0.0)
    kmeans = NeonKMeans(3, random_state=0, n_init=1, rule="interventional").fit(X)
    expected = kmeans.explain().relevance
    plain = KMeans(3, random_state=0, n_init=1).fit(X)
    got = explain(plain, X, rule="interventional", X_train=X).relevance
    np.testing.assert_allclose(got, expected)
    with pytest.raises(ValueError, match="KMeans does not keep: pass them as X_train"):
        explain(plain, X, rule="interventional")
    sparse = NeonKMeans(3, init=kmeans.cluster_centers_, n_init=1)
    sparse.set_params(rule="interventional").fit(scipy.sparse.csr_array(X))
    np.testing.assert_allclose(sparse.explain().relevance, expected, atol=1e-9)
    single = NeonKMeans(1, rule="interventional").fit(X).explain()
    assert not single.relevance.any()


def test_settings_alone_make_two_rules_equal():
    X = np.random.default_rng(0).normal(size=(50, 3))
    rule = Interventional(n_subsets=4)
    bound = rule.bound(Scales(training_rows=lambda: X))
    connected = bound.connected(Inputs.identity(3))
    assert rule == bound == connected and hash(rule) == hash(connected)
    assert repr(connected) == "Interventional(n_subsets=4)"
    assert connected.settings() == {"rule": "interventional", "n_subsets": 4}
    assert rule.training_rows is None and bound.background is None
    expected = marginal_background(X, np.arange(3))
    np.testing.assert_array_equal(connected.background, expected)
    # behind other columns the background is drawn again from the same rows
    parents = Inputs(np.array([0, 0, 1]), 2, [0, 1, 2])
    again = connected.connected(parents)
    expected = marginal_background(X, parents.parents)
    np.testing.assert_array_equal(again.background, expected)


def test_linear_steps_are_refused():
    X = scale(load_wine().data)
    model = make_pipeline(PCA(3), NeonKMeans(3, random_state=0, n_init=1)).fit(X)
    with pytest.raises(ValueError, match='linear step such as PCA: take rule="shapley'):
        neuralize(model, rule="interventional")


def test_one_subset_and_many_rows_are_as_wide_as_their_arrays():
    rule = Interventional()
    assert rule.width(4, 10) == 4 * 10 * 64
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="Interventional: n_subsets must be"):
            Interventional(n_subsets=wrong)
