# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Every transformer whose outputs have one parent each, before models.

The laws of `pipelines.check_column_wise` hold for each, and typical values are values
of the raw columns.
"""

import numpy as np
import pandas as pd
import pytest
from pipelines import (
    ADDITIVE,
    assert_same_cells,
    check_additive,
    check_column_wise,
    dependence,
    numeric_rows,
    plain,
)
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
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)

from skneon import NeonKDE, NeonKMeans, explain

X = numeric_rows()
y = X[:, 0] - 2 * X[:, 2] + np.sin(np.arange(40))
FRAME = pd.DataFrame(X, columns=list("abcd"))


# shuffle and random_state give way to cv in scikit-learn 1.9
SHUFFLES = getattr(TargetEncoder(), "shuffle", "deprecated") != "deprecated"
UNSHUFFLED = {"shuffle": False} if SHUFFLES else {}


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
        expected = scaler.inverse_transform(own.reference)
        np.testing.assert_allclose(got.reference, expected, rtol=1e-9)
        assert np.all(got.reference >= X.min(axis=0) - 1e-9 * X.max(axis=0))
        assert np.all(got.reference <= X.max(axis=0) * (1 + 1e-9))


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
                expected = own.reference[:, names.index(f"x{i}")]
                np.testing.assert_allclose(got.reference[:, i], expected, rtol=1e-12)
            else:
                assert np.isnan(got.reference[:, i]).all()


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
        assert np.isnan(got.reference).all()


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
        np.testing.assert_array_equal(got.reference[:, chosen], own.reference)
        assert np.isnan(got.reference[:, ~chosen]).all()


@pytest.mark.parametrize("degree", [1, 3])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("extrapolation", ["constant", "periodic"])
def test_splines(degree, bias, extrapolation):
    splines = SplineTransformer(
        n_knots=5, degree=degree, include_bias=bias, extrapolation=extrapolation
    )
    for got, _, _ in check_additive([splines], X, models=ADDITIVE[::2]):
        assert np.isnan(got.reference).all()


def test_binarizer():
    for got, _, _ in check_additive([Binarizer(threshold=2.0)], X, M=np.eye(4)):
        assert np.isnan(got.reference).all()


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "kmeans"])
def test_bins(encode, strategy):
    bins = KBinsDiscretizer(4, encode=encode, strategy=strategy)
    models = ADDITIVE[2:] if encode == "onehot" else ADDITIVE
    for got, own, pipeline in check_additive([bins], X, models=models):
        # a typical value is the center of the bin that weighs most
        for i, edges in enumerate(pipeline[0].bin_edges_):
            r = own.reference
            number = np.rint(r[:, i]).astype(int)
            if encode != "ordinal":
                number = r[:, 4 * i : 4 * i + 4].argmax(axis=1)
            expected = (edges[number] + edges[number + 1]) / 2
            np.testing.assert_allclose(got.reference[:, i], expected)


@pytest.mark.filterwarnings("ignore:Feature 1 is constant:UserWarning")
@pytest.mark.parametrize("encode", ["onehot-dense", "ordinal"])
def test_bins_of_a_constant_column(encode):
    rows = X.copy()
    rows[:, 1] = 7.0
    bins = KBinsDiscretizer(4, encode=encode, strategy="uniform")
    widths = [1] * 4 if encode == "ordinal" else [4, 1, 4, 4]
    M = np.repeat(np.eye(4), widths, axis=0)
    for got, _, _ in check_additive([bins], rows, M=M):
        assert got.meta.get("rule") == "exact" or not got.relevance[:, 1].any()
        assert np.isnan(got.reference[:, 1]).all()
        assert np.isfinite(got.reference[:, [0, 2, 3]]).all()


# Categories


def category_frame(n=60, missing=(None, np.nan)):
    """Texts with rare ones, two of a kind, digits as texts, numbers, and gaps."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "many": rng.choice(list("abcdefgh"), n, p=[0.3, 0.3, 0.2] + [0.04] * 5),
            "two": rng.choice(["no", "yes"], n),
            "digits": rng.choice(["1", "2", "10"], n),
            "number": rng.choice([1.5, 2.5, 4.0, 9.0], n, p=[0.4, 0.4, 0.15, 0.05]),
        }
    ).astype({"many": object, "two": object, "digits": object})
    for i, value in enumerate(missing):
        frame.iloc[rng.random(n) < 0.1, [0, 3][i]] = value
    return frame


