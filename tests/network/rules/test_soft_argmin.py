# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft argmin against the printed formula, its settings, and what it dissipates."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close
from helpers.strategies import density_problems
from hypothesis import given
from sklearn.decomposition import PCA

from skneon import NeonKDE
from skneon.network import (
    Inputs,
    LogMeanExp,
    Mean,
    Network,
    Query,
    Scales,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
)
from skneon.testing import stated_residual


@given(density_problems(max_support=40, max_features=10))
def test_relevances_and_references(problem):
    weighs = problem.pi > 0
    u, pi = problem.U[weighs], problem.pi[weighs]
    beta = problem.gamma if problem.beta in ("gamma", "integrated") else problem.beta
    kde = NeonKDE(problem.gamma, rule=SoftArgmin(beta, problem.epsilon))
    kde.fit(problem.U, sample_weight=problem.sample_weight)
    explanation = kde.explain(problem.X)
    parameters = problem.gamma, beta, problem.epsilon
    expected = [
        reference.outlier_soft_argmin(x, u, pi, *parameters)[0] for x in problem.X
    ]
    weights = [
        reference.soft_argmin(reference.distances(x, u), pi, beta) for x in problem.X
    ]
    assert_close(explanation.relevance, expected)
    assert_close(explanation.compared_with, weights @ (1.0 * u), np.abs(u).max())


def test_gamma_is_the_stiffness_of_the_score():
    rule = SoftArgmin(epsilon=0.2)
    assert rule.beta == "gamma"
    assert rule.bound(Scales(gamma=3.0)) == SoftArgmin(3.0, 0.2)
    assert SoftArgmin(2.0).bound(Scales(gamma=3.0)) == SoftArgmin(2.0)
    settings = {"rule": "soft-argmin", "beta": 2.0, "epsilon": 1e-9}
    assert SoftArgmin(2.0).settings() == settings
    with pytest.raises(FrozenInstanceError):
        rule.beta = 1.0


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"beta": -1.0}, ValueError, "beta must be a number of at least 0, or 'gamma'"),
        ({"beta": "auto"}, ValueError, "'gamma', got 'auto'"),
        ({"beta": None}, TypeError, "got None"),
        ({"epsilon": -1e-9}, ValueError, "epsilon must be a number of at least 0, got"),
        ({"epsilon": "gamma"}, ValueError, "epsilon must be"),
    ],
)
def test_bad_settings(settings, error, message):
    with pytest.raises(error, match=message):
        SoftArgmin(**settings)


def test_poolings_that_are_no_soft_minimum_are_refused():
    units = SquaredDistance(np.zeros((2, 3)))
    with pytest.raises(TypeError, match="Mean has no soft_argmin"):
        Network(units, Mean(), SoftArgmin(1.0))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("gamma", "beta"),
    [(1e-300, 1e12), (1e-300, 1e270), (0.6, 1e-300), (1e11, 1e-300), (0.6, 1e270)],
)
def test_stiffnesses_of_any_size_choose_the_nearest_or_all(gamma, beta, dtype):
    U = np.array([[0.0, 1.0], [2.0, 1.0], [0.0, 5.0]], dtype=dtype)
    X = np.array([[0.5, 1.5], [1.75, 3.0]], dtype=dtype)
    kde = NeonKDE(gamma, rule=SoftArgmin(beta, 0.0)).fit(U)
    distances = np.sum((X[:, None].astype(float) - U) ** 2, axis=2)
    if beta > 1:
        weights = distances == distances.min(axis=1, keepdims=True)
    else:
        weights = np.full(distances.shape, 1 / 3)
    shares = (X[:, None].astype(float) - U) ** 2 / distances[..., None]
    explanation = kde.explain(X)
    expected = np.einsum("nk,nki->ni", weights, shares) * explanation.score[:, None]
    np.testing.assert_allclose(explanation.relevance, expected, rtol=1e-5)
    own = kde.explain()
    assert np.isfinite(own.relevance).all()
    np.testing.assert_allclose(own.relevance.sum(axis=1), own.score, rtol=1e-5)
    assert np.isfinite(own.residual).all()


def test_rows_on_support_points_behind_a_map_are_not_divided_by_rounding():
    # z = (x - mean) V is off by a part of its size: rows on points are at 1e-32
    for seed in range(40):
        X = 1 + np.random.default_rng(seed).normal(size=(3, 5)) * 1e-15
        pca = PCA(2, whiten=True).fit(X)
        A = pca.components_.T / np.sqrt(pca.explained_variance_)
        inputs = Inputs.identity(5).mixed(A, -pca.mean_ @ A, np.zeros(5))
        units = SquaredDistance(pca.transform(X)).through(inputs)
        pooling = LogMeanExp(0.5, SupportWeights(np.full(3, 1 / 3)))
        network = Network(units, pooling, SoftArgmin(0.0, epsilon=0.0))
        got = network.propagate(X, Query())
        residual = got.score - got.relevance.sum(axis=1)
        missed = residual - stated_residual(network, X, Query())
        # of each of three points; shares and their sum may be off by half of it
        assert np.all(np.abs(missed) <= 0.5 * got.score)


def test_stiffness_next_to_nothing_behind_a_map_of_large_numbers():
    A = np.array([[5.7e-132]])
    X = np.array([[1e131], [4e131], [-2e132]])
    inputs = Inputs.identity(1).mixed(A, np.array([-1.1]), np.zeros(1))
    units = SquaredDistance(X @ A - 1.1).through(inputs)
    pooling = LogMeanExp(5e-281, SupportWeights(np.full(3, 1 / 3)))
    network = Network(units, pooling, SoftArgmin(5e-281, 0.0))
    rows = np.array([[-5.9e136], [6.8e136]])
    got = network.propagate(rows, Query())
    np.testing.assert_allclose(got.relevance[:, 0], got.score, rtol=1e-9)
