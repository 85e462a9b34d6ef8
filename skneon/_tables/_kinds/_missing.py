# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Marks for missing numbers, and numbers that may stand for one."""

import re

import numpy as np

from skneon.network.numerics._types import Array

# what stands for a missing value in a column of numbers
WORDS = (
    "missing|unknown|undefined|unavailable|not (?:available|applicable|known|recorded)"
    "|no data|none|nil|null|nan|n\\.?[adk]\\.?|n/[adk]|k\\.?a\\.?|na\\.?|tba|tbd"
)
MARKED = rf"#(?:N/?A|NV|DIV/0|[A-Z/0]+[!?])|\\n|[(<\[]?(?:{WORDS})[)>\]]?"
MARK = rf"(?i)^(?:[^\pL\pN]{{1,6}}|{MARKED})$"
LEAST, FAR = 3, 1.0


def is_mark_of_letters(text: str) -> bool:
    """Whether a text stands for a missing number, and is not made of signs alone."""
    return re.fullmatch(MARKED, text, re.IGNORECASE) is not None


def sentinel(values: Array) -> float | None:
    """A whole number that is repeated, and far from all the others; or None."""
    values = values[~np.isnan(values)]
    numbers, counts = np.unique(values, return_counts=True)
    if len(numbers) < 5:
        return None
    for end, rest in ((0, numbers[1:]), (-1, numbers[:-1])):
        value = float(numbers[end])
        gap = abs(value - rest[end])
        spread = rest[-1] - rest[0]
        nines = str(abs(int(value))).strip("9") == "" and abs(value) >= 9
        alone = end == 0 and value < 0 <= rest[0] and value <= -9
        often = counts[end] >= max(LEAST, 2 * np.median(counts))
        far = gap > FAR * spread or (nines and gap > spread / 10) or alone
        if value % 1 == 0 and value and often and far:
            return value
    return None
