# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pooling by logs of weights, also where the weights underflow."""

import numpy as np
import pytest
from helpers.mixture import integrated
from helpers.reference import LONG
from helpers.strategies import log_weights, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network import LogSumExp, LogWeights, Query


@given(log_weights(), st.data())
def test_integrated_soft_argmin_of_weights_that_underflow(logs, data):
    rng = np.random.default_rng(data.draw(seeds))
    size = data.draw(st.sampled_from([1e-6, 1.0, 3e3, 1e6]))
    H = rng.exponential(size=(3, len(logs))) * size
    pooling = LogSumExp(LogWeights(logs))
    integrals = pooling.weights(H, Query())
    np.testing.assert_allclose(integrals.sum(axis=1), 1, rtol=1e-9)
    score = pooling.forward(H, Query())
    for n, h in enumerate(H):
        expected = integrated(LONG(1) * logs, np.diag(h)) / h
        np.testing.assert_allclose(
            integrals[n], expected.astype(float), rtol=1e-9, atol=1e-9
        )
    # sum_k h_k I_k is the score but for its offset
    np.testing.assert_allclose(
        np.sum(integrals * H, axis=1) - logsumexp(logs),
        score,
        rtol=1e-9,
        atol=1e-11 * (size + np.abs(logs).max()),
    )


@pytest.mark.parametrize("beta", [0.0, 0.7])
def test_soft_argmin_of_log_weights(beta):
    logs, H = np.log([0.2, 0.8]), np.array([[1.0, 3.0]])
    expected = np.array([0.2, 0.8]) * np.exp(-beta * H[0])
    got = LogSumExp(LogWeights(logs), beta).weights(H, Query())
    np.testing.assert_allclose(got[0], expected / expected.sum())
