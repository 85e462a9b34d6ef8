# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Affine maps of single-parent columns, and what is folded into units."""

import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from skneon.network import ColumnWise, Inputs, LinearMap
from skneon.network.layers._inputs import pseudo_inverse


def random_inputs(rng, m, p, n_columns=None, rank=None):
    """Inputs with a matrix of a rank that may be low, and columns of other sizes."""
    n_columns = m if n_columns is None else n_columns
    parents = np.sort(rng.integers(n_columns, size=m))
    rank = min(m, p) if rank is None else min(rank, m, p)
    A = rng.normal(size=(m, rank)) @ rng.normal(size=(rank, p))
    A *= 10.0 ** rng.integers(-6, 7, size=p)
    b, c = rng.normal(size=p), rng.normal(size=m)
    return Inputs(parents, n_columns, list(range(m)), A, b, c)


@example(1285, 1, 1, 1)
@given(seeds, st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_preimages(seed, m, p, rank):
    rng = np.random.default_rng(seed)
    inputs = random_inputs(rng, m, p, rank=rank)
    Y = rng.normal(size=(4, m))
    Z = inputs.project(Y)
    size = np.abs(inputs.matrix).max(axis=0) + 1
    np.testing.assert_allclose(Z, Y @ inputs.matrix + inputs.offset, rtol=1e-12)
    back = inputs.pull(Z)
    assert np.all(np.abs(inputs.project(back) - Z) <= 1e-8 * size)
    # no preimage is nearer to the center, but for what is rounded beside the offset
    terms = np.abs(inputs.offset) + np.abs(Y) @ np.abs(inputs.matrix)
    terms = terms + np.abs(inputs.center) @ np.abs(inputs.matrix)
    inverse = np.linalg.norm(pseudo_inverse(inputs.matrix), axis=1)
    rounded = 4 * np.finfo(float).eps * terms @ inverse
    assert np.all(
        np.linalg.norm(back - inputs.center, axis=1)
        <= np.linalg.norm(Y - inputs.center, axis=1) * (1 + 1e-8) + rounded
    )
    # nor moves along what the map does not see
    assert np.all(np.abs((Y - back) @ inputs.matrix) <= 1e-8 * size)


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_shares_of_a_squared_distance_are_its_shapley_values(seed, m, p):
    """(y - u)_j [(z - A u) A']_j against v(S) = |A (y_S, u_-S) - A u|^2."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(m, p))
    inputs = Inputs(np.arange(m), m, list(range(m)), A, np.zeros(p), np.zeros(m))
    y, u = rng.normal(size=(2, m))
    difference = inputs.project(y[None]) - inputs.project(u[None])
    shares = ((y - u) * inputs.back(difference))[0]
    np.testing.assert_allclose(shares.sum(), np.sum(difference**2))
    pairs = np.outer(y - u, y - u) * (A @ A.T)
    # the worth of a pair is halved between the two
    np.testing.assert_allclose(shares, pairs.sum(axis=1), rtol=1e-9, atol=1e-12)


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_gathering_is_summing_by_parent(seed, n_columns, m):
    rng = np.random.default_rng(seed)
    parents = rng.integers(n_columns, size=m)
    inputs = Inputs(parents, n_columns, list(range(m)))
    R = rng.normal(size=(3, 2, m))
    got = inputs.gather(R)
    assert got.shape == (3, 2, n_columns)
    for i in range(n_columns):
        expected = R[..., parents == i].sum(axis=-1)
        np.testing.assert_allclose(got[..., i], expected, atol=1e-12)


@given(seeds, st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_the_isotropic_part_is_shared_as_the_projection(seed, m, p, rank):
    """E (w A')_j^2 over directions w A A+ that the map has, and p in all."""
    rng = np.random.default_rng(seed)
    V = np.linalg.qr(rng.normal(size=(m, m)))[0][:, : min(m, p)]
    inputs = Inputs(
        np.arange(m), m, list(range(m)), V, np.zeros(V.shape[1]), 0 * V[:, 0]
    )
    np.testing.assert_allclose(inputs.isotropic(V.shape[1]), np.sum(V**2, axis=1))
    other = random_inputs(rng, m, p, rank=rank)
    share = other.isotropic(p)
    assert np.all(share >= -1e-8)
    assert share.sum() == pytest.approx(p)
    basis = np.linalg.svd(other.matrix / np.abs(other.matrix).max(axis=0))[0]
    found = basis[:, : min(rank, m, p)]
    expected = np.sum(found**2, axis=1) * p / found.shape[1]
    np.testing.assert_allclose(share, expected, rtol=1e-6, atol=1e-6)


def test_the_pseudo_inverse_knows_no_scale():
    """Whitening by a standard deviation of 1e-16 leaves the other components alone."""
    rng = np.random.default_rng(0)
    V = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    for scale in ([1, 1, 1, 1e16], [1e-9, 1, 1, 1e9]):
        got = pseudo_inverse(V * scale)
        np.testing.assert_allclose(got, (V / scale).T, rtol=1e-9, atol=1e-25)
    expected = np.linalg.pinv(V[:, :2])
    np.testing.assert_allclose(pseudo_inverse(V[:, :2]), expected, atol=1e-12)
    # a weight of 0 is no trouble
    with_nothing = np.column_stack([V[:, 0], 0 * V[:, 0]])
    np.testing.assert_allclose(pseudo_inverse(with_nothing)[1], 0)


# Side by side


@given(seeds, st.integers(2, 5), st.integers(1, 5))
def test_a_map_that_is_taken_apart_and_put_together_is_what_it_was(seed, d, p):
    rng = np.random.default_rng(seed)
    step = LinearMap(None, rng.normal(size=(d, p)), rng.normal(size=d))
    whole = step.wire(Inputs.identity(d)).inputs
    order = rng.permutation(p)
    cut = rng.integers(p + 1)
    parts = [whole.select(order[:cut]), whole.select(order[cut:])]
    together, places = Inputs.side_by_side([part for part in parts if part.n_outputs])
    np.testing.assert_array_equal(places, np.arange(d))
    np.testing.assert_array_equal(together.matrix, whole.matrix[:, order])
    np.testing.assert_array_equal(together.offset, whole.offset[order])
    np.testing.assert_array_equal(together.center, whole.center)
    points = whole.project(rng.normal(size=(3, d)))
    np.testing.assert_allclose(together.pull(points[:, order]), whole.pull(points))


def test_branches_share_the_columns_that_they_hand_on():
    raw = Inputs.identity(3)
    mixed = LinearMap(None, np.ones((2, 1)), np.array([5.0, 6.0]))
    ones = np.ones(2)
    same = ColumnWise(None, [1, 2], affine=(ones, 0 * ones))
    scaled = ColumnWise(None, [1, 2], affine=(2 * ones, 0 * ones))
    branch = mixed.wire(raw.select(np.array([0, 1]))).inputs
    for other in (same.wire(raw).inputs, raw.select(np.array([1, 2]))):
        inputs, places = Inputs.side_by_side([other, branch])
        # column 1 comes once, and its center is the one of the mixing branch
        np.testing.assert_array_equal(places, [1, 2, 3])
        np.testing.assert_array_equal(inputs.parents, [2, 0, 1])
        np.testing.assert_array_equal(inputs.center, [0, 5, 6])
        np.testing.assert_array_equal(inputs.matrix, [[0, 1, 0], [0, 0, 1], [1, 0, 1]])
    inputs, places = Inputs.side_by_side([scaled.wire(raw).inputs, branch])
    np.testing.assert_array_equal(places, [0, 1, 2, 3])
    np.testing.assert_array_equal(inputs.parents, [1, 2, 0, 1])


def test_branches_without_a_linear_step_stay_as_they_are():
    raw = Inputs.identity(3)
    parts = [raw, raw.select(np.array([2, 0]))]
    inputs, places = Inputs.side_by_side(parts)
    assert inputs.matrix is None and places is None
    np.testing.assert_array_equal(inputs.parents, [0, 1, 2, 2, 0])
    assert not inputs.one_to_one and raw.one_to_one


def test_inverse_of_maps_that_have_one():
    rng = np.random.default_rng(0)
    plain = Inputs.identity(3)
    assert plain.inverse() is None
    A = rng.normal(size=(3, 3)) * [1e-9, 1.0, 1e9]
    square = plain.mixed(A, np.zeros(3), None)
    np.testing.assert_allclose(A @ square.inverse(), np.eye(3), atol=1e-9)
    for other in (A[:, :2], np.ones((3, 3)), np.diag([1.0, 1.0, 0.0])):
        assert plain.mixed(other, np.zeros(other.shape[1]), None).inverse() is None


def test_the_pseudo_inverse_keeps_the_digits_of_small_entries():
    # a table in units of 1e11 next to one of 1e3, behind PCA and MinMaxScaler
    A = np.array([[-2.9e-22, 1.2e-4], [3.9e-13, 9e-14], [2e-52, 4.7e-53]])
    P = pseudo_inverse(A)
    rows = np.array([[-1164.9, -6.9e11, 12091.5], [733.8, -7.9e11, 12091.5]])
    for y in rows:
        back = (y @ A) @ P
        # the column in which rows do not move needs no digits
        np.testing.assert_allclose(back[:2], y[:2], rtol=1e-12)


@pytest.mark.parametrize(("seed", "step"), [(2, 15), (3, 20)])
def test_preimages_of_columns_of_very_different_sizes(seed, step):
    X = np.random.default_rng(seed).normal(size=(25, 8))
    X *= 10.0 ** (step * np.arange(8))
    pca = PCA(7, whiten=True).fit(X)
    A = pca.components_.T / np.sqrt(pca.explained_variance_)
    inputs = Inputs(np.arange(8), 8, list(range(8)), A, -pca.mean_ @ A, pca.mean_)
    Z = pca.transform(X[:3])
    np.testing.assert_allclose(inputs.project(inputs.pull(Z)), Z, rtol=0, atol=1e-9)


@pytest.mark.parametrize("size", [1.0, 1e3, 1e6, 1e9])
def test_what_rounding_moves_between_columns(size):
    """Shares of rows next to one another in floats differ by about as much."""
    rng = np.random.default_rng(0)
    Y = rng.normal(size=(40, 3))
    # directions of the sizes 1, 1 and 1 / size, each of unit variance
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    Y = (Y / [1, 1, size]) @ turn.T
    A = turn * [1, 1, size]
    inputs = Inputs.identity(3).mixed(A, np.zeros(3), np.zeros(3))
    near = np.nextafter(Y, np.where(rng.random(Y.shape) < 0.5, -np.inf, np.inf))
    shares = [
        (y[:, None] - Y) * ((y[:, None] - Y) @ A @ A.T)
        for y in (Y.astype(np.longdouble), near.astype(np.longdouble))
    ]
    change, h = shares[1] - shares[0], shares[0].sum(axis=2)
    among = np.abs(change).sum(axis=2) - np.abs(change.sum(axis=2))
    moved = float(among.mean() / h.mean())
    assert moved <= inputs.moved(Y @ A, Y) <= 100 * moved
