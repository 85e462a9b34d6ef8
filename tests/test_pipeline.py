# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Whole pipelines, explained in the columns that go into them."""

import pickle
from copy import deepcopy
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipelines import (
    assert_same_cells,
    check_column_wise,
    dependence,
    mixed_frame,
    numeric_rows,
    plain,
)
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from strategies import seeds
from test_laws import assert_close

from skneon import Explanation, NeonKDE, NeonKMeans, explain, neuralize
from skneon.metrics import (
    conservation_error,
    exact_shapley,
    flipping_curve,
    flipping_score,
    insertion_score,
    relevance_distance,
)
from skneon.metrics._scorers import shapley_scorer
from skneon.network import ColumnWise, LogMeanExp, SquaredDistance, SupportWeights
from skneon.neuralization import NeuralizedModel

X = numeric_rows(40, 4)
MODELS = {
    "kde": (lambda: NeonKDE(gamma=0.2), {}),
    "kmeans": (lambda: KMeans(3, n_init=1, random_state=0), {"rule": "shapley"}),
    "midpoint": (lambda: NeonKMeans(3, random_state=0), {"rule": "midpoint"}),
    "mixture": (
        lambda: GaussianMixture(2, reg_covar=0.1, random_state=0),
        {"rule": "integrated"},
    ),
    "mixture outlier": (
        lambda: GaussianMixture(2, reg_covar=0.1, random_state=0),
        {"target": "outlier"},
    ),
}


def all_kinds(linear=True, numbers=("age", "income", "debt")):
    """Logarithms, scales, imputation, categories, and a PCA of a block."""
    log = make_pipeline(
        SimpleImputer(add_indicator=False),
        FunctionTransformer(np.log),
        StandardScaler(),
    )
    return ColumnTransformer(
        [
            ("numbers", log, [*numbers[:2]]),
            (
                "block",
                make_pipeline(
                    SimpleImputer(strategy="median"),
                    MinMaxScaler(),
                    PCA(2) if linear else "passthrough",
                ),
                list(numbers),
            ),
            ("city", OneHotEncoder(drop="if_binary", sparse_output=False), ["city"]),
            (
                "grade",
                OrdinalEncoder(categories=[["bad", "fair", "good"]]),
                ["grade"],
            ),
        ]
    )


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


def assert_permuted(got, expected, tolerance=1e-9):
    """The same explanation, with columns in another order."""
    order = [expected.feature_names.index(name) for name in got.feature_names]
    assert sorted(order) == list(range(len(order)))
    size = np.abs(expected.relevance).sum(axis=1, keepdims=True)
    error = np.abs(got.relevance - expected.relevance[:, order])
    assert np.all(error <= tolerance * size + 1e-12)
    np.testing.assert_allclose(got.score, expected.score, rtol=tolerance, atol=1e-9)
    assert_same_cells(got.data, expected.data[:, order])


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
    assert set(got.reference[:, 3]) <= {*frame["city"]} | {np.nan}
    assert set(got.reference[:, 4]) <= {*frame["grade"]}
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


# Shapley rules take a column's outputs together


def by_subsets(value, d):
    phi = np.zeros(d)
    for i in range(d):
        others = [j for j in range(d) if j != i]
        for size in range(d):
            weight = 1 / (d * comb(d - 1, size))
            for S in combinations(others, size):
                phi[i] += weight * (value([*S, i]) - value(list(S)))
    return phi


def test_shapley_values_of_columns_that_are_made_into_several():
    frame = mixed_frame(30)
    prep = all_kinds(linear=False)
    kmeans = KMeans(3, n_init=1, random_state=0)
    pipeline = make_pipeline(prep, kmeans).fit(frame)
    M = dependence(prep.transform, frame)
    Z, mu, c = prep.transform(frame), kmeans.cluster_centers_, kmeans.labels_
    got = explain(pipeline, frame, rule="shapley")
    exact = exact_shapley(pipeline, frame)
    kde = make_pipeline(all_kinds(linear=False), NeonKDE(gamma=0.5)).fit(frame)
    density = exact_shapley(kde, frame)
    rivals = [[k for k in range(3) if k != label] for label in c]
    for n in range(5):
        squares = (Z[n] - mu) ** 2 @ M
        shares = squares[rivals[n]] - squares[c[n]]
        phi = by_subsets(lambda S, s=shares: s[:, S].sum(axis=1).min() if S else 0, 5)
        np.testing.assert_allclose(got.relevance[n], phi, atol=1e-10)
        np.testing.assert_allclose(exact.relevance[n], phi, atol=1e-10)
        parts = (Z[n] - Z) ** 2 @ M

        def value(S, parts=parts):
            return -np.log(np.mean(np.exp(-0.5 * parts[:, S].sum(axis=1)))) / 0.5

        phi = by_subsets(value, 5)
        np.testing.assert_allclose(density.relevance[n], phi, atol=1e-10)


