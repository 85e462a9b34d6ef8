# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Frames, steps and models, and what holds where steps treat columns one by one.

The slow reference knows nothing of the package's layers: it finds out what an output of
the preprocessing depends on by changing one raw column at a time.
"""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from helpers.laws import assert_close
from skneon import NeonKDE, NeonKMeans, explain

# additive over columns: relevance of a column is the sum over what is made of it
ADDITIVE = [
    (NeonKDE(gamma=0.3), {}),
    (NeonKDE(gamma=0.3), {"target": "inlier", "rule": "exact-inlier"}),
    (KMeans(3, n_init=1, random_state=0), {"rule": "midpoint"}),
    (KMeans(3, n_init=1, random_state=0), {"rule": "w-square"}),
]

# how to make a model, and the options of its explanations
MODELS = {
    "kde": (lambda: NeonKDE(gamma=0.2), {}),
    "kmeans": (lambda: KMeans(3, n_init=1, random_state=0), {"rule": "shapley"}),
    "midpoint": (lambda: NeonKMeans(3, random_state=0), {"rule": "midpoint"}),
    "mixture": (
        lambda: GaussianMixture(2, reg_covar=0.1, random_state=0),
        {},
    ),
    "mixture outlier": (
        lambda: GaussianMixture(2, reg_covar=0.1, random_state=0),
        {"target": "outlier"},
    ),
}


def numeric_rows(n=40, d=4, seed=0):
    """Positive, skewed columns of different scales."""
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, size=(n, d)) * 3.0 ** np.arange(-1, d - 1) + 0.1


def mixed_frame(n=40, seed=0):
    """Two columns of positive numbers with gaps, one without, and two of categories."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(numeric_rows(n, 3, seed), columns=["age", "income", "debt"])
    frame.loc[rng.random(n) < 0.15, "age"] = np.nan
    frame.loc[rng.random(n) < 0.15, "income"] = np.nan
    frame["city"] = rng.choice(["Bonn", "Rome", "York"], n)
    frame["grade"] = rng.choice(["bad", "fair", "good"], n)
    frame.index = np.arange(n) * 3 + 100
    return frame


def all_kinds(linear=True, numbers=("age", "income", "debt")):
    """Logarithms, scales, imputation, categories, and a PCA of a block."""
    log = make_pipeline(
        SimpleImputer(add_indicator=False),
        FunctionTransformer(np.log),
        StandardScaler(),
    )
    return ColumnTransformer(
        [
            ("numbers", log, [*numbers[:2]]),
            (
                "block",
                make_pipeline(
                    SimpleImputer(strategy="median"),
                    MinMaxScaler(),
                    PCA(2) if linear else "passthrough",
                ),
                list(numbers),
            ),
            ("city", OneHotEncoder(drop="if_binary", sparse_output=False), ["city"]),
            (
                "grade",
                OrdinalEncoder(categories=[["bad", "fair", "good"]]),
                ["grade"],
            ),
        ]
    )


def cells(X):
    """Cells of an array or pandas frame as objects, NaN for missing ones."""
    table = np.array(X.astype(object) if hasattr(X, "columns") else X, dtype=object)
    table[np.asarray(pd.isna(pd.DataFrame(table)))] = np.nan
    return table


def assert_same_cells(got, expected):
    got, expected = cells(got), cells(expected)
    assert got.shape == expected.shape
    missing = np.asarray(pd.isna(pd.DataFrame(expected)))
    np.testing.assert_array_equal(np.asarray(pd.isna(pd.DataFrame(got))), missing)
    assert (got[~missing] == expected[~missing]).all()


def assert_permuted(got, expected, tolerance=1e-9):
    """The same explanation, with columns in another order."""
    order = [expected.feature_names.index(name) for name in got.feature_names]
    assert sorted(order) == list(range(len(order)))
    size = np.abs(expected.relevance).sum(axis=1, keepdims=True)
    error = np.abs(got.relevance - expected.relevance[:, order])
    assert np.all(error <= tolerance * size + 1e-12)
    np.testing.assert_allclose(got.score, expected.score, rtol=tolerance, atol=1e-9)
    assert_same_cells(got.data, expected.data[:, order])


def plain(Z):
    """Any table of numbers as a float array."""
    return np.asarray(Z.toarray() if hasattr(Z, "toarray") else Z).astype(float)


def dependence(transform, X):
    """M[j, i]: whether output j changes with raw column i, as a 0/1 matrix."""
    before = plain(transform(X))
    M = np.zeros((before.shape[1], X.shape[1]))
    for i in range(X.shape[1]):
        for shift in (1, 7):
            other = X.copy()
            if hasattr(X, "iloc"):
                rolled = X.iloc[np.roll(np.arange(len(X)), shift), i]
                other.isetitem(i, rolled.set_axis(X.index))
            else:
                other[:, i] = np.roll(X[:, i], shift)
            changed = ~np.isclose(plain(transform(other)), before, equal_nan=True)
            M[changed.any(axis=0), i] = 1
    return M


def check_column_wise(pipeline, X, M=None, **options):
    """A fitted Pipeline of column-wise steps against its last step's explanation.

    Returns both explanations, the Pipeline's first.
    """
    Z = pipeline[:-1].transform(X)
    own = explain(pipeline[-1], Z, **options)
    got = explain(pipeline, X, **options)
    if M is None:
        M = dependence(pipeline[:-1].transform, X)
        # every output depends on one column, or is constant and bears no relevance
        assert (M.sum(axis=1) <= 1).all()
        assert not np.any(np.asarray(own.relevance)[:, M.sum(axis=1) == 0])
    assert_close(got.score[:, None], own.score[:, None])
    assert_close(got.relevance, own.relevance @ M)
    size = np.abs(got.relevance).sum(axis=1)
    assert np.all(np.abs(got.residual) <= 1e-9 * size + 1e-300)
    np.testing.assert_array_equal(got.target, own.target)
    np.testing.assert_array_equal(got.rival, own.rival)
    assert_same_cells(got.data, X)
    names = list(getattr(X, "columns", [f"x{i}" for i in range(X.shape[1])]))
    assert list(got.feature_names) == names
    assert got.compared_with.shape == got.data.shape
    return got, own


def check_additive(steps, X, y=None, M=None, models=ADDITIVE):
    """`check_column_wise` for every additive rule; X are also the training rows."""
    for model, options in models:
        pipeline = make_pipeline(*steps, model).fit(X, y)
        yield (*check_column_wise(pipeline, X, M, **options), pipeline)
