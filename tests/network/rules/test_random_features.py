# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances of inlierness by random features, and their standard errors."""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import fitted_kde
from helpers.strategies import density_problems, seeds
from hypothesis import given, settings
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from skneon import NeonKDE, neuralize
from skneon.network import RandomFeatures, draw_random_features


@settings(max_examples=25)
@given(density_problems(max_support=10, max_features=6), seeds)
def test_random_features_rule(problem, seed):
    kde = fitted_kde(problem, rule=RandomFeatures(50, random_state=seed))
    explanation = kde.explain(problem.X, target="inlier")
    rng = np.random.RandomState(seed)
    d = problem.X.shape[1]
    omega, phase = draw_random_features(50, d, problem.gamma, rng)
    assert np.std(omega) == pytest.approx(np.sqrt(2 * problem.gamma), rel=0.6)
    # the features are laid out about the mean of the support points
    u = problem.U[problem.pi > 0]
    center, pi = u.mean(axis=0), problem.pi[problem.pi > 0]
    for n, x in enumerate(problem.X):
        relevance, standard_error = reference.random_features(
            x - center, u - center, pi, omega, phase
        )
        np.testing.assert_allclose(explanation.relevance[n], relevance, atol=1e-9)
        np.testing.assert_allclose(
            explanation.standard_error[n], standard_error, rtol=1e-6, atol=1e-9
        )
    estimate = neuralize(kde, target="inlier").forward(problem.X)
    np.testing.assert_allclose(
        explanation.relevance.sum(axis=1), estimate, rtol=1e-9, atol=1e-12
    )
    exact = kde.inlierness(problem.X)
    np.testing.assert_allclose(explanation.score, exact, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(explanation.residual, exact - estimate, atol=1e-12)


def test_exact_inlier_rule_is_the_limit_of_many_random_features():
    X = scale(load_wine().data)[:, :6]
    rows = X[[0, 60, 150]]
    exact = NeonKDE(gamma=0.2, rule="exact-inlier").fit(X).explain(rows, "inlier")
    relevance = np.zeros_like(rows)
    draws = 100
    kde = NeonKDE(gamma=0.2).fit(X)
    for seed in range(draws):
        rule = RandomFeatures(10_000, random_state=seed)
        drawn = kde.explain(rows, target="inlier", rule=rule)
        relevance += drawn.relevance / draws
    error = np.abs(relevance - exact.relevance).sum(axis=1)
    assert np.all(error <= 0.01 * np.abs(exact.relevance).sum(axis=1))


def test_one_random_feature_has_no_standard_error():
    kde = NeonKDE(rule=RandomFeatures(n_components=1))
    explanation = kde.fit([[0.0, 1.0], [1.0, 2.0]]).explain(target="inlier")
    assert np.all(np.isnan(explanation.standard_error))
    assert np.all(np.isfinite(explanation.relevance))


def test_random_features_leave_the_training_row_out():
    rng = np.random.default_rng(0)
    X, weight = rng.normal(size=(12, 3)), rng.uniform(size=12)
    weight[5] = 0
    kde = NeonKDE(gamma=0.3, rule=RandomFeatures(n_components=60))
    explanation = kde.fit(X, sample_weight=weight).explain(target="inlier")
    for n in range(12):
        # the same draw, about the same center: leave the row out by its weight
        without = np.where(np.arange(12) == n, 0, weight)
        refit = NeonKDE(**kde.get_params()).fit(X, sample_weight=without)
        omega = neuralize(kde, target="inlier").network.units
        relevance, _ = reference.random_features(
            X[n] - omega.points.center,
            X - omega.points.center,
            without / without.sum(),
            omega.omega,
            omega.phase,
        )
        np.testing.assert_allclose(explanation.relevance[n], relevance, atol=1e-12)
        exact = refit.inlierness(X[[n]])
        np.testing.assert_allclose(explanation.score[[n]], exact, rtol=1e-9)


def test_standard_error_is_that_of_new_draws():
    X = scale(load_wine().data)[:, :6]
    kde = NeonKDE(gamma=0.2).fit(X)
    rules = [RandomFeatures(500, random_state=seed) for seed in range(200)]
    explanations = [kde.explain(X[:1], target="inlier", rule=rule) for rule in rules]
    spread = np.std([e.relevance[0] for e in explanations], axis=0, ddof=1)
    claimed = np.sqrt(np.mean([e.standard_error[0] ** 2 for e in explanations], axis=0))
    np.testing.assert_allclose(claimed, spread, rtol=0.2)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {"n_components": 0},
            ValueError,
            "n_components must be an integer of at least",
        ),
        ({"n_components": 2.5}, TypeError, "n_components must be an integer, got 2.5"),
        ({"random_state": -1}, ValueError, "random_state must be an integer"),
        ({"random_state": None}, TypeError, "random_state must be an integer"),
    ],
)
def test_bad_settings(settings, error, message):
    if error is TypeError:
        message = message.replace("integer, got", "integer of at least 1, got")
    with pytest.raises(error, match=f"RandomFeatures: {message}"):
        RandomFeatures(**settings)
