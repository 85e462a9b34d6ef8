# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of outlier scores by nearest neighbours."""

import numpy as np
import pandas as pd
import pytest
from helpers import reference
from helpers.checks import (
    IRIS,
    REAL,
    assert_residual_is_constant,
    check_mechanics,
    refit_to_less,
)
from helpers.laws import assert_close
from helpers.strategies import kinds, rows, seeds
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

TARGETS = ["mean_distance", "kth_distance"]


@st.composite
def problems(draw):
    """Query rows, support points and a number of neighbours."""
    rng = np.random.default_rng(draw(seeds))
    n_support, d = draw(st.integers(3, 40)), draw(st.integers(1, 8))
    U = rows(rng, n_support, d, draw(kinds)) + draw(st.sampled_from([0, 1024]))
    X = rows(rng, 4, d, draw(kinds)) + U[0]
    X[0] = U[0]
    if draw(st.booleans()):
        U[n_support // 2 :] = U[: n_support - n_support // 2]
    return X, U, draw(st.integers(1, n_support - 1))


def fitted(family, U, k, **parameters):
    return family(n_neighbors=k, algorithm="kd_tree", **parameters).fit(U)


def size_of(explanation):
    return 1e-9 * np.abs(explanation.score) + 1e-300


# Distances


@given(problems())
def test_scores_equal_kneighbors(problem):
    X, U, k = problem
    model = fitted(NearestNeighbors, U, k)
    for data in (X, None):
        squared = model.kneighbors(data)[0] ** 2
        for target, expected in zip(
            TARGETS, [squared.mean(axis=1), squared[:, -1]], strict=True
        ):
            explanation = explain(model, data, target=target)
            np.testing.assert_allclose(explanation.score, expected, rtol=1e-9)
            assert_residual_is_constant(explanation, 0.0)
            assert np.all(explanation.relevance >= 0)


@given(problems(), st.sampled_from(TARGETS))
def test_shares_are_those_of_the_neighbours(problem, target):
    X, U, k = problem
    model = fitted(NearestNeighbors, U, k)
    for data in (X, None):
        neighbors = model.kneighbors(data, return_distance=False)
        if target == "kth_distance":
            neighbors = neighbors[:, -1:]
        explanation = explain(model, data, target=target)
        queries = U if data is None else data
        for n, x in enumerate(queries):
            squares = reference.squared_differences(x, U[neighbors[n]])
            expected = squares.mean(axis=0)[None]
            assert_close(explanation.relevance[[n]], expected)
            center = U[neighbors[n]].mean(axis=0)
            np.testing.assert_allclose(
                explanation.compared_with[n], center, rtol=1e-9, atol=1e-9
            )


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree", "auto"])
@pytest.mark.parametrize("name", REAL)
def test_real_sets_by_every_algorithm(name, algorithm):
    X = REAL[name]
    model = NearestNeighbors(n_neighbors=7, algorithm=algorithm).fit(X[:120])
    for data in (X, None):
        squared = model.kneighbors(data)[0] ** 2
        score = neuralize(model).forward(data)
        np.testing.assert_allclose(score, squared.mean(axis=1), rtol=1e-9, atol=1e-12)
        score = neuralize(model, target="kth_distance").forward(data)
        np.testing.assert_allclose(score, squared[:, -1], rtol=1e-9, atol=1e-12)
    factor = LocalOutlierFactor(7, algorithm=algorithm, novelty=True).fit(X[:120])
    network = neuralize(factor)
    # iris has many ties, which are settled as the model settles them
    np.testing.assert_allclose(network.forward(X), -factor.score_samples(X), rtol=1e-9)
    np.testing.assert_allclose(
        network.forward(), -factor.negative_outlier_factor_, rtol=1e-9
    )


# Local outlier factor


def local_outlier_factor(X, model, U, leave_out):
    """LOF, relevances and the k-distance part, from the equations."""
    k = model.n_neighbors_
    own = model.kneighbors(None, k, return_distance=False)
    neighbors = own if leave_out else model.kneighbors(X, k, return_distance=False)
    distances = np.sqrt([reference.distances(u, U) for u in U])
    delta = np.array([distances[n, own[n]].max() for n in range(len(U))])
    density = [
        1 / (np.maximum(distances[n, own[n]], delta[own[n]]).mean() + 1e-10)
        for n in range(len(U))
    ]
    density = np.array(density)
    out = []
    for x, nearest in zip(X, neighbors, strict=True):
        squares = reference.squared_differences(x, U[nearest])
        h = np.sqrt(squares.sum(axis=1))
        rho = density[nearest].mean()
        counts = h > delta[nearest]
        relevance = rho / k * (squares[counts] / h[counts, None]).sum(axis=0)
        rest = rho * (delta[nearest][~counts].sum() / k + 1e-10)
        out.append((relevance.astype(float), float(rest)))
    relevance, rest = zip(*out, strict=True)
    return np.array(relevance), np.array(rest)


@given(problems())
def test_local_outlier_factor(problem):
    X, U, k = problem
    model = fitted(LocalOutlierFactor, U, k, novelty=True)
    network = neuralize(model)
    score = network.forward(X)
    np.testing.assert_allclose(score, -model.score_samples(X), rtol=1e-9)
    score = network.forward()
    np.testing.assert_allclose(score, -model.negative_outlier_factor_, rtol=1e-9)
    for data in (X, None):
        queries = U if data is None else data
        explanation = network.explain(data)
        relevance, rest = local_outlier_factor(queries, model, U, data is None)
        # rounding decides what the k-distance carries where both are equal
        same = np.abs(explanation.residual - rest) <= size_of(explanation)
        close = np.abs(explanation.relevance - relevance).sum(axis=1)
        same &= close <= size_of(explanation)
        np.testing.assert_allclose(
            (relevance.sum(axis=1) + rest), explanation.score, rtol=1e-9
        )
        for n in np.flatnonzero(~same):
            neighbors = model.kneighbors(queries[[n]], k, return_distance=False)[0]
            h = np.sqrt(reference.distances(queries[n], U))
            delta = network.layers[-1].k_distance
            assert np.any(np.abs(h - delta) <= 1e-12 * delta), neighbors


@given(problems(), st.integers(0, 99))
def test_permutation_translation_and_scaling(problem, seed):
    X, U, k = problem
    rng = np.random.default_rng(seed)
    order, shift = rng.permutation(X.shape[1]), rng.integers(-999, 999, X.shape[1])
    s = 2.0 ** rng.integers(-8, 9)
    for target in TARGETS:
        expected = explain(fitted(NearestNeighbors, U, k), X, target=target)
        # away from ties: the neighbours are the same
        tied = np.abs(np.diff(np.sort(squares(X, U)), axis=1)) <= 1e-9
        free = ~tied.any(axis=1)
        assume(free.any())
        got = explain(
            fitted(NearestNeighbors, U[:, order], k), X[:, order], target=target
        )
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)
        assert_close(got.relevance[free], expected.relevance[free][:, order])
        got = explain(fitted(NearestNeighbors, U + shift, k), X + shift, target=target)
        assert_close(got.relevance[free], expected.relevance[free])
        got = explain(fitted(NearestNeighbors, U * s, k), X * s, target=target)
        assert_close(got.relevance, s**2 * expected.relevance)


