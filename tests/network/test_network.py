# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks: layers of any number, chunks, memory, threads, games."""

import threading
import tracemalloc

import numpy as np
import pytest
from sklearn import config_context

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.network import (
    Activation,
    CentroidPairs,
    Chain,
    ColumnWise,
    Cosine,
    GaussianKernel,
    Inputs,
    IntegratedSoftArgmin,
    LinearMap,
    LogMeanExp,
    Mean,
    Min,
    Network,
    Query,
    RandomFeatures,
    Rule,
    Search,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.engines._tiled import Tiled
from skneon.network.numerics._coalitions import all_coalitions
from skneon.network.rules._rule import ratio

X = np.random.default_rng(0).normal(size=(200, 6))


def explanations():
    kde = NeonKDE().fit(X)
    for rule in ("integrated", "soft-argmin"):
        yield kde.explain(rule=rule)
    for rule in ("exact-inlier", RandomFeatures(30), "uniform"):
        yield kde.explain(target="inlier", rule=rule)
    kmeans = NeonKMeans(4, random_state=0, n_init=1).fit(X)
    yield kmeans.explain()
    yield kmeans.explain(cluster=np.arange(200) % 4)


def assert_same(got, expected):
    for name in ("relevance", "score", "compared_with", "standard_error", "rival"):
        one, other = getattr(got, name), getattr(expected, name)
        if other is None:
            assert one is None
        else:
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_results_do_not_depend_on_the_chunks():
    whole = list(explanations())
    with config_context(working_memory=0.01):
        chunked = list(explanations())
    for got, expected in zip(chunked, whole, strict=True):
        assert_same(got, expected)


def test_threads_give_the_same_and_are_used(monkeypatch):
    kde = NeonKDE().fit(X)
    expected = kde.explain()
    seen = set()
    explain_rows = Tiled.explain

    def watched(self, *arguments):
        seen.add(threading.get_ident())
        return explain_rows(self, *arguments)

    monkeypatch.setattr(Tiled, "explain", watched)
    with config_context(working_memory=0.05):
        assert_same(kde.set_params(n_jobs=2).explain(), expected)
    assert threading.get_ident() not in seen and len(seen) >= 1


@pytest.mark.parametrize("target", ["outlier", "inlier"])
def test_memory_is_bounded(target):
    rng = np.random.default_rng(0)
    n, n_support, d = 2000, 1000, 20
    kde = NeonKDE().fit(rng.normal(size=(n_support, d)))
    rows = rng.normal(size=(n, d))
    budget = 8  # MiB; one (n, N) array takes 15, an (n, N, d) array 305
    with config_context(working_memory=budget):
        kde.explain(rows[:10], target=target)
        tracemalloc.start()
        kde.explain(rows, target=target)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    output = 4 * 8 * n * d / 2**20
    assert peak <= budget + output


def test_near_pairs_stay_within_memory_too():
    rows = np.full((400, 50), 1e6) + np.random.default_rng(0).normal(size=(400, 50))
    rows[0] = -1e6
    kde = NeonKDE().fit(rows)
    with config_context(working_memory=8):
        tracemalloc.start()
        kde.explain()
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    assert peak <= 8 + 2  # an (n, N, d) array takes 61


def test_layers_of_each_network():
    kde = NeonKDE().fit(X)
    kinds = {
        ("outlier", "integrated"): (SquaredDistance, LogMeanExp),
        ("outlier", "activation"): (SquaredDistance, LogMeanExp),
        ("inlier", "exact-inlier"): (GaussianKernel, Mean),
        ("inlier", "random-features"): (Cosine, Mean),
        ("inlier", Activation(n_components=20)): (Cosine, Mean),
    }
    for (target, rule), layers in kinds.items():
        network = neuralize(kde, target=target, rule=rule)
        assert tuple(type(layer) for layer in network.layers) == layers
    assert isinstance(neuralize(NeonKMeans(2).fit(X)).layers[1], Min)


# Layers of any number


class Rectified:
    """max(0, H A): relevance goes down by what each unit adds (LRP-0)."""

    def __init__(self, A):
        self.A = A

    def forward(self, H, query):
        return np.maximum(H @ self.A, 0.0)

    def backward(self, H, R, weights, query):
        share = ratio(R, self.forward(H, query)) @ self.A.T
        return H * share, weights @ self.A.T


def test_a_network_of_three_layers():
    rng = np.random.default_rng(0)
    U, A = rng.normal(size=(8, 6)), rng.normal(size=(8, 3))
    network = Network(SquaredDistance(U), Mean(), Rule(), middle=[Rectified(A)])
    assert [type(layer) for layer in network.layers] == [
        SquaredDistance,
        Rectified,
        Mean,
    ]
    got = network.propagate(X, Query())
    squares = (X[:, None] - U) ** 2
    active = squares.sum(axis=2) @ A > 0
    expected = np.einsum("nki,kj,nj->ni", squares, A, active / 3)
    np.testing.assert_allclose(got.relevance, expected, atol=1e-9)
    np.testing.assert_allclose(got.relevance.sum(axis=1), got.score, atol=1e-9)
    np.testing.assert_allclose(network.activate(X, Query()), got.score)


def test_steps_in_front_are_the_first_layers():
    U = np.random.default_rng(0).normal(size=(8, 6))
    pooling = LogMeanExp(1.0, SupportWeights(np.full(8, 1 / 8)))
    plain = Network(SquaredDistance(U), pooling, IntegratedSoftArgmin(), n_jobs=1)
    order = np.array([5, 0, 3, 1, 2, 4])
    step = ColumnWise(lambda X: X[:, order] * 2, order, affine=(2 * np.ones(6), 0))
    chain = Chain.wire([("step", step)], Inputs.identity(6))
    behind = plain.behind(chain)
    assert behind.preprocessing is chain and plain.preprocessing is None
    assert [type(layer) for layer in behind.layers] == [
        ColumnWise,
        SquaredDistance,
        LogMeanExp,
    ]
    assert behind.n_jobs == 1 and behind.rule == plain.rule
    Z = chain.transform(X)
    got, expected = behind.propagate(Z, Query()), plain.propagate(Z, Query())
    np.testing.assert_allclose(got.relevance[:, order], expected.relevance)
    np.testing.assert_array_equal(got.score, expected.score)


def test_results_have_the_dtype_and_the_order_that_are_asked_for():
    U = X[:50]
    pooling = LogMeanExp(3.0, SupportWeights(np.full(50, 0.02)))
    options = {"search": Search("kd_tree", 1e-9), "dtype": np.float32}
    narrow = Network(SquaredDistance(U), pooling, SoftArgmin(3.0), **options)
    wide = Network(SquaredDistance(U), pooling, SoftArgmin(3.0))
    query = Query(absent=np.arange(200) % 50)
    got, expected = narrow.propagate(X, query), wide.propagate(X, query)
    for name in ("relevance", "score", "reference"):
        values = getattr(got, name)
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, getattr(expected, name), rtol=1e-4)
    assert narrow.activate(X, query).dtype == np.float32


