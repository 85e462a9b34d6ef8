# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Whole pipelines: what may stand at their end, networks, and explanations."""

import pickle
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from helpers.pipelines import (
    MODELS,
    all_kinds,
    assert_permuted,
    assert_same_cells,
    mixed_frame,
    numeric_rows,
)
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skneon import Explanation, NeonKDE, explain, neuralize
from skneon.network import Midpoint

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

X = numeric_rows(40, 4)


# Ends of pipelines


def test_pipelines_within_searches_within_pipelines():
    kde = make_pipeline(StandardScaler(), NeonKDE())
    grid = {"neonkde__gamma": [0.1, 0.5]}
    search = GridSearchCV(kde, grid, cv=3).fit(X)
    gamma = search.best_params_["neonkde__gamma"]
    expected = explain(make_pipeline(StandardScaler(), NeonKDE(gamma=gamma)).fit(X), X)
    random = RandomizedSearchCV(kde, grid, cv=3, n_iter=2, random_state=0).fit(X)
    inner = GridSearchCV(NeonKDE(), {"gamma": [gamma]}, cv=3)
    for model in (
        search,
        random,
        make_pipeline(StandardScaler(), inner),
        make_pipeline(None, GridSearchCV(kde, grid, cv=3)),
        make_pipeline(StandardScaler(), make_pipeline(None, NeonKDE(gamma=gamma))),
        make_pipeline(make_pipeline(StandardScaler()), make_pipeline(inner)),
        GridSearchCV(
            make_pipeline(StandardScaler(), inner), {"gridsearchcv__cv": [3]}, cv=3
        ),
    ):
        model.fit(X)
        got = explain(model, X)
        np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-9)
        np.testing.assert_allclose(got.residual, 0, atol=1e-9)
        np.testing.assert_array_equal(got.data, X)


def test_a_search_keeps_the_training_rows_of_its_pipeline():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), NeonKDE()), {"neonkde__gamma": [0.3]}, cv=3
    ).fit(X)
    got = explain(search, X_train=X)
    np.testing.assert_allclose(got.score, explain(search.best_estimator_[-1]).score)


def test_what_has_no_model_at_its_end():
    scaler = Pipeline([("scale", StandardScaler()), ("end", MinMaxScaler())]).fit(X)
    with pytest.raises(
        TypeError, match="MinMaxScaler, is a transformer and predicts no"
    ):
        explain(scaler, X)
    nothing = Pipeline([("scale", StandardScaler()), ("end", "passthrough")]).fit(X)
    with pytest.raises(TypeError, match="last step 'end' is 'passthrough'"):
        explain(nothing, X)
    grid = {"gamma": [0.1, 0.5]}
    search = GridSearchCV(NeonKDE(), grid, cv=3, refit=False)
    for model in (search.fit(X), make_pipeline(StandardScaler(), search).fit(X)):
        message = r"GridSearchCV\(refit=False\) keeps no fitted model: pass refit=True"
        with pytest.raises(TypeError, match=message):
            explain(model, X)
    for unfitted in (
        make_pipeline(StandardScaler(), NeonKDE()),
        GridSearchCV(NeonKDE(), grid),
    ):
        with pytest.raises(NotFittedError):
            explain(unfitted, X)


def test_options_and_questions_are_those_of_the_last_step():
    pipeline = make_pipeline(StandardScaler(), KMeans(3, n_init=1, random_state=0)).fit(
        X
    )
    Z = pipeline[:-1].transform(X)
    got = explain(pipeline, X, rule=Midpoint(beta=0.2), cluster=1)
    expected = explain(pipeline[-1], Z, rule=Midpoint(beta=0.2), cluster=1)
    np.testing.assert_allclose(got.relevance, expected.relevance)
    with pytest.raises(TypeError, match=r"neuralize\(KMeans\) takes no gamma"):
        explain(pipeline, X, gamma=1.0)
    density = make_pipeline(StandardScaler(), NeonKDE()).fit(X)
    with pytest.raises(TypeError, match=r"no clusters where.*takes no cluster"):
        explain(density, X, cluster=1)


# What a network is


