# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley values, orders and the integrated rule of Gaussian mixtures."""

import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad_vec
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.mixture import GaussianMixture

from skneon.network.numerics._gaussian_integrated import integrated_forms
from skneon.network.numerics._gaussian_shapley import gaussian_shapley_forms
from skneon.network.numerics._mixture_components import (
    Odds,
    gaussian_components,
    prior_log_odds,
)
from skneon.network.numerics._mixture_integrated import mixture_path
from skneon.network.numerics._mixture_orders import mixture_orders
from skneon.network.numerics._mixture_shapley import mixture_coalitions
from skneon.network.numerics._orders import balanced_orders

KINDS = ["full", "tied", "diag", "spherical"]
SETS = {
    "iris": load_iris().data,
    "diabetes": load_diabetes().data,
    "cancer": load_breast_cancer().data[:, :10],
    "wine": load_wine().data[:, :8],
}


def brute_force(X, mixture, groups=None, odds=None):
    weights, means, _, covariances = mixture
    groups = np.arange(X.shape[1]) if groups is None else np.asarray(groups)
    args = (weights, means, covariances)

    def value(S):
        columns = gaussians.columns_of(S, groups)
        if odds is None:
            return gaussians.density_value(X, *args, columns)
        rows = zip(X, odds.own, odds.rivals, strict=True)
        values = [
            gaussians.odds_value(x[None], *args, columns, c, r)[0] for x, c, r in rows
        ]
        return np.array(values)

    return gaussians.shapley(value, len(np.unique(groups)))


def rows_of(rng, mixture, n=5):
    means = mixture[1]
    return means[rng.integers(len(means), size=n)] + rng.normal(
        size=(n, means.shape[1])
    )


def questions(rng, n, n_components):
    """Random odds, each row against at least one rival."""
    own = rng.integers(n_components, size=n)
    rivals = rng.uniform(size=(n, n_components)) < 0.6
    rivals[np.arange(n), (own + 1) % n_components] = True
    rivals[np.arange(n), own] = False
    return Odds(own, rivals)


def rules(components, groups=None):
    d = components.n_columns if groups is None else len(np.unique(groups))
    by_orders = mixture_orders(components, balanced_orders(d, 8), groups)
    return {
        "shapley": mixture_coalitions(components, groups).shares,
        "orders": lambda X, odds=None: by_orders.shares(X, odds).shares,
        "integrated": mixture_path(components, groups).shares,
    }


def component_sums(mixture, X, odds=None):
    every = np.arange(X.shape[1])
    weights, means, _, covariances = mixture
    if odds is None:
        return gaussians.density_value(X, weights, means, covariances, every)
    return np.array(
        [
            gaussians.odds_value(x[None], weights, means, covariances, every, c, r)[0]
            for x, c, r in zip(X, odds.own, odds.rivals, strict=True)
        ]
    )


@settings(max_examples=40)
@given(gaussians.seeds, st.integers(1, 5), st.integers(1, 4), st.sampled_from(KINDS))
def test_shapley_values_are_those_of_all_submatrices(seed, d, K, kind):
    rng = np.random.default_rng(seed)
    mixture = gaussians.mixture_of(rng, K, d, kind)
    X = rows_of(rng, mixture)
    forms = mixture_coalitions(gaussian_components(*mixture[:3], kind))
    expected = brute_force(X, mixture)
    np.testing.assert_allclose(forms.shares(X), expected, rtol=1e-8, atol=1e-9)
    if K > 1:
        odds = questions(rng, len(X), K)
        expected = brute_force(X, mixture, odds=odds)
        np.testing.assert_allclose(
            forms.shares(X, odds), expected, rtol=1e-8, atol=1e-9
        )


