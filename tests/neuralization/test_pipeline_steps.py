# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Steps of all kinds, explained in the columns that go into them."""

from copy import deepcopy

import numpy as np
import pytest
from helpers.pipelines import (
    MODELS,
    all_kinds,
    assert_permuted,
    assert_same_cells,
    check_column_wise,
    dependence,
    mixed_frame,
    plain,
)
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skneon import NeonKDE, explain

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")


def model_score(pipeline, frame, options):
    """The last step's own score of transformed rows."""
    Z = pipeline[:-1].transform(frame)
    last = pipeline[-1]
    if isinstance(last, NeonKDE):
        return last.outlierness(Z)
    if isinstance(last, GaussianMixture):
        if options.get("target") == "outlier":
            return -last.score_samples(Z)
        p = last.predict_proba(Z)
        own = p.argmax(axis=1)
        rest = np.sum(np.where(np.arange(p.shape[1]) == own[:, None], 0, p), axis=1)
        return np.log(p.max(axis=1)) - np.log(rest)
    distances = np.sort(
        ((plain(Z)[:, None] - last.cluster_centers_) ** 2).sum(axis=2), axis=1
    )
    return distances[:, 1] - distances[:, 0]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("linear", [True, False], ids=["pca", "columns"])
def test_all_kinds_of_steps(name, linear):
    make, options = MODELS[name]
    frame = mixed_frame(60)
    pipeline = make_pipeline(all_kinds(linear), make()).fit(frame)
    got = explain(pipeline, frame, **options)
    assert got.feature_names == tuple(frame.columns)
    np.testing.assert_array_equal(got.index, frame.index)
    assert_same_cells(got.data, frame)
    score = model_score(pipeline, frame, options)
    np.testing.assert_allclose(got.score, score, rtol=1e-8, atol=1e-8)
    size = np.abs(got.relevance).sum(axis=1)
    constant = got.residual
    if name != "mixture" and name != "mixture outlier":
        assert np.all(np.abs(constant) <= 1e-9 * size)
    else:
        # what the density is at the means is no column's, and the same for all rows
        for cluster in np.unique(got.target) if name == "mixture" else [None]:
            same = constant if cluster is None else constant[got.target == cluster]
            np.testing.assert_allclose(same, same[0], rtol=1e-9, atol=1e-9 * size.max())
    assert set(got.compared_with[:, 3]) <= {*frame["city"]} | {np.nan}
    assert set(got.compared_with[:, 4]) <= {*frame["grade"]}
    assert_rows_are_independent(pipeline, frame, got, options)
    assert_order_does_not_matter(pipeline, frame, got, options)


def assert_rows_are_independent(pipeline, frame, expected, options):
    some = np.array([7, 3, 3, len(frame) - 1])
    got = explain(pipeline, frame.iloc[some], **options)
    assert_permuted(got, expected[some])
    np.testing.assert_array_equal(got.index, frame.index[some])
    with config_context(working_memory=1e-3):
        assert_permuted(explain(pipeline, frame, **options), expected)


def assert_order_does_not_matter(pipeline, frame, expected, options):
    """Neither in the frame that is explained nor in the one that is fitted to."""
    names = list(np.random.default_rng(0).permutation(frame.columns))
    got = explain(pipeline, frame[names], **options)
    assert got.feature_names == tuple(names)
    assert_permuted(got, expected)
    again = deepcopy(pipeline).fit(frame[names])
    got = explain(again, frame[names], **options)
    assert got.feature_names == tuple(names)
    # columns are taken by name: the steps see the same
    assert_permuted(got, expected, 1e-8)


NUMBER_STEPS = {
    "scale": StandardScaler,
    "robust": RobustScaler,
    "log": lambda: FunctionTransformer(np.log),
    "range": MinMaxScaler,
    "ranks": lambda: QuantileTransformer(n_quantiles=10),
    "none": lambda: "passthrough",
}
LINEAR_STEPS = {
    "none": lambda: "passthrough",
    "pca": lambda: PCA(1),
    "full": PCA,
    "white": lambda: make_pipeline(PCA(1, whiten=True), StandardScaler()),
}
CATEGORY_STEPS = {
    "one-hot": lambda: OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
    "numbers": OrdinalEncoder,
    "two steps": lambda: make_pipeline(
        OneHotEncoder(sparse_output=False, min_frequency=4), PCA(1)
    ),
}


@settings(max_examples=15)
@given(
    seeds,
    st.lists(st.sampled_from(sorted(NUMBER_STEPS)), max_size=2),
    st.sampled_from(sorted(LINEAR_STEPS)),
    st.sampled_from(sorted(CATEGORY_STEPS)),
    st.sampled_from(["kde", "midpoint"]),
    st.sampled_from(["drop", "passthrough"]),
)
def test_random_steps(seed, numbers, linear, categories, name, remainder):
    rng = np.random.default_rng(seed)
    frame = mixed_frame(20, seed)
    frame["extra"] = rng.normal(size=20)
    frame = frame[rng.permutation(frame.columns)]
    chosen = rng.permutation(["age", "income", "debt"])[: rng.integers(2, 4)].tolist()
    kinds = rng.permutation(["city", "grade"])[: rng.integers(1, 3)].tolist()
    # the columns that are left over hold numbers without gaps, or are dropped
    rest = [c for c in ("age", "income", "city", "grade") if c not in chosen + kinds]
    steps = make_pipeline(
        SimpleImputer(), *(NUMBER_STEPS[step]() for step in numbers if step != "log"),
        LINEAR_STEPS[linear](),
    )  # fmt: skip
    if "log" in numbers:
        steps.steps.insert(1, ("log", NUMBER_STEPS["log"]()))
    prep = ColumnTransformer(
        [
            ("numbers", steps, chosen),
            ("kinds", CATEGORY_STEPS[categories](), kinds),
            ("left over", "drop", rest),
        ],
        remainder=remainder,
    )
    make, options = MODELS[name]
    pipeline = make_pipeline(prep, make()).fit(frame)
    if linear == "none" and categories != "two steps":
        M = dependence(prep.transform, frame)
        if (M.sum(axis=1) == 1).all():
            got, _ = check_column_wise(pipeline, frame, **options)
    got = explain(pipeline, frame, **options)
    size = np.abs(got.relevance).sum(axis=1)
    assert np.all(np.abs(got.residual) <= 1e-9 * size + 1e-12)
    score = model_score(pipeline, frame, options)
    np.testing.assert_allclose(got.score, score, rtol=1e-8, atol=1e-8)
    unused = [c for c in frame if c in rest or (remainder == "drop" and c == "extra")]
    columns = [list(frame).index(c) for c in unused]
    assert not got.relevance[:, columns].any()
    assert_same_cells(got.data, frame)
    assert_rows_are_independent(pipeline, frame, got, options)
    assert_order_does_not_matter(pipeline, frame, got, options)


def test_gaps_filled_from_other_columns_count_as_the_columns_own():
    frame = mixed_frame(40)[["age", "income", "debt"]]
    pipeline = make_pipeline(KNNImputer(n_neighbors=3), NeonKDE(gamma=0.5)).fit(frame)
    got = explain(pipeline, frame)
    own = explain(pipeline[-1], pipeline[:-1].transform(frame))
    np.testing.assert_array_equal(got.relevance, own.relevance)
    assert np.isnan(got.data).any() and np.isfinite(got.compared_with).all()