# Games


def test_nearest_clusters_in_chunks():
    units = CentroidPairs(X[:5])
    network = Network(units, Min())
    with config_context(working_memory=0.001):
        np.testing.assert_array_equal(network.nearest(X), units.nearest(X))


@pytest.mark.parametrize("memory", [1024, 1e-3])
def test_coalitions_score_what_their_columns_do(memory):
    rng = np.random.default_rng(0)
    U, x = rng.normal(size=(8, 6)), rng.normal(size=(1, 6))
    pi = rng.dirichlet(np.ones(8))
    masks = all_coalitions(6)
    squares = masks @ ((x - U) ** 2).T
    absent = Query(absent=np.array([3]))
    rest = np.delete(np.arange(8), 3)

    def soft_min(h, p):
        return -np.log(np.exp(-0.7 * h) @ p / p.sum()) / 0.7

    def kernel_mean(h, p):
        # without columns there is no inlierness
        return np.where(masks.any(axis=1), np.exp(-0.7 * h) @ p / p.sum(), 0.0)

    with config_context(working_memory=memory):
        for query, k in ((Query(absent=np.array([-1])), np.arange(8)), (absent, rest)):
            weights = SupportWeights(pi, offset=5.0)
            for layers, game in (
                ((SquaredDistance(U), LogMeanExp(0.7, weights)), soft_min),
                ((GaussianKernel(U, 0.7), Mean(weights)), kernel_mean),
            ):
                got = Network(*layers).coalition_scores(x, query, masks)
                expected = game(squares[:, k], pi[k])
                np.testing.assert_allclose(got, expected, atol=1e-12)
        got = Network(CentroidPairs(U), Min()).coalition_scores(
            x, Query(cluster=np.array([2])), masks
        )
    shares = np.delete((x - U) ** 2 - (x - U[2]) ** 2, 2, axis=0)
    np.testing.assert_allclose(got, (masks @ shares.T).min(axis=1), atol=1e-12)