def patterns(Z, column):
    """What each pattern of a block of outputs stands for, by the training rows."""
    found = {}
    for z, value in zip(Z, column, strict=True):
        found.setdefault(tuple(z), {str(value): value})[str(value)] = value
    return {
        z: next(iter(values.values())) if len(values) == 1 else "infrequent"
        for z, values in found.items()
    }


ONE_HOT = [
    {},
    {"drop": "first"},
    {"drop": "if_binary"},
    {"drop": ["b", "yes", "10", 4.0]},
    {"handle_unknown": "ignore"},
    {"min_frequency": 6, "handle_unknown": "infrequent_if_exist"},
    {"max_categories": 3},
    {"min_frequency": 6, "drop": "first"},
]


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize(
    ("parameters", "missing"),
    # scikit-learn takes no list of what to drop from columns with gaps
    [
        (parameters, missing)
        for parameters in ONE_HOT
        for missing in ((), (None, np.nan))
        if not (missing and isinstance(parameters.get("drop"), list))
    ],
    ids=str,
)
def test_one_hot_encoder(parameters, missing, sparse):
    frame = category_frame(missing=missing)
    encoder = OneHotEncoder(sparse_output=sparse, **parameters)
    models = ADDITIVE[2:] if sparse else ADDITIVE[::2]
    for got, own, pipeline in check_additive([encoder], frame, models=models):
        Z = plain(pipeline[0].transform(frame))
        names = pipeline[0].get_feature_names_out()
        for i, name in enumerate(frame):
            block = [j for j, n in enumerate(names) if n.startswith(f"{name}_")]
            weights = own.reference[:, block]
            known = patterns(Z[:, block], frame[name])
            labels = [known[tuple(row)] for row in np.eye(len(block))]
            dropped = known.get(tuple(np.zeros(len(block))))
            if dropped is not None:
                weights = np.column_stack([weights, 1 - weights.sum(axis=1)])
                labels.append(dropped)
            # ties go either way
            best = weights.max(axis=1, keepdims=True) - 1e-12 <= weights
            for value, some in zip(got.reference[:, i], best, strict=True):
                candidates = [labels[j] for j in np.flatnonzero(some)]
                assert any(
                    value == c or (pd.isna(value) and pd.isna(c)) for c in candidates
                )


@pytest.mark.parametrize("missing", [(), (None, np.nan)], ids=["", "missing"])
@pytest.mark.parametrize(
    "parameters",
    [
        {"encoded_missing_value": -1},
        {"encoded_missing_value": 17},
        {"handle_unknown": "use_encoded_value", "unknown_value": -3,
         "encoded_missing_value": -2},
        {"min_frequency": 6, "encoded_missing_value": -1},
        {"max_categories": 3, "encoded_missing_value": -1},
    ],
    ids=str,
)  # fmt: skip
def test_ordinal_encoder(parameters, missing):
    frame = category_frame(missing=missing)
    for got, own, pipeline in check_additive([OrdinalEncoder(**parameters)], frame):
        Z = pipeline[0].transform(frame)
        for i, name in enumerate(frame):
            known = patterns(Z[:, [i]], frame[name])
            codes = np.array([code for (code,) in known])
            nearest = np.abs(own.reference[:, [i]] - codes)
            best = nearest <= nearest.min(axis=1, keepdims=True) + 1e-12
            for value, some in zip(got.reference[:, i], best, strict=True):
                candidates = [known[(code,)] for code in codes[some]]
                assert any(
                    value == c or (pd.isna(value) and pd.isna(c)) for c in candidates
                )


