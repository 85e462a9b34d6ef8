# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The gamma of the largest leave-one-out likelihood."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale

from skneon import NeonKDE
from skneon._likelihood import LIKELY_ROWS, HeldOutLikelihood

WINE = load_wine().data
rng = np.random.default_rng(0)
MANY = rng.normal(size=(LIKELY_ROWS + 200, 3))
DISCRETE = rng.poisson(1.0, size=(200, 3)).astype(float)


def likeliest(X, weight=None):
    return NeonKDE("likelihood").fit(X, sample_weight=weight).gamma_


def likelihood(X, gamma):
    """By its definition: each row left out with those that equal it."""
    H = cdist(X, X, "sqeuclidean")
    H[H == 0] = np.inf
    logs = logsumexp(-gamma * H, axis=1) - np.log(np.isfinite(H).sum(axis=1))
    # columns in which a row differs from the nearest that is not equal
    rows = np.unique(X, axis=0)
    others = cdist(X, rows, "sqeuclidean")
    others[others == 0] = np.inf
    d = (X != rows[others.argmin(axis=1)]).sum(axis=1).mean()
    return d / 2 * np.log(gamma / np.pi) + logs.mean()


@pytest.mark.parametrize("X", [scale(WINE), WINE[:40, :2], DISCRETE, MANY[:60, :1]])
def test_it_is_the_best_of_a_grid(X):
    grid = np.geomspace(1e-6, 1e4, 401)
    values = [likelihood(X, gamma) for gamma in grid]
    found = likeliest(X)
    assert likelihood(X, found) >= max(values)
    assert abs(np.log(found / grid[np.argmax(values)])) < np.log(grid[1] / grid[0])


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 4), st.integers(1, 4))
def test_the_maximum_is_within_the_bounds(seed, n, d, n_values):
    X = np.random.default_rng(seed).integers(0, n_values + 1, (n, d)).astype(float)
    X[0] = -1.0
    rows, times = np.unique(X, axis=0, return_counts=True)
    if len(rows) > 1:
        found = HeldOutLikelihood(rows, times / n, same=0.0)
        low, high = found.bounds
        beyond = [found(point) for point in (low - 1, low, high, high + 1)]
        assert beyond[0] < beyond[1] + 1e-9 and beyond[3] < beyond[2] + 1e-9
        assert found(found.best()) >= max(beyond) - 1e-12


def test_without_ties_it_is_what_log_densities_say():
    Z = MANY[:150]
    gamma = likeliest(Z)
    best = NeonKDE(gamma).fit(Z).score()
    assert best == pytest.approx(likelihood(Z, gamma))
    for factor in (0.9, 1.1):
        assert NeonKDE(factor * gamma).fit(Z).score() < best


@pytest.mark.parametrize("X", [WINE, MANY])
def test_it_scales_and_does_not_depend_on_order_or_place(X):
    expected, order = likeliest(X), rng.permutation(len(X))
    np.testing.assert_allclose(likeliest(X[order]), expected, rtol=1e-9)
    for factor, shift in ((4.0, 0.0), (1e-120, 0.0), (1e120, 0.0), (1.0, 1e3)):
        gamma = likeliest(X * factor + shift) * factor**2
        np.testing.assert_allclose(gamma, expected, rtol=1e-3)


@pytest.mark.parametrize("X", [WINE, MANY])
def test_weights_are_repeats(X):
    weight = rng.integers(0, 4, len(X))
    repeated = likeliest(np.repeat(X, weight, axis=0))
    np.testing.assert_allclose(likeliest(X, weight), repeated, rtol=1e-6)
    # a row that counts for nearly all is drawn, too
    heavy = np.ones(len(X))
    heavy[3] = 1e6
    assert np.isfinite(likeliest(X, heavy))


def test_of_many_rows_some_are_drawn_by_weight():
    own = NeonKDE(likeliest(MANY[:LIKELY_ROWS])).fit(MANY[:LIKELY_ROWS]).score()
    X = np.vstack([MANY, 100 * MANY])
    weight = np.repeat([1.0, 1e-9], len(MANY))
    for gamma in (likeliest(MANY), likeliest(X, weight)):
        drawn = NeonKDE(gamma).fit(MANY[:LIKELY_ROWS]).score()
        assert own - 0.01 < drawn <= own + 1e-6
    assert likeliest(MANY) == likeliest(MANY)


def test_tables_of_few_values_have_a_gamma_of_their_steps():
    X = (rng.random((300, 4)) < 0.3).astype(float)
    # rows differ from their nearest in one column, by 1, and from others in up to 4
    assert 1 / 2 / 4 < likeliest(X) < 1 / 2
    # also where a step in front rounds equal rows apart, and mixes columns
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    gamma = likeliest(X @ turn)
    assert 1 / 2 < gamma < 4 / 2
    noisy = X @ turn + 1e-10 * rng.normal(size=X.shape)
    np.testing.assert_allclose(likeliest(noisy), gamma, rtol=1e-3)
    single = (X @ turn + 1e-7 * rng.normal(size=X.shape)).astype(np.float32)
    np.testing.assert_allclose(likeliest(single), gamma, rtol=1e-3)


def test_categories_make_no_density():
    measured, codes = MANY[:300, :2], rng.integers(0, 2, (300, 2))
    both = np.hstack([measured, 3.0 * codes])
    # rows of the same codes are near, so that these do not count
    apart = np.mean([likeliest(measured[(codes == c).all(axis=1)])
                     for c in np.unique(codes, axis=0)])  # fmt: skip
    assert 0.5 * apart < likeliest(both) < 2 * apart


def test_constant_columns_do_not_count():
    wide = np.hstack([WINE, np.full((len(WINE), 5), 7.0)])
    np.testing.assert_allclose(likeliest(wide), likeliest(WINE), rtol=1e-6)


def test_nothing_to_choose_by():
    assert likeliest(np.ones((5, 3))) == likeliest(np.ones((1, 3))) == 1.0
    assert likeliest(np.eye(2)) == pytest.approx(2 / 2 / 2)
    assert likeliest(np.eye(2), [1.0, 0.0]) == 1.0
    # beyond the largest float
    assert likeliest(1e-200 * np.eye(2)) == 1.0


def test_altered_rows_stand_out_that_the_default_hides():
    Z = scale(load_breast_cancer().data)
    altered = [20, 200, 300]
    Z[altered] += 6 * np.eye(30)[[4, 15, 9]] + 6 * np.eye(30)[[8, 20, 25]]
    assert not NeonKDE().fit(Z).explain().flagged()[altered].any()
    assert NeonKDE("likelihood").fit(Z).explain().flagged()[altered].all()


def test_as_a_value_of_a_search():
    search = GridSearchCV(NeonKDE(), {"gamma": ["scale", "likelihood"]}, cv=3)
    assert search.fit(scale(WINE)).best_params_ == {"gamma": "likelihood"}
