# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The game of inlierness: Shapley and Aumann-Shapley values of kernels."""

import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad_vec

from skneon.network import (
    GaussianKernel,
    Inputs,
    IntegratedSoftArgmin,
    Layerwise,
    Mean,
    Network,
    Query,
    Shapley,
    SupportWeights,
)
from skneon.network.engines._tiled import Tiled

ABSENT = np.array([2, -1, 0, 5])
RULES = [Shapley(), IntegratedSoftArgmin()]


def problem(seed, parents, mixed=False):
    """Kernels whose inputs have these parents among 7 columns, and their weights."""
    rng, m = np.random.default_rng(seed), len(parents)
    inputs = Inputs(np.asarray(parents), 7, list(range(m)))
    if mixed:
        d = int(rng.integers(1, 4))
        inputs = inputs.mixed(rng.normal(size=(m, d)), rng.normal(size=d), np.zeros(m))
    weights = SupportWeights(rng.dirichlet(np.ones(9)))
    gamma = float(np.exp(rng.uniform(-3, 1)))
    support = inputs.project(rng.normal(size=(9, m)))
    units = GaussianKernel(support, gamma, weights).through(inputs)
    return units, Mean(weights), rng.normal(size=(4, m))


def explained(units, pooling, X, rule, query, engine=Layerwise):
    network = Network(units, pooling, rule)
    if engine is Tiled:
        runs = Tiled.of(network, X, query, True)
    else:
        runs = Layerwise(network, X, query)
    return runs.explain(slice(0, len(X)))


parents_of = st.lists(st.integers(0, 6), min_size=1, max_size=7)


@given(gaussians.seeds, parents_of, st.booleans())
def test_shapley_values_are_those_of_all_coalitions(seed, parents, left_out):
    units, pooling, X = problem(seed, parents)
    query = Query(absent=ABSENT if left_out else None)
    P = np.broadcast_to(pooling.support_weights(query), (len(X), 9))
    squares = (X[:, None] - units.support) ** 2

    def value(S):
        own = gaussians.columns_of(S, parents)
        if not len(own):
            return np.zeros(len(X))
        h = squares[:, :, own].sum(axis=2)
        return (np.exp(-units.gamma * h) * P).sum(axis=1)

    used = np.unique(parents)
    expected = np.zeros((len(X), 7))
    expected[:, used] = gaussians.shapley(value, len(used))
    got = explained(units, pooling, X, Shapley(), query)
    np.testing.assert_allclose(got["relevance"], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        got["relevance"].sum(axis=1), value(range(len(used))), rtol=0, atol=1e-12
    )


@given(gaussians.seeds, parents_of, st.booleans(), st.booleans())
def test_integrated_is_the_integral(seed, parents, mixed, left_out):
    """Behind a linear map, too, by the columns' parts of squared distances."""
    units, pooling, X = problem(seed, parents, mixed)
    query = Query(absent=ABSENT if left_out else None)
    P = np.broadcast_to(pooling.support_weights(query), (len(X), 9))
    parts = units.contributions(X, query)
    h = units.squared_distances(X)

    def rate(s):
        W = -units.gamma * P * np.exp(-s * units.gamma * h)
        return np.einsum("nk,kni->ni", W, parts)

    used = np.unique(parents)
    expected = quad_vec(rate, 0, 1, epsabs=1e-13)[0]
    expected[:, used] += 1 / len(used)
    size = 1 + np.abs(expected).sum()
    rule, i = IntegratedSoftArgmin(), pooling.forward(units.forward(X, query), query)
    for engine in (Layerwise, Tiled):
        got = explained(units, pooling, X, rule, query, engine)
        error = np.abs(got["relevance"] - expected).max()
        assert error <= 1e-10 * size
        missed = np.abs(got["relevance"].sum(axis=1) - i)
        assert np.all(missed <= 1e-12 * size)


@pytest.mark.parametrize("rule", RULES, ids=["shapley", "integrated"])
@pytest.mark.parametrize("gamma", [1e-8, 1.0, 1e9])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e3, 1e9])
def test_near_and_far_rows(rule, gamma, gap):
    """Rows on a support point, next to one, and far from all, at any stiffness."""
    rng = np.random.default_rng(0)
    U, weights = rng.normal(size=(20, 3)), SupportWeights(np.full(20, 1 / 20))
    X, query = U[:4] + gap, Query()
    units = GaussianKernel(U, gamma, weights)
    squares = (X[:, None] - U) ** 2
    h = squares.sum(axis=2)
    score = np.exp(-gamma * h).mean(axis=1)
    for engine in (Layerwise, Tiled):
        if engine is Tiled and rule == Shapley():
            continue
        got = explained(units, Mean(weights), X, rule, query, engine)["relevance"]
        np.testing.assert_allclose(got.sum(axis=1), score, rtol=0, atol=1e-12)
        if rule == IntegratedSoftArgmin():
            W = np.where(h > 0, -np.expm1(-gamma * h) / np.where(h > 0, h, 1), gamma)
            expected = 1 / 3 - np.einsum("nk,nki->ni", W, squares) / 20
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-7)


def test_columns_that_agree_lose_nothing():
    weights = SupportWeights(np.ones(1))
    units, X = GaussianKernel(np.zeros((1, 3)), 1.0, weights), np.array([[2.0, 0, 0]])
    for rule in RULES:
        R = explained(units, Mean(weights), X, rule, Query())["relevance"]
        np.testing.assert_allclose(R, [[np.expm1(-4) + 1 / 3, 1 / 3, 1 / 3]])


def test_a_linear_step_is_no_product():
    units, pooling, _ = problem(0, [0, 1, 2], mixed=True)
    with pytest.raises(ValueError, match='take rule="integrated"'):
        Network(units, pooling, Shapley())
    network = Network(units, pooling, Shapley(), instead=IntegratedSoftArgmin())
    assert network.rule == IntegratedSoftArgmin()
    without = GaussianKernel(units.support, 1.0)
    for rule in RULES:
        with pytest.raises(ValueError, match="takes a GaussianKernel that has weights"):
            Network(without, pooling, rule)