def squares(X, U):
    return np.array([reference.distances(x, U) for x in X], dtype=float)


def test_local_outlier_factor_has_no_units():
    U = REAL["wine"]
    expected = explain(LocalOutlierFactor(novelty=True).fit(U))
    moved = explain(LocalOutlierFactor(novelty=True).fit(4 * U + 1))
    np.testing.assert_allclose(moved.relevance, expected.relevance, atol=1e-8)


@pytest.mark.parametrize("options", [{}, {"target": "kth_distance"}])
def test_mechanics_of_neighbours(options):
    check_mechanics(
        NearestNeighbors().fit(IRIS), IRIS[::9] + 0.01, refit_to_less, **options
    )


def test_mechanics_of_local_outlier_factor():
    model = LocalOutlierFactor(novelty=True).fit(IRIS)
    check_mechanics(model, IRIS[::9] + 0.01, refit_to_less)


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
@pytest.mark.parametrize("family", [LocalOutlierFactor, NearestNeighbors])
def test_ties_are_settled_alike_however_a_row_is_left_out(family, algorithm):
    U = np.random.default_rng(0).integers(0, 4, size=(60, 3)).astype(float)
    novelty = {"novelty": True} if family is LocalOutlierFactor else {}
    model = family(n_neighbors=5, algorithm=algorithm, **novelty).fit(U)
    scaled = make_pipeline(StandardScaler(), clone(model)).fit(U)
    some, other = np.array([50, 3, 9]), U[:1] + 0.3
    for fitted_model, options in ((model, {}), (scaled, {"X_train": U})):
        whole = explain(fitted_model, **options)
        asked = explain(fitted_model, U, leave_out=np.arange(60), **options)
        rows, without = np.vstack([U[some], other]), [*some, -1]
        part = explain(fitted_model, rows, leave_out=without, **options)
        new = explain(fitted_model, other, **options)
        for name in ("score", "relevance"):
            own = getattr(whole, name)
            assert_close(getattr(asked, name), own)
            expected = np.concatenate([own[some], getattr(new, name)])
            assert_close(getattr(part, name), expected)