def test_a_network_stays_what_it_was_when_the_pipeline_is_fitted_again():
    frame = mixed_frame(30)
    union = all_kinds()
    pipeline = make_pipeline(union, StandardScaler(), NeonKDE(gamma=0.5)).fit(frame)
    network = neuralize(pipeline, X_train=frame)
    expected, by_rows = network.explain(), network.explain(frame)
    pipeline.fit(mixed_frame(50, seed=9))
    assert_permuted(network.explain(), expected)
    assert_permuted(network.explain(frame), by_rows)
    # a step that is fitted further in place
    scaler = StandardScaler()
    pipeline = make_pipeline(scaler, NeonKDE(gamma=0.5)).fit(X)
    network = neuralize(pipeline)
    expected = network.explain(X)
    scaler.partial_fit(X * 10)
    assert_permuted(network.explain(X), expected)


def test_networks_can_be_copied_and_stored():
    frame = mixed_frame(30)
    for name, (make, options) in MODELS.items():
        pipeline = make_pipeline(all_kinds(), make()).fit(frame)
        if name == "kde":
            options = options | {"X_train": frame}
        network = neuralize(pipeline, **options)
        expected = network.explain(frame)
        for copy in (pickle.loads(pickle.dumps(network)), deepcopy(network)):
            assert_permuted(copy.explain(frame), expected)
            assert copy.keeps_rows == network.keeps_rows
        assert "Pipeline" in repr(network)


def test_a_network_is_a_list_of_layers():
    pipeline = make_pipeline(StandardScaler(), PCA(2), NeonKDE(gamma=0.5)).fit(X)
    network = neuralize(pipeline)
    names = [type(layer).__name__ for layer in network.layers]
    assert names == ["ColumnWise", "LinearMap", "SquaredDistance", "LogMeanExp"]
    meta = network.explain(X).meta
    assert (meta["model"], meta["last_step"]) == ("Pipeline", "NeonKDE")
    assert meta["gamma"] == 0.5


# Forms of an explanation


def test_frames_and_json_of_categories_and_gaps():
    frame = mixed_frame(30)
    for model in (NeonKDE(gamma=0.5), KMeans(2, n_init=1, random_state=0)):
        got = explain(make_pipeline(all_kinds(), model).fit(frame), frame)
        again = Explanation.from_json(got.to_json())
        np.testing.assert_array_equal(again.relevance, got.relevance)
        np.testing.assert_array_equal(again.index, got.index)
        assert_same_cells(again.data, got.data)
        assert_same_cells(again.compared_with, got.compared_with)
        assert again.feature_names == got.feature_names and again.meta == got.meta
        table = got.to_frame()
        assert list(table) == [*frame.columns, "score", "residual"]
        pd.testing.assert_index_equal(table.index, frame.index)
        np.testing.assert_array_equal(table[list(frame)], got.relevance)
        for row, contributions in enumerate(got.top(5)):
            assert sorted(c.feature for c in contributions) == sorted(frame)
            sizes = [abs(c.relevance) for c in contributions]
            assert sizes == sorted(sizes, reverse=True)
            for c in contributions:
                value = frame.iloc[row][c.feature]
                assert c.value == value or (pd.isna(c.value) and pd.isna(value))
                if c.feature in ("city", "grade"):
                    assert c.compared_with in set(frame[c.feature])
                else:
                    assert isinstance(c.value, float) and isinstance(
                        c.compared_with, float
                    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((0, 4)), "Found array with 0 sample"),
        ([], "Expected 2D array, got 1D array instead"),
        ("table.csv", "Expected 2D array, got scalar array instead"),
        ({"x0": [1.0]}, "Expected 2D array, got scalar array instead"),
        (3.0, "Expected 2D array, got scalar array instead"),
        ((row for row in np.zeros((2, 4))), "Expected 2D array, got scalar array"),
        pytest.param(
            [[1.0, 2.0], [3.0]],
            "inhomogeneous shape",
            marks=pytest.mark.skipif(
                np.lib.NumpyVersion(np.__version__) < "1.24.0",
                reason="NumPy before 1.24 makes objects of ragged lists, and warns",
            ),
        ),
    ],
)
def test_what_is_no_table_with_rows(rows, message):
    model = make_pipeline(StandardScaler(), KMeans(2, random_state=0, n_init=1))
    model.fit(np.random.default_rng(0).normal(size=(9, 4)))
    with pytest.raises(ValueError, match=message):
        explain(model, rows)
