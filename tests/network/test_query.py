# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What is asked about rows."""

import numpy as np

from skneon.network import (
    Query,
)


def test_query_slices_every_field():
    query = Query(leave_out=np.arange(5), rival=np.arange(5, 10))
    part = query[1:3]
    np.testing.assert_array_equal(part.leave_out, [1, 2])
    np.testing.assert_array_equal(part.rival, [6, 7])
    assert part.cluster is None
