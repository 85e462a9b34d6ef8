# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of rows among which there are few different ones."""

import pickle

import numpy as np
import pytest

from skneon.explanation import SharedRows

POINTS = np.array([[0.0, 1.0], [2.0, 3.0]])


def test_stacked():
    one, same = SharedRows(POINTS, np.array([1, 0])), SharedRows(POINTS, np.array([0]))
    other = SharedRows(-POINTS, np.array([1]))
    whole = SharedRows.stacked([one, same, other])
    expected = np.concatenate([part.toarray() for part in (one, same, other)])
    np.testing.assert_array_equal(whole, expected)
    assert len(SharedRows.stacked([one, same]).points) == 2


def test_cannot_be_written_to():
    table = pickle.loads(pickle.dumps(SharedRows(POINTS, np.array([1, 0]))))
    with pytest.raises(ValueError, match="read-only"):
        table.points[0] = 7.0
