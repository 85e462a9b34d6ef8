# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Every transformer whose outputs have one parent each, before models.

The laws of `pipelines.check_column_wise` hold for each, and typical values are values
of the raw columns.
"""

import numpy as np
import pandas as pd
import pytest
from helpers.laws import assert_close
from helpers.pipelines import (
    ADDITIVE,
    check_additive,
    check_column_wise,
    numeric_rows,
    plain,
)
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.feature_selection import (
    RFE,
    SelectFromModel,
    SelectKBest,
    VarianceThreshold,
    f_regression,
)
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skneon import NeonKDE, explain

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows()
y = X[:, 0] - 2 * X[:, 2] + np.sin(np.arange(40))
FRAME = pd.DataFrame(X, columns=list("abcd"))


def gaps(X, share=0.2, seed=1):
    """Some cells missing, and never a whole row or column."""
    X = X.copy()
    missing = np.random.default_rng(seed).random(X.shape) < share
    missing[:, -1] = False
    X[missing] = np.nan
    return X


INVERTIBLE = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    StandardScaler(with_mean=False, with_std=False),
    MinMaxScaler((-1, 2)),
    MinMaxScaler(clip=True),
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False),
    RobustScaler(with_scaling=False),
    RobustScaler(with_centering=False, with_scaling=False),
    PowerTransformer(),
    PowerTransformer("box-cox", standardize=False),
    QuantileTransformer(n_quantiles=20),
    QuantileTransformer(n_quantiles=20, output_distribution="normal"),
]


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize("transformer", INVERTIBLE, ids=repr)
def test_scalers(transformer, rows):
    for got, own, pipeline in check_additive([clone(transformer)], rows):
        scaler = clone(transformer).fit(X)
        assert scaler.get_params() == pipeline[0].get_params()
        expected = scaler.inverse_transform(own.compared_with)
        np.testing.assert_allclose(got.compared_with, expected, rtol=1e-9)
        assert np.all(got.compared_with >= X.min(axis=0) - 1e-9 * X.max(axis=0))
        assert np.all(got.compared_with <= X.max(axis=0) * (1 + 1e-9))


def test_clipping_is_seen_beyond_the_training_rows():
    far = np.concatenate([X[:5], X[:5] * 10])
    for clip in (False, True):
        pipeline = make_pipeline(MinMaxScaler(clip=clip), NeonKDE(gamma=1.0)).fit(X)
        check_column_wise(pipeline, far)
    assert explain(pipeline, far).score.max() < 20


@pytest.mark.filterwarnings("ignore:Skipping features:UserWarning")
@pytest.mark.filterwarnings("ignore:Currently, when `keep_empty_feature:FutureWarning")
@pytest.mark.parametrize("empty", [False, True], ids=["", "empty column"])
@pytest.mark.parametrize("keep", [False, True], ids=["", "kept"])
@pytest.mark.parametrize("indicate", [False, True], ids=["", "indicated"])
@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_simple_imputer(strategy, indicate, keep, empty):
    rows = gaps(X)
    if empty:
        rows[:, 1] = np.nan
    imputer = SimpleImputer(
        strategy=strategy, add_indicator=indicate, keep_empty_features=keep
    )
    for got, own, pipeline in check_additive([imputer], rows, models=ADDITIVE[::2]):
        names = list(pipeline[0].get_feature_names_out())
        for i in range(4):
            if f"x{i}" in names:
                expected = own.compared_with[:, names.index(f"x{i}")]
                np.testing.assert_allclose(
                    got.compared_with[:, i], expected, rtol=1e-12
                )
            else:
                assert np.isnan(got.compared_with[:, i]).all()


@pytest.mark.parametrize("empty", [False, True], ids=["", "empty column"])
@pytest.mark.parametrize("keep", [False, True], ids=["", "kept"])
@pytest.mark.parametrize("indicate", [False, True], ids=["", "indicated"])
def test_nearest_neighbours_imputer(indicate, keep, empty):
    """A value filled in from other columns counts as the column's own."""
    rows = gaps(X)
    if empty:
        rows[:, 1] = np.nan
    imputer = KNNImputer(
        n_neighbors=2, add_indicator=indicate, keep_empty_features=keep
    )
    kept = [0, 2, 3] if empty and not keep else [0, 1, 2, 3]
    M = np.eye(4)[kept + [0, 1, 2] * indicate]
    list(check_additive([imputer], rows, M=M))


@pytest.mark.parametrize("features", ["missing-only", "all"])
def test_missing_indicator(features):
    rows = gaps(X, 0.4)
    for got, _, _ in check_additive(
        [MissingIndicator(features=features)],
        rows,
        M=np.eye(4)[: 4 if features == "all" else 3],
    ):
        assert np.isnan(got.compared_with).all()


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize(
    "transformer",
    [
        VarianceThreshold(0.5),
        SelectKBest(f_regression, k=2),
        SelectFromModel(ExtraTreesRegressor(5, random_state=0)),
        RFE(LinearRegression(), n_features_to_select=3),
    ],
    ids=lambda transformer: type(transformer).__name__,
)
def test_selectors(transformer, rows):
    for got, own, pipeline in check_additive([transformer], rows, y):
        chosen = pipeline[0].get_support()
        assert 0 < chosen.sum() < 4
        assert not got.relevance[:, ~chosen].any()
        np.testing.assert_array_equal(got.compared_with[:, chosen], own.compared_with)
        assert np.isnan(got.compared_with[:, ~chosen]).all()


def test_binarizer():
    for got, _, _ in check_additive([Binarizer(threshold=2.0)], X, M=np.eye(4)):
        assert np.isnan(got.compared_with).all()


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalizer_holds_the_lengths_of_rows_fixed(norm):
    rows = np.vstack([X - 1.0, np.zeros((1, 4))])
    for model, options in ADDITIVE:
        for table in (rows, csr_array(rows)):
            normalizer = Normalizer(norm)
            if not isinstance(model, KMeans):
                table = rows
            unit = normalizer.fit_transform(table)
            got = explain(make_pipeline(normalizer, model).fit(table), table, **options)
            expected = explain(model.fit(unit), unit, **options)
            assert_close(got.relevance, expected.relevance)
            np.testing.assert_array_equal(plain(got.data), rows)
            assert np.isnan(np.asarray(got.compared_with, dtype=float)).all()


# Refusals


@pytest.mark.parametrize(
    ("transformer", "reason"),
    [(PolynomialFeatures(2), "a product has no single parent")],
    ids=repr,
)
def test_steps_that_mix_columns_are_refused(transformer, reason):
    for model in (NeonKDE(), KMeans(2, n_init=1)):
        pipeline = make_pipeline(StandardScaler(), transformer, model).fit(X)
        name = type(transformer).__name__.lower()
        message = f"cannot be traced through step '{name}': .*{reason}.*Leave it out"
        with pytest.raises(TypeError, match=message):
            explain(pipeline, X)
