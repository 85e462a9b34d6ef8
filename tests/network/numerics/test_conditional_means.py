# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Conditional means of one Gaussian and of mixtures."""

import numpy as np
import pytest
from helpers import gaussians
from hypothesis import given, settings
from hypothesis import strategies as st

from skneon.network.numerics._conditional_means import (
    conditional_coefficients,
    mixture_conditionals,
)
from skneon.network.numerics._mixture_components import gaussian_components

labels = st.lists(st.integers(0, 3), min_size=1, max_size=5)


def expected_of(x, mean, covariance, own):
    """Regression of some columns on all others."""
    others = np.setdiff1d(np.arange(len(x)), own)
    part = np.linalg.pinv(covariance[np.ix_(others, others)], rcond=1e-12)
    return mean[own] + covariance[np.ix_(own, others)] @ part @ (x - mean)[others]


def density(x, mean, covariance, columns):
    z, part = (x - mean)[columns], covariance[np.ix_(columns, columns)]
    return np.exp(-z @ np.linalg.solve(part, z) / 2) / np.sqrt(np.linalg.det(part))


@given(gaussians.seeds, labels)
def test_one_gaussian(seed, groups):
    rng = np.random.default_rng(seed)
    d = len(groups)
    covariance, Z = gaussians.covariance_of(rng, d), rng.normal(size=(3, d)) * 5
    got = Z @ conditional_coefficients(covariance, groups).T
    for label in np.unique(groups):
        own = np.flatnonzero(np.asarray(groups) == label)
        for z, row in zip(Z, got, strict=True):
            expected = expected_of(z, np.zeros(d), covariance, own)
            np.testing.assert_allclose(row[own], expected, rtol=1e-8, atol=1e-9)


@settings(max_examples=50)
@given(
    gaussians.seeds,
    st.integers(1, 3),
    labels,
    st.sampled_from(["full", "tied", "diag", "spherical"]),
)
def test_mixtures(seed, n_components, groups, kind):
    rng = np.random.default_rng(seed)
    d = len(groups)
    weights, means, own, full = gaussians.mixture_of(rng, n_components, d, kind)
    X = means[rng.integers(n_components, size=4)] + rng.normal(size=(4, d))
    takes = rng.uniform(size=(4, n_components)) < 0.7
    takes[:, 0] = True
    components = gaussian_components(weights, means, own, kind)
    conditionals = mixture_conditionals(components, groups)
    for rivals, chosen in ((None, np.ones_like(takes)), (takes, takes)):
        got = conditionals.expected(X, rivals)
        for x, row, takes_part in zip(X, got, chosen, strict=True):
            for label in np.unique(groups):
                columns = np.flatnonzero(np.asarray(groups) == label)
                others = np.setdiff1d(np.arange(d), columns)
                r = weights * takes_part
                r = r * [
                    density(x, m, C, others) for m, C in zip(means, full, strict=True)
                ]
                each = [
                    expected_of(x, m, C, columns)
                    for m, C in zip(means, full, strict=True)
                ]
                expected = (r / r.sum()) @ np.array(each)
                np.testing.assert_allclose(row[columns], expected, rtol=1e-7, atol=1e-9)


def test_one_column_is_expected_at_the_mean():
    assert conditional_coefficients(np.array([[3.0]])).tolist() == [[0.0]]
    components = gaussian_components(
        np.array([0.25, 0.75]),
        np.array([[0.0], [4.0]]),
        np.array([1.0, 2.0]),
        "spherical",
    )
    got = mixture_conditionals(components).expected(np.array([[9.0]]))
    np.testing.assert_allclose(got, [[3.0]])


def test_a_perfectly_correlated_pair():
    B = conditional_coefficients(np.array([[1.0, 2.0], [2.0, 4.0]]))
    np.testing.assert_allclose(B, [[0, 0.5], [2, 0]], atol=1e-12)
    B = conditional_coefficients(np.diag([1.0, 0.0]))
    np.testing.assert_array_equal(B, np.zeros((2, 2)))


def test_without_a_component_nothing_is_expected():
    components = gaussian_components(np.ones(1), np.zeros((1, 2)), np.eye(2), "tied")
    got = mixture_conditionals(components).expected(
        np.ones((2, 2)), np.array([[True], [False]])
    )
    np.testing.assert_array_equal(got, [[0, 0], [np.nan, np.nan]])


@pytest.mark.parametrize("far", [1e3, 1e6])
def test_far_rows_have_finite_expectations(far):
    rng = np.random.default_rng(0)
    weights, means, own, _ = gaussians.mixture_of(rng, 3, 3)
    components = gaussian_components(weights, means, own, "full")
    assert np.isfinite(mixture_conditionals(components).expected(means * far)).all()
