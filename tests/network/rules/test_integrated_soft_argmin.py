# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Integrated soft argmin against another quadrature, and its axioms."""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close
from helpers.strategies import density_problems, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon import NeonKDE
from skneon.network import (
    Distance,
    IntegratedSoftArgmin,
    LogMeanExp,
    NearestNeighborsPooling,
    Network,
    Query,
    SquaredDistance,
    SupportWeights,
)


@settings(max_examples=25)
@given(density_problems(max_support=40, max_features=10))
def test_relevances_and_references(problem):
    weighs = problem.pi > 0
    u, pi = problem.U[weighs], problem.pi[weighs]
    kde = NeonKDE(problem.gamma).fit(problem.U, sample_weight=problem.sample_weight)
    explanation = kde.explain(problem.X)
    expected = [
        reference.outlier_integrated(x, u, pi, problem.gamma) for x in problem.X
    ]
    weights = [
        reference.integrated_weights(reference.distances(x, u), pi, problem.gamma)
        for x in problem.X
    ]
    assert_close(explanation.relevance, expected)
    assert_close(explanation.compared_with, weights @ (1.0 * u), np.abs(u).max())


@settings(max_examples=20)
@given(seeds, st.integers(1, 4))
def test_relevances_are_the_aumann_shapley_values(seed, d):
    """int_0^1 of C_i d o(s C) / d C_i along the diagonal, by differences of the score.

    In terms of the columns' parts of all distances, which are 0 at its start.
    """
    rng = np.random.default_rng(seed)
    U, x, pi = rng.normal(size=(6, d)), rng.normal(size=d), rng.dirichlet(np.ones(6))
    squares, gamma, step = (x - U) ** 2, 0.8, 1e-4

    def score(scale):
        """The score where the parts of each column are scaled."""
        return -np.log(pi @ np.exp(-gamma * squares @ scale)) / gamma

    nodes, weights = np.polynomial.legendre.leggauss(24)
    expected = np.zeros(d)
    for s, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        for i, e in enumerate(np.eye(d)):
            rise = score(s + step * e) - score(s - step * e)
            expected[i] += weight * rise / (2 * step)
    network = Network(
        SquaredDistance(U),
        LogMeanExp(gamma, SupportWeights(pi)),
        IntegratedSoftArgmin(),
    )
    got = network.propagate(x[None], Query()).relevance[0]
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)


@settings(max_examples=20)
@given(seeds, st.integers(1, 6))
def test_distances_that_are_no_sums_are_shared_as_their_squares(seed, n_points):
    rng = np.random.default_rng(seed)
    U, X = rng.normal(size=(n_points, 3)), rng.normal(size=(4, 3))
    X[0] = U[0]
    pi = rng.dirichlet(np.ones(n_points))
    pooling = LogMeanExp(0.8, SupportWeights(pi))
    network = Network(Distance(U), pooling, IntegratedSoftArgmin())
    got = network.propagate(X, Query())
    for n, x in enumerate(X):
        squares = reference.squared_differences(x, U)
        h = np.sqrt(squares.sum(axis=1))
        R = reference.integrated_weights(h, pi, 0.8) * h
        shares = squares / np.maximum(squares.sum(axis=1), 1e-300)[:, None]
        assert_close(got.relevance[[n]], (R @ shares)[None])
    np.testing.assert_allclose(got.relevance.sum(axis=1), got.score, atol=1e-12)


def test_it_has_no_settings():
    assert IntegratedSoftArgmin() == IntegratedSoftArgmin()
    assert IntegratedSoftArgmin().settings() == {"rule": "integrated"}
    pooling = NearestNeighborsPooling(1, "kth", SupportWeights(np.full(2, 0.5)))
    with pytest.raises(TypeError, match="NearestNeighborsPooling has no integrated"):
        Network(SquaredDistance(np.zeros((2, 3))), pooling, IntegratedSoftArgmin())
