# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows of pipelines, which are left out of their own model."""

import numpy as np
import pytest
from helpers.laws import assert_close
from helpers.pipelines import (
    all_kinds,
    assert_same_cells,
    dependence,
    mixed_frame,
    numeric_rows,
)
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
)

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.metrics import exact_shapley, flipping_curve

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows(40, 4)


def same_rows(got, expected, M):
    assert_close(got.score[:, None], expected.score[:, None])
    assert_close(got.relevance, expected.relevance @ M)


def test_training_rows_are_left_out_of_their_own_model():
    frame = mixed_frame(30)
    prep = all_kinds(linear=False)
    for model in (
        NeonKDE(gamma=0.5),
        KernelDensity(),
        NeonKMeans(3, random_state=0, rule="midpoint"),
    ):
        pipeline = make_pipeline(prep, model).fit(frame)
        M = dependence(prep.transform, frame)
        got = explain(pipeline, X_train=frame)
        same_rows(got, explain(model), M)
        np.testing.assert_array_equal(got.index, frame.index)
        assert_same_cells(got.data, frame)
        network = neuralize(pipeline, X_train=frame)
        assert network.keeps_rows
        np.testing.assert_allclose(network.forward(), got.score)
        np.testing.assert_allclose(
            network.explain(frame).relevance, explain(pipeline, frame).relevance
        )
    kmeans = KMeans(3, n_init=1, random_state=0)
    pipeline = make_pipeline(prep, kmeans).fit(frame)
    got = explain(pipeline, X_train=frame, rule="w-square")
    expected = explain(kmeans, X_train=prep.transform(frame), rule="w-square")
    same_rows(got, expected, M)
    np.testing.assert_array_equal(got.index, frame.index)
    assert got.meta["beta"] == expected.meta["beta"]


def test_leave_one_out_behind_a_linear_step():
    pipeline = make_pipeline(StandardScaler(), PCA(), NeonKDE(gamma=0.5)).fit(X)
    got = explain(pipeline, X_train=X)
    expected = explain(
        make_pipeline(StandardScaler(), NeonKDE(gamma=0.5)).fit(X), X_train=X
    )
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-8)
    np.testing.assert_allclose(got.score, expected.score)


def test_sparse_training_rows():
    frame = mixed_frame(30)[["city", "grade"]]
    kmeans = NeonKMeans(3, random_state=0, rule="midpoint")
    pipeline = make_pipeline(OneHotEncoder(), kmeans).fit(frame)
    got = explain(pipeline, X_train=frame)
    assert_close(got.relevance, explain(pipeline, frame).relevance)
    with pytest.raises(
        ValueError,
        match="does not match the training data of the Pipeline's NeonKMeans",
    ):
        explain(pipeline, X_train=frame[::-1])


def test_rows_that_are_not_the_training_rows():
    for model in (NeonKDE(), NeonKMeans(2, random_state=0)):
        pipeline = make_pipeline(StandardScaler(), model).fit(X)
        for other in (X[:-1], X[::-1], X + 1e-3, np.concatenate([X, X[:1]])):
            differs = "row 0 is another than the training row 0"
            if len(other) != 40:
                differs = f"{len(other)} rows, and it keeps 40"
            message = f"X_train does not match .*{type(model).__name__}: {differs}"
            with pytest.raises(ValueError, match=message):
                explain(pipeline, X_train=other)
        with pytest.raises(ValueError, match="expecting 4 features"):
            explain(pipeline, X_train=X[:, :3])


def test_without_the_training_rows():
    for model in (NeonKDE(), NeonKMeans(2), KMeans(2, n_init=1)):
        pipeline = make_pipeline(StandardScaler(), model).fit(X)
        for ask in (explain, exact_shapley, flipping_curve):
            with pytest.raises(ValueError, match="pass X, or X=None with X_train="):
                ask(pipeline)
    mixture = make_pipeline(StandardScaler(), GaussianMixture(2)).fit(X)
    # to which the training rows are rows as any others
    np.testing.assert_array_equal(
        explain(mixture, X_train=X).relevance, explain(mixture, X).relevance
    )


def test_a_large_column_does_not_hide_other_training_rows():
    rows = np.column_stack([np.full(20, 1e12), np.arange(20.0)])
    for steps in ((), (MinMaxScaler(),)):
        pipeline = make_pipeline(FunctionTransformer(), *steps, NeonKDE()).fit(rows)
        explain(pipeline, X_train=rows)
        with pytest.raises(ValueError, match="NeonKDE: row 0 is another than the"):
            explain(pipeline, X_train=rows[::-1])
