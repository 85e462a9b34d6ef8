# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Poolings by plain loops, also where weights underflow, and the exact sums."""

import numpy as np
import pytest
from helpers import reference
from helpers.mixture import integrated
from helpers.reference import LONG
from helpers.strategies import log_weights, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network import (
    LogMeanExp,
    LogSumExp,
    LogWeights,
    Mean,
    Min,
    Query,
    RivalWeights,
    SupportWeights,
)
from skneon.network.numerics import _integrated_soft_argmin


@given(log_weights(), st.data())
def test_integrated_soft_argmin_of_weights_that_underflow(logs, data):
    rng = np.random.default_rng(data.draw(seeds))
    size = data.draw(st.sampled_from([1e-6, 1.0, 3e3, 1e6]))
    H = rng.exponential(size=(3, len(logs))) * size
    pooling = LogSumExp(LogWeights(logs))
    pooled, integrals = pooling.integrated(H, Query())
    np.testing.assert_allclose(integrals.sum(axis=1), 1, rtol=1e-9)
    score = pooling.forward(H, Query())
    np.testing.assert_allclose(pooled, score, rtol=1e-12)
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
    _, got = LogSumExp(LogWeights(logs)).soft_argmin(H, Query(), beta)
    np.testing.assert_allclose(got[0], expected / expected.sum())


# All poolings


def poolings(rng, n, K):
    """Every pooling of K units, and a query of n rows for it; some points absent."""
    pi = rng.dirichlet(np.ones(K))
    absent = Query(absent=rng.integers(-1, K, size=n))
    clusters = Query(cluster=rng.integers(K, size=n))
    yield LogMeanExp(0.7, SupportWeights(pi, offset=2.0)), absent
    yield LogMeanExp(0.7, SupportWeights(pi)), Query()
    yield LogSumExp(LogWeights(rng.normal(size=K))), Query()
    yield LogSumExp(RivalWeights(rng.normal(size=K))), clusters
    yield Mean(SupportWeights(pi)), absent
    yield Mean(), Query()
    yield Min(), Query()


@given(seeds, st.integers(1, 6), st.integers(2, 8))
def test_scores_weights_and_summands(seed, n, K):
    rng = np.random.default_rng(seed)
    for pooling, query in poolings(rng, n, K):
        H = rng.exponential(size=(n, K))
        before = H.copy()
        score, weights = pooling.pool(H, query)
        np.testing.assert_allclose(pooling.forward(H, query), score, rtol=1e-12)
        np.testing.assert_allclose(np.sum(weights, axis=1), 1, rtol=1e-12)
        assert np.all(weights >= 0)
        summands = pooling.summands(H, weights, query)
        np.testing.assert_allclose(summands, weights * H)
        if type(pooling) in (Mean, Min):
            np.testing.assert_allclose(summands.sum(axis=1), score, rtol=1e-12)
        # the score of sums, as a function of the units that compete
        of_sums = getattr(pooling, "of_sums", None)
        if of_sums is not None:
            for row in range(n):
                one = query[[row]]
                competes = np.arange(K)
                if type(pooling) not in (Min, Mean):
                    competes = np.flatnonzero(weights[row] > 0)
                got = of_sums(one, competes)(H[row, competes, None, None])
                offset = np.broadcast_to(pooling.offset(query), n)[row]
                np.testing.assert_allclose(got, [[score[row] - offset]], atol=1e-12)
        np.testing.assert_array_equal(H, before)


@given(seeds, st.integers(1, 8), st.sampled_from([0.0, 0.3, 0.7, 5.0]))
def test_log_mean_exp_and_its_soft_argmin(seed, N, beta):
    rng = np.random.default_rng(seed)
    H, pi = rng.exponential(size=(5, N)), rng.dirichlet(np.ones(N))
    pooling = LogMeanExp(0.7, SupportWeights(pi, offset=2.0))
    score, weights = pooling.soft_argmin(H, Query(), beta)
    for n, h in enumerate(H):
        expected = 2.0 + reference.log_mean_exp(h, pi, 0.7)
        np.testing.assert_allclose(score[n], float(expected), rtol=1e-12)
        expected = reference.soft_argmin(h, pi, beta)
        np.testing.assert_allclose(weights[n], expected.astype(float), rtol=1e-9)


@given(seeds, st.integers(1, 6), st.sampled_from([0.0, 1.0, 50.0]))
def test_the_minimum_and_its_soft_argmin(seed, K, beta):
    rng = np.random.default_rng(seed)
    H = rng.integers(-3, 4, size=(8, K)).astype(float)
    H[rng.random(size=H.shape) < 0.3] = np.inf
    score, weights = Min().soft_argmin(H, Query(), beta)
    least, hard = Min().pool(H, Query())
    np.testing.assert_array_equal(score, H.min(axis=1))
    np.testing.assert_array_equal(least, score)
    for n, h in enumerate(H):
        competes = np.isfinite(h)
        if not competes.any():
            assert not weights[n].any() and not hard[n].any()
            continue
        assert not weights[n, ~competes].any()
        expected = reference.soft_argmin(h[competes], np.ones(competes.sum()), beta)
        np.testing.assert_allclose(
            weights[n, competes], expected.astype(float), rtol=1e-9, atol=1e-290
        )
        ties = h == h.min()
        np.testing.assert_allclose(hard[n], ties / ties.sum())


# The exact sum of the integrated rule


@pytest.mark.parametrize(
    "pooling",
    [
        LogMeanExp(3.0, SupportWeights(np.full(8, 1 / 8))),
        LogSumExp(LogWeights(np.log(np.arange(1.0, 9) / 36))),
    ],
)
def test_a_coarse_quadrature_still_gives_the_exact_sum(pooling, monkeypatch):
    limits = np.full(len(_integrated_soft_argmin.LIMITS), np.inf)
    monkeypatch.setattr(_integrated_soft_argmin, "LIMITS", limits)
    monkeypatch.setattr(_integrated_soft_argmin, "TOLERANCE", {"d": 0.05})
    H = 30 * np.random.default_rng(0).exponential(size=(20, 8))
    score, weights = pooling.integrated(H, Query())
    # the sum of weights whose quadrature is exact would be 1
    assert np.abs(weights.sum(axis=1) - 1).max() > 1e-6
    sums = np.sum(weights * H, axis=1)
    np.testing.assert_allclose(sums + pooling.offset(Query()), score, rtol=1e-13)


def test_small_distances_of_a_mixture_keep_their_digits():
    """The score less its offset cancels: distances are 1e-9, the offset about 1."""
    H = 1e-9 * np.random.default_rng(0).exponential(size=(20, 3))
    pi = np.array([0.2, 0.3, 0.5])
    pooling = LogSumExp(LogWeights(np.log(0.4 * pi)))
    _, weights = pooling.integrated(H, Query())
    # the soft minimum of what is small is the mean
    np.testing.assert_allclose(np.sum(weights * H, axis=1), H @ pi, rtol=1e-8)
