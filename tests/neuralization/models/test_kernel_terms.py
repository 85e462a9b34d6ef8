# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Decisions and components as sums of kernels, by brute force over all subsets."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, KernelPCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.svm import OneClassSVM

from skneon import explain, neuralize
from skneon.metrics import exact_shapley, flipping_score, relevance_distance
from skneon.network import KernelSum, Network, Query, Shapley, Sum
from skneon.network.numerics._coalitions import all_coalitions, shapley_weights

IRIS = scale(load_iris().data)


def of_decision(X, gamma):
    """A one-class support vector machine: its options, terms, and scores."""
    model = OneClassSVM(gamma=gamma, nu=0.3).fit(X)
    terms = model.support_vectors_, model.dual_coef_.ravel(), model.intercept_[0]
    return model, {"target": "decision"}, terms, model.decision_function


def of_component(X, gamma):
    """The second component of a kernel PCA, whose constant its scores tell."""
    # of nearly equal eigenvalues LAPACK leaves out some
    options = {"eigen_solver": "arpack", "random_state": 0}
    model = KernelPCA(3, kernel="rbf", gamma=gamma, **options).fit(X)
    alpha = model.eigenvectors_[:, 1] / np.sqrt(model.eigenvalues_[1])

    def score(rows):
        return model.transform(rows)[:, 1]

    a = alpha - alpha.mean()
    K = np.exp(-gamma * np.square(X[:, None] - X).sum(axis=2))
    offset = np.mean(score(X) - K @ a)
    return model, {"component": 1}, (X, a, offset), score


MAKERS = st.sampled_from([of_decision, of_component])


@settings(max_examples=15)
@given(seeds, MAKERS, st.integers(1, 6), st.sampled_from([0.05, 1.0, 30.0]))
def test_shapley_values_by_all_subsets(seed, make, d, gamma):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(25, d))
    model, options, (U, a, c), score = make(X, gamma)
    rows = rng.normal(size=(5, d))
    found = explain(model, rows, **options)
    np.testing.assert_allclose(found.score, score(rows), 0, 1e-10 * np.abs(a).sum())
    masks = all_coalitions(d)
    for n, x in enumerate(rows):
        values = np.exp(-gamma * masks @ np.square(x - U).T) @ a
        expected = values @ shapley_weights(d)
        np.testing.assert_allclose(
            found.relevance[n], expected, 0, 1e-12 * np.abs(a).sum()
        )
    np.testing.assert_allclose(found.residual, c + a.sum(), 0, 1e-9 * np.abs(a).sum())
    path = explain(model, rows, rule="integrated", **options)
    np.testing.assert_allclose(
        path.relevance.sum(axis=1),
        found.relevance.sum(axis=1),
        0,
        1e-10 * np.abs(a).sum(),
    )


@settings(max_examples=10)
@given(seeds, st.integers(1, 5))
def test_two_means_of_kernel_k_means_by_all_subsets(seed, d):
    """The building blocks of doc/spectral.md: means in the space of the kernel."""
    rng = np.random.default_rng(seed)
    own, rival, x = (rng.normal(size=(n, d)) for n in (7, 4, 5))
    of = rbf_kernel
    lengths = [of(U, gamma=0.5).mean() for U in (own, rival)]
    c = lengths[1] - lengths[0]
    a = np.concatenate([np.full(7, 2 / 7), np.full(4, -2 / 4)])
    units = KernelSum(np.vstack([own, rival]), 0.5, a, c)
    found = Network(units, Sum(c, a), Shapley()).propagate(x, Query())
    far = [1 + m - 2 * of(x, U, gamma=0.5).mean(axis=1)
        for m, U in zip(lengths, (own, rival), strict=True)]  # fmt: skip
    np.testing.assert_allclose(found.score, far[1] - far[0], 0, 1e-13)
    shares = np.zeros_like(found.relevance)
    for mask, weights in zip(all_coalitions(d), shapley_weights(d), strict=True):
        S = mask > 0
        near = [
            of(x[:, S], U[:, S], gamma=0.5).mean(axis=1) if S.any() else np.ones(5)
            for U in (own, rival)
        ]
        shares += 2 * (near[0] - near[1])[:, None] * weights
    np.testing.assert_allclose(found.relevance, shares, 0, 1e-13)
    np.testing.assert_allclose(found.relevance.sum(axis=1) + c, found.score, 0, 1e-13)


