# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rules of linear units against their slow reference, written from the equation."""

import numpy as np
from helpers import reference
from helpers.laws import (
    assert_close,
    evidence_terms,
    fitted_kmeans,
)
from helpers.strategies import centroid_problems
from hypothesis import given
from hypothesis import strategies as st


@given(centroid_problems(), st.sampled_from(["midpoint", "w-square"]), st.data())
def test_evidence_rules(problem, rule, data):
    n_clusters = len(problem.mu)
    rival = None
    if n_clusters > 1 and data.draw(st.booleans()):
        step = data.draw(st.integers(1, n_clusters - 1))
        rival = (problem.cluster + step) % n_clusters
    kmeans = fitted_kmeans(problem.mu, rule, problem.beta)
    explanation = kmeans.explain(problem.X, cluster=problem.cluster, rival=rival)
    rivals = [None] * len(problem.X) if rival is None else rival
    expected = [
        reference.cluster_evidence(x, problem.mu, c, rule, problem.beta, j)
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