@settings(max_examples=25)
@given(
    gaussians.seeds,
    st.lists(st.integers(0, 3), min_size=2, max_size=5),
    st.sampled_from(KINDS),
)
def test_columns_of_a_player_come_and_go_together(seed, groups, kind):
    rng = np.random.default_rng(seed)
    mixture = gaussians.mixture_of(rng, 3, len(groups), kind)
    X, components = rows_of(rng, mixture), gaussian_components(*mixture[:3], kind)
    every = balanced_orders(len(np.unique(groups)), 24)
    labels = np.unique(groups)
    single, grouped = mixture_path(components), mixture_path(components, groups)
    for odds in (None, questions(rng, len(X), 3)):
        expected = brute_force(X, mixture, groups, odds)
        got = mixture_coalitions(components, groups).shares(X, odds)
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-9)
        mean = mixture_orders(components, every, groups).shares(X, odds)
        np.testing.assert_allclose(mean.shares, expected, rtol=1e-8, atol=1e-9)
        assert not mean.standard_error.any()
        own = single.shares(X, odds)
        sums = [own[:, np.asarray(groups) == label].sum(axis=1) for label in labels]
        np.testing.assert_allclose(grouped.shares(X, odds), np.stack(sums, axis=1))


@settings(max_examples=25)
@given(gaussians.seeds, st.integers(1, 6), st.integers(2, 4), st.sampled_from(KINDS))
def test_laws_of_all_rules(seed, d, K, kind):
    rng = np.random.default_rng(seed)
    mixture = weights, means, own, full = gaussians.mixture_of(rng, K, d, kind)
    X = rows_of(rng, mixture)
    turn, scale = rng.permutation(d), np.exp(rng.uniform(-8, 8, d))
    outer = full * np.outer(scale, scale)
    scaled = rules(gaussian_components(weights, means * scale, outer, "full"))
    turned = full[:, turn[:, None], turn]
    turned = rules(gaussian_components(weights, means[:, turn], turned, "full"))
    for odds in (None, questions(rng, len(X), K)):
        score = component_sums(mixture, X, odds)
        for name, shares in rules(
            gaussian_components(weights, means, own, kind)
        ).items():
            R = shares(X, odds)
            close = {"rtol": 1e-6, "atol": 1e-8 * max(1, np.abs(score).max())}
            np.testing.assert_allclose(R.sum(axis=1), score, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(scaled[name](X * scale, odds), R, **close)
            if name != "orders" or d <= 2:  # a sample of orders knows places
                again = turned[name](X[:, turn], odds)
                np.testing.assert_allclose(again, R[:, turn], **close)


@settings(max_examples=25)
@given(gaussians.seeds, st.integers(1, 5), st.sampled_from(KINDS))
def test_why_c_and_not_j_is_the_negative_of_why_j_and_not_c(seed, d, kind):
    rng = np.random.default_rng(seed)
    mixture = gaussians.mixture_of(rng, 3, d, kind)
    X, components = rows_of(rng, mixture), gaussian_components(*mixture[:3], kind)
    c, j = rng.permutation(3)[:2]
    own = np.full(len(X), c), np.full(len(X), j)
    forth = Odds(own[0], np.arange(3) == own[1][:, None])
    back = Odds(own[1], np.arange(3) == own[0][:, None])
    for shares in rules(components).values():
        R = shares(X, forth)
        size = 1 + np.abs(R).max()
        np.testing.assert_allclose(shares(X, back), -R, rtol=0, atol=1e-12 * size)
    np.testing.assert_allclose(
        prior_log_odds(components, forth), -prior_log_odds(components, back)
    )


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("kind", ["full", "tied"])
def test_models_of_real_data(name, kind):
    X = SETS[name]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = GaussianMixture(3, covariance_type=kind, reg_covar=1e-3, random_state=0)
    model.fit(X)
    components = gaussian_components(
        model.weights_, model.means_, model.covariances_, kind
    )
    coalitions = mixture_coalitions(components)
    rows = X[:: len(X) // 4]
    full = np.broadcast_to(model.covariances_, (3, X.shape[1], X.shape[1]))
    mixture = (model.weights_, model.means_, None, full)
    expected = brute_force(rows, mixture)
    size = np.abs(expected).sum(axis=1, keepdims=True)
    assert (np.abs(coalitions.shares(rows) - expected) <= 1e-9 * size).all()
    # the sums are the model's own scores, less what its components say without a row
    at_means = np.log(model.weights_) - np.linalg.slogdet(full)[1] / 2
    constant = gaussians.log_sum(at_means) - X.shape[1] / 2 * np.log(2 * np.pi)
    score = constant - model.score_samples(X)
    np.testing.assert_allclose(coalitions.shares(X).sum(axis=1), score, rtol=1e-9)
    own = model.predict(X)
    odds = Odds(own, np.arange(3) != own[:, None])
    log_odds = coalitions.shares(X, odds).sum(axis=1) + prior_log_odds(components, odds)
    p = model.predict_proba(X)[np.arange(len(X)), own]
    sure = p < 1 - 1e-6
    p = p[sure]
    np.testing.assert_allclose(log_odds[sure], np.log(p / (1 - p)), rtol=1e-8)


@given(gaussians.seeds, st.integers(1, 5))
def test_one_component_has_half_the_squared_distance(seed, d):
    rng = np.random.default_rng(seed)
    mixture = gaussians.mixture_of(rng, 1, d)
    X = rows_of(rng, mixture)
    covariance = mixture[3][0]
    components = gaussian_components(*mixture[:3], "full")
    Z = X - mixture[1]
    for name, forms in (
        ("shapley", gaussian_shapley_forms(covariance)),
        ("integrated", integrated_forms(covariance)),
    ):
        half = forms.shares(Z) / 2
        error = np.abs(rules(components)[name](X) - half)
        assert np.all(error <= 1e-8 * half.sum(axis=1, keepdims=True))


def test_a_component_per_point_is_a_kernel_density():
    rng = np.random.default_rng(0)
    U, X, gamma = rng.normal(size=(20, 4)), rng.normal(size=(6, 4)) * 2, 0.7
    pi = rng.dirichlet(np.ones(20))
    components = gaussian_components(pi, U, np.full(20, 0.5 / gamma), "spherical")
    squares = (X[:, None] - U) ** 2

    def soft_min(S):
        h = squares[:, :, list(S)].sum(axis=2)
        return -np.log(np.exp(-gamma * h) @ pi)

    expected = gaussians.shapley(soft_min, 4)
    np.testing.assert_allclose(mixture_coalitions(components).shares(X), expected)

    def integrand(s):
        p = pi * np.exp(-s * gamma * squares.sum(axis=2))
        p /= p.sum(axis=1, keepdims=True)
        return gamma * np.einsum("nk,nki->ni", p, squares)

    expected = quad_vec(integrand, 0, 1, epsrel=1e-12)[0]
    got = mixture_path(components).shares(X)
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_integrated_of_stiff_mixtures():
    rng = np.random.default_rng(1)
    weights, means, covariances, _ = mixture = gaussians.mixture_of(rng, 3, 5)
    stiff = (weights, means * 1e3, covariances, covariances)
    components = gaussian_components(*stiff[:3], "full")
    X = means[[0, 1, 2, 0]] * 1e3 + rng.normal(size=(4, 5)) * 300
    R = mixture_path(components).shares(X)
    np.testing.assert_allclose(R.sum(axis=1), component_sums(stiff, X), rtol=1e-9)
    odds = questions(rng, 4, 3)
    R = mixture_path(components).shares(X, odds)
    np.testing.assert_allclose(R.sum(axis=1), component_sums(stiff, X, odds), rtol=1e-9)
    assert mixture[0] is weights


def test_beyond_twelve_columns_orders_are_near():
    X = load_wine().data[:, :12]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = GaussianMixture(3, reg_covar=1e-2, random_state=0).fit(X)
    components = gaussian_components(
        model.weights_, model.means_, model.covariances_, "full"
    )
    own = model.predict(X)
    for odds in (None, Odds(own, np.arange(3) != own[:, None])):
        exact = mixture_coalitions(components).shares(X, odds)
        mean = mixture_orders(components, balanced_orders(12, 200)).shares(X, odds)
        np.testing.assert_allclose(mean.shares.sum(axis=1), exact.sum(axis=1))
        off = np.abs(mean.shares - exact)
        assert 0 < np.median(off.sum(axis=1) / np.abs(exact).sum(axis=1)) < 0.05
        assert (off <= 2 * mean.standard_error).mean() > 0.9


def test_a_component_without_weight_counts_for_nothing():
    rng = np.random.default_rng(2)
    weights, means, own, full = gaussians.mixture_of(rng, 3, 3)
    weights = np.array([0.4, 0.0, 0.6])
    X = rows_of(rng, (weights, means))
    two = [0, 2]
    less = gaussian_components(weights[two], means[two], full[two], "full")
    less = rules(less)
    for name, shares in rules(gaussian_components(weights, means, own, "full")).items():
        np.testing.assert_allclose(shares(X), less[name](X), rtol=1e-9)
        odds = Odds(np.zeros(5, int), np.tile([False, True, True], (5, 1)))
        pair = Odds(np.zeros(5, int), np.tile([False, True], (5, 1)))
        np.testing.assert_allclose(shares(X, odds), less[name](X, pair), rtol=1e-9)
        # why a component of no weight: what the columns say is defined all the same
        odds = Odds(np.ones(5, int), np.tile([True, False, True], (5, 1)))
        assert np.isfinite(shares(X, odds)).all()


def test_rows_without_a_rival_have_no_shares():
    rng = np.random.default_rng(3)
    mixture = gaussians.mixture_of(rng, 2, 3)
    X, components = rows_of(rng, mixture, 3), gaussian_components(*mixture[:3], "full")
    odds = Odds(np.array([0, 1, 0]), np.array([[0, 1], [0, 0], [0, 0]], dtype=bool))
    np.testing.assert_array_equal(prior_log_odds(components, odds)[1:], [np.inf] * 2)
    for shares in rules(components).values():
        R = shares(X, odds)
        assert R[0].any() and not R[1:].any()


def test_equal_components_have_no_evidence():
    components = gaussian_components(
        np.array([0.3, 0.7]), np.zeros((2, 2)), np.eye(2), "tied"
    )
    odds = Odds(np.array([0]), np.array([[False, True]]))
    for shares in rules(components).values():
        np.testing.assert_allclose(shares(np.array([[3.0, -1.0]]), odds), 0, atol=1e-15)


@pytest.mark.parametrize(
    ("covariances", "kind"),
    [(np.ones((2, 2, 2)), "full"), (np.array([[1.0, 1], [1, 0]]), "diag")],
)
def test_singular_components_are_refused(covariances, kind):
    with pytest.raises(ValueError, match=r"component [01] is singular.*reg_covar"):
        gaussian_components(np.full(2, 0.5), np.zeros((2, 2)), covariances, kind)
    with pytest.raises(ValueError, match="but is 'round'"):
        gaussian_components(np.full(2, 0.5), np.zeros((2, 2)), covariances, "round")


def test_rows_do_not_depend_on_their_block():
    rng = np.random.default_rng(4)
    mixture = gaussians.mixture_of(rng, 2, 4)
    X, components = (
        rows_of(rng, mixture, 20000),
        gaussian_components(*mixture[:3], "full"),
    )
    odds = questions(rng, len(X), 2)
    for shares in rules(components).values():
        for asked, last in ((None, None), (odds, odds.at(slice(-3, None)))):
            np.testing.assert_allclose(
                shares(X, asked)[-3:], shares(X[-3:], last), rtol=1e-9, atol=1e-12
            )
        assert shares(X[:0]).shape == (0, 4)
