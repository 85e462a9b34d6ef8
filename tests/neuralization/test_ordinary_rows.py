# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What training rows are like, by model and behind preprocessing."""

import pickle

import numpy as np
import pandas as pd
import pytest
from helpers.checks import REAL
from scipy import sparse
from sklearn.cluster import Birch, BisectingKMeans, KMeans
from sklearn.compose import make_column_transformer
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import NeonKDE, explain
from skneon.neuralization import neuralize

# without ties
X = REAL["iris"] + np.random.default_rng(0).normal(scale=1e-3, size=(150, 4))
MODELS = [
    NeonKDE(),
    KernelDensity(bandwidth=0.5),
    NearestNeighbors(),
    LocalOutlierFactor(novelty=True),
    EllipticEnvelope(random_state=0),
    GaussianMixture(2, random_state=0),
    make_pipeline(StandardScaler(), NeonKDE()),
    make_pipeline(StandardScaler(), PCA(2), KernelDensity()),
]
KEEPING = [0, 1, 2, 3, 6]


@pytest.mark.parametrize("number", range(len(MODELS)))
def test_medians_over_rows_that_are_left_out(number):
    """Those of explain(X=None), which leaves each out of its own model."""
    model, options = MODELS[number].fit(X), {}
    if number not in KEEPING:
        options = {"X_train": X}
    if isinstance(model, GaussianMixture):
        options["target"] = "outlier"
    reasons = explain(model, X[:3], **options)
    own = explain(model, **(options | ({"X_train": X} if number == 6 else {})))
    usual = np.median(own.relevance, axis=0)
    np.testing.assert_allclose(reasons.ordinary.relevance, usual)
    np.testing.assert_allclose(reasons.typical, np.median(X, axis=0))
    below = (X[:, None] < X[:3]).mean(axis=0) + (X[:, None] == X[:3]).mean(axis=0) / 2
    np.testing.assert_allclose(reasons.percentile, 100 * below)


@pytest.mark.parametrize("number", [4, 5, 7])
def test_rows_that_are_not_at_hand(number):
    model = MODELS[number].fit(X)
    reasons = explain(model, X[:3])
    assert reasons.ordinary is None and reasons.typical is None
    if isinstance(reasons.target, str):
        with pytest.raises(ValueError, match="X_train="):
            reasons.excess()


def test_of_many_rows_some_are_drawn():
    many = np.random.default_rng(0).normal(size=(500, 2))
    model = NeonKDE().fit(many)
    drawn = np.sort(np.random.default_rng(0).choice(500, 200, replace=False))
    expected = np.median(model.explain()[drawn].relevance, axis=0)
    ordinary = model.explain(many[:1]).ordinary
    np.testing.assert_allclose(ordinary.relevance, expected)
    assert ordinary.n_rows == 500 and len(ordinary.relevances) == 200


def test_categories_in_front_of_a_model():
    frame = pd.DataFrame({"size": X[:, 0], "kind": np.repeat(["a", "b", "a"], 50)})
    steps = make_column_transformer(
        (StandardScaler(), ["size"]), (OneHotEncoder(), ["kind"])
    )
    model = make_pipeline(steps, NeonKDE()).fit(frame)
    for options in ({}, {"X_train": frame}):
        reasons = explain(model, frame[["kind", "size"]][:2], **options)
        assert reasons.feature_names == ("kind", "size")
        assert reasons.typical[0] == "a"
        assert reasons.typical[1] == pytest.approx(np.median(X[:, 0]))
        assert np.isnan(reasons.percentile[:, 0]).all()
        assert np.isfinite(reasons.percentile[:, 1]).all()


def test_sparse_rows():
    rows = sparse.csr_array(np.where(X > 2, X, 0.0))
    reasons = explain(NearestNeighbors().fit(rows), rows[:2])
    np.testing.assert_array_equal(reasons.typical, np.median(rows.toarray(), axis=0))


def test_a_lone_training_row_is_typical_and_has_no_excess():
    reasons = NeonKDE(gamma=1.0).fit(X[:1]).explain(X[:2])
    np.testing.assert_array_equal(reasons.typical, X[0])
    with pytest.raises(ValueError, match="at least two training"):
        reasons.excess()
    assert len(reasons.top(2)[1]) == 2


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("name", ["kmeans", "birch", "splits", "mixture", "members"])
def test_own_centres(name, scaled):
    labels = np.repeat([0, 1, 2], 50)
    model = {
        "kmeans": KMeans(3, n_init=1, random_state=0),
        "birch": Birch(n_clusters=3),
        "splits": BisectingKMeans(3, random_state=0),
        "mixture": GaussianMixture(3, random_state=0),
        "members": KernelDensity(),
    }[name]
    pipeline = make_pipeline(StandardScaler(), model) if scaled else model
    pipeline.fit(X)
    options = {"members": labels} if name == "members" else {}
    reasons = explain(pipeline, X, **options)
    Z = pipeline[0].transform(X) if scaled else X
    if name == "mixture":
        centres = model.means_[reasons.target]
    elif name == "members":
        centres = np.array([Z[labels == c].mean(axis=0) for c in range(3)])
        centres = centres[reasons.target]
    elif name == "birch":
        points = model.subcluster_centers_
        centres = points[((Z[:, None] - points) ** 2).sum(axis=2).argmin(axis=1)]
    else:
        centres = model.cluster_centers_[reasons.target]
    expected = pipeline[0].inverse_transform(centres) if scaled else centres
    np.testing.assert_allclose(reasons.own, expected)
    if name != "birch":
        other = explain(pipeline, X[:9], cluster=2, **options).own
        one = reasons.own[reasons.target == 2][:1]
        np.testing.assert_allclose(other, one.repeat(9, axis=0))


def test_doors_are_pickled_without_the_rows_of_others():
    door = neuralize(NeonKDE().fit(X))
    usual = door.explain(X[:1]).ordinary.relevance
    again = pickle.loads(pickle.dumps(door))
    np.testing.assert_array_equal(again.explain(X[:1]).ordinary.relevance, usual)
