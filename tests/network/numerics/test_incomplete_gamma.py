# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The scaled incomplete gamma function against 50-digit arithmetic."""

import mpmath
import numpy as np
import pytest

from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("d", [1, 2, 3, 6, 30, 100, 1000])
def test_agrees_with_fifty_digits(d, shift):
    s = d / 2 + shift
    around = s + 1 + np.linspace(-0.5, 0.5, 11) * np.sqrt(s + 1)
    t = np.unique(np.concatenate([[0.0], np.logspace(-12, 6, 120), around]))
    with mpmath.workdps(50):
        expected = [
            # e^-t M(1, s + 1, t) / s, which is t^-s g(s, t)
            mpmath.exp(-mpmath.mpf(v)) * mpmath.hyp1f1(1, s + 1, mpmath.mpf(v)) / s
            for v in t
        ]
        largest = max(map(abs, expected))
    got = scaled_incomplete_gamma(s, t)
    compared = 0
    for value, reference in zip(got, expected, strict=True):
        if reference > 1e-300:
            assert abs(value / float(reference) - 1) < 1e-10
            compared += 1
        else:  # no normal floating point number is so small
            assert 0 <= value < 1e-299
    assert compared >= 60
    assert float(largest) == pytest.approx(1 / s, rel=1e-12)


def test_equals_the_incomplete_gamma_function():
    with mpmath.workdps(50):
        for s, t in [(0.5, 0.3), (3.0, 40.0), (51.0, 60.0)]:
            reference = mpmath.gammainc(s, 0, t) / mpmath.mpf(t) ** s
            got = scaled_incomplete_gamma(s, np.array([t]))[0]
            assert got == pytest.approx(float(reference), rel=1e-12)


def test_recurrence_that_makes_inlier_relevances_add_up():
    t = np.logspace(-6, 3, 50)
    for s in (0.5, 4.0, 50.0):
        left = s * scaled_incomplete_gamma(s, t)
        right = t * scaled_incomplete_gamma(s + 1, t) + np.exp(-t)
        np.testing.assert_allclose(left, right, rtol=1e-11)


def test_thousands_of_features_do_not_overflow():
    values = scaled_incomplete_gamma(5000.0, np.array([0.0, 10.0, 699.0, 701.0, 4e3]))
    assert np.all(np.isfinite(values)) and np.all(np.diff(values) <= 0)
