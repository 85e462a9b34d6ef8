# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Transformers that are made of transformers: which columns go where."""

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import (
    ADDITIVE,
    check_additive,
    check_column_wise,
    dependence,
    mixed_frame,
    numeric_rows,
    plain,
)
from sklearn.cluster import KMeans
from sklearn.compose import (
    ColumnTransformer,
    make_column_selector,
    make_column_transformer,
)
from sklearn.decomposition import PCA, KernelPCA
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from skneon import NeonKDE, explain, neuralize
from skneon.neuralization.steps._composition import _numbers as numbers_of

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows(40, 5)
NAMES = list("abcde")
FRAME = pd.DataFrame(X, columns=NAMES)
SCALE, MINMAX = StandardScaler(), MinMaxScaler()

# specifications of columns, and the columns that they stand for
BY_NUMBER = {
    "ints": ([3, 1], [3, 1]),
    "negative ints": ([-1, 0], [4, 0]),
    "array": (np.array([2]), [2]),
    "mask": ([True, False, True, False, False], [0, 2]),
    "mask array": (np.array([False, True, False, False, True]), [1, 4]),
    "slice": (slice(1, 3), [1, 2]),
    "open slice": (slice(None, -3), [0, 1]),
    "slice of every other": (slice(0, 5, 2), [0, 2, 4]),
    "callable": (lambda X: [4, 2], [4, 2]),
}
BY_NAME = {
    "names": (["d", "b"], [3, 1]),
    "name array": (np.array(["c"], dtype=object), [2]),
    "slice of names": (slice("b", "d"), [1, 2, 3]),
    "open slice of names": (slice("c", None), [2, 3, 4]),
    "slice up to a name": (slice(None, "b"), [0, 1]),
    "selector": (make_column_selector(pattern="[ae]"), [0, 4]),
    "callable names": (lambda X: ["e", "a"], [4, 0]),
    "index": (pd.Index(["b", "c"]), [1, 2]),
}


def check_specification(rows, columns, numbers, remainder):
    steps = ColumnTransformer(
        [("some", SCALE, columns), ("none", MINMAX, [])], remainder=remainder
    )
    rest = [i for i in range(5) if i not in numbers]
    kept = [] if isinstance(remainder, str) and remainder == "drop" else rest
    # what the steps must do, written out
    scaler = StandardScaler().fit(X[:, numbers])
    Z = [scaler.transform(X[:, numbers])]
    if kept:
        passed = isinstance(remainder, str)
        Z.append(X[:, kept] if passed else MinMaxScaler().fit_transform(X[:, kept]))
    order = [*numbers, *kept]
    M = np.eye(5)[order]
    for got, own, pipeline in check_additive([steps], rows, M=M, models=ADDITIVE[::3]):
        np.testing.assert_allclose(pipeline[0].transform(rows), np.hstack(Z))
        dropped = [i for i in range(5) if i not in order]
        assert not got.relevance[:, dropped].any()
        assert np.isnan(got.compared_with[:, dropped]).all()
        r = own.compared_with
        expected = scaler.inverse_transform(r[:, : len(numbers)])
        np.testing.assert_allclose(got.compared_with[:, numbers], expected)


@pytest.mark.parametrize("remainder", ["drop", "passthrough", MINMAX], ids=str)
@pytest.mark.parametrize("specification", BY_NUMBER)
def test_columns_by_number(specification, remainder):
    columns, numbers = BY_NUMBER[specification]
    for rows in (X, FRAME):
        check_specification(rows, columns, numbers, remainder)


@pytest.mark.parametrize("remainder", ["drop", "passthrough", MINMAX], ids=str)
@pytest.mark.parametrize("specification", BY_NAME)
def test_columns_by_name(specification, remainder):
    check_specification(FRAME, *BY_NAME[specification], remainder)


def test_a_lone_column_by_its_name_or_number():
    """A transformer that takes a column as a vector."""

    def as_column(x):
        return np.log(np.asarray(x)).reshape(-1, 1)

    log = FunctionTransformer(as_column, feature_names_out="one-to-one")
    for column in ("c", 2):
        steps = make_column_transformer((log, [column]), ("passthrough", ["a"]))
        M = np.eye(5)[[2, 0]]
        if column == 2:
            steps = make_column_transformer((log, [2]), ("passthrough", [0]))
        list(check_additive([steps], FRAME, M=M))


