# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Balanced orders, their means and standard errors."""

from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skneon.network.numerics._orders import balanced_orders, mean_over_orders


@given(st.integers(1, 40), st.integers(1, 200), st.integers(0, 5))
def test_each_order_holds_each_player_and_is_followed_by_its_reverse(p, m, seed):
    orders = balanced_orders(p, m, seed)
    n_orders = len(orders.rows)
    np.testing.assert_array_equal(
        np.sort(orders.rows), np.tile(range(p), (n_orders, 1))
    )
    if orders.complete:
        assert n_orders == factorial(p) == len(np.unique(orders.rows, axis=0))
    else:
        assert n_orders == m + m % 2
        np.testing.assert_array_equal(orders.rows[::2], orders.rows[1::2, ::-1])


@pytest.mark.parametrize("p", [4, 13, 30])
def test_a_family_is_balanced(p):
    rows = balanced_orders(p).rows
    for position in rows.T:
        np.testing.assert_array_equal(np.bincount(position), np.full(p, 2))


def test_n_orders_must_be_positive():
    with pytest.raises(ValueError, match="at least 1, but is 0"):
        balanced_orders(3, 0)


def test_all_orders_have_no_error():
    orders = balanced_orders(3, 6)
    mean = mean_over_orders(orders, lambda order: np.arange(3.0)[None] ** 2, 1)
    np.testing.assert_allclose(mean.shares, [[5 / 3] * 3])
    np.testing.assert_array_equal(mean.standard_error, np.zeros((1, 3)))


def test_one_pair_has_an_unknown_error():
    orders = balanced_orders(10, 2)
    mean = mean_over_orders(orders, lambda order: order[None] * 1.0, 1)
    np.testing.assert_array_equal(mean.shares, np.arange(10.0)[None])
    assert np.isnan(mean.standard_error).all()


def test_standard_error_is_that_of_means_of_pairs():
    orders = balanced_orders(5, 20)
    noise = np.random.default_rng(0).normal(size=(20, 3, 5)) + 1e6
    index = iter(range(20))
    mean = mean_over_orders(orders, lambda order: noise[next(index)], 3)
    placed = np.empty_like(noise)
    for order, own, drawn in zip(orders.rows, placed, noise, strict=True):
        own[:, order] = drawn
    np.testing.assert_allclose(mean.shares, placed.mean(axis=0))
    pairs = placed.reshape(10, 2, 3, 5).mean(axis=1)
    expected = pairs.std(axis=0, ddof=1) / np.sqrt(10)
    np.testing.assert_allclose(mean.standard_error, expected, rtol=1e-6)