def test_the_interventional_rule_draws_a_column_at_a_time():
    """Left-out columns take other rows' values: never half a category."""
    frame = mixed_frame(40)
    steps = all_kinds(linear=False)
    for model, options in (
        (KMeans(3, n_init=1, random_state=0), {"X_train": frame}),
        (NeonKMeans(3, random_state=0), {}),
    ):
        pipeline = make_pipeline(steps, model).fit(frame)
        network = neuralize(pipeline, rule="interventional", **options)
        got = network.explain(frame)
        background = network.layers[-2].background
        one_hot = background[:, 5:8]
        assert set(one_hot.sum(axis=1)) == {1.0}
        # the columns made of one raw column come from one row
        Z = np.asarray(pipeline[:-1].transform(frame))
        for pair in ([0, 2], [1, 3]):
            known = {tuple(row) for row in Z[:, pair].round(9)}
            assert {tuple(row) for row in background[:, pair].round(9)} <= known
        # the evidence of an average background row is the residual
        evidence = []
        for label in got.target:
            distances = (
                (background[:, None] - pipeline[-1].cluster_centers_) ** 2
            ).sum(2)
            others = np.delete(distances, label, axis=1)
            evidence.append((others.min(axis=1) - distances[:, label]).mean())
        np.testing.assert_allclose(got.residual, evidence, rtol=1e-8)


# Training rows


def same_rows(got, expected, M):
    assert_close(got.score[:, None], expected.score[:, None])
    assert_close(got.relevance, expected.relevance @ M)


def test_training_rows_are_left_out_of_their_own_model():
    frame = mixed_frame(30)
    prep = all_kinds(linear=False)
    for model in (
        NeonKDE(gamma=0.5),
        KernelDensity(),
        NeonKMeans(3, random_state=0, rule="midpoint"),
    ):
        pipeline = make_pipeline(prep, model).fit(frame)
        M = dependence(prep.transform, frame)
        got = explain(pipeline, X_train=frame)
        same_rows(got, explain(model), M)
        np.testing.assert_array_equal(got.index, frame.index)
        assert_same_cells(got.data, frame)
        network = neuralize(pipeline, X_train=frame)
        assert network.keeps_rows
        np.testing.assert_allclose(network.forward(), got.score)
        np.testing.assert_allclose(
            network.explain(frame).relevance, explain(pipeline, frame).relevance
        )
    kmeans = KMeans(3, n_init=1, random_state=0)
    pipeline = make_pipeline(prep, kmeans).fit(frame)
    got = explain(pipeline, X_train=frame, rule="w-square")
    expected = explain(kmeans, X_train=prep.transform(frame), rule="w-square")
    same_rows(got, expected, M)
    np.testing.assert_array_equal(got.index, frame.index)
    assert got.meta["beta"] == expected.meta["beta"]


def test_leave_one_out_behind_a_linear_step():
    pipeline = make_pipeline(StandardScaler(), PCA(), NeonKDE(gamma=0.5)).fit(X)
    got = explain(pipeline, X_train=X)
    expected = explain(
        make_pipeline(StandardScaler(), NeonKDE(gamma=0.5)).fit(X), X_train=X
    )
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-8)
    np.testing.assert_allclose(got.score, expected.score)


def test_sparse_training_rows():
    frame = mixed_frame(30)[["city", "grade"]]
    kmeans = NeonKMeans(3, random_state=0, rule="midpoint")
    pipeline = make_pipeline(OneHotEncoder(), kmeans).fit(frame)
    got = explain(pipeline, X_train=frame)
    assert_close(got.relevance, explain(pipeline, frame).relevance)
    with pytest.raises(ValueError, match="is not what the Pipeline was fitted to"):
        explain(pipeline, X_train=frame[::-1])


def test_rows_that_are_not_the_training_rows():
    for model in (NeonKDE(), NeonKMeans(2, random_state=0)):
        pipeline = make_pipeline(StandardScaler(), model).fit(X)
        for other in (X[:-1], X[::-1], X + 1e-3, np.concatenate([X, X[:1]])):
            message = f"X_train, of {len(other)} rows, is not what .* 40 other rows"
            with pytest.raises(ValueError, match=message):
                explain(pipeline, X_train=other)
        with pytest.raises(ValueError, match="expecting 4 features"):
            explain(pipeline, X_train=X[:, :3])