@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_columns_that_are_used_more_than_once(rows):
    steps = ColumnTransformer(
        [
            ("scaled", SCALE, [0, 1, 2]),
            ("again", MINMAX, [2, 0]),
            ("dropped", "drop", [1]),
            ("raw", "passthrough", [2, 4]),
        ]
    )
    for got, _, pipeline in check_additive([steps], rows):
        M = dependence(pipeline[:-1].transform, rows)
        np.testing.assert_array_equal(M.sum(axis=0), [2, 1, 3, 0, 1])
        assert not got.relevance[:, 3].any()


def nested_steps():
    """Pipelines in ColumnTransformers in Pipelines in FeatureUnions."""
    numbers = Pipeline(
        [("nothing", None), ("scale", SCALE), ("still nothing", "passthrough")]
    )
    inner = ColumnTransformer(
        [("numbers", numbers, [1, 0]), ("rest", "passthrough", [2])]
    )
    block = Pipeline(
        [("first", "passthrough"), ("inner", inner), ("robust", RobustScaler())]
    )
    outer = ColumnTransformer(
        [("block", block, slice(1, 4)), ("last", MINMAX, [-1])], remainder="passthrough"
    )
    union = FeatureUnion(
        [
            ("none", "drop"),
            ("outer", outer),
            ("few", ColumnTransformer([("one", SCALE, [0])])),
            ("all", "passthrough"),
        ],
        transformer_weights={"outer": 2.0, "all": 0.5},
    )
    return Pipeline([("skip", "passthrough"), ("union", union)])


@pytest.mark.parametrize(
    ("rows", "output"),
    # scikit-learn 1.9 itself cannot fit these steps to an array with pandas output
    [(X, "default"), (FRAME, "default"), (FRAME, "pandas")],
    ids=["array", "frame", "pandas output"],
)
def test_nesting(rows, output):
    steps = nested_steps()
    steps.set_output(transform=output)
    for got, own, pipeline in check_additive([None, steps, "passthrough"], rows):
        # the first branch that knows a column: block (columns 1 to 3), last, rest
        assert np.isfinite(got.compared_with).all()
        assert own.compared_with.shape[1] == 5 + 1 + 5
        M = dependence(pipeline[:-1].transform, rows)
        np.testing.assert_array_equal(M.sum(axis=0), [3, 2, 2, 2, 2])


def test_feature_union():
    union = make_union(SCALE, PCA(2), "drop", FunctionTransformer(np.log))
    kde = NeonKDE(gamma=0.1)
    pipeline = make_pipeline(union, kde).fit(X)
    got, own = explain(pipeline, X), explain(kde, pipeline[:-1].transform(X))
    np.testing.assert_allclose(got.relevance.sum(axis=1), own.score, rtol=1e-9)
    first = StandardScaler().fit(X)
    np.testing.assert_allclose(
        got.compared_with, first.inverse_transform(own.compared_with[:, :5])
    )
    list(check_additive([make_union(SCALE, FunctionTransformer(np.log))], FRAME))


def test_what_is_missing_and_what_fills_it():
    frame = mixed_frame()
    steps = make_union(
        make_column_transformer((SimpleImputer(), ["income", "age"])),
        make_column_transformer(
            (MissingIndicator(), ["age"]),
            (OneHotEncoder(sparse_output=False), ["city", "grade"]),
        ),
    )
    for got, own, _ in check_additive([steps], frame):
        np.testing.assert_allclose(
            got.compared_with[:, :2].astype(float), own.compared_with[:, [1, 0]]
        )
        assert set(got.compared_with[:, 3]) <= set(frame["city"])
        assert pd.isna(got.compared_with[:, 2].astype(float)).all()


def test_sparse_branches():
    frame = mixed_frame()
    steps = ColumnTransformer(
        [
            ("city", OneHotEncoder(), ["city", "grade"]),
            ("age", SimpleImputer(), ["age"]),
            ("grade", OrdinalEncoder(), ["grade"]),
        ],
        sparse_threshold=1.0,
    )
    models = [(KMeans(3, n_init=1, random_state=0), {"rule": "midpoint"})]
    for got, _, pipeline in check_additive([steps], frame, models=models):
        assert hasattr(pipeline[0].transform(frame), "toarray")
        assert not got.relevance[:, 1].any()
    # behind a linear step the rows are dense
    pipeline = make_pipeline(
        steps, PCA(2, svd_solver="arpack", random_state=0), NeonKDE()
    )
    got = explain(pipeline.fit(frame), frame)
    np.testing.assert_allclose(got.residual, 0, atol=1e-9)


