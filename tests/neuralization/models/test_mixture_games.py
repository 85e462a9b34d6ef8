# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of mixtures, by all submatrices."""

import numpy as np
import pytest
from helpers.checks import (
    REAL,
)
from helpers.laws import assert_close
from helpers.mixtures import Problem, converged, marginal_values, problems, terms
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_linnerud
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import scale

from skneon import explain, neuralize
from skneon.metrics import exact_shapley
from skneon.network import Shapley

LINNERUD = load_linnerud()
SETS = {
    "iris": REAL["iris"],
    "wine": REAL["wine"][:, :8],
    "cancer": REAL["cancer"][:, :10],
    "diabetes": scale(load_diabetes().data),
    "linnerud": scale(np.hstack([LINNERUD.data, LINNERUD.target])),
}


@settings(max_examples=20)
@given(problems(max_features=5, min_components=2), st.booleans())
def test_shapley_rule_agrees_with_all_submatrices(problem, ask_rival):
    size = 10 * terms(problem)
    outlier = explain(problem.model(), problem.X, target="outlier")
    assert_close(outlier.relevance, marginal_values(problem), size)
    rival = (problem.cluster + 1) % len(problem.means) if ask_rival else None
    asked = {"cluster": problem.cluster, "rival": rival}
    explanation = explain(problem.model(), problem.X, **asked)
    expected = marginal_values(problem, problem.cluster, rival)
    assert_close(explanation.relevance, expected, size)


@pytest.mark.parametrize("kind", ["full", "tied", "diag"])
@pytest.mark.parametrize("name", SETS)
def test_shapley_values_of_real_sets(name, kind):
    X = SETS[name]
    model = GaussianMixture(3, covariance_type=kind, reg_covar=1e-2, random_state=0)
    model = converged(model, X)
    rows = X[:: max(1, len(X) // 3)]
    full = {
        "full": lambda C: C,
        "tied": lambda C: np.stack([C] * 3),
        "diag": lambda C: C[:, :, None] * np.eye(X.shape[1]),
    }[kind](model.covariances_)
    cluster = model.predict(rows)
    problem = Problem(rows, model.weights_, model.means_, full, kind, cluster)
    for target, expected in (
        ("outlier", marginal_values(problem)),
        ("cluster", marginal_values(problem, cluster)),
    ):
        got = explain(model, rows, target=target)
        size = np.abs(expected).sum(axis=1, keepdims=True)
        assert np.all(np.abs(got.relevance - expected) <= 1e-9 * size)
        exact = exact_shapley(model, rows, target=target)
        assert np.all(np.abs(exact.relevance - expected) <= 1e-9 * size)


def test_a_component_per_row_is_the_kernel_density():
    U, X = REAL["wine"][::6, :6], REAL["wine"][1::20, :6]
    density = KernelDensity(bandwidth=1.3).fit(U)
    gamma = 1 / (2 * 1.3**2)
    mixture = GaussianMixture(len(U), covariance_type="spherical")
    mixture.weights_ = np.full(len(U), 1 / len(U))
    mixture.means_, mixture.n_features_in_ = U, 6
    mixture.precisions_cholesky_ = np.full(len(U), 1 / 1.3)
    for got, expected in (
        (explain(mixture, X, target="outlier"), exact_shapley(density, X)),
        (
            explain(mixture, X, target="outlier", rule="integrated"),
            explain(density, X),
        ),
    ):
        size = gamma * expected.score[:, None]
        error = np.abs(got.relevance - gamma * expected.relevance)
        assert np.all(error <= 1e-9 * size)


def test_beyond_twelve_columns_orders_are_near():
    X = REAL["wine"]
    model = GaussianMixture(2, reg_covar=1e-2, random_state=0).fit(X)
    for target in ("outlier", "cluster"):
        network = neuralize(model, target=target, rule=Shapley(with_error=True))
        exact = exact_shapley(model, X[::10], target=target)
        own = network.explain(X[::10])
        distance = np.abs(own.relevance - exact.relevance).sum(axis=1)
        assert np.median(distance / np.abs(exact.relevance).sum(axis=1)) < 0.12
        sums = own.relevance.sum(axis=1)
        np.testing.assert_allclose(sums, exact.relevance.sum(axis=1), rtol=1e-9)
        z = (own.relevance - exact.relevance) / own.standard_error
        assert 0.3 < np.sqrt(np.mean(z**2)) < 2
        assert explain(model, X[:1], target=target).standard_error is None
    few = GaussianMixture(2, random_state=0).fit(X[:, :4])
    exact = explain(few, X[:5, :4], rule=Shapley(with_error=True))
    assert exact.standard_error is None
