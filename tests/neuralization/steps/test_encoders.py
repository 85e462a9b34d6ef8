# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Encoders before models: typical values are categories, or centers of bins."""

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import (
    ADDITIVE,
    assert_same_cells,
    check_additive,
    check_column_wise,
    dependence,
    numeric_rows,
    plain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    SplineTransformer,
    TargetEncoder,
)

from skneon import NeonKDE, NeonKMeans, explain

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows()

# shuffle and random_state give way to cv in scikit-learn 1.9
SHUFFLES = getattr(TargetEncoder(), "shuffle", "deprecated") != "deprecated"
UNSHUFFLED = {"shuffle": False} if SHUFFLES else {}


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
            weights = np.asarray(own.compared_with)[:, block]
            known = patterns(Z[:, block], frame[name])
            labels = [known[tuple(row)] for row in np.eye(len(block))]
            dropped = known.get(tuple(np.zeros(len(block))))
            if dropped is not None:
                weights = np.column_stack([weights, 1 - weights.sum(axis=1)])
                labels.append(dropped)
            # ties go either way
            best = weights.max(axis=1, keepdims=True) - 1e-12 <= weights
            for value, some in zip(got.compared_with[:, i], best, strict=True):
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
            nearest = np.abs(own.compared_with[:, [i]] - codes)
            best = nearest <= nearest.min(axis=1, keepdims=True) + 1e-12
            for value, some in zip(got.compared_with[:, i], best, strict=True):
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
    assert_same_cells(explain(pipeline, frame).compared_with, frame)


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
        assert set(got.compared_with[:, 0]) <= {*frame["many"], "infrequent"}
    pipeline = make_pipeline(OneHotEncoder(sparse_output=False), NeonKDE()).fit(frame)
    with pytest.raises(ValueError, match="Found unknown categories"):
        explain(pipeline, new)


def test_digits_as_texts_stay_texts():
    frame = category_frame(missing=())[["digits"]]
    for encoder in (OneHotEncoder(sparse_output=False), OrdinalEncoder()):
        explanation = explain(make_pipeline(encoder, NeonKDE(0.5)).fit(frame), frame)
        assert set(explanation.compared_with.ravel()) <= {"1", "2", "10"}
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
        assert pd.isna(pd.DataFrame(explanation.compared_with)).all(axis=None)


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
            distance = np.abs(own.compared_with[:, [i * width]] - means)
            best = distance <= distance.min(axis=1, keepdims=True) + 1e-9
            for value, some in zip(got.compared_with[:, i], best, strict=True):
                candidates = list(frame[name][some])
                assert value in candidates or pd.isna([value, *candidates]).sum() > 1


# Numbers in bins and splines


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "kmeans"])
def test_bins(encode, strategy):
    bins = KBinsDiscretizer(4, encode=encode, strategy=strategy)
    models = ADDITIVE[2:] if encode == "onehot" else ADDITIVE
    for got, own, pipeline in check_additive([bins], X, models=models):
        # a typical value is the center of the bin that weighs most
        for i, edges in enumerate(pipeline[0].bin_edges_):
            r = np.asarray(own.compared_with)
            number = np.rint(r[:, i]).astype(int)
            if encode != "ordinal":
                number = r[:, 4 * i : 4 * i + 4].argmax(axis=1)
            expected = (edges[number] + edges[number + 1]) / 2
            np.testing.assert_allclose(got.compared_with[:, i], expected)


@pytest.mark.filterwarnings("ignore:Feature 1 is constant:UserWarning")
@pytest.mark.parametrize("encode", ["onehot-dense", "ordinal"])
def test_bins_of_a_constant_column(encode):
    rows = X.copy()
    rows[:, 1] = 7.0
    bins = KBinsDiscretizer(4, encode=encode, strategy="uniform")
    widths = [1] * 4 if encode == "ordinal" else [4, 1, 4, 4]
    M = np.repeat(np.eye(4), widths, axis=0)
    for got, _, _ in check_additive([bins], rows, M=M):
        assert got.meta["rule"] == "exact-inlier" or not got.relevance[:, 1].any()
        assert np.isnan(got.compared_with[:, 1]).all()
        assert np.isfinite(got.compared_with[:, [0, 2, 3]]).all()


@pytest.mark.parametrize("degree", [1, 3])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("extrapolation", ["constant", "periodic"])
def test_splines(degree, bias, extrapolation):
    splines = SplineTransformer(
        n_knots=5, degree=degree, include_bias=bias, extrapolation=extrapolation
    )
    for got, _, _ in check_additive([splines], X, models=ADDITIVE[::2]):
        assert np.isnan(got.compared_with).all()
