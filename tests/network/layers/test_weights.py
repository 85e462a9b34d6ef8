# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of the units in a pooling, and who is absent."""

import numpy as np
import pytest
from helpers.strategies import log_weights, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network import LogWeights, Query, RivalWeights, SupportWeights
from skneon.network.numerics._distances_to_many import ALL


@given(log_weights(min_size=2))
def test_leaving_out_rescales_the_rest(logs):
    pi = np.exp(np.maximum(logs - logsumexp(logs), -700))
    pi /= pi.sum()
    numbers = np.arange(-1, len(pi))
    weights, query = SupportWeights(pi), Query(absent=numbers)
    P, total = weights(query), weights.total(query)
    assert total[0] == 1.0 == weights.total(Query())
    np.testing.assert_allclose(P[0], pi, rtol=1e-12)
    for n in numbers[1:]:
        rest = np.where(np.arange(len(pi)) == n, 0, pi)
        np.testing.assert_allclose(P[n + 1], rest / rest.sum(), rtol=1e-12)
        np.testing.assert_allclose(total[n + 1], rest.sum(), rtol=1e-12)
    everywhere = SupportWeights(pi)(Query())
    np.testing.assert_array_equal(everywhere, pi[None])
    assert SupportWeights(pi, 3.0).offset(Query()) == 3.0


# Who is absent


@st.composite
def weights_and_queries(draw):
    """Weights of points, each by itself or in groups, and who rows go without."""
    rng = np.random.default_rng(draw(seeds))
    N, n = draw(st.integers(1, 30)), draw(st.integers(1, 20))
    pi = 10 ** rng.uniform(-5, 0, size=N)
    groups, n_groups = None, N
    if draw(st.booleans()):
        n_groups = rng.integers(1, N + 1)
        groups = rng.permutation(np.arange(N) % n_groups)
    weights = SupportWeights(pi / pi.sum(), groups=groups)
    return weights, rng.integers(-1, n_groups, size=n)


def absent_pairs(weights, absent):
    """Which point is absent for which row, (n, N)."""
    groups = weights.groups
    groups = np.arange(len(weights.weights)) if groups is None else groups
    return absent[:, None] == groups


@given(weights_and_queries(), st.integers(1, 30))
def test_who_is_absent_by_tile(problem, length):
    weights, absent = problem
    pairs = weights.absent(Query(absent=absent))
    expected = absent_pairs(weights, absent)
    assert len(pairs) == expected.sum()
    assert np.all(np.diff(pairs.rows) >= 0)
    got = np.zeros(expected.shape, dtype=bool)
    N = expected.shape[1]
    for start in range(0, N, length):
        tile = slice(start, min(start + length, N))
        rows, points = pairs.in_tile(tile)
        assert len(rows) == len(points)
        got[:, tile][rows, points] = True
        assert np.all(points < tile.stop - tile.start) and np.all(points >= 0)
    np.testing.assert_array_equal(got, expected)
    whole = np.zeros(expected.shape, dtype=bool)
    whole[pairs.in_tile(ALL)] = True
    np.testing.assert_array_equal(whole, expected)


@given(weights_and_queries())
def test_groups_are_absent_together(problem):
    weights, absent = problem
    out, query = absent_pairs(weights, absent), Query(absent=absent)
    rest = np.where(out, 0.0, weights.weights)
    left = rest.sum(axis=1)
    np.testing.assert_allclose(weights.total(query), left, rtol=1e-12)
    H = np.ones(out.shape)
    np.testing.assert_array_equal(np.isinf(weights.present(H, query)), out)
    assert np.isfinite(H).all()
    some = left > 0
    P = weights(query[some])
    np.testing.assert_allclose(P, rest[some] / left[some, None], rtol=1e-12)


def test_what_is_left_of_a_dominating_group_keeps_its_digits():
    pi = np.array([1.0, 1e-20, 3e-20, 1.0])
    for groups, g, left in ((None, 0, 1.0), (np.array([0, 1, 1, 0]), 0, 4e-20)):
        weights = SupportWeights(pi, groups=groups)
        total = weights.total(Query(absent=np.array([g])))
        np.testing.assert_allclose(total, left, rtol=1e-15)


@pytest.mark.parametrize("tile", [ALL, slice(2, 3)])
def test_nobody_is_absent_unless_it_is_asked_for(tile):
    weights, H = SupportWeights(np.full(4, 0.25)), np.ones((3, 4))
    for query in (Query(), Query(absent=np.full(3, -1))):
        assert len(weights.absent(query)) == 0
        H[weights.absent(query).in_tile(tile)] = np.inf
        assert np.isfinite(H).all()
        assert weights.present(H, query) is H


# Logs


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
