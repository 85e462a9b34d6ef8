# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Density models whose far support points are dropped, against all points.

With the share r = rtol of a row's kernel sums dropped, outlierness o errs by at most
-log(1 - r) / gamma, and relevances by 2 r o and that, summed over the columns.
"""

import pickle
from unittest import mock

import numpy as np
import pytest
from helpers.pipelines import mixed_frame
from helpers.pruned import HUGE, TREES, problems
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils._param_validation import InvalidParameterError

from skneon import NeonKDE, explain, neuralize
from skneon.network import SoftArgmin
from skneon.network.engines.pruned import _pruned
from skneon.network.engines.pruned._pair_sums import PairSums


def assert_certified(got, expected, problem):
    """Scores and relevances as far apart as the tolerance allows, and rounding."""
    o, rtol, rounding = expected.score, problem.rtol, problem.rounding
    assert np.all(np.abs(got.score - o) <= problem.bound + 1e-9 * o)
    error = np.abs(got.relevance - expected.relevance).sum(axis=1)
    assert np.all(error <= (2 * rtol + rounding) * o + problem.bound)
    # references are means by shares of which as much is lost
    problem.assert_references_agree(got, expected, 2 * rtol + rounding)


@given(problems(), st.sampled_from(TREES), st.sampled_from([0, 500, HUGE]))
def test_what_is_dropped_changes_no_more_than_the_tolerance(problem, tree, many):
    expected = problem.network("brute").explain(problem.X)
    with mock.patch.object(_pruned, "MANY_PAIRS", many):
        network = problem.network(tree)
        got, scores = network.explain(problem.X), network.forward(problem.X)
    assert_certified(got, expected, problem)
    bound = problem.bound + 1e-9 * expected.score
    assert np.all(np.abs(scores - expected.score) <= bound)
    # a sum that lacks something is no larger
    assert np.all(scores >= expected.score * (1 - 1e-9) - 1e-13 / problem.gamma)


@given(problems(), st.sampled_from(TREES))
def test_without_a_tolerance_nothing_changes(problem, tree):
    expected = problem.network("brute", 0.0).explain(problem.X)
    for algorithm, rtol in ((tree, 0.0), ("brute", problem.rtol), ("auto", 0.0)):
        network = problem.network(algorithm, rtol)
        got = network.explain(problem.X)
        for name in ("relevance", "score", "compared_with"):
            np.testing.assert_array_equal(getattr(got, name), getattr(expected, name))
        np.testing.assert_array_equal(
            network.forward(problem.X), problem.network("brute", 0.0).forward(problem.X)
        )


@given(problems())
def test_small_data_need_no_tree(problem):
    got = problem.network("auto").explain(problem.X)
    expected = problem.network("brute").explain(problem.X)
    np.testing.assert_array_equal(got.relevance, expected.relevance)
    np.testing.assert_array_equal(got.score, expected.score)


@settings(max_examples=30)
@given(problems(max_support=60), st.sampled_from(TREES))
def test_rules_that_need_all_points_take_them(problem, tree):
    for options in (
        {"rule": "integrated"},
        {"rule": SoftArgmin(beta=0.0, epsilon=0.1 / problem.gamma)},
        {"target": "inlier"},
    ):
        parts = [
            neuralize(problem.model, algorithm=algorithm, rtol=rtol, **options)
            for algorithm, rtol in ((tree, problem.rtol), ("brute", 0.0))
        ]
        got, expected = (network.explain(problem.X) for network in parts)
        np.testing.assert_array_equal(got.relevance, expected.relevance)
        np.testing.assert_array_equal(got.score, expected.score)


@pytest.mark.parametrize(
    ("gamma", "beta"), [(1e-101, 1e-101), (1e13, 1e13), (1e-60, 1e12), (1e3, 1e-40)]
)
def test_stiffnesses_that_trees_do_not_hold_take_all_points(gamma, beta):
    U, X = np.array([[0.0, 1.0], [2.0, 4.0]]), np.array([[0.5, 0.5], [2.0, 3.0]])
    kde, rule = NeonKDE(gamma).fit(U), SoftArgmin(beta)
    got = explain(kde, X, rule=rule, rtol=1e-6, algorithm="kd_tree")
    expected = explain(kde, X, rule=rule)
    np.testing.assert_array_equal(got.relevance, expected.relevance)
    np.testing.assert_allclose(got.relevance.sum(axis=1), got.score, rtol=1e-6)


@settings(max_examples=20)
@given(problems(max_rows=60), st.sampled_from(TREES))
def test_rows_do_not_depend_on_the_chunks(problem, tree):
    network = problem.network(tree)
    whole = network.explain(problem.X)
    with mock.patch.multiple(_pruned, ROWS=7, BLOCK=50):
        parts = network.explain(problem.X)
        network.network.n_jobs = 2
        threads = network.explain(problem.X)
    for got in (parts, threads):
        # other groups keep other points, within the tolerance
        bound = 2 * problem.bound + 1e-9 * whole.score
        assert np.all(np.abs(got.score - whole.score) <= bound)
        error = np.abs(got.relevance - whole.relevance).sum(axis=1)
        bound += (4 * problem.rtol + problem.rounding) * whole.score
        assert np.all(error <= bound)


@pytest.mark.parametrize("tree", TREES)
def test_chunks_and_threads_keep_the_same_points(tree):
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(20, 2)) * 5
    U = centers[rng.integers(20, size=2000)] + rng.normal(size=(2000, 2)) * 0.3
    options = {"gamma": 20.0, "beta": "gamma", "rtol": 0.01, "algorithm": tree}
    kde = NeonKDE(**options).fit(U)
    exact = NeonKDE(gamma=20.0, beta="gamma").fit(U)
    for X in (centers * 1.1, None):
        expected = kde.explain(X)
        assert np.any(expected.relevance != exact.explain(X).relevance)
        with mock.patch.object(_pruned, "ROWS", 7):
            chunked = kde.explain(X)
        threaded = NeonKDE(n_jobs=3, **options).fit(U).explain(X)
        for got in (chunked, threaded):
            np.testing.assert_array_equal(got.score, expected.score)
            np.testing.assert_array_equal(got.relevance, expected.relevance)
            np.testing.assert_array_equal(got.compared_with, expected.compared_with)


@pytest.mark.parametrize("many", [0, HUGE])
@pytest.mark.parametrize("tree", TREES)
def test_near_points_keep_the_digits_of_the_score(tree, many, monkeypatch):
    """Outlierness is never below the least squared distance, nor relevance below 0."""
    monkeypatch.setattr(_pruned, "MANY_PAIRS", many)
    U = np.tile([0.1, 0.2, 0.3], (300, 1))
    X = np.repeat(U[:1], 300, axis=0)
    X[:, 0] += np.geomspace(1e-10, 1e-5, 300)
    weight = np.random.default_rng(0).uniform(size=300)
    kde = NeonKDE(gamma=0.01, rule=SoftArgmin(epsilon=0.0), rtol=1e-12)
    kde.fit(U, sample_weight=weight)
    for some in (X, None):
        expected = neuralize(kde, algorithm="brute").explain(some)
        got = neuralize(kde, algorithm=tree).explain(some)
        assert np.all(got.score >= 0) and np.all(got.relevance >= 0)
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)


@pytest.mark.parametrize("left_out", [False, True])
@pytest.mark.parametrize("many", [0, HUGE])
@pytest.mark.parametrize("tree", TREES)
def test_weight_that_is_dropped_counts_where_the_score_is_small(
    tree, many, left_out, monkeypatch
):
    """99.5 % of the weight is near the rows: without the rest the score is about 0."""
    monkeypatch.setattr(_pruned, "MANY_PAIRS", many)
    rng = np.random.default_rng(0)
    U = 1e-4 * rng.normal(size=(400, 2))
    U[200:] += 100.0
    weight = np.repeat([0.995, 0.005], 200) / 200
    kde = NeonKDE(gamma=2.0, rule=SoftArgmin(), rtol=1e-6).fit(U, sample_weight=weight)
    X = None if left_out else 1e-4 * rng.normal(size=(200, 2))
    expected = neuralize(kde, algorithm="brute", rtol=0.0).explain(X)[:200]
    network = neuralize(kde, algorithm=tree)
    got, score = network.explain(X)[:200], network.forward(X)[:200]
    # all of the far points are dropped, and they make nearly all of the score
    assert expected.score.max() < 0.01 / 2
    np.testing.assert_allclose(expected.score, -np.log(0.995) / 2, rtol=0.01)
    bound = -np.log1p(-1e-6) / 2 + 1e-9 * expected.score
    assert np.all(np.abs(got.score - expected.score) <= bound)
    assert np.all(np.abs(score - expected.score) <= bound)
    error = np.abs(got.relevance - expected.relevance).sum(axis=1)
    assert np.all(error <= 2e-6 * expected.score + bound)


# What the tree saves


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(0)
    return 100.0 * rng.integers(8, size=(2000, 1)) + rng.normal(size=(2000, 3))


@pytest.mark.parametrize("tree", TREES)
def test_other_clusters_are_dropped(tree, blobs, monkeypatch):
    pairs, call = [], PairSums.__call__

    def watched(self, made, query, lists, explain):
        pairs.extend(map(len, lists))
        return call(self, made, query, lists, explain)

    monkeypatch.setattr(PairSums, "__call__", watched)
    monkeypatch.setattr(_pruned, "MANY_PAIRS", HUGE)
    for beta in ("gamma", 2.0, 0.1):
        kde = NeonKDE(gamma=0.5, beta=beta, rtol=1e-6, algorithm=tree)
        network = neuralize(kde.fit(blobs))
        for X in (None, blobs[:50] + 0.5):
            pairs.clear()
            got = network.explain(X)
            assert len(pairs) == len(got.score)
            assert max(pairs) < 2 * len(blobs) / 8
            expected = neuralize(kde, algorithm="brute").explain(X)
            np.testing.assert_allclose(got.score, expected.score, rtol=1e-5)
            np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-4)


def test_a_tree_is_taken_where_it_is_likely_to_pay(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6000, 2))
    taken, results = [], _pruned.Pruned._results

    def watched(self, *arguments):
        taken.append(self)
        return results(self, *arguments)

    monkeypatch.setattr(_pruned.Pruned, "_results", watched)
    density = KernelDensity(bandwidth=0.01).fit(X)
    for rtol in (0.0, 1e-6):
        neuralize(density, rtol=rtol, rule="soft-argmin").explain(X[:100])
        assert not taken or rtol > 0
    network = neuralize(density, rtol=1e-6, rule="soft-argmin")
    got = network.forward(X[:1500])
    assert taken
    expected = neuralize(density, rule="soft-argmin").forward(X[:1500])
    assert np.all(np.abs(got - expected) <= 1.1e-6 * 2 * 0.01**2 + 1e-9 * expected)


# Parameters


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rtol", 1),
        ("rtol", 1.0),
        ("rtol", -0.1),
        ("rtol", np.nan),
        ("rtol", "small"),
        ("algorithm", "x"),
        ("algorithm", 1),
    ],
)
def test_bad_parameters_are_named(name, value, blobs):
    message = f"The '{name}' parameter of"
    with pytest.raises(InvalidParameterError, match=message):
        neuralize(KernelDensity().fit(blobs[:20]), **{name: value})
    kde = NeonKDE().fit(blobs[:20])
    with pytest.raises(InvalidParameterError, match=message):
        explain(kde, blobs[:20], **{name: value})
    with pytest.raises(InvalidParameterError, match=message):
        kde.set_params(**{name: value}).explain()
    with pytest.raises(InvalidParameterError, match=message):
        NeonKDE(**{name: value}).fit(blobs[:20])


def test_parameters_that_change_after_fit_are_those_that_count(blobs):
    X = blobs[:400]
    kde = NeonKDE(gamma=0.5, beta="gamma", rtol=0.3, algorithm="kd_tree").fit(X)
    coarse = kde.outlierness(X)
    kde.set_params(rtol=0.0)
    exact = NeonKDE(gamma=0.5).fit(X).outlierness(X)
    np.testing.assert_array_equal(kde.outlierness(X), exact)
    assert np.abs(coarse - exact).max() > 1e-3
    kde.set_params(rtol=1e-12, algorithm="ball_tree")
    np.testing.assert_allclose(kde.outlierness(X), exact, rtol=1e-9, atol=1e-11)
    # other data: no tree of these is left
    other = kde.set_params(rtol=1e-12).fit(X[:50] + 1.0).outlierness(X)
    expected = NeonKDE(gamma=0.5).fit(X[:50] + 1.0).outlierness(X)
    np.testing.assert_allclose(other, expected, rtol=1e-9, atol=1e-11)


def test_meta_says_how_much_may_be_dropped(blobs):
    density = KernelDensity().fit(blobs[:50])
    got = neuralize(density, rule="soft-argmin", rtol=0.01).explain()
    assert got.meta["rtol"] == 0.01
    # what takes all points drops nothing
    assert "rtol" not in neuralize(density, rtol=0.01).explain().meta


# Estimators


@pytest.mark.parametrize("tree", TREES)
def test_estimators_are_pickled_without_their_tree(tree, blobs):
    X = blobs[:500]
    kde = NeonKDE(gamma=0.5, beta="gamma", rtol=1e-6, algorithm=tree).fit(X)
    predicted, scores = kde.predict(X), kde.score_samples(X)
    expected = kde.explain()
    data = pickle.dumps(kde)
    plain = NeonKDE(gamma=0.5, beta="gamma").fit(X)
    assert len(data) < len(pickle.dumps(plain)) + 100
    copy = pickle.loads(data)
    np.testing.assert_array_equal(copy.predict(X), predicted)
    np.testing.assert_array_equal(copy.score_samples(X), scores)
    np.testing.assert_array_equal(copy.explain().relevance, expected.relevance)
    network = neuralize(kde)
    network.forward(X)
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.explain().relevance, expected.relevance)


@pytest.mark.parametrize("beta", ["gamma", 0.3, "integrated"])
@pytest.mark.parametrize("steps", [[StandardScaler()], [StandardScaler(), PCA(3)]])
def test_pipelines(steps, beta, blobs):
    rng = np.random.default_rng(1)
    X = np.column_stack([blobs[:400], rng.normal(size=(400, 2))])
    kde = NeonKDE(gamma=20.0, beta=beta, rtol=1e-6, algorithm="kd_tree")
    pipeline = make_pipeline(*steps, kde).fit(X)
    brute = make_pipeline(*steps, NeonKDE(gamma=20.0, beta=beta)).fit(X)
    Q = X[:50] + rng.normal(size=(50, 5))
    np.testing.assert_array_equal(pipeline.predict(Q), brute.predict(Q))
    for rows_of, leave_out in ((Q, {}), (None, {"X_train": X})):
        got = explain(pipeline, rows_of, **leave_out)
        expected = explain(brute, rows_of, **leave_out)
        size = np.abs(expected.relevance).sum(axis=1) + 1 / 20
        assert np.all(np.abs(got.score - expected.score) <= 1.1e-6 / 20)
        error = np.abs(got.relevance - expected.relevance).sum(axis=1)
        assert np.all(error <= 1e-5 * size)
        np.testing.assert_allclose(got.compared_with, expected.compared_with, atol=1e-2)


def test_sparse_rows_behind_a_linear_step():
    frame = mixed_frame()[["city", "grade"]]
    steps = OneHotEncoder(), TruncatedSVD(2, random_state=0)
    kde = NeonKDE(gamma=3.0, beta="gamma", rtol=1e-9, algorithm="ball_tree")
    got = explain(make_pipeline(*steps, kde).fit(frame), frame)
    kde = NeonKDE(gamma=3.0, beta="gamma")
    expected = explain(make_pipeline(*steps, kde).fit(frame), frame)
    np.testing.assert_allclose(got.score, expected.score, atol=1e-8)
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-7)


def test_working_memory_changes_nothing(blobs):
    kde = NeonKDE(gamma=0.5, beta="gamma", rtol=1e-6, algorithm="kd_tree")
    kde.fit(blobs[:300])
    expected = kde.explain()
    with config_context(working_memory=0.01):
        got = kde.explain()
    np.testing.assert_array_equal(got.relevance, expected.relevance)
