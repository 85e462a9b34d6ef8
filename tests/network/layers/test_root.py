# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Roots of sums over the columns, beside NumPy's."""

import numpy as np
import pytest

from skneon.network import Distance, Query, ScaledDistance

RNG = np.random.default_rng(0)
POINTS, ROWS = RNG.normal(size=(3, 4)), RNG.normal(size=(5, 4))
UNITS = [Distance(POINTS), ScaledDistance(POINTS, np.array([1.0, 2.0, 0.5, 4.0]))]


@pytest.mark.parametrize("units", UNITS, ids=lambda units: type(units).__name__)
def test_activations_are_roots_of_the_sums_of_contributions(units):
    H = units.forward(ROWS, Query())
    # (K, n, d) to (n, K)
    T = units.contributions(ROWS, Query()).sum(axis=2).T
    np.testing.assert_allclose(units.activation(T), H, rtol=1e-12)
    np.testing.assert_allclose(units.sums(H), T, rtol=1e-12)
    np.testing.assert_allclose(units.per_sum(H) * T, H, rtol=1e-12)
    # on a point, and where rounding leaves less than nothing
    assert units.per_sum(np.zeros((1, 3))).tolist() == [[0.0] * 3]
    assert units.activation(np.array([-1e-20])).tolist() == [0.0]
