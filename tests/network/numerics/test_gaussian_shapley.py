# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values, orders and the integrated rule of one Gaussian."""

import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad_vec
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from skneon.network.numerics._gaussian_integrated import integrated_forms
from skneon.network.numerics._gaussian_orders import (
    gaussian_order_forms,
    gaussian_order_shares,
)
from skneon.network.numerics._gaussian_shapley import gaussian_shapley_forms
from skneon.network.numerics._orders import balanced_orders

SETS = {
    "iris": load_iris().data,
    "diabetes": load_diabetes().data,
    "cancer": load_breast_cancer().data[:, :10],
    "wine 10": load_wine().data[:, :10],
    "wine": load_wine().data,
}


def pseudo_inverse(C):
    """The inverse on the support: eigenvalues that rounding alone can make are zero."""
    return np.linalg.pinv(C, rcond=1e-12, hermitian=True)


def brute_force(Z, covariance, groups=None):
    groups = np.arange(len(covariance)) if groups is None else np.asarray(groups)
    return gaussians.shapley(
        lambda S: gaussians.distance(Z, covariance, gaussians.columns_of(S, groups)),
        len(np.unique(groups)),
    )


def problem(seed, d, n=7):
    rng = np.random.default_rng(seed)
    covariance = gaussians.covariance_of(rng, d)
    Z = rng.normal(size=(n, d)) * np.sqrt(np.diag(covariance)) * 3
    return Z, covariance


def rules(covariance, groups=None):
    """Shares of all rules, as functions of rows."""
    d = len(covariance) if groups is None else len(np.unique(groups))
    orders = balanced_orders(d, 10)
    return {
        "shapley": gaussian_shapley_forms(covariance, groups).shares,
        "orders": gaussian_order_forms(covariance, orders, groups).shares,
        "integrated": integrated_forms(covariance, groups).shares,
    }


