# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The exact inlier rule against fifty digits and behind linear maps."""

import numpy as np
from helpers import reference
from helpers.laws import assert_close, fitted_kde, inlier_terms
from helpers.strategies import density_problems, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon.network import (
    ExactInlier,
    GaussianKernel,
    Inputs,
    Layerwise,
    Mean,
    Network,
    Query,
    SupportWeights,
    Uniform,
)


@settings(max_examples=25)
@given(density_problems(max_support=6, max_features=8))
def test_relevances_and_score(problem):
    explanation = fitted_kde(problem).explain(
        problem.X, target="inlier", rule="exact-inlier"
    )
    parameters = problem.U, problem.pi, problem.gamma
    expected = [reference.inlier_exact(x, *parameters) for x in problem.X]
    assert_close(
        explanation.relevance, expected, inlier_terms(problem, rule="exact-inlier")
    )
    expected = [reference.inlierness(x, *parameters) for x in problem.X]
    np.testing.assert_allclose(
        explanation.score, np.array(expected, dtype=float), rtol=1e-9, atol=1e-300
    )


def mapped(rng, m, p):
    """A rotation of p of m columns in which the units are, and support points."""
    V = np.linalg.qr(rng.normal(size=(m, m)))[0][:, :p]
    inputs = Inputs(np.arange(m), m, list(range(m)), V, np.zeros(p), np.zeros(m))
    return inputs, rng.normal(size=(8, p))


def relevance_of(units, X, rule):
    network = Network(units, Mean(SupportWeights(np.full(8, 1 / 8))), rule)
    return Layerwise(network, X, Query()).explain(slice(0, len(X)))


@given(seeds, st.integers(1, 5), st.integers(0, 3))
def test_a_rotation_is_looked_through(seed, p, more):
    """The isotropic part by diag(V V'), the rest by the shares of the distances."""
    rng = np.random.default_rng(seed)
    m = p + more
    inputs, support = mapped(rng, m, p)
    X = rng.normal(size=(3, m))
    units = GaussianKernel(support, 0.6).through(inputs)
    got = relevance_of(units, X, ExactInlier())
    np.testing.assert_allclose(got["relevance"].sum(axis=1), got["score"], rtol=1e-9)
    if p == 1:
        expected = relevance_of(units, X, Uniform())
        np.testing.assert_allclose(got["relevance"], expected["relevance"])
        return
    Z, V = X @ inputs.matrix, inputs.matrix
    pi = np.full(8, 1 / 8)
    for n, (x, z) in enumerate(zip(X, Z, strict=True)):
        # per direction, of which each column takes its part of the product
        A, B = 0.0, np.zeros(m)
        for u in support:
            t = 0.6 * np.sum((z - u) ** 2)
            nodes, weights = np.polynomial.legendre.leggauss(60)
            s = (nodes + 1) / 2
            upper = (weights / 2) @ (s ** (p / 2) * np.exp(-s * t))
            lower = (t * upper + np.exp(-t)) / (p / 2)
            A += lower / 2 / 8
            B += 0.6 * upper * (x - V @ u) * (V @ (z - u)) / 8
        expected = A * np.sum(V**2, axis=1) - B
        np.testing.assert_allclose(got["relevance"][n], expected, atol=1e-4)
        assert np.isclose(pi.sum(), 1)


def test_one_feature_takes_it_all():
    support, X = np.arange(8.0)[:, None], np.array([[0.3], [2.2]])
    got = relevance_of(GaussianKernel(support, 1.0), X, ExactInlier())
    np.testing.assert_allclose(got["relevance"][:, 0], got["score"])


def test_far_rows_lose_nothing_of_the_sum():
    support = np.random.default_rng(0).normal(size=(8, 3))
    X = 10.0 ** np.arange(7)[:, None] * np.ones(3)
    got = relevance_of(GaussianKernel(support, 1.0), X, ExactInlier())
    R = got["relevance"]
    size = np.abs(R).sum(axis=1)
    assert np.all(np.abs(R.sum(axis=1) - got["score"]) <= 1e-15 * size)
