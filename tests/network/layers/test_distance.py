# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shares of squared distances against plain loops in extended precision."""

import tracemalloc

import numpy as np
from helpers import reference
from helpers.strategies import density_problems
from hypothesis import given

from skneon.network.layers._distance import SquaredDistance
from skneon.network.numerics._soft_min import (
    squared_distances,
)


@given(density_problems(max_support=50))
def test_weighted_squared_differences(problem):
    X, U = problem.X, problem.U
    rng = np.random.default_rng(0)
    H = squared_distances(X, U)
    W = rng.uniform(size=H.shape) / (1e-6 + H)
    got = SquaredDistance(U).weighted_shares(X, W, H)
    for x, w, row in zip(X, W, got, strict=True):
        expected = w @ reference.squared_differences(x, U)
        assert np.abs(row - expected).sum() <= 1e-9 * expected.sum()


def test_near_pairs_are_taken_in_blocks():
    rng = np.random.default_rng(0)
    X = 1e6 + rng.normal(size=(200, 50)) * 1e-6
    X[0] = -1e6
    H = squared_distances(X, X)
    W = np.ones_like(H)
    tracemalloc.start()
    got = SquaredDistance(X).weighted_shares(X, W, H)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(got.sum(axis=1), H.sum(axis=1), rtol=1e-9)
    assert peak < X.size * len(X) * 8 / 4  # all pairs' differences take four times that