@pytest.mark.parametrize("name", ["iris", "diabetes", "cancer", "wine 10"])
def test_shapley_values_are_those_of_all_submatrices(name):
    X = SETS[name]
    Z, covariance = X - X.mean(axis=0), np.cov(X.T)
    rows = Z[:: len(Z) // 10]
    got = gaussian_shapley_forms(covariance).shares(rows)
    expected = brute_force(rows, covariance)
    score = expected.sum(axis=1, keepdims=True)
    assert (np.abs(got - expected) <= 1e-9 * score).all()


@given(gaussians.seeds, st.integers(1, 6))
def test_laws_of_all_rules(seed, d):
    Z, covariance = problem(seed, d)
    score = gaussians.distance(Z, covariance, np.arange(d))
    rng = np.random.default_rng(seed)
    turn = rng.permutation(d)
    scale = np.exp(rng.uniform(-4, 4, d))
    turned = rules(covariance[np.ix_(turn, turn)])
    scaled = rules(covariance * np.outer(scale, scale))
    for name, shares in rules(covariance).items():
        R = shares(Z)
        tolerance = 1e-9 * score.max()
        np.testing.assert_allclose(R.sum(axis=1), score, rtol=1e-9)
        assert (R >= 0).all(), name
        np.testing.assert_allclose(scaled[name](Z * scale), R, atol=tolerance)
        if name != "orders" or d <= 3:  # a sample of orders knows places
            np.testing.assert_allclose(
                turned[name](Z[:, turn]), R[:, turn], atol=tolerance
            )


@given(gaussians.seeds, st.lists(st.integers(0, 3), min_size=2, max_size=6))
def test_columns_of_a_player_come_and_go_together(seed, groups):
    Z, covariance = problem(seed, len(groups))
    expected = brute_force(Z, covariance, groups)
    n_players = expected.shape[1]
    forms = gaussian_shapley_forms(covariance, groups)
    np.testing.assert_allclose(forms.shares(Z), expected, rtol=1e-8, atol=1e-9)
    every = balanced_orders(n_players, 24)
    assert every.complete
    for shares in (
        gaussian_order_forms(covariance, every, groups).shares(Z),
        gaussian_order_shares(Z, covariance, every, groups).shares,
    ):
        np.testing.assert_allclose(shares, expected, rtol=1e-8, atol=1e-9)
    grouped = integrated_forms(covariance, groups).shares(Z)
    single = integrated_forms(covariance).shares(Z)
    for player, label in enumerate(np.unique(groups)):
        own = single[:, np.asarray(groups) == label].sum(axis=1)
        np.testing.assert_allclose(grouped[:, player], own)


@given(gaussians.seeds)
def test_independent_columns_have_their_own_squares(seed):
    rng = np.random.default_rng(seed)
    variance, Z = rng.uniform(0.1, 10, 5), rng.normal(size=(4, 5))
    for shares in rules(np.diag(variance)).values():
        np.testing.assert_allclose(shares(Z), Z**2 / variance, rtol=1e-9, atol=1e-14)


def test_two_columns_have_the_mean_of_first_and_last():
    Z, covariance = problem(3, 2)
    P = np.linalg.inv(covariance)
    first, last = Z**2 / np.diag(covariance), (Z @ P) ** 2 / np.diag(P)
    got = gaussian_shapley_forms(covariance).shares(Z)
    np.testing.assert_allclose(got, (first + last) / 2)


def test_mean_game_is_another():
    Z, covariance = problem(0, 4)
    P = np.linalg.inv(covariance)
    got = gaussian_shapley_forms(covariance).shares(Z)
    assert np.abs(got - Z * (Z @ P)).sum() > 0.1 * got.sum()


@pytest.mark.parametrize(("m", "most"), [(26, 0.12), (200, 0.04)])
def test_orders_are_near_on_wine(m, most):
    X = SETS["wine"]
    Z, covariance = X - X.mean(axis=0), np.cov(X.T)
    exact = gaussian_shapley_forms(covariance).shares(Z)
    orders = balanced_orders(13, m)
    got = gaussian_order_forms(covariance, orders).shares(Z)
    off = np.abs(got - exact).sum(axis=1) / exact.sum(axis=1)
    assert 0 < np.median(off) <= most
    np.testing.assert_allclose(got.sum(axis=1), exact.sum(axis=1), rtol=1e-9)
    mean = gaussian_order_shares(Z, covariance, orders)
    np.testing.assert_allclose(mean.shares, got, rtol=1e-8, atol=1e-9)
    # the spread of pairs says no less than what is missed
    within = np.abs(got - exact) <= 2 * mean.standard_error
    assert 0.9 < within.mean() <= 1


def test_integrated_is_the_integral():
    Z, covariance = problem(5, 6)
    sd = np.sqrt(np.diag(covariance))
    C, Y = covariance / np.outer(sd, sd), Z / sd

    def squares(s):
        return np.linalg.solve((1 - s) * np.eye(6) + s * C, Y.T).T ** 2

    expected = quad_vec(squares, 0, 1, epsrel=1e-12)[0]
    np.testing.assert_allclose(
        integrated_forms(covariance).shares(Z), expected, rtol=1e-9
    )


def test_integrated_keeps_sums_of_ill_conditioned_covariances():
    rng = np.random.default_rng(0)
    V = np.linalg.qr(rng.normal(size=(30, 30)))[0]
    covariance = (V * np.logspace(-9, 0, 30)) @ V.T
    covariance = (covariance + covariance.T) / 2
    values, V = np.linalg.eigh(covariance)
    U = rng.normal(size=(20, 30))
    Z = (U * np.sqrt(values)) @ V.T
    R = integrated_forms(covariance).shares(Z)
    assert (R >= 0).all()
    np.testing.assert_allclose(R.sum(axis=1), (U**2).sum(axis=1), rtol=1e-6)


def singular(seed, d, rank):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(d, rank))
    return A @ A.T, rng.normal(size=(6, rank)) @ A.T, rng.normal(size=(6, d))


@given(gaussians.seeds, st.integers(2, 5), st.data())
def test_singular_covariances_have_pseudo_inverses(seed, d, data):
    covariance, on, off = singular(seed, d, data.draw(st.integers(1, d - 1)))
    Z = np.vstack([on, off])
    forms = gaussian_shapley_forms(covariance)
    assert not forms.nonnegative
    every = balanced_orders(d, 120)
    score = np.einsum("ni,ij,nj->n", Z, pseudo_inverse(covariance), Z)
    by_orders = gaussian_order_forms(covariance, every)
    one_by_one = gaussian_order_shares(Z, covariance, every).shares
    expected = brute_force(Z, covariance)
    # submatrices may be as good as singular, and shares of rows off the support large
    size = np.abs(expected).max(axis=1, keepdims=True)
    condition = (
        np.linalg.eigvalsh(covariance)[-1] * np.abs(pseudo_inverse(covariance)).max()
    )
    for R in (forms.shares(Z), by_orders.shares(Z), one_by_one):
        assert (np.abs(R.sum(axis=1) - score)[:, None] <= 1e-6 * size).all()
        if condition < 1e3:
            assert (R[:6] >= -1e-6 * size[:6]).all()
    R = integrated_forms(covariance).shares(Z)
    assert (R >= 0).all()
    np.testing.assert_allclose(R.sum(axis=1), score, rtol=1e-6)


