# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of the units in a pooling, also where they underflow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import LONG
from scipy.special import logsumexp
from strategies import seeds
from test_mixture import integrated

from skneon.network import LogSumExp, LogWeights, Query, RivalWeights, SupportWeights
from skneon.network.numerics._integrated_soft_argmin import integrated_soft_argmin


@st.composite
def weights(draw, min_size=1):
    rng = np.random.default_rng(draw(seeds))
    spread = draw(st.sampled_from([0.1, 5.0, 2000.0]))
    return rng.normal(size=draw(st.integers(min_size, 6))) * spread


@given(weights(min_size=2))
def test_leaving_out_rescales_the_rest(logs):
    pi = np.exp(np.maximum(logs - logsumexp(logs), -700))
    pi /= pi.sum()
    numbers = np.arange(-1, len(pi))
    P = SupportWeights(pi)(Query(leave_out=numbers))
    np.testing.assert_allclose(P[0], pi, rtol=1e-12)
    for n in numbers[1:]:
        rest = np.where(np.arange(len(pi)) == n, 0, pi)
        np.testing.assert_allclose(P[n + 1], rest / rest.sum(), rtol=1e-12)
    everywhere = SupportWeights(pi)(Query())
    np.testing.assert_array_equal(everywhere, pi[None])
    assert SupportWeights(pi, 3.0).offset(Query()) == 3.0


@given(weights())
def test_log_weights(logs):
    query = Query()
    P, offset = LogWeights(logs)(query), LogWeights(logs).offset(query)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    exact = np.exp(logs - logsumexp(logs))
    np.testing.assert_allclose(P[0], exact, rtol=1e-9, atol=1e-290)
    assert np.all(P > 0)
    np.testing.assert_allclose(offset, -logsumexp(logs), rtol=1e-12, atol=1e-300)


@given(weights(min_size=2))
def test_rival_weights(logs):
    numbers = np.arange(len(logs))
    query = Query(cluster=numbers, rival=np.roll(numbers, 1))
    unasked = Query(cluster=numbers, rival=np.full(len(logs), -1))
    for some in (unasked, Query(cluster=numbers)):
        got = RivalWeights(logs).logs(some)
        for c in numbers:
            others = numbers != c
            np.testing.assert_allclose(got[c, others], logs[others] - logs[c])
            assert got[c, c] == -np.inf
        P = RivalWeights(logs)(some)
        np.testing.assert_allclose(P.sum(axis=1), 1)
        np.testing.assert_array_equal(P > 0, ~np.eye(len(logs), dtype=bool))
    asked = RivalWeights(logs).logs(query)
    expected = np.eye(len(logs), dtype=bool)[query.rival]
    np.testing.assert_array_equal(np.isfinite(asked), expected)
    np.testing.assert_allclose(
        RivalWeights(logs).offset(query), logs - logs[query.rival]
    )


@given(weights(), st.data())
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


def test_logs_change_nothing_where_no_weight_underflows():
    rng = np.random.default_rng(0)
    H, P = rng.exponential(size=(20, 8)) * 30, rng.dirichlet(np.ones(8), size=20)
    expected, _ = integrated_soft_argmin(H, P, 2.0)
    got, _ = integrated_soft_argmin(H, P, 2.0, logs=np.log(P))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.7])
def test_soft_argmin_of_log_weights(beta):
    logs, H = np.log([0.2, 0.8]), np.array([[1.0, 3.0]])
    expected = np.array([0.2, 0.8]) * np.exp(-beta * H[0])
    got = LogSumExp(LogWeights(logs), beta).weights(H, Query())
    np.testing.assert_allclose(got[0], expected / expected.sum())
