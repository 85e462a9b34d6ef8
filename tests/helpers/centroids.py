# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A few points, and rows about them."""

import numpy as np

RNG = np.random.default_rng(0)
POINTS = 2 * RNG.normal(size=(7, 5))
ROWS = POINTS[RNG.integers(7, size=3000)] + RNG.normal(size=(3000, 5))