def test_layers_in_the_middle_play_along():
    rng = np.random.default_rng(0)
    U, A, x = rng.normal(size=(8, 6)), rng.normal(size=(8, 3)), X[:1]
    network = Network(SquaredDistance(U), Mean(), middle=[Rectified(A)])
    masks = all_coalitions(6)
    got = network.coalition_scores(x, Query(), masks)
    expected = np.maximum(masks @ ((x - U) ** 2).T @ A, 0).mean(axis=1)
    np.testing.assert_allclose(got, expected, atol=1e-12)


WEIGHTS = SupportWeights(np.full(8, 1 / 8))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda units: Network(Mean(WEIGHTS), units),
            TypeError,
            "units of a network m",
        ),
        (
            lambda units: Network(units, units),
            TypeError,
            "pooling of a net",
        ),
        (lambda units: Network(units, Mean, "uniform"), TypeError, "pooling of a net"),
        (
            lambda units: Network(units, Mean(WEIGHTS), IntegratedSoftArgmin),
            TypeError,
            r"class IntegratedSoftArgmin: pass IntegratedSoftArgmin\(\)",
        ),
        (lambda units: Network(units, Mean(WEIGHTS), "midpoint"), TypeError, "'midp"),
        (lambda units: Network(units, Mean(), middle=units), TypeError, "a list of"),
        (
            lambda units: Network(units, Mean(), middle=[3]),
            TypeError,
            "3 in the middle",
        ),
        (
            lambda units: Network(units, Mean(SupportWeights(np.full(4, 0.25)))),
            ValueError,
            "Mean has 4 weights, and SquaredDistance 8 support points",
        ),
        (
            lambda units: Network(units, Mean(SupportWeights(np.ones(8)))),
            ValueError,
            "The weights of Mean sum to 8: divide them",
        ),
        (lambda units: SupportWeights([-1.0, 2.0]), ValueError, r"got \[-1.  2.\]"),
        (lambda units: LogMeanExp(-1.0, WEIGHTS), ValueError, "above 0, got -1.0"),
    ],
)
def test_layers_that_make_no_network(make, error, message):
    with pytest.raises(error, match=message):
        make(SquaredDistance(np.zeros((8, 2))))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: ColumnWise(None, ["a", "b"]), TypeError, "must be numbers of inputs"),
        (
            lambda: ColumnWise(None, [0, 1], affine=(np.ones(3), np.ones(2))),
            ValueError,
            r"each of shape \(2,\) .* one of \(3,\)",
        ),
        (
            lambda: LinearMap(None, np.ones(3)),
            ValueError,
            r"\(d, p\), got \(3,\)",
        ),
        (lambda: LinearMap(None, np.eye(3), [1]), ValueError, r"shape \(3,\), as"),
        (
            lambda: LinearMap(None, np.eye(3)).wire(Inputs.identity(4)),
            TypeError,
            "takes 3 columns, and 4 come in",
        ),
    ],
)
def test_layers_of_steps_of_the_wrong_shape(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_what_float32_cannot_hold_is_refused():
    network = Network(SquaredDistance(X[:3]), Mean(), Rule(), dtype=np.float32)
    with pytest.raises(ValueError, match=r"reach .*e\+4\d, more than float32 holds"):
        network.propagate(X[:2] * 1e22, Query())
