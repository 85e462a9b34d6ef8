# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Integrated soft argmin against another quadrature and against known integrals."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from reference import distances, integrated_weights
from strategies import density_problems

from skneon.network._kernels import log_mean_exp
from skneon.network._quadrature import integrated_soft_argmin


@given(density_problems(max_support=30, max_features=10))
def test_agrees_with_geometric_panels(problem):
    weighs = problem.pi > 0
    u, pi = problem.U[weighs], problem.pi[weighs]
    H = np.array([distances(x, u) for x in problem.X], dtype=float)
    got, _ = integrated_soft_argmin(H, pi[None], problem.gamma)
    for weights, h in zip(got, H, strict=True):
        expected = integrated_weights(h, pi, problem.gamma)
        score = np.sum(expected * h)
        assert np.sum(np.abs(weights - expected) * h) <= 1e-9 * score
        np.testing.assert_allclose(weights.sum(), 1, rtol=1e-12)


@given(
    st.floats(-8, 12), st.floats(1e-6, 1), st.floats(-3, 3), st.integers(0, 2**32 - 1)
)  # fmt: skip
def test_sums_to_the_score_however_stiff(spread, smallest_weight, log10_gamma, seed):
    rng = np.random.default_rng(seed)
    gamma = 10**log10_gamma
    H = 10 ** rng.uniform(spread - 6, spread, size=(3, 20))
    pi = rng.uniform(smallest_weight, 1, 20)
    pi /= pi.sum()
    weights, _ = integrated_soft_argmin(H, pi[None], gamma)
    score = log_mean_exp(H, pi[None], gamma)
    np.testing.assert_allclose(np.sum(weights * H, axis=1), score, rtol=1e-10)
    assert np.all(weights >= 0)


def test_two_points_in_closed_form():
    # p_2(s) = 1 / (1 + exp(s t)) for equal weights: integral 1 - log((1+e^t)/2)/t
    for t in [1e-6, 0.3, 5.0, 300.0]:
        weights, _ = integrated_soft_argmin(
            np.array([[0.0, t]]), np.full((1, 2), 0.5), 1.0
        )
        expected = 1 - (np.logaddexp(0, t) - np.log(2)) / t
        np.testing.assert_allclose(weights[0, 1], expected, rtol=1e-9)
