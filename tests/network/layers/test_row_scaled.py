# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows that are divided by their length, which is held fixed."""

import numpy as np
import pytest
from helpers.laws import assert_close
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from skneon import explain
from skneon.metrics import exact_shapley
from skneon.network import Inputs, LinearMap, RowScaled, Untraceable

X = np.random.default_rng(0).gamma(2.0, size=(30, 5))
V = np.random.default_rng(1).normal(size=(5, 3))


def lengths(Z):
    return np.linalg.norm(Z, axis=1)


LAYER = RowScaled(lambda Z: Z / lengths(Z)[:, None], lengths)


def test_columns_behind_it_are_divided_by_the_length():
    linear = LinearMap(lambda Z: Z @ V, V).wire(Inputs.identity(5))
    wired = LAYER.wire(linear.inputs)
    Z, Y = wired.trace(*linear.trace(X, None))
    np.testing.assert_allclose(np.linalg.norm(Z, axis=1), 1.0)
    np.testing.assert_allclose(wired.inputs.project(Y), Z)
    assert set(wired.inputs.origins).isdisjoint(linear.inputs.origins)
    assert np.isnan(wired.restore(Z).astype(float)).all()


def test_behind_a_step_that_moves_the_origin():
    centred = LinearMap(lambda Z: (Z - 1) @ V, V, np.ones(5)).wire(Inputs.identity(5))
    with pytest.raises(Untraceable, match="Take TruncatedSVD in the place of PCA"):
        LAYER.wire(centred.inputs)


def test_what_is_explained_is_the_direction_of_a_row():
    """The same as of rows that were divided by the length beforehand."""
    svd = TruncatedSVD(3, random_state=0)
    kmeans = KMeans(3, n_init=1, random_state=0)
    model = make_pipeline(svd, Normalizer(), StandardScaler(), kmeans).fit(X)
    without = make_pipeline(svd, model[2], kmeans)
    got = explain(model, X)
    rows = X / np.linalg.norm(svd.transform(X), axis=1)[:, None]
    assert_close(got.relevance, explain(without, rows).relevance)
    assert_close(got.relevance, explain(model, 7 * X).relevance)
    np.testing.assert_array_equal(got.data, X)
    exact = exact_shapley(model, X[:3])
    np.testing.assert_allclose(got.relevance[:3], exact, atol=1e-9)


def test_branches():
    svd = make_pipeline(TruncatedSVD(2, random_state=0), Normalizer())
    sides = make_column_transformer((svd, [0, 1, 2]), (Normalizer(), [3, 4]))
    model = make_pipeline(sides, KMeans(3, n_init=1, random_state=0)).fit(X)
    got = explain(model, X, rule="midpoint")
    inner = explain(model[-1], sides.transform(X), rule="midpoint")
    assert_close(got.relevance[:, 3:], inner.relevance[:, 2:])
    assert_close(got.score, inner.score)
    np.testing.assert_allclose(got.residual, inner.residual, atol=1e-12)
    turned = FunctionTransformer(None)
    for behind in (PCA(4), TruncatedSVD(4)):
        steps = (behind, make_column_transformer((Normalizer(), [0, 1]), (turned, [2])))
        mixed = make_pipeline(*steps, KMeans(2, n_init=1)).fit(X)
        with pytest.raises(TypeError, match=r"after a linear step|moves the"):
            explain(mixed, X)
