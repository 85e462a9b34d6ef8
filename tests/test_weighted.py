# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weighted statistics against repeated rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skneon._weighted import effective_sample_size, total_variance, weighted_quantile

weights = st.lists(st.integers(0, 4), min_size=1, max_size=30).filter(any)


@given(weights, st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_quantile_is_that_of_repeated_values(repeats, percent, seed):
    q = percent / 100
    repeats = np.array(repeats)
    values = np.random.default_rng(seed).integers(0, 8, len(repeats)) / 4
    expected = np.quantile(
        np.repeat(values, repeats), q, method="averaged_inverted_cdf"
    )
    assert weighted_quantile(values, q, repeats / repeats.sum()) == expected


@given(weights, st.integers(0, 2**32 - 1))
def test_variance_is_that_of_repeated_rows(repeats, seed):
    repeats = np.array(repeats)
    X = 1e8 + np.random.default_rng(seed).normal(size=(len(repeats), 3))
    expected = np.repeat(X - 1e8, repeats, axis=0).var(axis=0).sum()
    assert total_variance(X, repeats / repeats.sum()) == pytest.approx(
        expected, rel=1e-7, abs=1e-14
    )


def test_variance_of_equal_rows_is_zero():
    assert total_variance(np.full((7, 2), 0.1), np.full(7, 1 / 7)) == 0


def test_effective_sample_size():
    assert effective_sample_size(np.array([2.0, 2.0, 0.0, 2.0])) == pytest.approx(3)
    assert effective_sample_size(np.array([1.0, 1e-9])) == pytest.approx(1)
