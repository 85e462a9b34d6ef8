# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Inlierness of kernel densities: Shapley values and the integrated rule."""

import tracemalloc

import mpmath
import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad_vec
from scipy.spatial.distance import cdist

from skneon.network.numerics._coalitions import product_shapley
from skneon.network.numerics._integrated_inlierness import (
    integrated_inlierness,
    integrated_weights,
)
from skneon.network.numerics._product_shapley import (
    inlierness_shapley,
    kernel_shapley,
    quadrature_nodes,
)

RULES = [inlierness_shapley, integrated_inlierness]


def problem(seed, d, n=4, N=9):
    rng = np.random.default_rng(seed)
    gamma = np.exp(rng.uniform(-3, 1))
    return rng.normal(size=(n, d)), rng.normal(size=(N, d)), rng, gamma


def brute_force(X, U, A, gamma, groups):
    squares = (X[:, None] - U) ** 2

    def value(S):
        h = squares[:, :, gaussians.columns_of(S, groups)].sum(axis=2)
        return (np.exp(-gamma * h) * A).sum(axis=1)

    return gaussians.shapley(value, len(np.unique(groups)))


@given(gaussians.seeds, st.lists(st.integers(0, 5), min_size=1, max_size=7))
def test_shapley_values_are_those_of_all_coalitions(seed, groups):
    X, U, rng, gamma = problem(seed, len(groups))
    signed = rng.normal(size=len(U))
    got = kernel_shapley(X, U, signed, gamma, groups)
    expected = brute_force(X, U, signed, gamma, groups)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
    per_row = rng.normal(size=(len(X), len(U)))
    got = kernel_shapley(X, U, per_row, gamma, groups)
    expected = brute_force(X, U, per_row, gamma, groups)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@given(gaussians.seeds, st.integers(1, 40))
def test_the_rule_of_single_rows_agrees(seed, d):
    X, U, rng, gamma = problem(seed, d)
    pi = rng.dirichlet(np.ones(len(U)))
    got = inlierness_shapley(X, U, pi, gamma)
    for x, row in zip(X, got, strict=True):
        expected = product_shapley((x - U) ** 2, pi, gamma)
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("rule", RULES)
@given(gaussians.seeds, st.integers(1, 12))
def test_laws(rule, seed, d):
    X, U, rng, gamma = problem(seed, d)
    pi = rng.dirichlet(np.ones(len(U)), size=len(X))
    pi[:, 2] = 0.0  # left out
    R = rule(X, U, pi, gamma)
    score = (np.exp(-gamma * cdist(X, U, "sqeuclidean")) * pi).sum(axis=1)
    np.testing.assert_allclose(R.sum(axis=1), score, rtol=0, atol=1e-12)
    turn = rng.permutation(d)
    turned = rule(X[:, turn], U[:, turn], pi, gamma)
    np.testing.assert_allclose(turned, R[:, turn], rtol=0, atol=1e-12)
    others = np.arange(len(U)) != 2
    less = rule(X, U[others], pi[:, others], gamma)
    np.testing.assert_allclose(less, R, rtol=0, atol=1e-12)


def test_equal_columns_have_no_loss():
    U = np.zeros((1, 3))
    for rule in RULES:
        R = rule(np.array([[2.0, 0.0, 0.0]]), U, np.ones(1), 1.0)
        np.testing.assert_allclose(R, [[np.expm1(-4) + 1 / 3, 1 / 3, 1 / 3]])


@given(gaussians.seeds, st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_integrated_is_the_integral(seed, groups):
    X, U, rng, gamma = problem(seed, len(groups))
    pi = rng.dirichlet(np.ones(len(U)))
    squares = (X[:, None] - U) ** 2
    h = squares.sum(axis=2)

    def rate(s):
        return np.einsum("nk,nki->ni", -gamma * pi * np.exp(-s * gamma * h), squares)

    R = quad_vec(rate, 0, 1, epsabs=1e-13)[0]
    labels = np.unique(groups)
    sums = [R[:, np.asarray(groups) == label].sum(axis=1) for label in labels]
    expected = np.stack(sums, axis=1) + 1 / len(labels)
    got = integrated_inlierness(X, U, pi, gamma, groups)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("h", [0.0, 1e-310, 1e-160, 1e-12, 1e-3, 1.0, 700.0, 1e300])
@pytest.mark.parametrize("gamma", [1e-3, 1.0, 50.0])
def test_weights_keep_their_digits(h, gamma):
    got = integrated_weights(np.array([[h]]), np.array([0.5]), gamma)[0, 0]
    with mpmath.workdps(50):
        t = mpmath.mpf(gamma) * mpmath.mpf(h)
        limit = -mpmath.mpf(gamma) / 2
        expected = limit if h == 0 else mpmath.expm1(-t) / mpmath.mpf(h) / 2
    assert abs(got - float(expected)) <= 1e-14 * abs(float(expected))


@pytest.mark.parametrize("far", [0.0, 1e3, 1e8])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-3, 1.0])
@pytest.mark.parametrize("n_near", [1, 40])
def test_near_pairs_keep_their_digits(far, gap, n_near):
    rng = np.random.default_rng(0)
    U = rng.normal(size=(60, 3))
    U[:n_near] += far
    X = U[[0, 59]] + gap
    pi = np.full(60, 1 / 60)
    for gamma in (1e-2, 1.0, 1e4):
        R = integrated_inlierness(X, U, pi, gamma)
        D = (X[:, None] - U) ** 2
        h = D.sum(axis=2)
        safe = np.where(h > 0, h, 1.0)
        W = np.where(h > 0, np.expm1(-gamma * h) / safe, -gamma) / 60
        expected = 1 / 3 + np.einsum("nk,nki->ni", W, D)
        np.testing.assert_allclose(R, expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            R.sum(axis=1), np.exp(-gamma * h).mean(axis=1), rtol=0, atol=1e-12
        )


@pytest.mark.parametrize("n_players", [1, 2, 3, 8, 30, 64, 300])
def test_nodes_integrate_products(n_players):
    q, w = quadrature_nodes(n_players)
    assert len(q) <= (n_players + 1) // 2
    rng = np.random.default_rng(n_players)
    nodes, weights = np.polynomial.legendre.leggauss((n_players + 1) // 2)
    nodes, weights = (nodes + 1) / 2, weights / 2
    for loss in (rng.uniform(size=n_players - 1), np.ones(n_players - 1)):
        exact = weights @ np.prod(1 - nodes[:, None] * loss, axis=1)
        got = w @ np.prod(1 - q[:, None] * loss, axis=1)
        assert abs(got - exact) <= 1e-12 * exact


@pytest.mark.parametrize("rule", RULES)
def test_memory_is_bounded(rule):
    rng = np.random.default_rng(0)
    X, U = rng.normal(size=(3000, 10)), rng.normal(size=(1000, 10))
    tracemalloc.start()
    R = rule(X, U, np.full(1000, 1e-3), 0.1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20
    one_by_one = rule(X[-2:], U, np.full(1000, 1e-3), 0.1)
    np.testing.assert_allclose(R[-2:], one_by_one, rtol=0, atol=1e-13)
