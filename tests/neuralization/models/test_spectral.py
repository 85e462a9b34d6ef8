# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Spectral clusterings: their labels by the sign of the evidence, and its shares."""

import warnings

import numpy as np
import pandas as pd
import pytest
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from sklearn.base import clone
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_iris, load_wine, make_moons
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skneon import explain, neuralize
from skneon.metrics import exact_shapley, flipping_score, relevance_distance

IRIS, WINE = scale(load_iris().data), scale(load_wine().data)
MOONS = scale(make_moons(120, noise=0.07, random_state=0)[0])


def spectral(K, X, **settings):
    return SpectralClustering(K, random_state=0, **settings).fit(X)


@pytest.fixture(scope="module")
def iris():
    return spectral(3, IRIS, gamma=1.0)


def embedded(model):
    """Rows as scikit-learn embeds them, by all eigenvectors of the affinity."""
    W = model.affinity_matrix_
    W = np.array(W.toarray() if hasattr(W, "toarray") else W)
    np.fill_diagonal(W, 0.0)
    root = 1 / np.sqrt(W.sum(axis=1))
    vectors = eigh(W * root * root[:, None])[1]
    return vectors[:, ::-1][:, : model.n_components or model.n_clusters] * root[:, None]


def margins(model):
    """How much nearer each row is to the mean of its own cluster, and sizes of that."""
    Y, labels = embedded(model), model.labels_
    names = np.unique(labels)
    means = np.stack([Y[labels == c].mean(axis=0) for c in names])
    far = np.square(Y[:, None] - means).sum(axis=2)
    own = far[np.arange(len(Y)), np.searchsorted(names, labels)]
    far[np.arange(len(Y)), np.searchsorted(names, labels)] = np.inf
    return far.min(axis=1) - own, far.min(axis=1) + own


