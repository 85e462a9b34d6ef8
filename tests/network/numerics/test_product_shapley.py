# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values of sums of products, such as those of Gaussian kernels."""

import tracemalloc

import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.spatial.distance import cdist

from skneon.network.numerics._product_shapley import (
    kernel_shapley,
    quadrature_nodes,
)

# what each column may add to the error: nodes are known to some units in the last
# place, which powers of 1 - q magnify
ROUNDED = 8e-15


def problem(seed, d, n=4, N=9):
    rng = np.random.default_rng(seed)
    gamma = np.exp(rng.uniform(-3, 1))
    return rng.normal(size=(n, d)), rng.normal(size=(N, d)), rng, gamma


def inlierness_shapley(X, U, weights, gamma):
    """With v(empty) = 0: equal parts of the weights' sum beside."""
    phi = kernel_shapley(X, U, weights, gamma)
    return phi + weights.sum(axis=-1, keepdims=True) / X.shape[1]


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
def test_laws(seed, d):
    X, U, rng, gamma = problem(seed, d)
    pi = rng.dirichlet(np.ones(len(U)), size=len(X))
    pi[:, 2] = 0.0  # left out
    R = inlierness_shapley(X, U, pi, gamma)
    score = (np.exp(-gamma * cdist(X, U, "sqeuclidean")) * pi).sum(axis=1)
    np.testing.assert_allclose(R.sum(axis=1), score, rtol=0, atol=1e-12)
    turn = rng.permutation(d)
    turned = inlierness_shapley(X[:, turn], U[:, turn], pi, gamma)
    np.testing.assert_allclose(turned, R[:, turn], rtol=0, atol=1e-12)
    others = np.arange(len(U)) != 2
    less = inlierness_shapley(X, U[others], pi[:, others], gamma)
    np.testing.assert_allclose(less, R, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_players", [1, 2, 3, 8, 30, 40, 64, 300, 1000, 3000])
def test_nodes_integrate_products(n_players):
    q, w = quadrature_nodes(n_players)
    assert len(q) <= (n_players + 1) // 2
    # the worst product, and powers below it
    for s in np.unique(np.geomspace(1, n_players, 20).astype(int)):
        assert abs(s * (w @ (1 - q) ** (s - 1)) - 1) <= 1e-12 + ROUNDED * n_players
    loss = np.random.default_rng(n_players).uniform(size=n_players - 1)
    exact = quad(lambda q: np.prod(1 - q * loss), 0, 1, epsabs=0, epsrel=1e-13)[0]
    got = w @ np.prod(1 - q[:, None] * loss, axis=1)
    assert abs(got - exact) <= (1e-12 + ROUNDED * n_players) * exact


def test_memory_is_bounded():
    rng = np.random.default_rng(0)
    X, U = rng.normal(size=(3000, 10)), rng.normal(size=(1000, 10))
    tracemalloc.start()
    R = inlierness_shapley(X, U, np.full(1000, 1e-3), 0.1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20
    one_by_one = inlierness_shapley(X[-2:], U, np.full(1000, 1e-3), 0.1)
    np.testing.assert_allclose(R[-2:], one_by_one, rtol=0, atol=1e-13)
