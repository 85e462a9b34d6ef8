# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Merges of dendrograms: heights are distances_, and which columns they are of."""

import pickle

import numpy as np
import pandas as pd
import pytest
from helpers.checks import REAL, assert_same, refit_to_less
from helpers.linkage import LINKAGES, Slow, linkage_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import Explanation, explain, neuralize
from skneon.network import Rule

WINE = REAL["wine"]


def fitted(X, kind="ward"):
    model = AgglomerativeClustering(2, linkage=kind, compute_distances=True)
    return model.fit(X)


@given(st.integers(0, 2**32 - 1), st.sampled_from(LINKAGES), st.booleans())
@settings(max_examples=60)
def test_they_sum_to_the_distances(seed, kind, tied):
    rng = np.random.default_rng(seed)
    n, d = rng.integers(2, 30), rng.integers(1, 5)
    X = rng.normal(size=(n, d)) * 10.0 ** rng.integers(-3, 4)
    X = np.vstack([X, X[: n // 3]]) if not tied else np.round(X) + 50.0
    model = fitted(X, kind)
    got = neuralize(model, X_train=X, target="merge").explain()
    size = 1e-10 * (model.distances_.max() + np.ptp(X))
    np.testing.assert_allclose(got.score, model.distances_, 0, size)
    np.testing.assert_allclose(got.residual, 0, atol=size)
    assert np.all(got.relevance >= -size)


@pytest.mark.parametrize("kind", LINKAGES)
def test_columns_have_their_parts_of_what_decides(kind):
    X = WINE[::6, :4]
    model = fitted(X, kind)
    got = neuralize(model, X_train=X, target="merge").explain()
    slow = Slow(model, X)
    for t, (a, b) in enumerate(model.children_):
        A, B = X[slow.rows[a]], X[slow.rows[b]]
        steps = (A[:, None] - B).reshape(-1, 4)
        lengths = np.sqrt((steps**2).sum(axis=1))
        if kind == "average":
            shares = np.mean(steps**2 / lengths[:, None], axis=0)
            sides = A.mean(axis=0), B.mean(axis=0)
        elif kind == "ward":
            sides = A.mean(axis=0), B.mean(axis=0)
            parts = [linkage_of(A, B, kind, [i]) for i in range(4)]
            shares = np.array(parts) / model.distances_[t]
        else:
            k = lengths.argmin() if kind == "single" else lengths.argmax()
            shares = steps[k] ** 2 / lengths[k]
            sides = A[k // len(B)], B[k % len(B)]
        np.testing.assert_allclose(got.relevance[t], shares, 0, 1e-12)
        np.testing.assert_allclose([got.data[t], got.compared_with[t]], sides, 0, 1e-12)


@pytest.mark.parametrize("kind", LINKAGES)
def test_pipelines(kind):
    frame = pd.DataFrame(WINE[:, :5] * [1, 2, 4, 8, 16], columns=list("abcde"))
    pipeline = make_pipeline(StandardScaler(), fitted(WINE, kind)).fit(frame)
    got = explain(pipeline, X_train=frame, target="merge")
    Z = pipeline[:-1].transform(frame)
    plain = explain(pipeline[-1], X_train=Z, target="merge")
    np.testing.assert_allclose(got.relevance, plain.relevance)
    assert got.feature_names == tuple("abcde") and got.index_names == ("merge",)
    back = pipeline[0].inverse_transform
    np.testing.assert_allclose(got.data, back(plain.data), 0, 1e-9)
    np.testing.assert_allclose(got.compared_with, back(plain.compared_with), 0, 1e-9)
    mixed = make_pipeline(StandardScaler(), PCA(3), fitted(WINE, kind)).fit(frame)
    got = explain(mixed, X_train=frame, target="merge")
    np.testing.assert_allclose(got.score, mixed[-1].distances_)
    np.testing.assert_allclose(got.residual, 0, atol=1e-10)
    # a map that turns the columns hands each its part back
    turned = make_pipeline(PCA(), fitted(WINE, kind)).fit(frame)
    got = explain(turned, X_train=frame, target="merge")
    same = explain(
        fitted(frame.to_numpy(), kind), X_train=frame.to_numpy(), target="merge"
    )
    np.testing.assert_allclose(got.relevance, same.relevance, 0, 1e-9)


def test_mechanics():
    frame = pd.DataFrame(WINE[:, :3], columns=["a", "b", "c"])
    model = fitted(frame, "average")
    network = neuralize(model, X_train=frame, target="merge")
    expected = network.explain()
    np.testing.assert_array_equal(expected.index, np.arange(177))
    assert expected.target == "merge"
    said = {"linkage": "average", "compared_with": "mean of the other side"}
    assert said.items() <= expected.meta.items()
    with config_context(working_memory=1e-6):
        assert_same(network.explain(), expected)
    many = neuralize(model, X_train=frame, target="merge", n_jobs=2, rule=Rule())
    assert_same(many.explain(), expected)
    assert_same(pickle.loads(pickle.dumps(network)).explain(), expected)
    again = Explanation.from_json(expected.to_json())
    np.testing.assert_array_equal(again.relevance, expected.relevance)
    leading = expected[-1].reasons(1)[0][0]
    assert leading.feature in frame.columns
    refit_to_less(model)
    assert_same(network.explain(), expected)


def test_what_is_refused():
    model = fitted(WINE)
    network = neuralize(model, X_train=WINE, target="merge")
    with pytest.raises(ValueError, match='target="merge" explains the merges'):
        network.explain(WINE)
    pipeline = make_pipeline(StandardScaler(), fitted(WINE)).fit(WINE)
    with pytest.raises(ValueError, match="leave X out"):
        explain(pipeline, WINE, X_train=WINE, target="merge")
    with pytest.raises(TypeError, match="no clusters where the target is 'merge'"):
        network.explain(cluster=1)
    with pytest.raises(TypeError, match="takes no evidence: a merge is between"):
        neuralize(model, X_train=WINE, target="merge", evidence="whole")
    for rule in ("shapley", "midpoint"):
        with pytest.raises(ValueError, match=f"rule='{rule}' does not explain merges"):
            neuralize(model, X_train=WINE, target="merge", rule=rule)
    with pytest.raises(ValueError, match="'target' parameter"):
        neuralize(model, X_train=WINE, target="outlier")
