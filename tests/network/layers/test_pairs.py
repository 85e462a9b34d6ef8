# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear units of an own point and a rival, against differences of distances."""

import numpy as np
import pytest
import scipy.sparse
from helpers.reference import LONG
from helpers.strategies import kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import Inputs
from skneon.network.layers._pairs import Pairs


@st.composite
def problems(draw):
    """Rows, own points and rivals, and which of them compete."""
    rng = np.random.default_rng(draw(seeds))
    d, T = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    X, own, rivals = (rows(rng, n, d, draw(kinds)) for n in (4, T, T))
    competes = rng.random(T) < 0.8
    shift = draw(st.sampled_from([0.0, 1e6]))
    return X + shift, own + shift, rivals + shift, competes


@given(problems())
def test_activations_and_shares(problem):
    X, own, rivals, competes = problem
    inputs = Inputs.identity(X.shape[1])
    pairs = Pairs.of(own[0], own, rivals, competes, inputs)
    H, C = pairs.activations(X), pairs.shares(X, inputs)
    factor = np.random.default_rng(0).normal(size=(4, len(own)))
    weighted = pairs.weighted_shares(X, factor, inputs)
    for n, x in enumerate(LONG(1) * X):
        squares = (x - rivals) ** 2 - (x - own) ** 2
        # what sums are made of: products of differences from the base
        far = np.abs(x - own[0]) + np.abs(own - own[0]) + np.abs(rivals - own[0])
        size = 1e-14 * far**2 + 1e-300
        assert np.all(np.abs(C[:, n] - squares) <= size)
        h = np.where(competes, squares.sum(axis=1), np.inf)
        some = np.isfinite(h)
        assert np.all(H[n, ~some] == np.inf)
        error = np.abs(H[n, some] - h[some])
        assert np.all(error <= size[some].sum(axis=1) * X.shape[1])
        expected = factor[n] @ squares
        bound = np.abs(factor[n]) @ size * len(own) + 1e-300
        assert np.all(np.abs(weighted[n] - expected) <= bound)


def test_sparse_rows():
    rng = np.random.default_rng(0)
    X = np.where(rng.random(size=(6, 4)) < 0.5, 0.0, rng.normal(size=(6, 4)))
    own, rivals = rng.normal(size=(2, 3, 4))
    pairs = Pairs.of(own[0], own, rivals, np.ones(3, dtype=bool), Inputs.identity(4))
    got = pairs.activations(scipy.sparse.csr_array(X))
    np.testing.assert_allclose(got, pairs.activations(X), atol=1e-12)


def test_one_own_point_for_all_rivals():
    rng = np.random.default_rng(0)
    X, own, rivals = (
        rng.normal(size=(6, 4)),
        rng.normal(size=4),
        rng.normal(size=(3, 4)),
    )
    competes, inputs = np.array([True, False, True]), Inputs.identity(4)
    one = Pairs.of(own, own, rivals, competes, inputs)
    several = Pairs.of(own, np.tile(own, (3, 1)), rivals, competes, inputs)
    np.testing.assert_array_equal(one.activations(X), several.activations(X))
    np.testing.assert_array_equal(one.shares(X, inputs), several.shares(X, inputs))


@pytest.mark.parametrize("m", [1, 3, 6])
def test_shares_behind_a_linear_map(m):
    """Those of the rival's squared distance less those of the own point's."""
    rng = np.random.default_rng(0)
    A, b, c = rng.normal(size=(m, 3)), rng.normal(size=3), rng.normal(size=m)
    inputs = Inputs(np.arange(m), m, list(range(m)), A, b, c)
    Y = rng.normal(size=(5, m))
    own, rivals = inputs.project(rng.normal(size=(2, 4, m)))
    pairs = Pairs.of(own[0], own, rivals, np.ones(4, dtype=bool), inputs)
    Z, u, v = inputs.project(Y), inputs.pull(own), inputs.pull(rivals)
    got = pairs.shares(Y, inputs)
    for t, n in np.ndindex(4, 5):
        expected = (Y[n] - v[t]) * (A @ (Z[n] - rivals[t]))
        expected = expected - (Y[n] - u[t]) * (A @ (Z[n] - own[t]))
        np.testing.assert_allclose(got[t, n], expected, atol=1e-10)
    np.testing.assert_allclose(pairs.activations(Z), got.sum(axis=2).T, atol=1e-10)
    factor = rng.normal(size=(5, 4))
    expected = np.einsum("nt,tni->ni", factor, got)
    np.testing.assert_allclose(
        pairs.weighted_shares(Y, factor, inputs), expected, atol=1e-10
    )
