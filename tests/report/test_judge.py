# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a report says of how faithful its explanations are."""

import pytest

from skneon._report._judge import pace


@pytest.mark.parametrize(
    ("own", "random", "words"),
    [
        (0.4, 0.5, "clearly faster than"),
        (0.47, 0.5, "only slightly faster than"),
        (0.4999, 0.5, "about as fast as"),
        (0.5, 0.5, "about as fast as"),
        (0.0, 0.0, "about as fast as"),
        (0.51, 0.5, "more slowly than"),
        (-0.2, -0.1, "clearly faster than"),
    ],
)
def test_the_pace_of_flipping_is_told_as_it_is(own, random, words):
    assert pace(own, random) == words
