# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Mahalanobis distances, and their shares where left-out columns are at the mean."""

import numpy as np
from helpers.laws import assert_close
from helpers.reference import LONG
from helpers.shapley import by_permutations
from helpers.strategies import kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import MahalanobisDistance, Query


@st.composite
def problems(draw, max_features=8):
    """Rows, means and factors: matrices, or the diagonals of some."""
    rng = np.random.default_rng(draw(seeds))
    K, d = draw(st.integers(1, 4)), draw(st.integers(1, max_features))
    X, means = rows(rng, 4, d, draw(kinds)), rows(rng, K, d, draw(kinds))
    X[0] = means[0]
    shape = (K, d, d) if draw(st.booleans()) else (K, d)
    factors = rng.normal(size=shape) * 2.0 ** rng.integers(-5, 6)
    if draw(st.booleans()):
        # a singular metric
        factors[..., 0] = 0.0
    return X, means, factors


def slow_shares(x, mean, L):
    """(x - mu)_i [L L' (x - mu)]_i."""
    L = LONG(1) * (np.diag(L) if L.ndim == 1 else L)
    D = LONG(1) * x - mean
    return D * np.einsum("ij,kj,k->i", L, L, D)


def terms(X, means, factors):
    sizes = []
    for x in X:
        D = np.abs(x - means)
        L = np.abs([np.diag(L) if L.ndim == 1 else L for L in factors])
        sizes.append(np.einsum("ki,kij,klj,kl->", D, L, L, D))
    return np.array(sizes)


@given(problems())
def test_distances_and_shares(problem):
    X, means, factors = problem
    units = MahalanobisDistance(means, factors)
    H, C = units.forward(X, Query()), units.contributions(X, Query())
    size = terms(*problem)
    for n, x in enumerate(X):
        pairs = zip(means, factors, strict=True)
        expected = np.array([slow_shares(x, *pair) for pair in pairs])
        assert_close(C[None, :, n], expected[None], 10 * size[n])
        assert_close(H[None, n], expected.sum(axis=1)[None], 10 * size[n])
    W = np.where(H > 0, 1.0, 0.0)
    got = units.weighted_shares(X, W, H, Query())
    expected = np.einsum("nk,kni->ni", W, C)
    assert_close(got, expected, 10 * size)
    # without covariances the game is that of the shares
    masks = np.random.default_rng(0).integers(0, 2, (5, X.shape[1])).astype(float)
    got = units.coalitions(X[:1], Query(), masks)
    assert_close(got, masks @ C[:, 0].T, 10 * size[0])
    assert units.marginal is None and units.no_game is None


def test_shares_are_shapley_values():
    rng = np.random.default_rng(0)
    x, mean, L = rng.normal(size=5), rng.normal(size=5), rng.normal(size=(5, 5))

    def value(S):
        # left-out features are at the mean
        D = np.where(np.isin(np.arange(5), S), x - mean, 0.0)
        return np.sum((D @ L) ** 2)

    got = MahalanobisDistance(mean[None], L[None]).shares(x[None], 0)
    np.testing.assert_allclose(got[0], by_permutations(value, 5))
