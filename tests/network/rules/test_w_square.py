# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The w-square rule against its slow reference; shares of the squared differences."""

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close, evidence_terms, fitted_kmeans
from helpers.strategies import centroid_problems
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import Midpoint, Scales, WSquare
from skneon.network.rules._w_square import square_shares


@given(centroid_problems(), st.data())
def test_evidence_and_relevances(problem, data):
    n_clusters = len(problem.mu)
    rival = None
    if n_clusters > 1 and data.draw(st.booleans()):
        step = data.draw(st.integers(1, n_clusters - 1))
        rival = (problem.cluster + step) % n_clusters
    kmeans = fitted_kmeans(problem.mu, "w-square", problem.beta)
    explanation = kmeans.explain(problem.X, cluster=problem.cluster, rival=rival)
    rivals = [None] * len(problem.X) if rival is None else rival
    expected = [
        reference.cluster_evidence(x, problem.mu, c, "w-square", problem.beta, j)
        for x, c, j in zip(problem.X, problem.cluster, rivals, strict=True)
    ]
    terms = evidence_terms(problem)
    for n, (score, relevance, _) in enumerate(expected):
        assert_close(explanation.relevance[[n]], relevance[None], terms[n])
        if n_clusters > 1:
            assert abs(explanation.score[n] - score) <= 1e-12 * terms[n]
        else:
            assert explanation.score[n] == score == np.inf


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1.0, 1e150])
def test_shares_sum_to_one_at_any_size(size):
    w = np.array([[3.0, -4.0], [0.0, 2.0], [0.0, 0.0]]) * size
    expected = [[9 / 25, 16 / 25], [0, 1], [0, 0]]
    np.testing.assert_allclose(square_shares(w), expected, rtol=1e-12)


def test_relevances_are_all_of_one_sign_and_twins_dissipate():
    mu = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]])
    explanation = fitted_kmeans(mu, "w-square", 0.0).explain([[0.0, 1.0]], cluster=1)
    assert explanation.score[0] < 0 and np.all(explanation.relevance < 0)
    # beta = 0: the twin counts as much as the other rival
    np.testing.assert_allclose(explanation.residual, explanation.score / 2)


def test_it_is_no_midpoint():
    rule = WSquare().bound(Scales(auto_beta=lambda: 0.25))
    assert rule == WSquare(0.25) != Midpoint(0.25)
    assert rule.settings() == {"rule": "w-square", "beta": 0.25}
    with pytest.raises(ValueError, match="WSquare: beta must be"):
        WSquare("gamma")