def test_without_the_training_rows():
    for model in (NeonKDE(), NeonKMeans(2), KMeans(2, n_init=1)):
        pipeline = make_pipeline(StandardScaler(), model).fit(X)
        for ask in (explain, exact_shapley, flipping_curve):
            with pytest.raises(ValueError, match="pass X, or X=None with X_train="):
                ask(pipeline)
    mixture = make_pipeline(StandardScaler(), GaussianMixture(2)).fit(X)
    # to which the training rows are rows as any others
    np.testing.assert_array_equal(
        explain(mixture, X_train=X).relevance, explain(mixture, X).relevance
    )


def test_a_large_column_does_not_hide_other_training_rows():
    rows = np.column_stack([np.full(20, 1e12), np.arange(20.0)])
    for steps in ((), (MinMaxScaler(),)):
        pipeline = make_pipeline(FunctionTransformer(), *steps, NeonKDE()).fit(rows)
        explain(pipeline, X_train=rows)
        with pytest.raises(ValueError, match="20 other rows"):
            explain(pipeline, X_train=rows[::-1])


class Doubled(TransformerMixin, BaseEstimator):
    """A transformer that is registered with parents of the test's choice."""

    def __init__(self, counts=True):
        self.counts = counts

    def fit(self, X, y=None):
        self.fitted_ = True
        if self.counts:
            self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return 2 * X


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        ([0], "step 'doubled': its layer has 1 outputs, its transform gives 4"),
        ([0, 1, 2, 4], "step 'doubled': its layer has the parent 4; the inputs are"),
    ],
)
def test_layers_with_other_parents_than_the_step_has(parents, message):
    neuralize.register(Doubled, lambda model: ColumnWise(model.transform, parents))
    pipeline = make_pipeline(Doubled(), NeonKDE()).fit(X)
    with pytest.raises(TypeError, match=message):
        explain(pipeline, X)
    uncounted = make_pipeline(Doubled(counts=False), NeonKDE()).fit(X)
    with pytest.raises(TypeError, match="Doubled does not tell how many columns"):
        explain(uncounted, X)


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
    got = explain(pipeline, X, rule="midpoint", cluster=1, beta=0.2)
    expected = explain(pipeline[-1], Z, rule="midpoint", cluster=1, beta=0.2)
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


# New kinds


@pytest.fixture
def registered():
    """Kinds that are registered for one test; the registry is as it was, afterwards."""
    before = set(neuralize.registry)
    yield
    # functools has no way to unregister
    registry = neuralize.register.__closure__
    for cell in registry:
        contents = cell.cell_contents
        if isinstance(contents, dict):
            for kind in set(contents) - before:
                del contents[kind]
    neuralize._clear_cache()


def test_a_new_transformer_can_be_registered(registered):
    class Softplus(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            self.n_features_in_ = X.shape[1]
            return self

        def transform(self, X):
            return np.column_stack([np.log1p(np.exp(X)), X > 1])

    pipeline = make_pipeline(MinMaxScaler((0, 2)), Softplus(), NeonKDE(gamma=0.5)).fit(
        X
    )
    with pytest.raises(TypeError, match="step 'softplus': Softplus is not known"):
        explain(pipeline, X)

    @neuralize.register
    def neuralize_softplus(model: Softplus):
        d = model.n_features_in_
        parents = np.tile(np.arange(d), 2)
        return ColumnWise(
            model.transform, parents, lambda R: np.log(np.expm1(R[:, :d]))
        )

    got, own = check_column_wise(pipeline, X)
    inner = np.log(np.expm1(own.reference[:, :4]))
    np.testing.assert_allclose(got.reference, pipeline[0].inverse_transform(inner))


def test_a_new_model_can_be_registered(registered):
    class FarFromSome(BaseEstimator):
        def fit(self, X, y=None):
            self.points_, self.n_features_in_ = np.array(X[:3]), X.shape[1]
            return self

    @neuralize.register
    def neuralize_far(model: FarFromSome, **options):
        weights = SupportWeights(np.full(3, 1 / 3))
        layers = [
            SquaredDistance(model.points_),
            LogMeanExp(2.0, weights, "integrated"),
        ]
        return NeuralizedModel(model, layers, "distance")

    pipeline = make_pipeline(StandardScaler(), PCA(), FarFromSome()).fit(X)
    Z = StandardScaler().fit_transform(X)
    expected = explain(NeonKDE(gamma=2.0).fit(Z[:3]), Z)
    got = explain(pipeline, X)
    assert got.target == "distance"
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-8)
    with pytest.raises(ValueError, match="pass X"):
        explain(pipeline)


