# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of any make: cells as they are, names, and scikit-learn's own complaints."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
import sklearn
from helpers.laws import assert_close
from helpers.pipelines import (
    ADDITIVE,
    assert_same_cells,
    cells,
    mixed_frame,
    numeric_rows,
)
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.utils.fixes import parse_version

from skneon import NeonKDE, explain, neuralize
from skneon._frames import as_table, column_names, some_rows, with_column

X = numeric_rows(30, 3)
FRAME = pd.DataFrame(X, columns=list("abc"), index=np.arange(30) + 50)


def assert_same_table(got, expected):
    assert got.dtype == np.asarray(expected).dtype
    assert_same_cells(got, expected)


def test_numbers_become_floats_whatever_holds_them():
    numbers = np.array([[1, 2], [3, 4], [5, 6]])
    for table in (
        numbers,
        numbers.astype(np.float32),
        numbers.astype(object),
        numbers.tolist(),
        scipy.sparse.csr_array(numbers.astype(float)),
        pd.DataFrame(numbers),
        pd.DataFrame(numbers, dtype="Int64"),
        pl.DataFrame(numbers),
        pa.table({name: numbers[:, i] for i, name in enumerate("ab")}),
    ):
        assert_same_table(as_table(table), numbers.astype(float))
    for table in (numbers > 2, pd.DataFrame(numbers > 2), pl.DataFrame(numbers > 2)):
        assert_same_table(as_table(table), (numbers > 2).astype(float))
    caller = numbers.astype(float)
    as_table(caller)[0, 0] = 99.0
    assert caller[0, 0] == 1.0


def test_missing_cells_are_nan_whatever_stands_for_them():
    expected = np.array([[1.0, np.nan], [np.nan, 2.0]])
    for table in (
        expected,
        [[1, None], [None, 2]],
        pd.DataFrame({"a": [1, pd.NA], "b": [pd.NA, 2]}, dtype="Int64"),
        pd.DataFrame({"a": [1, None], "b": [None, 2]}, dtype=object),
        pl.DataFrame({"a": [1, None], "b": [None, 2]}),
        pa.table({"a": [1, None], "b": [None, 2]}),
    ):
        assert_same_table(as_table(table), expected)
    texts = np.array([["u", np.nan], [np.nan, 2.0]], dtype=object)
    for table in (
        [["u", None], [None, 2]],
        pd.DataFrame({"a": pd.array(["u", pd.NA], "string"), "b": [None, 2.0]}),
        pd.DataFrame({"a": pd.Categorical(["u", None]), "b": [None, 2.0]}),
        pl.DataFrame({"a": ["u", None], "b": [None, 2.0]}),
        pa.table({"a": ["u", None], "b": [None, 2.0]}),
        pl.DataFrame(
            {"a": ["u", None], "b": [None, 2.0]},
            schema={"a": pl.Categorical, "b": pl.Float64},
        ),
    ):
        assert_same_table(as_table(table), texts)


def test_texts_stay_texts_also_where_they_look_like_numbers():
    for table in (
        np.array([["1", "2"]]),
        np.array([["1", 2.0]], dtype=object),
        [["1", 2.0]],
        pd.DataFrame([["1", 2.0]]),
    ):
        got = as_table(table)
        assert got.dtype == object and got[0, 0] == "1" and isinstance(got[0, 0], str)
    assert isinstance(as_table([["1", 2.0]])[0, 1], float)
    dates = pd.DataFrame({"a": pd.to_datetime(["2020-01-01", None]), "b": [1.0, 2.0]})
    got = as_table(dates)
    assert got[0, 0] == dates["a"][0] and np.isnan(got[1, 0]) and got[1, 1] == 2.0


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_columns_are_taken_by_name(make):
    frame = make({"a": [1.0, 2.0], "b": ["u", "v"], "c": [3.0, 4.0]})
    got = as_table(frame, np.array(["c", "z", "a"], dtype=object))
    np.testing.assert_array_equal(got, [[3, np.nan, 1], [4, np.nan, 2]])
    assert column_names(frame) == ["a", "b", "c"]
    assert column_names(X) is None


