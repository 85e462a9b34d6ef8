# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A statistic of the distances to the nearest, as a game of the columns."""

import numpy as np
import pytest
from helpers.gaussians import shapley

from skneon.network import Distance, NearestDistances, Network, Query, SupportWeights

RNG = np.random.default_rng(0)
U, X = RNG.normal(size=(9, 3)), RNG.normal(size=(4, 3))
WEIGHTS = SupportWeights(np.full(9, 1 / 9))
STATISTIC = {"mean": np.mean, "kth": np.max, "median": np.median}
ABSENT = Query(absent=np.array([-1, 0, 3, -1]))


def scores(columns, statistic, k):
    """The statistic of plain distances in some columns, (n,)."""
    if not len(columns):
        return np.zeros(len(X))
    far = np.linalg.norm((X[:, None] - U)[..., list(columns)], axis=2)
    far[[1, 2], [0, 3]] = np.inf
    return STATISTIC[statistic](np.sort(far, axis=1)[:, :k], axis=1)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("statistic", STATISTIC)
def test_parts_are_those_of_the_game(statistic, k):
    def network(rule):
        return Network(Distance(U), NearestDistances(k, statistic, WEIGHTS), rule)

    got = network("shapley").propagate(X, ABSENT)
    expected = shapley(lambda S: scores(S, statistic, k), 3)
    np.testing.assert_allclose(got.score, scores(range(3), statistic, k))
    np.testing.assert_allclose(got.relevance, expected, rtol=1e-12, atol=1e-12)
    # shares of squares sum to the same
    shared = network("integrated").propagate(X, ABSENT)
    np.testing.assert_allclose(shared.relevance.sum(axis=1), got.score)
    assert (shared.relevance >= 0).all()
    masks = np.array([[1.0, 0, 1], [0, 1, 1], [1, 1, 1]])
    played = network("shapley").coalition_scores(X[1:2], ABSENT[1:2], masks)
    alone = [scores(np.flatnonzero(m), statistic, k)[1] for m in masks]
    np.testing.assert_allclose(played, alone)
