# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft distances to several sets, against a plain sum of exponentials."""

import numpy as np
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network.numerics._soft_sums import soft_sums


@settings(max_examples=40)
@given(seeds, st.integers(-3, 6), st.booleans())
def test_soft_sums(seed, power, leaves):
    rng = np.random.default_rng(seed)
    n, N, J = rng.integers(1, 8, size=3)
    H = rng.exponential(10.0**power, size=(n, N))
    V = rng.exponential(size=(N, J)) * (rng.random((N, J)) < 0.7)
    if leaves and N > 1:
        H[np.arange(n), rng.integers(N, size=n)] = np.inf
    gamma = 10.0 ** rng.integers(-2, 3)
    with np.errstate(divide="ignore"):
        logs = np.log(V) - gamma * H[:, :, None]
    expected = -logsumexp(np.where(V > 0, logs, -np.inf), axis=1) / gamma
    found = soft_sums(H, V, gamma)
    np.testing.assert_array_equal(np.isinf(found), np.isinf(expected))
    some = np.isfinite(expected)
    size = np.abs(expected[some]) + 1 / gamma
    assert np.all(np.abs(found[some] - expected[some]) <= 1e-12 * size)