def test_a_step_may_do_nothing():
    kde = NeonKDE(gamma=0.1)
    for steps in (
        [],
        [None],
        ["passthrough", None],
        [Pipeline([("a", "passthrough"), ("b", None)])],
        [Pipeline([("a", None)]), FeatureUnion([("a", "passthrough")])],
        [ColumnTransformer([("all", "passthrough", [0, 1, 2, 3, 4])])],
        [ColumnTransformer([], remainder="passthrough")],
    ):
        pipeline = make_pipeline(*steps, kde).fit(FRAME)
        got, expected = explain(pipeline, FRAME), explain(kde.fit(X), X)
        np.testing.assert_allclose(got.relevance, expected.relevance)
        np.testing.assert_allclose(got.compared_with, expected.compared_with)
        assert got.feature_names == tuple(NAMES)


# Refusals

UNKNOWN = "register a layer for this step with neuralize.register"


def refused(step, reason, rows=X, target=None):
    """The step, wherever it stands, is named with its path."""
    for steps, path, data in (
        ([("bad", step)], "bad", rows),
        ([("prep", Pipeline([("one", None), ("bad", step)]))], "prep__bad", rows),
        ([("prep", FeatureUnion([("num", step)]))], "prep__num", rows),
        (
            [
                (
                    "prep",
                    ColumnTransformer(
                        [("num", Pipeline([("scale", SCALE), ("bad", step)]), [0, 1])]
                    ),
                )
            ],
            "prep__num__bad",
            rows,
        ),
    ):
        pipeline = Pipeline([*steps, ("kde", NeonKDE())]).fit(data)
        message = f"Columns cannot be traced through step '{path}': .*{reason}"
        with pytest.raises(TypeError, match=message):
            explain(pipeline, data)


def test_refusals_name_the_step_the_reason_and_the_way_out():
    refused(PolynomialFeatures(), "no single parent.*Leave it out")
    refused(KMeans(2, n_init=1), f"KMeans as a transformer is not supported.*{UNKNOWN}")
    refused(KernelPCA(2), f"KernelPCA as a transformer is not supported.*{UNKNOWN}")
    refused(Nystroem(n_components=3), "Nystroem is not supported here.*on transformed")
    refused(
        FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": 1}),
        "may mix columns.*feature_names_out",
    )


def test_the_way_out_works():
    pipeline = make_pipeline(Nystroem(n_components=4), NeonKDE()).fit(X)
    got = explain(pipeline[-1], pipeline[:-1].transform(X))
    np.testing.assert_allclose(got.residual, 0, atol=1e-12)


def test_frames_of_nested_names():
    """Names that a step gives are those that the next one takes."""
    steps = [
        make_column_transformer((SCALE, ["b", "a"]), (MINMAX, ["e"])),
        make_column_transformer(
            (RobustScaler(), ["minmaxscaler__e", "standardscaler__a"]),
            remainder="drop",
        ),
    ]
    pipeline = make_pipeline(*steps, NeonKDE(gamma=1.0)).set_output(transform="pandas")
    got, _ = check_column_wise(pipeline.fit(FRAME), FRAME)
    assert (plain(got.relevance).any(axis=0) == [True, False, False, False, True]).all()
    assert np.isfinite(got.compared_with[:, [0, 4]]).all()
    assert np.isnan(got.compared_with[:, [2, 3]].astype(float)).all()


class Counted(str):
    """A name that counts how often it is compared."""

    comparisons = 0

    def __eq__(self, other):
        Counted.comparisons += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_names_are_found_in_time_linear_in_their_number():
    d = 300
    texts = [f"column {i}" for i in range(d)]
    names, wanted = (np.array([Counted(t) for t in texts], object) for _ in "ab")
    np.testing.assert_array_equal(numbers_of(wanted[::-1], names, d), range(d)[::-1])
    wide = slice(wanted[1], wanted[-1])
    np.testing.assert_array_equal(numbers_of(wide, names, d), range(1, d))
    frame = pd.DataFrame(np.eye(3, d), columns=texts)
    model = make_pipeline(StandardScaler(), KMeans(2, n_init=1)).fit(frame)
    door = neuralize(model)
    door._names = names
    frame.columns = wanted[::-1]
    Counted.comparisons = 0
    assert door.column_order(frame) == list(range(d))[::-1]
    assert Counted.comparisons < 10 * d