@pytest.mark.parametrize("missing", [(), (None, np.nan)], ids=["", "missing"])
@pytest.mark.parametrize(
    "encoder",
    [
        *(OneHotEncoder(sparse_output=False, **options) for options in ONE_HOT[:3]),
        OrdinalEncoder(encoded_missing_value=-1),
        OrdinalEncoder(encoded_missing_value=17),
    ],
    ids=repr,
)
def test_what_is_typical_where_only_the_row_itself_counts(encoder, missing):
    """With a stiff soft argmin a training row's reference is the row, gaps included."""
    frame = category_frame(missing=missing)
    pipeline = make_pipeline(encoder, NeonKDE(gamma=1.0, beta=1e6)).fit(frame)
    assert_same_cells(explain(pipeline, frame).reference, frame)


def test_unknown_categories():
    frame = category_frame(missing=())
    new = frame[:6].copy()
    new.loc[:2, "many"] = "new"
    for encoder in (
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        OneHotEncoder(
            handle_unknown="infrequent_if_exist", min_frequency=6, sparse_output=False
        ),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    ):
        pipeline = make_pipeline(encoder, NeonKDE(gamma=0.5)).fit(frame)
        M = dependence(pipeline[:-1].transform, frame)
        got, _ = check_column_wise(pipeline, new, M)
        assert set(got.reference[:, 0]) <= {*frame["many"], "infrequent"}
    pipeline = make_pipeline(OneHotEncoder(sparse_output=False), NeonKDE()).fit(frame)
    with pytest.raises(ValueError, match="Found unknown categories"):
        explain(pipeline, new)


def test_digits_as_texts_stay_texts():
    frame = category_frame(missing=())[["digits"]]
    for encoder in (OneHotEncoder(sparse_output=False), OrdinalEncoder()):
        explanation = explain(make_pipeline(encoder, NeonKDE(0.5)).fit(frame), frame)
        assert set(explanation.reference.ravel()) <= {"1", "2", "10"}
        assert set(explanation.data.ravel()) == {"1", "2", "10"}


def test_a_row_without_rival_has_no_typical_category():
    frame = category_frame(missing=())
    for encoder in (
        OneHotEncoder(drop="first", sparse_output=False),
        OrdinalEncoder(),
        TargetEncoder(target_type="continuous", **UNSHUFFLED),
    ):
        pipeline = make_pipeline(encoder, NeonKMeans(1)).fit(frame, np.arange(60.0))
        explanation = explain(pipeline, frame[:5])
        assert np.isinf(explanation.score).all()
        assert pd.isna(pd.DataFrame(explanation.reference)).all(axis=None)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("binary", np.arange(60) % 2),
        ("continuous", np.sin(np.arange(60.0))),
        ("multiclass", np.arange(60) % 3),
    ],
)
def test_target_encoder(kind, target):
    frame = category_frame()
    frame["many"] = frame["many"].fillna("none")
    encoder = TargetEncoder(target_type=kind, **UNSHUFFLED)
    M = np.repeat(np.eye(4), 3 if kind == "multiclass" else 1, axis=0)
    for got, own, pipeline in check_additive([encoder], frame, target, M):
        Z = pipeline[0].transform(frame)
        width = 3 if kind == "multiclass" else 1
        assert Z.shape[1] == 4 * width
        for i, name in enumerate(frame):
            means = Z[:, i * width]
            distance = np.abs(own.reference[:, [i * width]] - means)
            best = distance <= distance.min(axis=1, keepdims=True) + 1e-9
            for value, some in zip(got.reference[:, i], best, strict=True):
                candidates = list(frame[name][some])
                assert value in candidates or pd.isna([value, *candidates]).sum() > 1


# Refusals


@pytest.mark.parametrize(
    ("transformer", "reason"),
    [
        (Normalizer(), "divides each row by its length"),
        (PolynomialFeatures(2), "a product has no single parent"),
    ],
    ids=repr,
)
def test_steps_that_mix_columns_are_refused(transformer, reason):
    for model in (NeonKDE(), KMeans(2, n_init=1)):
        pipeline = make_pipeline(StandardScaler(), transformer, model).fit(X)
        name = type(transformer).__name__.lower()
        message = f"cannot be traced through step '{name}': .*{reason}.*Leave it out"
        with pytest.raises(TypeError, match=message):
            explain(pipeline, X)
