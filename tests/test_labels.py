# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What explanations call rows and columns: as the frame that was explained does."""

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import numeric_rows
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import Explanation, NeonKDE, NeonKMeans, explain
from skneon._labels import Labels

X = numeric_rows(8, 2)
COLUMNS = {
    "integers": pd.Index([1952, 1957], name="year"),
    "positions": pd.RangeIndex(2),
    "floats": pd.Index([0.5, 1.5]),
    "tuples": pd.MultiIndex.from_product([["life"], [1952, 1957]]),
    "dates": pd.to_datetime(["2020-01-01", "2021-01-01"]),
    "texts": pd.Index(["a", "b"]),
}
INDICES = {
    "named": pd.RangeIndex(8, name="customer"),
    "levels": pd.MultiIndex.from_product([list("pq"), range(4)], names=["c", "year"]),
    "unnamed": pd.MultiIndex.from_product([list("pq"), range(4)], names=["c", None]),
    "dated": pd.MultiIndex.from_product(
        [["p"], pd.date_range("2020", periods=8)], names=["c", "day"]
    ),
    "days": pd.date_range("2020", periods=8, name="day"),
    "durations": pd.timedelta_range("1h", periods=8, name="after"),
    "zone": pd.date_range("2020", periods=8, tz="Europe/Berlin", name="day"),
    "categories": pd.CategoricalIndex(list("abcdefgh"), name="who"),
    "number as name": pd.Index(list("abcdefgh"), name=7),
}


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_columns_have_the_names_of_the_frame(columns):
    frame = pd.DataFrame(X, columns=columns)
    names = tuple(map(str, columns))
    kmeans = KMeans(2, n_init=1).fit(frame)
    pipeline = make_pipeline(StandardScaler(), KernelDensity()).fit(frame)
    chosen = make_column_transformer((StandardScaler(), [0, 1]))
    chosen = make_pipeline(chosen, KernelDensity()).fit(frame)
    for explanation in (
        explain(kmeans, frame),
        explain(kmeans, X_train=frame),
        NeonKDE().fit(frame).explain(),
        NeonKMeans(2, n_init=1).fit(frame).explain(),
        explain(pipeline, frame),
        explain(pipeline, X_train=frame),
        explain(chosen, frame),
    ):
        assert explanation.feature_names == names
    group = explanation.aggregate({"both": list(columns)})
    np.testing.assert_allclose(group.relevance[:, 0], explanation.relevance.sum(axis=1))
    assert explain(pipeline, X_train=frame).to_frame().columns[:2].tolist() == [*names]


def same(explanation):
    return explanation


def in_json(explanation):
    return Explanation.from_json(explanation.to_json())


def in_parts(explanation):
    return Explanation.concat([explanation[5:], explanation[[2, 1, 0]], explanation[3]])


@pytest.mark.parametrize("form", [same, in_json, in_parts])
@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_explanations_join_the_rows(index, form):
    frame = pd.DataFrame(X, columns=["a", "b"], index=index)
    model = make_pipeline(StandardScaler(), KernelDensity()).fit(frame)
    for original in (explain(model, frame), explain(model, X_train=frame)):
        explanation = form(original)
        table = explanation.to_frame()
        assert list(table.index.names) == list(index.names)
        joined = frame.join(table[["score"]], how="inner").loc[explanation.index]
        np.testing.assert_array_equal(joined[["a", "b"]], explanation.data)
        np.testing.assert_array_equal(joined["score"], explanation.score)
        assert len(joined) == len(explanation)


@pytest.mark.parametrize("name", ["named", "levels", "dated", "days"])
def test_estimators_keep_the_labels_of_their_rows(name):
    frame = pd.DataFrame(X, columns=["a", "b"], index=INDICES[name])
    for model in (NeonKDE().fit(frame), NeonKMeans(2, n_init=1).fit(frame)):
        joined = frame.join(model.explain().to_frame().add_suffix(" of"))
        np.testing.assert_array_equal(joined["score of"], model.explain().score)


def test_parquet_keeps_levels_and_names(tmp_path):
    for name in ("named", "levels", "dated", "zone"):
        frame = pd.DataFrame(X, columns=["a", "b"], index=INDICES[name])
        table = explain(KernelDensity().fit(frame), frame).to_frame()
        table.to_parquet(tmp_path / "table.parquet")
        again = pd.read_parquet(tmp_path / "table.parquet")
        assert again.index.names == frame.index.names
        assert list(again.index) == list(frame.index)
        np.testing.assert_array_equal(again["score"], table["score"])


def test_tables_without_labels_have_none():
    for table in (X, X.tolist()):
        labels = Labels.of(table)
        assert (labels.index, labels.index_names, labels.columns) == (None,) * 3
    assert Labels.from_plain(labels.plain()).index is None
