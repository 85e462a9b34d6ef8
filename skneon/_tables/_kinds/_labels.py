# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Numbers that label the rows, and measure nothing."""

import re

import numpy as np

from skneon.network.numerics._types import Array

# names that people give to labels
WORD = re.compile(
    r"(^|[^a-z])(ids?|keys?|codes?|numbers?|no|nr|num|uuid|index|idx|rownames|rows?|ssn"
    r"|zip|plz|postcode|ref|account|phone|serial|barcode|isbn|sku|imei)(?![a-z])"
)
CAMEL = re.compile(r"[a-z](ID|Id|Nr|No|Key|Code)(?![a-z])")
ROWS, DIFFERENT, EVEN = 20, 0.95, 0.08


def is_label_name(name: str) -> bool:
    """Whether a column of this name is meant to label rows."""
    return bool(WORD.search(name.lower()) or CAMEL.search(name))


def are_different(values: Array) -> bool:
    """Whether whole numbers are nearly all different, as labels are."""
    values = values[~np.isnan(values)]
    if len(values) < ROWS or (values % 1).any():
        return False
    return len(np.unique(values)) >= DIFFERENT * len(values)


def are_spaced(values: Array) -> bool:
    """Whether such numbers are about evenly spread, less those at the ends."""
    values = np.sort(values[~np.isnan(values)])
    values = values[len(values) // 50 : len(values) - len(values) // 50]
    even = np.linspace(values[0], values[-1], len(values))
    # of few rows chance alone makes gaps
    slack = EVEN + 1 / np.sqrt(len(values))
    return bool(np.abs(values - even).max() < slack * (values[-1] - values[0]))
