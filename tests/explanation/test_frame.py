# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations as DataFrames and as tables of a database."""

import sqlite3

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import NeonKDE, explain

LONG = [
    "row", "feature", "relevance", "excess", "share", "rank",
    "value", "typical", "percentile", "own", "compared_with",
]  # fmt: skip


def mixed():
    """An explanation of a number, and of categories one of which is missing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"v": rng.normal(size=9), "kind": [*"abcabcab", None]})
    steps = make_column_transformer((StandardScaler(), ["v"]), (OneHotEncoder(), [1]))
    model = make_pipeline(steps, KMeans(2, n_init=1, random_state=0)).fit(frame)
    return explain(model, frame)


def test_long_has_a_row_per_row_and_feature(explanation):
    long = explanation.to_frame("long")
    assert list(long) == LONG and len(long) == explanation.relevance.size
    wide = long.pivot(index="row", columns="feature", values="relevance")
    wide = wide.loc[explanation.index, list(explanation.feature_names)]
    np.testing.assert_array_equal(wide, explanation.relevance)
    np.testing.assert_array_equal(long["value"], explanation.data.ravel())
    np.testing.assert_array_equal(
        long["compared_with"], explanation.compared_with.ravel()
    )
    np.testing.assert_array_equal(long["share"], explanation.share.ravel())
    np.testing.assert_array_equal(long["excess"], explanation.excess().ravel())
    leading = long.loc[long["rank"] == 1, "feature"].tolist()
    assert leading == [row[0].feature for row in explanation.top(1)]
    assert long["typical"].tolist() == [*explanation.typical] * len(explanation)
    assert long["own"].isna().all()


def test_levels_of_labels_are_columns_of_their_own():
    X = np.random.default_rng(0).normal(size=(4, 1))
    names = ["value", None]
    index = pd.MultiIndex.from_product([["p", "q"], [0, 1]], names=names)
    long = NeonKDE().fit(pd.DataFrame(X, index=index)).explain().to_frame("long")
    assert list(long) == ["value_", "row_1", *LONG[1:]]
    assert long["value_"].tolist() == ["p", "p", "q", "q"]
    assert NeonKDE().fit(X).explain().to_frame("long")["row"].tolist() == [0, 1, 2, 3]


def test_databases_and_parquet_hold_long_tables(explanation, tmp_path):
    for given in (explanation, mixed()):
        long = given.to_frame("long")
        database = sqlite3.connect(tmp_path / "reasons.db")
        long.to_sql("reasons", database, index=False, if_exists="replace")
        query = "select sum(relevance) from reasons group by row order by min(rowid)"
        sums = [total for (total,) in database.execute(query)]
        database.close()
        np.testing.assert_allclose(sums, given.score - given.residual)
        long.to_parquet(tmp_path / "reasons.parquet")
        again = pd.read_parquet(tmp_path / "reasons.parquet")
        pd.testing.assert_frame_equal(again, long, check_dtype=False)


def test_mixed_cells_are_texts_that_can_be_read_again():
    given = mixed()
    values = given.to_frame("long")["value"].to_numpy(dtype=object).reshape(-1, 2)
    np.testing.assert_array_equal(values[:, 0].astype(float), given.data[:, 0])
    assert values[:-1, 1].tolist() == list("abcabcab")
    assert pd.isna(values[-1, 1])


def test_other_forms_are_refused(explanation):
    with pytest.raises(ValueError, match=r"one of \['wide', 'long'\], got 'tall'"):
        explanation.to_frame("tall")
