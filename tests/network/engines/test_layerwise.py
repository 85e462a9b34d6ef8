# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The engine that others are tested against, against slow formulas and plain loops."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
from helpers import reference
from helpers.laws import assert_close
from helpers.strategies import density_problems
from hypothesis import given, settings
from sklearn import config_context

from skneon.network import (
    CentroidPairs,
    IntegratedSoftArgmin,
    Layerwise,
    LogMeanExp,
    Mean,
    Midpoint,
    Min,
    Network,
    Query,
    Rule,
    Shapley,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.engines._layerwise import CACHED, LEAST_ROWS, rows_in_cache

RNG = np.random.default_rng(0)
U = RNG.normal(size=(10, 2))
EVEN = SupportWeights(np.full(10, 0.1))


@settings(max_examples=25)
@given(density_problems(max_support=20, max_features=6))
def test_slow_formulas_of_a_density(problem):
    """Also of rules and stiffnesses that another engine would serve."""
    weighs = problem.pi > 0
    u, pi, gamma = problem.U[weighs], problem.pi[weighs], problem.gamma
    beta = gamma if problem.beta in ("gamma", "integrated") else problem.beta
    units, pooling = SquaredDistance(u), LogMeanExp(gamma, SupportWeights(pi))
    network = Network(units, pooling, SoftArgmin(beta, problem.epsilon))
    whole = Network(units, pooling, IntegratedSoftArgmin())
    rows = slice(0, len(problem.X))
    got = Layerwise(network, problem.X, Query()).explain(rows)
    other = Layerwise(whole, problem.X, Query()).explain(rows)
    score = Layerwise(network, problem.X, Query()).score(rows)["score"]
    for n, x in enumerate(problem.X):
        expected = reference.log_mean_exp(reference.distances(x, u), pi, gamma)
        for value in (got["score"][n], other["score"][n], score[n]):
            assert abs(value - expected) <= 1e-9 * expected
        expected, _ = reference.outlier_soft_argmin(
            x, u, pi, gamma, beta, problem.epsilon
        )
        assert_close(got["relevance"][[n]], expected[None])
        expected = reference.outlier_integrated(x, u, pi, gamma)
        assert_close(other["relevance"][[n]], expected[None])


@pytest.mark.parametrize("epsilon", [0.0, 1.0, 2.0])
def test_equal_shares_with_a_point_left_out(epsilon):
    query = Query(absent=np.arange(5))
    network = Network(
        SquaredDistance(U), LogMeanExp(1.0, EVEN), SoftArgmin(0.0, epsilon)
    )
    got = Layerwise(network, U[:5], query).explain(slice(0, 5))
    for n in range(5):
        u, pi = np.delete(U, n, axis=0), np.full(9, 1 / 9)
        expected, _ = reference.outlier_soft_argmin(U[n], u, pi, 1.0, 0.0, epsilon)
        np.testing.assert_allclose(
            got["relevance"][n], expected.astype(float), rtol=1e-9
        )


class Mixed:
    """A linear layer (K, K') whose relevance goes down by the shares of its sums."""

    def __init__(self, matrix):
        self.matrix = matrix

    def forward(self, H, query):
        return H @ self.matrix

    def backward(self, H, R, weights, query):
        shares = H[:, :, None] * self.matrix
        shares = shares / shares.sum(axis=1, keepdims=True)
        down = self.matrix / self.matrix.sum(axis=0)
        return np.einsum("nkj,nj->nk", shares, R), weights @ down.T


def test_layers_in_the_middle_are_passed_from_the_top_down():
    A, B = RNG.uniform(size=(10, 5)), RNG.uniform(size=(5, 3))
    X = RNG.normal(size=(4, 2))
    network = Network(
        SquaredDistance(U), Mean(), Rule(), middle=[Mixed(A), Mixed(B)]
    )  # fmt: skip
    got = Layerwise(network, X, Query()).explain(slice(0, 4))
    for n, x in enumerate(X):
        squares = (x - U) ** 2
        h = squares.sum(axis=1)
        # all is linear: the mean of the last layer's units, term by term
        slope = (A @ B).mean(axis=1)
        np.testing.assert_allclose(got["score"][n], h @ slope)
        np.testing.assert_allclose(got["relevance"][n], slope @ squares)
    score = Layerwise(network, X, Query()).score(slice(0, 4))["score"]
    np.testing.assert_allclose(score, got["score"])


def test_clusters_that_are_not_asked_for_are_the_nearest():
    units = CentroidPairs(U)
    X = RNG.normal(size=(20, 2))
    nearest = np.argmin([reference.distances(x, U) for x in X], axis=1)
    engine = Layerwise(Network(units, Min(), Midpoint(0.3)), X, Query())
    np.testing.assert_array_equal(engine.explain(slice(3, 9))["cluster"], nearest[3:9])
    asked = Query(cluster=np.zeros(20, dtype=int))
    engine = Layerwise(Network(units, Min(), Midpoint(0.3)), X, asked)
    assert not engine.explain(slice(3, 9))["cluster"].any()


def test_sparse_rows():
    X = np.where(RNG.random(size=(20, 2)) < 0.5, 0, RNG.normal(size=(20, 2)))
    sparse = scipy.sparse.csr_array(X)
    for network in (
        Network(CentroidPairs(U), Min(), Shapley()),
        Network(SquaredDistance(U), LogMeanExp(1.0, EVEN), IntegratedSoftArgmin()),
    ):
        one, other = (Layerwise(network, rows, Query()) for rows in (sparse, X))
        for pass_of in (lambda engine: engine.explain, lambda engine: engine.score):
            got, expected = pass_of(one)(slice(2, 9)), pass_of(other)(slice(2, 9))
            assert got.keys() == expected.keys()
            for name, values in expected.items():
                if values is not None:
                    np.testing.assert_allclose(got[name], values, atol=1e-12)


def test_a_slice_is_as_many_rows_as_stay_in_cache():
    assert rows_in_cache(CACHED // 100, 5, 1) == 100
    # but no single rows
    assert rows_in_cache(CACHED, 5, 1) == LEAST_ROWS
    with config_context(working_memory=1):
        assert 1 <= rows_in_cache(CACHED, 5, 1) < LEAST_ROWS
        assert rows_in_cache(CACHED // 64, 5, 2) < rows_in_cache(CACHED // 64, 5, 1)
    with config_context(working_memory=1e-9):
        assert rows_in_cache(10, 5, None) == 1


def test_rules_say_how_wide_their_rows_are():
    X = np.zeros((3, 2))
    network = SimpleNamespace(
        units=SquaredDistance(U), pooling=Mean(EVEN), middle=(), rule=None, n_jobs=None
    )
    plain = Layerwise(network, X, Query()).rows_at_a_time
    network.rule = Shapley()
    assert Layerwise(network, X, Query()).rows_at_a_time < plain


@pytest.mark.parametrize("columns", [slice(1), [0, 1, 1]])
def test_relevances_of_another_shape_are_refused(columns):
    class Other(Rule):
        def to_columns(self, network, X, H, passed, query):
            return super().to_columns(network, X, H, passed, query)[:, columns]

    network = Network(SquaredDistance(U), Mean(EVEN), Other())
    with pytest.raises(ValueError, match=r"^Other.to_columns has the shape \(3, "):
        network.propagate(U[:3], Query())


def test_references_of_another_shape_are_refused():
    class Other(SquaredDistance):
        def reference(self, X, H, weights, query):
            return np.zeros((len(X), 3))

    network = Network(Other(U), Mean(EVEN), Rule())
    with pytest.raises(ValueError, match=r"The reference of Other has .* \(3, 2\)"):
        network.propagate(U[:3], Query())