def test_frames_are_named_and_labelled():
    frame = pd.DataFrame(IRIS, columns=list("abcd"), index=np.arange(150) + 7)
    for model in (NearestNeighbors(), LocalOutlierFactor(novelty=True)):
        model.fit(frame)
        for data in (frame, None):
            explanation = explain(model, data)
            assert explanation.feature_names == tuple("abcd")
        np.testing.assert_array_equal(explain(model, frame).index, frame.index)


# Refusals


def test_refusals():
    euclidean = "Only the euclidean metric .* got metric='{}'.*Fit .* with metric="
    for metric in ("manhattan", "cosine", "sqeuclidean"):
        model = NearestNeighbors(metric=metric).fit(IRIS)
        with pytest.raises(ValueError, match=euclidean.format(metric)):
            neuralize(model)
    with pytest.raises(ValueError, match="metric='minkowski', p=1"):
        neuralize(LocalOutlierFactor(p=1, novelty=True).fit(IRIS))
    weighted = NearestNeighbors(metric_params={"w": np.ones(4)}).fit(IRIS)
    with pytest.raises(ValueError, match=r"metric_params=\{'w'"):
        neuralize(weighted)
    for metric in ("l2", "euclidean"):
        neuralize(NearestNeighbors(metric=metric).fit(IRIS))
    with pytest.raises(ValueError, match="n_neighbors=6 is more than the 5 training"):
        neuralize(NearestNeighbors(n_neighbors=6).fit(IRIS[:5]))
    with pytest.raises(
        ValueError, match=r"row 0, .* 4 training rows are .* n_neighbors=5: .* Pass X"
    ):
        explain(NearestNeighbors(n_neighbors=5).fit(IRIS[:5]))
    with pytest.raises(ValueError, match=r"novelty=False.* fit it with novelty=True"):
        neuralize(LocalOutlierFactor().fit(IRIS))
    for model in (NearestNeighbors(), LocalOutlierFactor(novelty=True)):
        with pytest.raises(NotFittedError):
            neuralize(model)
        model.fit(IRIS)
        with pytest.raises(TypeError, match="takes no beta; it takes"):
            explain(model, beta=1.0)
        with pytest.raises(TypeError, match="it takes no rival"):
            explain(model, rival=1)
    with pytest.raises(ValueError, match="The 'target' parameter"):
        neuralize(NearestNeighbors().fit(IRIS), target="outlier")
