# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Random cosine features: the kernel that they approximate, and leaving out."""

import numpy as np
import pytest
from helpers import reference
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon import NeonKDE, neuralize
from skneon.network import (
    Activation,
    Cosine,
    GaussianKernel,
    Inputs,
    Mean,
    Query,
    RandomFeatures,
    SupportWeights,
    draw_random_features,
)


def drawn(U, gamma, weights, n_components=40, seed=0):
    draw = draw_random_features(
        n_components, U.shape[1], gamma, np.random.RandomState(seed)
    )
    return Cosine(U, gamma, weights, *draw), draw


def test_frequencies_and_phases():
    omega, phase = draw_random_features(20000, 3, 0.7, np.random.RandomState(0))
    np.testing.assert_allclose(np.cov(omega.T), 1.4 * np.eye(3), atol=0.05)
    assert phase.min() >= 0 and phase.max() < 2 * np.pi
    # the features approximate the kernel, with the prefactor sqrt(2 / H)
    x, y = np.array([0.3, -1.0, 0.2]), np.array([0.0, 0.5, 0.1])
    estimate = np.mean(2 * np.cos(omega @ x + phase) * np.cos(omega @ y + phase))
    kernel = np.exp(-0.7 * np.sum((x - y) ** 2))
    np.testing.assert_allclose(estimate, kernel, atol=0.02)


@settings(max_examples=25)
@given(seeds, st.integers(1, 4), st.booleans())
def test_activations_and_shares(seed, d, left_out):
    rng = np.random.default_rng(seed)
    U, X = rng.normal(size=(9, d)), rng.normal(size=(4, d))
    pi = rng.dirichlet(np.ones(9))
    units, (omega, phase) = drawn(U, 0.5, SupportWeights(pi))
    absent = rng.integers(-1, 9, size=4) if left_out else None
    query, center = Query(absent=absent), U.mean(axis=0)
    H = units.forward(X, query)
    for n, x in enumerate(X):
        counts = np.arange(9) != (-1 if absent is None else absent[n])
        p = np.where(counts, pi, 0) / pi[counts].sum()
        mean = np.sqrt(2) * p @ np.cos((U - center) @ omega.T + phase)
        expected = np.sqrt(2) * np.cos(omega @ (x - center) + phase) * mean
        np.testing.assert_allclose(H[n], expected, atol=1e-12)
        relevance, error = reference.random_features(
            x - center, U - center, p, omega, phase
        )
        R = H[[n]] / 40
        np.testing.assert_allclose(
            (R @ units.shares_by_feature)[0], relevance, atol=1e-12
        )
        np.testing.assert_allclose(units.error_by_feature(R)[0], error, atol=1e-12)
    # the score is what they approximate
    exact = GaussianKernel(U, 0.5)
    expected = Mean(SupportWeights(pi)).forward(exact.forward(X, query), query)
    np.testing.assert_allclose(units.score(X, query, None), expected, rtol=1e-12)


def test_groups_are_left_out_together():
    rng = np.random.default_rng(0)
    U, X, groups = rng.normal(size=(9, 2)), rng.normal(size=(3, 2)), np.arange(9) % 3
    units, (omega, phase) = drawn(U, 0.5, SupportWeights(np.full(9, 1 / 9), 0, groups))
    H = units.forward(X, Query(absent=np.array([2, -1, 0])))
    angles = (U - U.mean(axis=0)) @ omega.T + phase
    for n, g in enumerate([2, -1, 0]):
        mean = np.sqrt(2) * np.cos(angles[groups != g]).mean(axis=0)
        cosine = np.cos((X[n] - U.mean(axis=0)) @ omega.T + phase)
        np.testing.assert_allclose(H[n], np.sqrt(2) * cosine * mean, atol=1e-12)


def test_shares_behind_a_linear_map_are_those_of_the_frequencies_there():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(3, 2))
    inputs = Inputs(np.array([0, 1, 1]), 2, [0, 1, 2], A, np.ones(2), np.zeros(3))
    U, Y = inputs.project(rng.normal(size=(9, 3))), rng.normal(size=(4, 3))
    plain, (omega, _) = drawn(U, 0.5, SupportWeights(np.full(9, 1 / 9)))
    units = plain.through(inputs)
    square = (omega @ A.T) ** 2
    square = np.column_stack([square[:, 0], square[:, 1:].sum(axis=1)])
    expected = square / square.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(units.shares_by_feature, expected)
    np.testing.assert_allclose(
        units.forward(Y, Query()), plain.forward(inputs.project(Y), Query())
    )


@pytest.mark.parametrize("absent", [None, np.array([0, -1, 3])])
def test_the_game_is_that_of_the_kernel(absent):
    rng = np.random.default_rng(0)
    U, X = rng.normal(size=(9, 2)), rng.normal(size=(3, 2))
    weights = SupportWeights(np.full(9, 1 / 9))
    units, pooling = drawn(U, 0.5, weights)[0].in_game(Mean())
    assert type(units) is GaussianKernel and pooling.support_weights is weights
    query = Query(absent=absent)
    expected = drawn(U, 0.5, weights)[0].score(X, query, None)
    got = pooling.forward(units.forward(X, query), query)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_the_largest_gamma_has_finite_frequencies():
    kde = NeonKDE(1.39e308).fit(np.array([[0.0, 1e-154], [1e-154, 0.0]]))
    rows = np.array([[0.0, 0.0], [1e-154, 2e-154], [1e-158, 0.0]])
    for rule in (RandomFeatures(20, 0), Activation()):
        network = neuralize(kde, target="inlier", rule=rule)
        explanation = network.explain(rows)
        assert np.isfinite(explanation.relevance).all()
        shares = getattr(network.network.units, "shares_by_feature", np.ones((1, 1)))
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
