# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The largest unit is the score, and of those that tie the first counts."""

import numpy as np

from skneon.network import Max, Query

H = np.array([[1.0, 3.0, 2.0], [-1.0, -1.0, -2.0], [0.0, 5.0, 5.0]])


def test_the_first_of_the_largest_counts():
    score, weights = Max().pool(H, Query())
    np.testing.assert_array_equal(score, [3, -1, 5])
    np.testing.assert_array_equal(weights, [[0, 1, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(Max().forward(H, Query()), score)
    summands = Max().summands(H, weights, Query())
    np.testing.assert_array_equal(summands.sum(axis=1), score)