def test_names_that_columns_share():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["a", "a", "b"])
    np.testing.assert_array_equal(as_table(frame), [[1, 2, 3]])
    np.testing.assert_array_equal(as_table(frame, ["a", "a", "b"]), [[1, 2, 3]])


TABLES = [
    X,
    FRAME,
    pl.DataFrame(X, schema=list("abc")),
    scipy.sparse.csr_array(X),
    pd.DataFrame({"a": ["u", None, "w"], "b": pd.Categorical(["x", "y", "x"])}),
    pl.DataFrame({"a": ["u", None, "w"], "b": ["x", "y", "x"]}),
    pa.table({"a": X[:, 0], "b": np.arange(len(X))}),
    pa.table({"a": ["u", None, "w"], "b": [1, None, 2]}),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: type(table).__module__)
def test_rows_and_columns_of_a_table_of_the_same_make(table):
    rolled = np.roll(np.arange(3), 1)
    others = some_rows(table, rolled)
    assert type(others) is type(table)
    expected = as_table(table)[rolled]
    assert_same_cells(as_table(others), expected)
    few = some_rows(table, np.arange(3))
    for column in range(expected.shape[1]):
        got = with_column(others, few, column)
        assert type(got) is type(table)
        mixed = expected.copy()
        mixed[:, column] = as_table(table)[:3, column]
        assert_same_cells(as_table(got), mixed)
        # nothing is written to where it came from
        assert_same_cells(as_table(others), expected)
        if isinstance(table, pd.DataFrame):
            assert list(got.dtypes) == list(table.dtypes)


# Through pipelines


def to_polars(frame):
    return pl.DataFrame({name: frame[name].tolist() for name in frame}).with_columns(
        pl.col(pl.Float64).fill_nan(None)
    )


def to_arrow(frame):
    return pa.table(to_polars(frame).to_dict(as_series=False))


# the first to take a pyarrow table in a ColumnTransformer
TAKES_ARROW = parse_version(sklearn.__version__) >= parse_version("1.9")


def steps_by_name(linear):
    numbers = make_pipeline(
        SimpleImputer(), StandardScaler(), PCA(2) if linear else "passthrough"
    )
    log = FunctionTransformer(np.log, feature_names_out="one-to-one")
    return ColumnTransformer(
        [
            ("numbers", numbers, ["income", "age", "debt"]),
            ("city", OneHotEncoder(sparse_output=False), ["city"]),
            ("grade", OrdinalEncoder(), ["grade"]),
            ("both", log, ["debt"]),
        ]
    )


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("linear", [True, False], ids=["pca", "columns"])
def test_frames_of_all_makes_are_explained_alike(linear, output):
    frame = mixed_frame(30)
    for model, options in ADDITIVE:
        pipeline = make_pipeline(steps_by_name(linear), StandardScaler(), model)
        expected = explain(pipeline.fit(frame), frame, **options)
        pipeline.set_output(transform=output)
        for rows in (frame, to_polars(frame), to_arrow(frame)):
            if isinstance(rows, pa.Table) and not TAKES_ARROW:
                continue
            got = explain(pipeline.fit(rows), rows, **options)
            assert_close(got.relevance, expected.relevance)
            assert_same_cells(got.data, frame)
            assert_same_cells(got.compared_with[:, 3:], expected.compared_with[:, 3:])
            assert got.feature_names == tuple(frame.columns)
            if not isinstance(rows, pd.DataFrame):
                assert got.index is None
                other = rows.select(list(frame.columns[::-1]))
                other = explain(pipeline, other, **options)
                assert other.feature_names == tuple(frame.columns[::-1])
                assert_close(other.relevance[:, ::-1], expected.relevance)
            else:
                np.testing.assert_array_equal(got.index, frame.index)
    loo = make_pipeline(steps_by_name(linear), NeonKDE(gamma=0.5)).fit(to_polars(frame))
    got = explain(loo, X_train=to_polars(frame))
    np.testing.assert_allclose(got.score, explain(loo[-1]).score)