def test_a_perfectly_correlated_pair():
    covariance = np.array([[1.0, 2.0], [2.0, 4.0]])
    on, off = np.array([[3.0, 6.0]]), np.array([[1.0, 0.0]])
    for shares in rules(covariance).values():
        np.testing.assert_allclose(shares(on), [[4.5, 4.5]])
    # v(1) = 1, v(2) = 0, v(12) = 1/25
    expected = [[0.5 * 1 + 0.5 * 0.04, 0.5 * (0.04 - 1)]]
    for name in ("shapley", "orders"):
        np.testing.assert_allclose(rules(covariance)[name](off), expected)
    np.testing.assert_allclose(rules(covariance)["integrated"](off), [[0.02, 0.02]])


def test_regular_covariances_tend_to_the_perfectly_correlated_pair():
    covariance = np.array([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.5, 1.0, 3.0]])
    on = np.array([[3.0, 6.0, -1.0]])
    near = covariance + 1e-10 * np.eye(3)
    for name, shares in rules(covariance).items():
        np.testing.assert_allclose(shares(on), rules(near)[name](on), rtol=1e-4)


def test_a_constant_column_has_no_share():
    covariance = np.diag([2.0, 0.0, 1.0])
    Z = np.array([[2.0, 5.0, 1.0]])
    for shares in rules(covariance).values():
        np.testing.assert_allclose(shares(Z), [[2.0, 0.0, 1.0]])


def test_a_column_that_the_pseudo_inverse_leaves_out_has_no_share():
    size = np.diag([1e-5, 1e4, 1e4])
    covariance = size @ [[1.0, 0.5, 0.2], [0.5, 1.0, 0.3], [0.2, 0.3, 1.0]] @ size
    Z = np.array([[2e-5, 1e4, -3e4], [-1e-5, 0.0, 2e4]])
    without = rules(covariance[1:, 1:])
    for name, shares in rules(covariance).items():
        got = shares(Z)
        assert np.all(np.abs(got[:, 0]) <= 1e-9)
        np.testing.assert_allclose(got[:, 1:], without[name](Z[:, 1:]), rtol=1e-6)


def test_nothing_varies():
    Z = np.ones((2, 3))
    for shares in rules(np.zeros((3, 3))).values():
        np.testing.assert_array_equal(shares(Z), np.zeros((2, 3)))


def test_one_column():
    for shares in rules(np.array([[4.0]])).values():
        np.testing.assert_allclose(shares(np.array([[6.0], [0.0]])), [[9.0], [0.0]])


def test_rows_do_not_depend_on_their_block():
    Z, covariance = problem(0, 3, n=40000)
    forms = gaussian_shapley_forms(covariance)
    np.testing.assert_allclose(forms.shares(Z)[-5:], forms.shares(Z[-5:]), rtol=1e-12)
    assert forms.shares(Z[:0]).shape == (0, 3)


def test_units_matter_where_the_model_says_so():
    covariance, Z = np.diag([1e18, 1e-6]), np.array([[1e9, 1e-3]])
    by_pinvh = gaussian_shapley_forms(covariance)
    np.testing.assert_allclose(by_pinvh.shares(Z), [[1.0, 0.0]])
    orders = balanced_orders(2)
    for shares in (
        gaussian_shapley_forms(covariance, inverse="cholesky").shares(Z),
        gaussian_order_forms(covariance, orders, inverse="cholesky").shares(Z),
        gaussian_order_shares(Z, covariance, orders, inverse="cholesky").shares,
        integrated_forms(covariance, inverse="cholesky").shares(Z),
    ):
        np.testing.assert_allclose(shares, [[1.0, 1.0]])


@pytest.mark.parametrize("rule", [gaussian_shapley_forms, integrated_forms])
def test_cholesky_needs_a_positive_definite_covariance(rule):
    for singular in (np.ones((2, 2)), np.zeros((2, 2))):
        with pytest.raises(ValueError, match="The covariance is singular"):
            rule(singular, inverse="cholesky")