@pytest.mark.parametrize("make", [of_decision, of_component])
def test_metrics_play_the_same_game(make):
    model, options, _, _ = make(IRIS, 0.3)
    door = neuralize(model, **options)
    exact = exact_shapley(door, IRIS[::5])
    np.testing.assert_allclose(
        door.explain(IRIS[::5]).relevance, exact.relevance, 0, 1e-10
    )
    path = neuralize(model, rule="integrated", **options)
    assert relevance_distance(path.explain(IRIS[::5]), exact) < 0.2
    worst = flipping_score(door, IRIS[::5], relevance=-exact.relevance)
    assert flipping_score(door, IRIS[::5]) < worst


@pytest.mark.parametrize("make", [of_decision, of_component])
def test_behind_pipelines(make):
    raw = load_iris().data
    model, options, _, score = make(IRIS, 0.3)
    scaled = make_pipeline(StandardScaler(), model).fit(raw)
    found = explain(scaled, raw[::9], **options)
    np.testing.assert_allclose(found.score, score(IRIS[::9]), atol=1e-10)
    mixed = make_pipeline(StandardScaler(), PCA(2), model).fit(raw)
    found = explain(mixed, raw[::9], X_train=raw, **options)
    assert found.meta["rule"] == "integrated"
    shared = found.relevance.sum(axis=1) + found.residual
    np.testing.assert_allclose(shared, found.score, atol=1e-10)
    with pytest.raises(ValueError, match=r'rule="integrated"'):
        explain(mixed, raw[::9], rule="shapley", **options)


def test_training_rows_and_references():
    pca = KernelPCA(2, kernel="rbf", gamma=0.3).fit(IRIS)
    own = explain(pca, component=1)
    np.testing.assert_allclose(own.score, pca.transform(IRIS)[:, 1], atol=1e-10)
    assert own.target == "component"
    assert own.meta["component"] == 1
    assert own.meta["compared_with"] == "mean of the near points that lower the score"
    np.testing.assert_array_equal(explain(pca).score, explain(pca, component=0).score)
    svm = OneClassSVM(gamma=0.3).fit(IRIS)
    found = explain(svm, X_train=IRIS, target="decision")
    assert found.target == "decision"
    assert found.meta["compared_with"] == "mean of the near points"
    assert np.isfinite(found.compared_with).all()


def test_what_is_refused():
    linear = KernelPCA(2).fit(IRIS)
    with pytest.raises(ValueError, match=r'kernel="rbf"'):
        explain(linear)
    pca = KernelPCA(2, kernel="rbf").fit(IRIS)
    with pytest.raises(ValueError, match="component=2 is none of the 2"):
        explain(pca, component=2)
    with pytest.raises(ValueError, match="component"):
        explain(pca, component=-1)
    with pytest.raises(ValueError, match=r"does not explain KernelPCA.*shapley"):
        explain(pca, rule="midpoint")
    with pytest.raises(ValueError, match="X_train does not match"):
        explain(pca, X_train=IRIS[::-1])
    twice = np.repeat(np.eye(2), 3, axis=0)
    flat = KernelPCA(3, kernel="rbf", eigen_solver="dense").fit(twice)
    assert flat.eigenvalues_[2] == 0
    with pytest.raises(ValueError, match=r"eigenvalue 0.*one of the first 1\."):
        explain(flat, component=2)
    alike = KernelPCA(2, kernel="rbf", gamma=1.0).fit(np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"all rows are alike.*larger gamma"):
        explain(alike)
    with pytest.raises(ValueError, match="target"):
        explain(OneClassSVM().fit(IRIS), IRIS, target="inlier")
    with pytest.raises(ValueError, match="does not explain OneClassSVM"):
        explain(OneClassSVM().fit(IRIS), IRIS, target="decision", rule="soft-argmin")
