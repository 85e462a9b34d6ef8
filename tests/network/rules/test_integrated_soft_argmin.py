# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Integrated soft argmin against another quadrature and against known integrals."""

import numpy as np
from helpers.reference import distances, integrated_weights
from helpers.strategies import density_problems, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon.network.numerics._soft_min import log_mean_exp
from skneon.network.numerics._tiles import Scratch
from skneon.network.rules._integrated_soft_argmin import integrated_soft_argmin


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


# Weights, rows and arrays

spreads = st.lists(st.floats(-3, 4), min_size=1, max_size=6)


def rows_of(rng, log10_spreads, n_points):
    """Squared distances, row by row of another spread; some start far from 0."""
    size = 10.0 ** np.array(log10_spreads)[:, None]
    H = size * rng.uniform(size=(len(size), n_points)) ** 2
    return H + rng.choice([0.0, 1.0, 100.0], size=(len(size), 1))


def unequal(rng, shape):
    P = 10 ** rng.uniform(-5, 0, size=shape)
    return P / P.sum(axis=1, keepdims=True)


def error(got, expected, H):
    """By how much relevances differ, relative to their sum, for each row."""
    (weights, pooled), (others, same) = got, expected
    counted = np.where(np.isfinite(H), H, 0.0)
    off = np.sum(np.abs(weights - others) * counted, axis=1) + np.abs(pooled - same)
    return np.max(off / same)


@settings(max_examples=15)
@given(seeds, spreads, st.integers(1, 8), st.booleans())
def test_unequal_weights(seed, spread, n_points, by_row):
    rng = np.random.default_rng(seed)
    H = rows_of(rng, spread[:2], n_points)
    P = unequal(rng, (len(H) if by_row else 1, n_points))
    if by_row:
        P[:, 1:] *= rng.random(size=P[:, 1:].shape) < 0.7
    total = P.sum(axis=1) * np.ones(len(H))
    weights, pooled = integrated_soft_argmin(H, P, 1.0, total)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    P = np.broadcast_to(P, H.shape)
    for n, h in enumerate(H):
        counts = P[n] > 0
        assert not weights[n, ~counts].any()
        expected = integrated_weights(h[counts], P[n, counts], 1.0)
        off = np.abs(weights[n, counts] - expected) * h[counts]
        assert off.sum() <= 1e-9 * pooled[n]
        np.testing.assert_allclose(np.sum(weights[n] * h), pooled[n], rtol=1e-10)


@given(seeds, spreads, st.integers(1, 30), st.sampled_from(["equal", "one", "rows"]))
def test_points_at_infinity_are_left_out(seed, spread, n_points, kind):
    """As if they were not there; in every row another one, or several, or none."""
    rng = np.random.default_rng(seed)
    H = rows_of(rng, spread, n_points)
    P = unequal(rng, (len(H) if kind == "rows" else 1, n_points))
    if kind == "equal":
        P[:] = 1 / n_points
    out = rng.random(size=H.shape) < rng.choice([0.0, 0.1, 0.9])
    out[np.arange(len(H)), rng.integers(n_points, size=len(H))] = False
    total = np.sum(np.where(out, 0.0, P), axis=1)
    before = np.where(out, np.inf, H)
    given_to = before.copy()
    got = integrated_soft_argmin(given_to, P, 1.0, total)
    np.testing.assert_array_equal(given_to, before)
    assert np.isfinite(got[0]).all() and not got[0][out].any()
    for n, h in enumerate(H):
        counts, p = ~out[n], P[n % len(P)]
        expected = integrated_soft_argmin(
            h[None, counts], p[None, counts], 1.0, total[[n]]
        )
        alone = got[0][[n]][:, counts], got[1][[n]]
        assert error(alone, expected, h[None, counts]) <= 1e-11


@given(seeds, st.lists(spreads, min_size=2, max_size=4))
def test_used_scratch_changes_nothing(seed, calls):
    rng = np.random.default_rng(seed)
    scratch = Scratch()
    for spread in calls:
        H = rows_of(rng, spread, rng.integers(1, 40))
        P = unequal(rng, (rng.choice([1, len(H)]), H.shape[1]))
        if rng.random() < 0.5:
            H[:, 0] = np.where(rng.random(len(H)) < 0.5, np.inf, H[:, 0])
            H[:, -1] = np.minimum(H[:, -1], 1.0)
        total = np.sum(np.where(np.isinf(H), 0.0, P), axis=1)
        weights, pooled = integrated_soft_argmin(H, P, 1.0, total)
        again, same = integrated_soft_argmin(H, P, 1.0, total, scratch=scratch)
        np.testing.assert_array_equal(again, weights)
        np.testing.assert_array_equal(same, pooled)


@given(seeds, spreads, st.integers(1, 30), st.booleans())
def test_rows_do_not_depend_on_one_another(seed, spread, n_points, by_row):
    """Whether few nodes, more, or panels are what they take."""
    rng = np.random.default_rng(seed)
    H = rows_of(rng, spread, n_points)
    P = unequal(rng, (len(H) if by_row else 1, n_points))
    got = integrated_soft_argmin(H, P, 1.0)
    for n, h in enumerate(H):
        expected = integrated_soft_argmin(h[None], P[[n % len(P)]], 1.0)
        alone = got[0][[n]], got[1][[n]]
        assert error(alone, expected, h[None]) <= 1e-13


def test_logs_change_nothing_where_no_weight_underflows():
    rng = np.random.default_rng(0)
    H, P = rng.exponential(size=(20, 8)) * 30, rng.dirichlet(np.ones(8), size=20)
    expected, _ = integrated_soft_argmin(H, P, 2.0)
    got, _ = integrated_soft_argmin(H, P, 2.0, logs=np.log(P))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)
