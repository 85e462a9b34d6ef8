# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The array functions against plain loops in extended precision."""

import numpy as np
import pytest
from helpers import reference
from helpers.strategies import density_problems
from hypothesis import given

from skneon.network.numerics._soft_min import (
    log_mean_exp,
    soft_argmin,
    squared_distances,
)


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


@pytest.mark.parametrize("stiffness", [1e-60, 1e-40, 1e60])
def test_stiffnesses_that_float32_has_not_are_those_of_float64(stiffness):
    H = np.array([[1.0, 2.0, 6.0], [3.0, 0.5, 0.0]], dtype=np.float32)
    P = np.full((1, 3), 1 / 3, dtype=np.float32)
    if stiffness < 1:
        expected, shares = H.mean(axis=1), np.full(H.shape, 1 / 3)
    else:
        expected, shares = H.min(axis=1), H == H.min(axis=1, keepdims=True)
    got = log_mean_exp(H, P, stiffness)
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(soft_argmin(H, P, stiffness), shares, rtol=1e-6)
