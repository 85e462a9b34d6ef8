# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rules of thumb for gamma."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_wine
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE

WINE = load_wine().data


@pytest.mark.parametrize("rule", ["scott", "silverman"])
def test_bandwidths_are_those_of_kernel_density(rule):
    bandwidth = KernelDensity(bandwidth=rule).fit(WINE).bandwidth_
    np.testing.assert_allclose(NeonKDE(rule).fit(WINE).gamma_, 0.5 / bandwidth**2)


def test_scale_is_one_over_the_total_variance():
    expected = 1 / WINE.var(axis=0).sum()
    np.testing.assert_allclose(NeonKDE("scale").fit(WINE).gamma_, expected)


def median_square(X):
    H = cdist(X, X, metric="sqeuclidean")
    return np.median(np.where(H > 0, H, np.inf).min(axis=1))


def test_nearest_is_one_over_the_median_squared_distance():
    gamma = NeonKDE("nearest").fit(WINE).gamma_
    np.testing.assert_allclose(gamma, 1 / median_square(WINE))


def test_equal_rows_are_no_neighbours_but_count():
    X = np.vstack([WINE[:20], WINE[:7], WINE[:1]])
    gamma = NeonKDE("nearest").fit(X).gamma_
    np.testing.assert_allclose(gamma, 1 / median_square(X))


def test_nearest_by_weight_is_that_of_repeated_rows():
    weight = np.random.default_rng(0).integers(0, 4, 60)
    gamma = NeonKDE("nearest").fit(WINE[:60], sample_weight=weight).gamma_
    repeated = NeonKDE("nearest").fit(np.repeat(WINE[:60], weight, axis=0)).gamma_
    np.testing.assert_allclose(gamma, repeated)


@pytest.mark.parametrize("factor, shift", [(1e-120, 0.0), (1e120, 0.0), (1.0, 1e8)])
def test_nearest_scales_and_shifts(factor, shift):
    X = np.round(WINE * 4) / 4
    gamma = NeonKDE("nearest").fit(X * factor + shift).gamma_
    np.testing.assert_allclose(gamma * factor**2, NeonKDE("nearest").fit(X).gamma_)


def test_no_spread_gives_one():
    for rule in ("scale", "nearest"):
        assert NeonKDE(rule).fit(np.ones((5, 3))).gamma_ == 1.0
        assert NeonKDE(rule).fit(np.ones((1, 3))).gamma_ == 1.0
