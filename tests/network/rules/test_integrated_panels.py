# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Integrals by panels, for rows that other quadratures leave."""

import numpy as np

from skneon.network.rules import _integrated_soft_argmin as _quadrature
from skneon.network.rules._integrated_soft_argmin import LIMITS, integrated_soft_argmin


def test_panels_take_the_rows_that_are_beyond_all_limits(monkeypatch):
    seen, panels = [], _quadrature.integrated_by_panels

    def watched(T, *arguments):
        seen.append(len(T))
        return panels(T, *arguments)

    monkeypatch.setattr(_quadrature, "integrated_by_panels", watched)
    rng = np.random.default_rng(0)
    H = rng.uniform(size=(40, 20))
    H[:, 0], H[:, 1] = 0.0, 1.0
    H[::4] *= 10 * LIMITS[-1]
    H[20:, 2] = np.inf
    total = np.where(np.arange(40) < 20, 1.0, 0.95)
    P = np.full((1, 20), 0.05)
    weights, pooled = integrated_soft_argmin(H, P, 1.0, total)
    assert seen == [10]
    sums = np.sum(weights * np.minimum(H, 1e9), axis=1)
    np.testing.assert_allclose(sums, pooled, rtol=1e-11)
    # those between them are what they are without
    others = np.arange(40) % 4 > 0
    expected, same = integrated_soft_argmin(H[others], P, 1.0, total[others])
    assert seen == [10]
    np.testing.assert_allclose(weights[others], expected, rtol=1e-13)
    np.testing.assert_allclose(pooled[others], same, rtol=1e-13)