def test_the_registry_is_as_it_was():
    names = {kind.__name__ for kind in neuralize.registry}
    assert not names & {"Softplus", "FarFromSome"}


# Metrics


@pytest.mark.parametrize("name", ["kde", "kmeans", "mixture outlier"])
@pytest.mark.parametrize("linear", [True, False], ids=["pca", "columns"])
def test_metrics_answer_by_raw_columns(name, linear):
    frame = mixed_frame(30)
    make, options = MODELS[name]
    pipeline = make_pipeline(all_kinds(linear), make()).fit(frame)
    asked = {k: v for k, v in options.items() if k == "target"}
    own = explain(pipeline, frame, **asked)
    exact = exact_shapley(pipeline, frame, **asked)
    assert exact.feature_names == tuple(frame.columns)
    assert_same_cells(exact.data, frame)
    # the offset of a mixture is no column's
    offset = own.residual if name == "mixture outlier" else 0
    np.testing.assert_allclose(
        exact.relevance.sum(axis=1), own.score - offset, atol=1e-8
    )
    curve = flipping_curve(pipeline, frame, **asked)
    assert curve.shape == (30, 6)
    np.testing.assert_allclose(curve[:, 0], own.score - offset, atol=1e-8)
    assert not curve[:, -1].any()
    assert np.isfinite(flipping_score(pipeline, frame, **asked))
    error = conservation_error(pipeline, frame, **asked)
    assert error < 1e-9 if name != "mixture outlier" else error > 1e-3
    distance = relevance_distance(own, exact)
    assert distance < 0.5
    assert shapley_scorer(pipeline, frame, **asked) == pytest.approx(-distance)


def test_metrics_take_explanations_of_frames_in_any_order():
    frame = mixed_frame(30)
    pipeline = make_pipeline(all_kinds(), NeonKDE(gamma=0.5)).fit(frame)
    names = ["grade", "debt", "age", "city", "income"]
    other = frame[names]
    expected = exact_shapley(pipeline, frame)
    got = exact_shapley(pipeline, other)
    assert got.feature_names == tuple(names)
    assert_permuted(got, expected)
    own = explain(pipeline, other)
    by_name = relevance_distance(own, got)
    assert by_name == pytest.approx(
        relevance_distance(explain(pipeline, frame), expected)
    )
    curve = flipping_curve(pipeline, frame)
    for relevance in (
        None,
        own,
        own.relevance,
        pd.DataFrame(own.relevance, columns=names),
    ):
        again = flipping_curve(pipeline, other, relevance)
        np.testing.assert_allclose(again, curve, atol=1e-9)
    with pytest.raises(ValueError, match="is of other rows"):
        flipping_curve(pipeline, frame, own)
    with pytest.raises(ValueError, match="put them in the same order"):
        flipping_curve(pipeline, frame, pd.DataFrame(own.relevance, columns=names))


def test_insertion_moves_whole_columns():
    frame = mixed_frame(30)
    prep = all_kinds(linear=False)
    pipeline = make_pipeline(prep, KMeans(2, n_init=1, random_state=0)).fit(frame)
    good = insertion_score(pipeline, frame, n_trials=20)
    bad = insertion_score(
        pipeline, frame, -explain(pipeline, frame).relevance, n_trials=20
    )
    assert 0 < bad < good <= 1


# Forms of an explanation


def test_frames_and_json_of_categories_and_gaps():
    frame = mixed_frame(30)
    for model in (NeonKDE(gamma=0.5), KMeans(2, n_init=1, random_state=0)):
        got = explain(make_pipeline(all_kinds(), model).fit(frame), frame)
        again = Explanation.from_json(got.to_json())
        np.testing.assert_array_equal(again.relevance, got.relevance)
        np.testing.assert_array_equal(again.index, got.index)
        assert_same_cells(again.data, got.data)
        assert_same_cells(again.reference, got.reference)
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
                    assert c.reference in set(frame[c.feature])
                else:
                    assert isinstance(c.value, float) and isinstance(c.reference, float)


def test_gaps_filled_from_other_columns_count_as_the_columns_own():
    frame = mixed_frame(40)[["age", "income", "debt"]]
    pipeline = make_pipeline(KNNImputer(n_neighbors=3), NeonKDE(gamma=0.5)).fit(frame)
    got = explain(pipeline, frame)
    own = explain(pipeline[-1], pipeline[:-1].transform(frame))
    np.testing.assert_array_equal(got.relevance, own.relevance)
    assert np.isnan(got.data).any() and np.isfinite(got.reference).all()
