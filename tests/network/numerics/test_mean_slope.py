# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How kernels fall per unit of squared distance, against fifty digits."""

import mpmath
import numpy as np
import pytest

from skneon.network.numerics._mean_slope import mean_slope


@pytest.mark.parametrize("h", [0.0, 1e-310, 1e-160, 1e-12, 1e-3, 1.0, 700.0, 1e300])
@pytest.mark.parametrize("gamma", [1e-3, 1.0, 50.0, 1e20])
def test_no_digits_are_lost(h, gamma):
    H = np.array([[h]])
    with mpmath.workdps(50):
        t = mpmath.mpf(gamma) * mpmath.mpf(h)
        expected = float(-mpmath.expm1(-t) / mpmath.mpf(h)) if h else gamma
    out = np.empty_like(H)
    assert mean_slope(H, gamma, out) is out and H[0, 0] == h
    assert abs(out[0, 0] - expected) <= 1e-14 * expected
    if h < 1e30 and gamma < 1e10:
        single = mean_slope(H.astype(np.float32), gamma)
        assert single.dtype == np.float32
        assert abs(single[0, 0] - expected) <= 1e-6 * expected
