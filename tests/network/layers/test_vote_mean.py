# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Evidence as a mean of votes."""

import numpy as np

from skneon.network import Query, SupportWeights, VoteMean

VOTES = np.array([[0.0, 1.0, 3.0], [2.0, 0.0, 3.0], [1.0, 1.0, 0.0]])
MEMBERS = np.array([0, 1, 2])
POOLING = VoteMean(VOTES, SupportWeights(np.full(3, 1 / 3)), MEMBERS)
H = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])


def test_evidence_against_the_nearest_rival():
    asked = POOLING.answered(H, Query())
    np.testing.assert_array_equal(asked.cluster, [1, 2])
    np.testing.assert_array_equal(asked.rival, [0, 0])
    score, A = POOLING.pool(H, Query(cluster=np.array([1, 2])))
    np.testing.assert_allclose(score, [0.5, 1.0])
    np.testing.assert_allclose(A, VOTES[:, [0, 0]].T - VOTES[:, [1, 2]].T)
    rival = Query(cluster=np.array([1, 2]), rival=np.array([2, -1]))
    np.testing.assert_allclose(POOLING.forward(H, rival), [2.5, 1.0])


def test_a_lone_cluster():
    alone = VoteMean(VOTES[:, :1], SupportWeights(np.full(3, 1 / 3)), MEMBERS * 0)
    score, A = alone.pool(H, Query(cluster=np.array([0, 0])))
    assert np.all(score == np.inf)
    assert not A.any()
    assert np.all(alone.rivals(H, Query(cluster=np.array([0, 0]))) == -1)


def test_of_sums_is_the_score_against_the_rival():
    query = Query(cluster=np.array([1]), rival=np.array([2]))
    pool = POOLING.of_sums(query, np.array([0, 1]))
    np.testing.assert_allclose(pool(H[:1, :2].T), POOLING.forward(H[:1], query))
