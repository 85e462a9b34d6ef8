# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sums of exponentials: quadrature rules, and the incomplete gamma function by them."""

import mpmath
import numpy as np
import pytest
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._quadrature_nodes import (
    IncompleteGamma,
    as_slice,
    blocks,
    exponentials,
    lobatto,
)
from skneon.network.numerics._tiles import Scratch

EXPONENTS = [1.5, 2.0, 2.5, 4.0, 16.5, 51.0, 250.0, 501.5]


def values(s, T, scratch=None):
    T = np.asarray(T, dtype=float)
    scratch = Scratch() if scratch is None else scratch
    return IncompleteGamma(s)(T, np.full(T.shape, np.nan), scratch)


def assert_accurate(got, s, T):
    """To 1e-10, where no number is next to underflow."""
    expected = scaled_incomplete_gamma(s, T)
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-290)


@pytest.mark.parametrize("n", range(3, 33))
def test_lobatto_rules_are_exact_for_polynomials(n):
    nodes, weights = lobatto(n)
    assert nodes[0] == 0 and nodes[-1] == 1
    assert np.all(np.diff(nodes) > 0) and np.all(weights > 0)
    np.testing.assert_allclose(nodes + nodes[::-1], 1, rtol=1e-14)
    np.testing.assert_allclose(weights, weights[::-1], rtol=1e-12)
    for degree in range(2 * n - 2):
        assert weights @ nodes**degree == pytest.approx(1 / (degree + 1), rel=1e-12)
        # powers of the middle, which do not hide behind the last node
        got, power = weights @ (nodes - 0.5) ** degree, 0.5**degree
        expected = power / (degree + 1) if degree % 2 == 0 else 0.0
        assert abs(got - expected) <= 1e-13 * power
    if n < 12:
        # of no degree more, where that is above rounding
        assert weights @ nodes ** (2 * n - 2) > (1 + 1e-12) / (2 * n - 1)


@pytest.mark.parametrize("s", EXPONENTS)
def test_incomplete_gamma_of_rows_of_one_size(s):
    T = np.concatenate([[0.0], np.geomspace(1e-12, 1e5, 200)])
    assert_accurate(values(s, T[:, None]), s, T[:, None])


@pytest.mark.parametrize("s", [1.5, 4.0, 51.0, 501.5])
def test_incomplete_gamma_to_fifty_digits(s):
    T = np.concatenate([[0.0], np.geomspace(1e-6, 1e5, 45)])
    got = values(s, T[:, None])[:, 0]
    with mpmath.workdps(50):
        for value, t in zip(got, T, strict=True):
            expected = mpmath.exp(-t) * mpmath.hyp1f1(1, s + 1, mpmath.mpf(t)) / s
            if expected > 1e-290:
                assert abs(value / float(expected) - 1) < 1e-10


@given(st.sampled_from(EXPONENTS), seeds, st.integers(1, 12), st.integers(1, 30))
def test_incomplete_gamma_of_rows_that_mix_small_and_large(s, seed, n, N):
    rng = np.random.default_rng(seed)
    size = rng.uniform(-12, 5, size=(n, 1))
    T = 10 ** np.minimum(size + rng.uniform(-6, 6, size=(n, N)), 5)
    T[rng.random(size=(n, N)) < 0.2] = 0.0
    got = values(s, T)
    assert_accurate(got, s, T)
    alone = values(s, T[n // 2 : n // 2 + 1])
    np.testing.assert_allclose(alone[0], got[n // 2], rtol=1e-12, atol=1e-300)


@given(st.sampled_from(EXPONENTS[:4]), seeds)
def test_incomplete_gamma_in_small_blocks_and_used_scratch(s, seed):
    rng = np.random.default_rng(seed)
    scratch = Scratch()
    for block in (2**17, 100, 1, 40):
        shape = rng.integers(1, 20, size=2)
        T = 10 ** rng.uniform(-3, 4, size=(shape[0], 1)) * rng.random(shape)
        out = np.full(T.shape, np.nan)
        scratch.block = block
        assert IncompleteGamma(s)(T, out, scratch) is out
        assert_accurate(out, s, T)


def test_incomplete_gamma_at_zero_and_far_away():
    for s in EXPONENTS:
        got = values(s, np.array([[0.0, 0.0], [0.0, 1e300], [1e300, 1e300]]))
        np.testing.assert_allclose(got[0], 1 / s, rtol=1e-12)
        np.testing.assert_allclose(got[1, 0], 1 / s, rtol=1e-12)
        assert 0 <= got[2, 0] < 1e-200 and np.array_equal(got[1:, 1], got[2])


def test_limits_of_the_rules_increase():
    for s in EXPONENTS:
        rule = IncompleteGamma(s)
        assert len(rule.limits) == len(rule.rules) == len(rule.n_nodes)
        assert np.all(np.diff(rule.limits) >= 0) and rule.limits[-1] > 50
        for nodes, weights in rule.rules:
            assert np.all((nodes > 0) & (nodes < 1)) and np.all(weights >= 0)
            assert weights.sum() == pytest.approx(1 / s, rel=1e-12)


def test_exponentials_by_row_and_node():
    rng = np.random.default_rng(0)
    T, nodes = rng.uniform(0, 800, size=(4, 7)), rng.random(3)
    out = np.full((4, 3, 7), np.nan)
    assert exponentials(T, nodes, out) is out
    expected = np.exp(-nodes[:, None] * T[:, None, :])
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-300)


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(0, 200))
def test_blocks_of_rows(numbers, width):
    rows = np.array(sorted(numbers))
    parts = list(blocks(rows, width, 100))
    together = np.concatenate([np.arange(41)[some] for some in parts])
    np.testing.assert_array_equal(together, rows)
    for some in parts:
        n = len(np.arange(41)[some])
        assert n == 1 or n * width <= 100
    one = as_slice(rows)
    np.testing.assert_array_equal(np.arange(41)[one], rows)
    assert isinstance(one, slice) == (np.ptp(rows) == len(rows) - 1)
