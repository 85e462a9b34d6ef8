# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of the units in a pooling."""

import numpy as np
from helpers.strategies import log_weights
from hypothesis import given
from scipy.special import logsumexp

from skneon.network import LogWeights, Query, RivalWeights, SupportWeights


@given(log_weights(min_size=2))
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


@given(log_weights())
def test_log_weights(logs):
    query = Query()
    P, offset = LogWeights(logs)(query), LogWeights(logs).offset(query)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    exact = np.exp(logs - logsumexp(logs))
    np.testing.assert_allclose(P[0], exact, rtol=1e-9, atol=1e-290)
    assert np.all(P > 0)
    np.testing.assert_allclose(offset, -logsumexp(logs), rtol=1e-12, atol=1e-300)


@given(log_weights(min_size=2))
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
