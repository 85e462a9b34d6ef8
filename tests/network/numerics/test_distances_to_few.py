# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Points that are told apart by one matrix product, and the first of the least."""

import numpy as np
from helpers.centroids import POINTS, RNG

from skneon.network.numerics._distances_to_few import Cells, first_least


def test_points_of_all_sizes_are_not_sharp():
    assert Cells.sharp(POINTS) is not None
    assert Cells.sharp(POINTS + 1e8) is not None
    assert Cells.sharp(np.vstack([POINTS, POINTS[:1] + 1e-3])) is None
    assert Cells.sharp(np.vstack([POINTS, POINTS[:1] + 1e4])) is None
    assert Cells.sharp(POINTS[:1]) is None


def test_the_first_of_the_least():
    H = RNG.integers(3, size=(50, 300)).astype(float)
    for values in (H, np.asfortranarray(H), np.full((4, 3), np.inf)):
        got = first_least(values, values.min(axis=1))
        np.testing.assert_array_equal(got, values.argmin(axis=1))
