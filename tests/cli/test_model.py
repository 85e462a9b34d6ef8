# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Figures are those of the Python interface on the same pipeline."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, mixed, refused, run, written
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import NeonKDE, NeonKMeans, explain

COLUMNS = ["size", "kind", "weight", "grade"]


def pipeline(model):
    """As the command makes it, in the user's words."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = OneHotEncoder(
        min_frequency=0.01, max_categories=20, handle_unknown="infrequent_if_exist"
    )
    categories = make_pipeline(SimpleImputer(strategy="most_frequent"), encoder)
    parts = [
        ("numbers", numbers, ["size", "weight"]),
        ("categories", categories, ["kind", "grade"]),
    ]
    return make_pipeline(ColumnTransformer(parts, sparse_threshold=0), model)


@pytest.mark.parametrize("model", ["kde", "kmeans"])
def test_relevances_are_those_of_the_pipeline(tmp_path, model):
    frame, output = mixed(), tmp_path / "out.csv"
    done = run(
        written(tmp_path / "t.csv", frame), "--model", model, "--output", output,
        "--group", "both=weight,grade", "--log", "none",
        *(["--clusters", 3] if model == "kmeans" else []),
    )  # fmt: skip
    assert done.code == 0 and "4 columns, 2 standardised, 2 of categories" in done.out
    kmeans = NeonKMeans(3, n_init=10, random_state=0)
    own = {"kde": NeonKDE("likelihood"), "kmeans": kmeans}[model]
    fitted = pipeline(own).fit(frame[COLUMNS])
    apart = {"groups": "suspects"} if model == "kde" else {}
    expected = explain(fitted, X_train=frame[COLUMNS], **apart)
    expected = expected.aggregate({"both": ["weight", "grade"]})
    table = pd.read_csv(output)
    names = ["both relevance", "size relevance", "kind relevance"]
    np.testing.assert_allclose(table[names], expected.relevance, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(table["score"], expected.score, rtol=1e-9)
    if model == "kmeans":
        np.testing.assert_array_equal(table["cluster"], expected.target)


def test_missing_values_are_shown_as_missing(tmp_path):
    frame = mixed()
    gaps = np.flatnonzero(frame["size"].isna() & frame["kind"].isna())
    path = written(tmp_path / "t.csv", frame)
    found = document(path, "--top", 120, "--log", "none")
    fitted = pipeline(NeonKDE("likelihood")).fit(frame[COLUMNS])
    expected = explain(fitted, X_train=frame[COLUMNS], groups="suspects")
    assert len(gaps)
    for entry in found["rows"]:
        n = entry["row"]
        for reason in entry["reasons"]:
            i = COLUMNS.index(reason["feature"])
            value = frame.at[n, reason["feature"]]
            assert reason["value"] == (None if pd.isna(value) else value)
            compared = expected.compared_with[n, i]
            if not isinstance(compared, str):
                compared = pytest.approx(compared)
            assert reason["compared_with"] == compared
            column = frame[reason["feature"]].dropna()
            numbers = pd.api.types.is_numeric_dtype(column)
            # of the values that are present, not of those that are filled in
            typical = column.median() if numbers else column.mode()[0]
            assert reason["typical"] == typical
    # what is filled in is usual: a row without other values has no reason to be told
    lines = run(path, "--top", 120, "--columns", "size", "kind").out
    assert "nothing unusual" in lines


def test_log_with_missing_values(tmp_path):
    frame = mixed()
    found = document(written(tmp_path / "t.csv", frame), "--log", "size")
    logged = frame[COLUMNS].assign(size=np.log(frame["size"]))
    fitted = pipeline(NeonKDE("likelihood")).fit(logged)
    expected = explain(fitted, X_train=logged).score
    assert found["settings"]["log"] == ["size"]
    assert found["rows"][0]["score"] == pytest.approx(expected.max())


def test_gamma_is_by_default_that_of_the_largest_likelihood(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 3))[rng.integers(5, size=300)]
    path = tmp_path / "t.csv"
    written(path, pd.DataFrame(X + rng.normal(scale=0.1, size=X.shape)))
    found, asked = document(path), document(path, "--gamma", "likelihood")
    assert found == asked
    gamma = found["settings"]["gamma"]
    assert gamma > 3 * document(path, "--gamma", "scale")["settings"]["gamma"]
    assert document(path, "--gamma", gamma)["rows"] == found["rows"]


def test_categories_alone_and_rare_ones(tmp_path):
    rng = np.random.default_rng(0)
    letters = rng.choice(list("abc"), 300).astype(object)
    letters[:2] = ["rare", "seldom"]
    frame = pd.DataFrame({"letter": letters, "other": rng.choice(["x", "y"], 300)})
    found = document(written(tmp_path / "t.csv", frame), "--top", 2)
    assert {entry["row"] for entry in found["rows"]} == {0, 1}
    assert {e["reasons"][0]["value"] for e in found["rows"]} == {"rare", "seldom"}


def test_a_sample_that_does_not_vary(tmp_path):
    frame = pd.DataFrame({"a": np.r_[np.zeros(999), 1.0]})
    path = written(tmp_path / "t.csv", frame)
    assert "raise --max-support" in refused(path, "--max-support", 2)


def test_values_that_the_sample_has_not(tmp_path):
    frame = pd.DataFrame({"a": WINE["ash"], "b": np.nan, "c": pd.Series(dtype=object)})
    frame.loc[[5, 9], "b"], frame.loc[[5, 9, 11, 12], "c"] = [1.0, 2.0], list("ppqq")
    path = written(tmp_path / "t.csv", frame)
    output = tmp_path / "out.csv"
    assert run(path, "--max-support", 20, "--output", output).code == 0
    found = pd.read_csv(output)
    assert np.isfinite(found[["a relevance", "b relevance", "c share"]]).all(axis=None)