def test_arrow_tables():
    table = pa.table({name: X[:, i] for i, name in enumerate("abc")})
    log = FunctionTransformer(
        lambda rows: np.log(np.asarray(rows)), feature_names_out="one-to-one"
    )
    for model in (
        NeonKDE(),
        make_pipeline(StandardScaler(), PCA(2), NeonKDE()),
        make_pipeline(log, StandardScaler(), NeonKDE()),
    ):
        got, expected = explain(model.fit(table), table), explain(model.fit(X), X)
        assert got.feature_names == ("a", "b", "c") and got.index is None
        assert_close(got.relevance, expected.relevance)
        np.testing.assert_array_equal(got.data, X)
        training = {} if isinstance(model, NeonKDE) else {"X_train": table}
        left_out = explain(model.fit(table), **training)
        np.testing.assert_array_equal(left_out.data, X)
        assert left_out.feature_names == ("a", "b", "c")
    members = np.where(np.arange(len(X)) < 5, -1, np.arange(len(X)) % 2)
    noisy = explain(model, members=members, X_train=table)
    np.testing.assert_array_equal(noisy.data, X[5:])


def test_nullable_categorical_and_bool_columns():
    n = 40
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "count": pd.array(rng.integers(9, size=n), dtype="Int64"),
            "flag": pd.array(rng.random(n) < 0.5, dtype="boolean"),
            "plain": rng.random(n) < 0.5,
            "kind": pd.Categorical(rng.choice(["x", "y", "z"], n)),
            "text": pd.array(rng.choice(["u", "v"], n), dtype="string"),
            "whole": rng.integers(5, size=n).astype(np.int8),
        }
    )
    frame.loc[3, "count"] = pd.NA
    frame.loc[4, "kind"] = None
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    for block in (numbers, make_pipeline(SimpleImputer(), PCA(2))):
        steps = ColumnTransformer(
            [
                ("numbers", block, ["count", "whole"]),
                ("flags", "passthrough", ["flag", "plain"]),
                (
                    "kinds",
                    OneHotEncoder(sparse_output=False),
                    make_column_selector(pattern="kind|text"),
                ),
            ]
        )
        pipeline = make_pipeline(steps, NeonKDE(gamma=0.5)).fit(frame)
        got = explain(pipeline, frame)
        score = pipeline[-1].outlierness(pipeline[:-1].transform(frame))
        np.testing.assert_allclose(got.score, score, rtol=1e-9)
        np.testing.assert_allclose(got.residual, 0, atol=1e-9)
        assert_same_cells(got.data, frame)
        assert np.isnan(got.data[3, 0]) and np.isnan(got.data[4, 3])
        assert set(got.compared_with[:, 4]) <= {"u", "v"}
    # numbers and flags alone, without a text: floats
    for step in (StandardScaler(), PCA(2)):
        few = frame[["flag", "plain", "whole"]]
        got = explain(make_pipeline(step, NeonKDE(gamma=0.5)).fit(few), few)
        assert got.data.dtype == got.compared_with.dtype == float
        np.testing.assert_array_equal(got.data, few.astype(float))
        np.testing.assert_allclose(got.residual, 0, atol=1e-9)


def test_rows_of_bools_and_integers_behind_a_linear_step():
    for rows in (X > 2, (X * 3).astype(int), (X > 2).astype(object)):
        got = explain(make_pipeline(PCA(2), NeonKDE(gamma=0.5)).fit(rows), rows)
        floats = rows.astype(float)
        expected = explain(
            make_pipeline(PCA(2), NeonKDE(gamma=0.5)).fit(floats), floats
        )
        assert_close(got.relevance, expected.relevance)


