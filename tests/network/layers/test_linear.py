# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What linear units share, by plain loops over rows and units."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import CentroidPairs, Inputs, Passed, Query
from skneon.network.layers._linear import grouped


@st.composite
def problems(draw):
    """Units behind columns or a linear map, rows, and who they ask about."""
    rng = np.random.default_rng(draw(seeds))
    K, p, n = draw(st.integers(2, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 8))
    m, inputs = p, Inputs.identity(p)
    if draw(st.booleans()):
        m = draw(st.integers(1, 5))
        A, b, c = rng.normal(size=(m, p)), rng.normal(size=p), rng.normal(size=m)
        parents = np.sort(rng.integers(3, size=m))
        inputs = Inputs(parents, 3, list(range(m)), A, b, c)
    # centroids are means of rows behind the map
    units = CentroidPairs(inputs.project(rng.normal(size=(K, m)))).through(inputs)
    cluster = rng.integers(K, size=n)
    rival = None
    if draw(st.booleans()):
        rival = (cluster + rng.integers(1, K, size=n)) % K
        rival = np.where(rng.random(n) < 0.3, -1, rival)
    W = rng.normal(size=(n, K)) * (np.arange(K) != cluster[:, None])
    return units, rng.normal(size=(n, m)), Query(cluster=cluster, rival=rival), W


@given(problems())
def test_activations_and_contributions(problem):
    units, X, query, W = problem
    inputs, mu = units.inputs, units.centroids
    H, C = units.forward(X, query), units.contributions(X, query)
    Z, preimages = inputs.project(X), inputs.pull(mu)
    for n, k in np.ndindex(H.shape):
        c = query.cluster[n]
        rival = -1 if query.rival is None else query.rival[n]
        if k == c or rival not in (-1, k):
            assert H[n, k] == np.inf
        if k == c:
            continue
        shares = [
            (X[n] - preimages[j]) * inputs.back(Z[n] - mu[j]) for j in (k, c)
        ]  # fmt: skip
        expected = inputs.gather(shares[0] - shares[1])
        np.testing.assert_allclose(C[k, n], expected, atol=1e-10)
        if np.isfinite(H[n, k]):
            h = np.sum((Z[n] - mu[k]) ** 2) - np.sum((Z[n] - mu[c]) ** 2)
            np.testing.assert_allclose(H[n, k], h, atol=1e-10)
    expected = np.einsum("nk,kni->ni", W, C)
    got = units.weighted_shares(X, W, H, query)
    np.testing.assert_allclose(got, expected, atol=1e-9)


@given(problems())
def test_weighted_squares_and_what_activations_carry(problem):
    units, X, query, W = problem
    inputs, mu = units.inputs, units.centroids
    squares = units.weighted_squares(X, W, query)
    carried = units.carried(X, Passed(None, W, None), query, 0.0)
    for n, c in enumerate(query.cluster):
        share, slope = np.zeros(X.shape[1]), np.zeros(X.shape[1])
        for k, weight in enumerate(W[n]):
            w = inputs.back(2 * (mu[c] - mu[k]))
            slope += weight * w
            share += weight * w**2 / (np.sum(w**2) if w.any() else 1.0)
        np.testing.assert_allclose(squares[n], inputs.gather(share), atol=1e-10)
        np.testing.assert_allclose(carried[n], inputs.gather(X[n] * slope), atol=1e-10)


def test_clusters_that_are_not_asked_for_are_the_nearest():
    rng = np.random.default_rng(0)
    units, X = CentroidPairs(rng.normal(size=(4, 3))), rng.normal(size=(20, 3))
    nearest = units.nearest(X)
    for method in (units.forward, units.contributions):
        np.testing.assert_array_equal(
            method(X, Query()), method(X, Query(cluster=nearest))
        )


@pytest.mark.parametrize("n_owners", [1, 3, 300, 70000])
def test_rows_owner_by_owner(n_owners):
    owners = np.random.default_rng(0).integers(n_owners, size=500)
    order, starts = grouped(owners)
    np.testing.assert_array_equal(np.sort(order), np.arange(500))
    parts = np.split(order, starts[1:])
    assert [owners[part[0]] for part in parts] == np.unique(owners).tolist()
    for part in parts:
        assert len(set(owners[part])) == 1 and np.all(np.diff(part) > 0)
    order, starts = grouped(owners[:0])
    assert len(order) == 0 and starts == []