@st.composite
def clusterings(draw):
    """Rows with ties, duplicates and lone ones, and a spectral clustering of them."""
    rng = np.random.default_rng(draw(seeds))
    N, d = draw(st.integers(6, 30)), draw(st.integers(1, 4))
    kind = draw(st.sampled_from(["plain", "grid", "twins", "lone"]))
    X = rng.normal(size=(N, d))
    if kind == "grid":
        X = rng.integers(0, 4, size=(N, d)).astype(float)
    if kind == "twins":
        X[N // 2 :] = X[: N - N // 2]
    if kind == "lone":
        X[0] += 5.0
    K = draw(st.integers(1, min(N - 1, 6)))
    gamma = draw(st.sampled_from([0.1, 0.5, 2.0]))
    with warnings.catch_warnings():
        # of fewer distinct rows than clusters, and unconnected graphs
        warnings.simplefilter("ignore")
        return spectral(K, X, gamma=gamma, n_init=2), X


@settings(max_examples=20)
@given(clusterings())
def test_labels_by_the_sign_of_the_evidence(drawn):
    model, X = drawn
    try:
        door = neuralize(model, X_train=X)
    except ValueError as error:
        assert "unconnected" in str(error) or "alike" in str(error)
        return
    found = door.explain()
    np.testing.assert_array_equal(found.target, model.labels_)
    if len(np.unique(model.labels_)) == 1:
        assert np.all(found.score == np.inf)
        return
    margin, size = margins(model)
    sure = np.abs(margin) > 1e-8 * size
    assert np.array_equal(found.score[sure] > 0, margin[sure] > 0)
    share = door.meta["labels_reproduced"]
    assert share >= np.mean(sure & (margin > 0))
    missed = found.relevance.sum(axis=1) + found.residual - found.score
    known = np.isfinite(found.score)
    assert np.all(np.abs(missed[known]) <= 1e-10 * (1 + np.abs(found.score[known])))


@pytest.mark.parametrize(
    ("X", "K", "options"),
    [
        (IRIS, 3, {"gamma": 1.0}),
        (IRIS, 3, {"gamma": 0.3, "n_components": 4}),
        (WINE, 3, {"gamma": 0.1}),
        (MOONS, 2, {"gamma": 20.0}),
        (IRIS, 3, {"affinity": "nearest_neighbors"}),
    ],
)
def test_all_labels_of_real_data(X, K, options):
    door = neuralize(spectral(K, X, **options), X_train=X)
    assert door.meta["labels_reproduced"] == 1.0
    np.testing.assert_array_equal(door.explain().score > 0, True)


def test_close_to_the_shapley_values_of_the_same_game(iris):
    door = neuralize(iris, X_train=IRIS)
    exact = exact_shapley(door)
    assert relevance_distance(door.explain(), exact) < 0.05
    assert flipping_score(door) < flipping_score(door, relevance=exact) + 0.01
    by_rule = neuralize(iris, X_train=IRIS, rule="shapley").explain()
    np.testing.assert_allclose(by_rule.relevance, exact.relevance, atol=1e-12)
    shared = exact.relevance.sum(axis=1) + exact.residual
    np.testing.assert_allclose(shared, exact.score, atol=1e-11)


def test_the_residual_is_the_log_ratio_where_all_are_equally_near(iris):
    door = neuralize(iris, X_train=IRIS)
    found, pooling = door.explain(), door.network.pooling
    for n in (0, 70, 149):
        c, k = iris.labels_[n], found.rival[n]
        A = np.delete(pooling.votes[:, k] - pooling.votes[:, c], n)
        constant = np.log(A[A > 0].sum() / -A[A < 0].sum()) / iris.gamma
        assert found.residual[n] == pytest.approx(constant, abs=1e-10)


def test_questions_names_and_forms(iris):
    frame = pd.DataFrame(IRIS, columns=list("abcd"), index=np.arange(150) + 7)
    model = spectral(3, frame, gamma=1.0)
    found = explain(model, X_train=frame)
    assert found.feature_names == ("a", "b", "c", "d")
    assert list(found.index[:2]) == [7, 8]
    assert (
        found.meta["compared_with"]
        == "weighted mean of the rows that speak for the rival"
    )
    asked = explain(
        model, X_train=frame, cluster=0, rival=np.where(model.labels_ == 1, 2, 1)
    )
    against = explain(model, X_train=frame, cluster=asked.rival, rival=0)
    np.testing.assert_allclose(asked.score, -against.score, atol=1e-12)
    np.testing.assert_allclose(asked.relevance, -against.relevance, atol=1e-10)
    again = type(found).from_json(found.to_json())
    np.testing.assert_allclose(again.relevance, found.relevance)


def test_new_rows_by_the_same_extension(iris):
    door = neuralize(iris, X_train=IRIS)
    own = door.explain()
    same = door.explain(IRIS, leave_out=np.arange(150))
    np.testing.assert_array_equal(same.relevance, own.relevance)
    moved = door.explain(IRIS + 0.01)
    assert np.mean(moved.target == iris.labels_) > 0.97
    assert np.all(moved.score >= 0)
    far = door.explain(IRIS[:3] * 1e6)
    assert np.isfinite(far.score).all()
    np.testing.assert_allclose(
        far.relevance.sum(axis=1) + far.residual, far.score, 1e-9
    )


@pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")
def test_behind_pipelines(iris):
    raw = load_iris().data
    chain = make_pipeline(StandardScaler(), SpectralClustering(3, random_state=0))
    chain.fit(raw)
    found = explain(chain, X_train=raw)
    inner = explain(chain[-1], X_train=IRIS)
    np.testing.assert_allclose(found.relevance, inner.relevance, atol=1e-9)
    np.testing.assert_array_equal(found.target, chain[-1].labels_)
    new = explain(chain, raw[::9] + 0.05, X_train=raw)
    np.testing.assert_allclose(new.relevance.sum(axis=1) + new.residual, new.score)
    mixed = make_pipeline(
        StandardScaler(), PCA(2), SpectralClustering(3, random_state=0)
    )
    found = explain(mixed.fit(raw), X_train=raw)
    assert found.relevance.shape == (150, 4)
    shared = found.relevance.sum(axis=1) + found.residual
    np.testing.assert_allclose(shared, found.score, atol=1e-10)
    with pytest.raises(ValueError, match=r"does not keep the rows.*X_train"):
        explain(chain, raw)


def test_flat_affinities_have_no_place_for_new_rows():
    model = spectral(3, IRIS, gamma=0.001)
    door = neuralize(model, X_train=IRIS)
    assert door.meta["least_eigenvalue"] < 0
    assert door.explain().score.shape == (150,)
    with pytest.raises(ValueError, match=r"flat.*larger gamma"):
        door.explain(IRIS[:5] + 0.1)
    steady = neuralize(spectral(3, IRIS, gamma=0.01), X_train=IRIS)
    with pytest.warns(UserWarning, match="small changes of new rows"):
        steady.explain(IRIS[:5] + 0.1)


def test_rows_that_are_nearly_unconnected():
    raw = load_wine().data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = spectral(3, raw, gamma=1.0)
    with pytest.raises(ValueError, match=r"StandardScaler.*lower gamma"):
        neuralize(model, X_train=raw)


@pytest.mark.parametrize(
    "affinity", ["precomputed", "precomputed_nearest_neighbors", "laplacian", np.dot]
)
def test_affinities_without_a_network(affinity, iris):
    model = SpectralClustering(3, affinity=affinity)
    vars(model).update({k: v for k, v in vars(iris).items() if k.endswith("_")})
    with pytest.raises(ValueError, match=r"members=model.labels_") as caught:
        neuralize(model, X_train=IRIS)
    name = affinity if isinstance(affinity, str) else "callable"
    assert name in str(caught.value)


def test_what_is_refused(iris):
    with pytest.raises(ValueError, match="pass them as X_train"):
        neuralize(iris)
    with pytest.raises(ValueError, match="149 rows, and it was fitted to 150"):
        neuralize(iris, X_train=IRIS[1:])
    other = IRIS.copy()
    other[3] += 1.0
    with pytest.raises(ValueError, match="row 3 has other affinities"):
        neuralize(iris, X_train=other)
    graph = spectral(3, IRIS, affinity="nearest_neighbors")
    with pytest.raises(ValueError, match="has other affinities"):
        neuralize(graph, X_train=IRIS[::-1])
    with pytest.raises(ValueError, match="does not explain SpectralClustering"):
        neuralize(iris, X_train=IRIS, rule="midpoint")
    with pytest.raises(ValueError, match=r"a str among {'cluster'}"):
        neuralize(iris, X_train=IRIS, target="outlier")
    twins = np.repeat(np.eye(3), 12, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = spectral(3, twins, affinity="nearest_neighbors", n_neighbors=5)
    with pytest.raises(ValueError, match=r"twins|unconnected"):
        neuralize(model, X_train=twins)


def test_the_graph_itself_by_rule_shapley():
    noisy = IRIS + np.random.default_rng(0).normal(scale=1e-6, size=IRIS.shape)
    model = spectral(3, noisy, affinity="nearest_neighbors")
    door = neuralize(model, X_train=noisy, rule="shapley")
    assert door.meta["labels_reproduced"] == 1.0
    found = door.explain()
    # nothing ties: the score is the evidence in scikit-learn's own embedding
    np.testing.assert_allclose(found.score, margins(model)[0], 0, 1e-10)
    exact = exact_shapley(door)
    np.testing.assert_allclose(found.relevance, exact.relevance, 0, 1e-12)
    shared = found.relevance.sum(axis=1) + found.residual
    np.testing.assert_allclose(shared, found.score, 0, 1e-12)
    new = door.explain(noisy[::7] + 0.01)
    assert np.mean(new.target == model.labels_[::7]) > 0.9
    assert np.all(new.score >= 0)
    chain = make_pipeline(StandardScaler(), PCA(2), clone(model)).fit(noisy)
    with pytest.raises(ValueError, match=r"linear step"):
        explain(chain, X_train=noisy, rule="shapley")