def test_typical_values_of_named_columns_without_a_warning():
    """scikit-learn warns of arrays that go into what was fitted with names."""
    for step in (
        PowerTransformer(),
        QuantileTransformer(n_quantiles=10),
        StandardScaler(),
        make_union(StandardScaler(), PowerTransformer()),
    ):
        pipeline = make_pipeline(step, NeonKDE(gamma=0.5)).set_output(
            transform="pandas"
        )
        network = neuralize(pipeline.fit(FRAME))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            reference = network.explain(FRAME).compared_with
        assert np.isfinite(reference).all()


# What scikit-learn has to say


def words(pipeline, rows):
    """scikit-learn's own error, and its type, for these rows."""
    with pytest.raises(Exception) as caught:
        pipeline[-1].explain(pipeline[:-1].transform(rows))
    return type(caught.value), str(caught.value)


@pytest.mark.parametrize("linear", [True, False], ids=["pca", "columns"])
def test_errors_are_those_of_scikit_learn(linear):
    frame = mixed_frame(30)
    by_name = make_pipeline(steps_by_name(linear), NeonKDE(gamma=0.5)).fit(frame)
    first = PCA(2) if linear else StandardScaler()
    by_place = make_pipeline(first, NeonKDE(gamma=0.5)).fit(FRAME)
    gaps = FRAME.copy()
    gaps.iloc[2, 1] = np.nan
    text = FRAME.astype(object)
    text.iloc[2, 1] = "much"
    new = frame.copy()
    new["city"] = "Oslo"
    gap = frame.assign(debt=np.where(np.arange(30) == 3, np.nan, frame["debt"]))
    for pipeline, rows, says in (
        (by_place, FRAME.rename(columns={"a": "z"}), "feature names should match"),
        (by_place, FRAME[["b", "a", "c"]], "feature names should match"),
        (by_place, FRAME[["a", "b"]], "feature names"),
        (by_place, FRAME.assign(d=1.0), "feature names"),
        (by_place, FRAME.iloc[:0], "minimum of 1 is required"),
        (by_place, text, "could not convert string to float"),
        (by_place, FRAME * np.inf, "contains infinity"),
        (by_place, gaps, "contains NaN"),
        (by_name, frame.drop(columns="age"), "columns are missing: {'age'}"),
        (by_name, frame.rename(columns={"city": "town"}), "columns are missing"),
        (by_name, new, "Found unknown categories"),
        (by_name, gap, "contains NaN"),
        (by_name, frame.assign(income="much"), "Cannot use mean strategy|convert"),
    ):
        expected = words(pipeline, rows)
        with pytest.raises(expected[0], match=says) as caught:
            explain(pipeline, rows)
        assert str(caught.value) == expected[1]
    array = FRAME.to_numpy()
    with pytest.raises(UserWarning, match="does not have valid feature names"):
        explain(by_place, array)
    for rows in (array[:, :2], array[0]):
        unnamed = make_pipeline(first, NeonKDE(gamma=0.5)).fit(array)
        kind, text = words(unnamed, rows)
        with pytest.raises(kind) as caught:
            explain(unnamed, rows)
        assert str(caught.value) == text
    expected = words(by_name, cells(frame))
    with pytest.raises(expected[0]) as caught:
        explain(by_name, cells(frame))
    assert str(caught.value) == expected[1]


def test_columns_that_are_dropped_may_be_missing_or_more():
    frame = mixed_frame(30)
    steps = ColumnTransformer(
        [("kept", SimpleImputer(), ["age", "debt"]), ("gone", "drop", ["grade"])]
    )
    pipeline = make_pipeline(steps, NeonKDE(gamma=0.5)).fit(frame)
    expected = explain(pipeline, frame)
    lacking = frame[["debt", "age"]].assign(more=1.0)
    got = explain(pipeline, lacking)
    assert got.feature_names == ("debt", "age", "income", "city", "grade")
    order = [expected.feature_names.index(name) for name in got.feature_names]
    assert_close(got.relevance, expected.relevance[:, order])
    assert not got.relevance[:, 2:].any()
    assert np.isnan(got.data[:, 2:].astype(float)).all()
    assert_same_cells(got.data[:, :2], lacking[["debt", "age"]])
