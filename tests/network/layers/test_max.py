# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The largest unit is the score, and of those that tie the first counts."""

import numpy as np
import pytest

from skneon.network import Max, Query

H = np.array([[1.0, 3.0, 2.0], [-1.0, -1.0, -2.0], [0.0, 5.0, 5.0]])


def test_the_first_of_the_largest_counts():
    score, weights = Max().pool(H, Query())
    np.testing.assert_array_equal(score, [3, -1, 5])
    np.testing.assert_array_equal(weights, [[0, 1, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(Max().forward(H, Query()), score)
    summands = Max().summands(H, weights, Query())
    np.testing.assert_array_equal(summands.sum(axis=1), score)


def test_weights_and_offsets():
    weighted = Max([2.0, 1.0, 1.0], [0.5, 0.0, 1.0])
    score, weights = weighted.pool(H, Query())
    np.testing.assert_array_equal(score, [3, -1, 6])
    # of 3 and 3 the first counts
    np.testing.assert_array_equal(weights, [[0, 1, 0], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(weighted.forward(H, Query()), score)
    left = score - weighted.summands(H, weights, Query()).sum(axis=1)
    np.testing.assert_array_equal(left, [0, 0, 1])
    assert weighted.equation == "o = max_k (a_k h_k + c_k)"
    assert weighted.unspent == "c_k of the largest unit"
    assert Max().equation == "o = max_k h_k"


@pytest.mark.parametrize(
    ("weights", "offsets", "message"),
    [
        ([1.0, 0.0], None, r"weights of a Max must be above 0, got \[1.0, 0.0\]"),
        ([[1.0]], None, "weights of a Max must be finite numbers, one for each unit"),
        (None, [np.nan], r"offsets of a Max must be finite numbers.*got \[nan\]"),
    ],
)
def test_numbers_are_checked(weights, offsets, message):
    with pytest.raises(ValueError, match=message):
        Max(weights, offsets)
    with pytest.raises(ValueError, match="A Max has 2 offsets, and there are 3 units"):
        Max(offsets=[1.0, 2.0]).forward(H, Query())
