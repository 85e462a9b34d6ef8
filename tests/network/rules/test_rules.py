# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rules of densities against their slow reference, written from the equation."""

import numpy as np
from helpers import reference
from helpers.laws import (
    assert_close,
    fitted_kde,
    inlier_terms,
)
from helpers.strategies import density_problems
from hypothesis import given, settings


@given(density_problems(max_support=40, max_features=10))
def test_outlier_rules(problem):
    weighs = problem.pi > 0
    u, pi = problem.U[weighs], problem.pi[weighs]
    beta = problem.gamma if problem.beta == "gamma" else problem.beta
    explanation = fitted_kde(problem).explain(problem.X)
    if beta == "integrated":
        expected = [
            reference.outlier_integrated(x, u, pi, problem.gamma) for x in problem.X
        ]
        weights = [
            reference.integrated_weights(reference.distances(x, u), pi, problem.gamma)
            for x in problem.X
        ]
    else:
        parameters = problem.gamma, beta, problem.epsilon
        expected = [
            reference.outlier_soft_argmin(x, u, pi, *parameters)[0] for x in problem.X
        ]
        weights = [
            reference.soft_argmin(reference.distances(x, u), pi, beta)
            for x in problem.X
        ]
    assert_close(explanation.relevance, expected)
    assert_close(explanation.reference, weights @ (1.0 * u), np.abs(u).max())


@settings(max_examples=25)
@given(density_problems(max_support=6, max_features=8))
def test_exact_inlier_rule(problem):
    explanation = fitted_kde(problem).explain(problem.X, target="inlier")
    parameters = problem.U, problem.pi, problem.gamma
    expected = [reference.inlier_exact(x, *parameters) for x in problem.X]
    assert_close(explanation.relevance, expected, inlier_terms(problem))
    expected = [reference.inlierness(x, *parameters) for x in problem.X]
    np.testing.assert_allclose(
        explanation.score, np.array(expected, dtype=float), rtol=1e-9, atol=1e-300
    )


@given(density_problems(max_support=20))
def test_uniform_inlier_rule(problem):
    kde = fitted_kde(problem, inlier="uniform")
    relevance = kde.explain(problem.X, target="inlier").relevance
    d = problem.X.shape[1]
    expected = np.repeat(kde.inlierness(problem.X)[:, None] / d, d, axis=1)
    np.testing.assert_allclose(relevance, expected, rtol=1e-9, atol=1e-300)
