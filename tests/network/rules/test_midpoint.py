# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The midpoint rule against its slow reference, and the factor that is clipped."""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close, evidence_terms, fitted_kmeans
from helpers.strategies import centroid_problems, seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    LogSumExp,
    LogWeights,
    Midpoint,
    Min,
    Network,
    Scales,
    SquaredDistance,
)
from skneon.network.rules._midpoint import midpoint_factor


@given(centroid_problems(), st.data())
def test_evidence_and_relevances(problem, data):
    n_clusters = len(problem.mu)
    rival = None
    if n_clusters > 1 and data.draw(st.booleans()):
        step = data.draw(st.integers(1, n_clusters - 1))
        rival = (problem.cluster + step) % n_clusters
    kmeans = fitted_kmeans(problem.mu, "midpoint", problem.beta)
    explanation = kmeans.explain(problem.X, cluster=problem.cluster, rival=rival)
    rivals = [None] * len(problem.X) if rival is None else rival
    expected = [
        reference.cluster_evidence(x, problem.mu, c, "midpoint", problem.beta, j)
        for x, c, j in zip(problem.X, problem.cluster, rivals, strict=True)
    ]
    terms = evidence_terms(problem)
    for n, (score, relevance, _) in enumerate(expected):
        assert_close(explanation.relevance[[n]], relevance[None], terms[n])
        if n_clusters > 1:
            assert abs(explanation.score[n] - score) <= 1e-12 * terms[n]
        else:
            assert explanation.score[n] == score == np.inf


def test_midpoint_shares_are_differences_of_squared_distances():
    rng = np.random.default_rng(0)
    mu, X = rng.normal(size=(2, 4)), rng.normal(size=(20, 4))
    kmeans = fitted_kmeans(mu, "midpoint", 1.0)
    relevance = kmeans.explain(X, cluster=0).relevance
    np.testing.assert_allclose(relevance, (X - mu[1]) ** 2 - (X - mu[0]) ** 2)


@given(seeds, st.integers(1, 5))
def test_a_unit_hands_on_no_more_than_its_own_activation(seed, K):
    rng = np.random.default_rng(seed)
    H = rng.normal(size=(8, K)) * rng.choice([0.0, 1e-300, 1.0, 1e5], size=(8, K))
    # differences of distances are never a zero below 0
    H += 0.0
    p = rng.dirichlet(np.ones(K), size=8)
    f = H.min(axis=1)
    got = midpoint_factor(H, p * f[:, None], p)
    assert np.all(np.abs(got) <= p)
    for n, k in np.ndindex(H.shape):
        h, score = H[n, k], f[n]
        # a ratio beyond the largest float is clipped, too
        with np.errstate(over="ignore"):
            ratio = np.clip(score / h, -1, 1) if h else np.sign(score) or 1.0
        np.testing.assert_allclose(got[n, k], ratio * p[n, k], rtol=1e-9)


def test_units_that_do_not_compete_hand_on_nothing():
    H = np.array([[np.inf, 2.0], [np.inf, np.inf]])
    p = np.array([[0.0, 1.0], [0.0, 0.0]])
    got = midpoint_factor(H, np.array([[0.0, 2.0], [0.0, 0.0]]), p)
    np.testing.assert_array_equal(got, [[0, 1], [0, 0]])


def test_the_stiffness():
    assert Midpoint().bound(Scales(auto_beta=lambda: 0.25)) == Midpoint(0.25)
    assert Midpoint(2.0).bound(Scales(auto_beta=lambda: 0.25)) == Midpoint(2.0)
    assert Midpoint(0.25).settings() == {"rule": "midpoint", "beta": 0.25}
    for wrong, error in (("gamma", ValueError), (-1.0, ValueError), (None, TypeError)):
        with pytest.raises(error, match="Midpoint: beta must be a number of at least"):
            Midpoint(wrong)


def test_units_that_are_no_pairs_are_refused():
    for pooling in (Min(), LogSumExp(LogWeights(np.zeros(2)))):
        with pytest.raises(TypeError, match="SquaredDistance has no pairs"):
            Network(SquaredDistance(np.zeros((2, 3))), pooling, Midpoint(1.0))
