# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Evidence by votes, by plain loops over the clusters and the points."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from skneon.network import LogRatio, Network, Query, SupportWeights, VoterDistance
from skneon.network.numerics._coalitions import all_coalitions, shapley_weights


@st.composite
def problems(draw):
    """Points, votes, rows, and who is asked about."""
    rng = np.random.default_rng(draw(seeds))
    K, n = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    N, d = K + draw(st.integers(2, 8)), draw(st.integers(1, 4))
    votes = np.round(rng.normal(size=(N, K)), draw(st.sampled_from([0, 8])))
    gamma = 10.0 ** draw(st.integers(-2, 2))
    members = rng.integers(K, size=N)
    pooling = LogRatio(gamma, votes, SupportWeights(rng.dirichlet(np.ones(N))), members)
    cluster, rival = rng.integers(K, size=n), None
    if K > 1 and draw(st.booleans()):
        rival = np.where(
            rng.random(n) < 0.3, -1, (cluster + rng.integers(1, K, size=n)) % K
        )
    absent = rng.integers(-1, N, size=n) if draw(st.booleans()) else None
    U, X = rng.normal(size=(N, d)), rng.normal(size=(n, d))
    return VoterDistance(U, pooling), X, Query(absent, cluster, rival)


def sides(pooling, h, absent, c, k):
    """Logs of the weighed votes for c and for k, and of the votes themselves."""
    there = np.arange(len(h)) != absent
    A = (pooling.votes[:, k] - pooling.votes[:, c]) * pooling.support_weights.weights
    out = []
    for sign in (1, -1):
        own = there & (sign * A > 0)
        mass = np.abs(A[own])
        out += [(logsumexp(-pooling.gamma * h[own], b=mass), np.log(mass.sum()))
                if own.any() else (-np.inf, -np.inf)]  # fmt: skip
    return out


def slow(pooling, h, absent, c, rival):
    """Evidence, the strongest rival, and the constant."""
    found = {}
    for k in range(pooling.n_clusters):
        if k == c or rival not in (-1, k):
            continue
        (ahead, mass), (behind, other) = sides(pooling, h, absent, c, k)
        if np.isinf(ahead) and np.isinf(behind):
            found[k] = 0.0, 0.0
        else:
            known = np.isfinite(mass) and np.isfinite(other)
            constant = (mass - other) / pooling.gamma if known else 0.0
            found[k] = (ahead - behind) / pooling.gamma, constant
    if not found:
        return np.inf, -1, 0.0
    k = min(found, key=lambda k: found[k][0])
    return found[k][0], k, found[k][1]


@settings(max_examples=60)
@given(problems())
def test_evidence_rivals_and_sums(problem):
    units, X, query = problem
    pooling = units.pooling
    asked = units.answered(X, query)
    network = Network(units, pooling, "integrated")
    found = network.propagate(X, query)
    offset = pooling.offset(asked)
    np.testing.assert_allclose(network.activate(X, query), found.score, rtol=1e-9)
    for n, x in enumerate(X):
        h = np.square(x - units.support).sum(axis=1)
        absent = -1 if query.absent is None else query.absent[n]
        rival = -1 if query.rival is None else query.rival[n]
        score, strongest, constant = slow(pooling, h, absent, query.cluster[n], rival)
        size = h.max() + 20 / pooling.gamma
        if not np.isfinite(score):
            assert found.score[n] == score
            assert not found.relevance[n].any()
            continue
        assert abs(found.score[n] - score) <= 1e-11 * size
        if asked.rival[n] == strongest:  # else it ties with it
            assert abs(offset[n] - constant) <= 1e-11 * size
        total = found.relevance[n].sum() + offset[n]
        assert abs(total - found.score[n]) <= 1e-11 * size


@settings(max_examples=20)
@given(problems())
def test_shapley_values_by_all_subsets(problem):
    units, X, query = problem
    query = units.answered(X, query)
    found = Network(units, units.pooling, "shapley").propagate(X, query)
    masks = all_coalitions(X.shape[1])
    for n, x in enumerate(X):
        if not np.isfinite(found.score[n]):
            continue
        absent = -1 if query.absent is None else query.absent[n]
        parts = np.square(x - units.support)
        values = [
            np.subtract(
                *slow(units.pooling, parts @ mask, absent, query.cluster[n],
                      query.rival[n])[::2]
            )
            for mask in masks
        ]  # fmt: skip
        size = parts.sum(axis=1).max() + 20 / units.pooling.gamma
        expected = np.array(values) @ shapley_weights(X.shape[1])
        np.testing.assert_allclose(found.relevance[n], expected, 0, 1e-11 * size)


def test_far_rows_keep_their_digits():
    U = np.array([[0.0], [1.0], [2.0]])
    votes = np.array([[0.0, 1.0], [1e-3, 0.0], [0.0, 1.0]])
    pooling = LogRatio(
        1.0, votes, SupportWeights(np.full(3, 1 / 3)), np.array([0, 1, 0])
    )
    units = VoterDistance(U, pooling)
    asked = Query(cluster=np.array([0]))
    far = np.array([[1e6]])
    found = Network(units, pooling, "integrated").propagate(far, asked)
    own, rival = (far[0, 0] - 2) ** 2, (far[0, 0] - 1) ** 2
    assert found.score[0] == pytest.approx(rival - own + np.log(1e3), rel=1e-9)
    assert np.isfinite(found.relevance).all()


def test_a_stiffness_that_is_none():
    with pytest.raises(ValueError, match="above 0"):
        LogRatio(0.0, np.ones((2, 1)), SupportWeights(np.ones(2) / 2), np.zeros(2, int))
