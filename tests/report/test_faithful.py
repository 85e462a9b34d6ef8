# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How faithful the explanations are."""

import re

from helpers.report_pages import clean


def test_faithfulness_is_said(wine):
    page = clean(wine.html)
    assert re.search(r"Conservation error \d\.\de-1\d", page.text)
    own, other = map(
        float, re.search(r"Flipping score ([\d.]+), in random order ([\d.]+)",
                         page.text).groups()
    )  # fmt: skip
    assert own < 0.9 * other
