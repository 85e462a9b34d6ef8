# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Several explanations as one: names of levels that agree are kept."""

from dataclasses import replace

import pytest

from skneon import Explanation


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("a",), ("a",), ("a",)),
        (("a",), ("b",), None),
        (("a", "b"), ("a", "c"), ("a", None)),
        (("a", "b"), ("a",), None),
        (None, ("a",), None),
    ],
)
def test_names_of_levels(explanation, first, second, expected):
    parts = [replace(explanation, index_names=names) for names in (first, second)]
    both = Explanation.concat(parts)
    assert both.index_names == expected and len(both) == 2 * len(explanation)
