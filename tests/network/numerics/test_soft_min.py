# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The array functions against plain loops in extended precision."""

import tracemalloc

import numpy as np
import pytest
import reference
from hypothesis import given
from strategies import density_problems

from skneon.network.layers._distance import SquaredDistance
from skneon.network.numerics._soft_min import (
    log_mean_exp,
    soft_argmin,
    squared_distances,
)


@given(density_problems(max_support=50))
def test_weighted_squared_differences(problem):
    X, U = problem.X, problem.U
    rng = np.random.default_rng(0)
    H = squared_distances(X, U)
    W = rng.uniform(size=H.shape) / (1e-6 + H)
    got = SquaredDistance(U).weighted_shares(X, W, H)
    for x, w, row in zip(X, W, got, strict=True):
        expected = w @ reference.squared_differences(x, U)
        assert np.abs(row - expected).sum() <= 1e-9 * expected.sum()


def test_near_pairs_are_taken_in_blocks():
    rng = np.random.default_rng(0)
    X = 1e6 + rng.normal(size=(200, 50)) * 1e-6
    X[0] = -1e6
    H = squared_distances(X, X)
    W = np.ones_like(H)
    tracemalloc.start()
    got = SquaredDistance(X).weighted_shares(X, W, H)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(got.sum(axis=1), H.sum(axis=1), rtol=1e-9)
    assert peak < X.size * len(X) * 8 / 4  # all pairs' differences take four times that


@given(density_problems(max_support=50, max_features=5))
def test_log_mean_exp_and_soft_argmin(problem):
    H, P = squared_distances(problem.X, problem.U), problem.pi[None]
    pooled = log_mean_exp(H, P, problem.gamma)
    shares = soft_argmin(H, P, problem.gamma)
    weighs = problem.pi > 0
    for h, value, share in zip(H, pooled, shares, strict=True):
        expected = reference.log_mean_exp(h, problem.pi, problem.gamma)
        assert abs(value - expected) <= 1e-11 * expected
        expected = reference.soft_argmin(h[weighs], problem.pi[weighs], problem.gamma)
        np.testing.assert_allclose(share[weighs], expected.astype(float), atol=1e-12)
        assert not share[~weighs].any()


@pytest.mark.parametrize("gamma", [1e-12, 1e-6, 1.0, 1e6])
def test_log_mean_exp_keeps_its_digits_at_any_stiffness(gamma):
    h, pi = np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.25, 0.25])
    expected = float(reference.log_mean_exp(h, pi, gamma))
    got = log_mean_exp(h[None], pi[None], gamma)[0]
    assert got == pytest.approx(expected, rel=1e-13 if gamma < 1e-9 else 1e-14)
