# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows of a table are unusual, in words and numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon._threshold import Threshold, threshold
from skneon.explanation._text import count, number_text
from skneon.network.numerics._types import Array

# rows that are expected beyond the threshold in a table of ordinary ones
ALPHA = 0.05


@dataclass(frozen=True)
class Scale:
    """The scores of all rows of a table, beside a threshold."""

    limit: Threshold
    score: Array

    @property
    def n_beyond(self) -> int:
        """Number of rows that are beyond the threshold."""
        return int(self.limit.flagged(self.score).sum())

    def facts(self) -> dict[str, Any]:
        """What is known of the table."""
        limit = self.limit
        known = {"threshold": limit.value, "median": limit.median}
        return known | {"n_flagged": self.n_beyond}

    def numbers(self, score: float) -> dict[str, Any]:
        """What is known of a score."""
        one = np.array([score])
        return {
            "flagged": bool(self.limit.flagged(one)[0]),
            "multiple": float(self.limit.multiple(one)[0]),
            "expected_once_in": float(self.limit.once_in(one)[0]),
        }

    def verdict(self, name: str) -> str:
        """The median of scores of this name, and how many are beyond the threshold."""
        fit = " of the training rows" * (self.limit.n_rows != len(self.score))
        return (
            f"The median {name}{fit} is {number_text(self.limit.median)}. "
            f"{self._beyond()}"
        )

    def _beyond(self) -> str:
        if self.limit.note:
            return f"Nothing says which scores are unusual: {self.limit.note}"
        n, chance = self.n_beyond, f"one of {round(1 / ALPHA)} tables of ordinary rows"
        value = number_text(self.limit.value)
        if not n:
            return (
                f"No row is beyond the threshold {value}: so large a score is expected "
                f"in {chance}."
            )
        return (
            f"{count(n, 'row')} {'is' if n == 1 else 'are'} beyond the threshold "
            f"{value}; {chance} is expected to have any."
        )


def times(multiple: float) -> str:
    """A multiple of the median as readers see it; "" where there is none."""
    if not np.isfinite(multiple):
        return ""
    return f"{multiple:,.{1 if multiple < 10 else 0}f}"


def scale_of(known: Array | None, score: Array) -> Scale | None:
    """The scale of all scores of a table, by those of the training rows.

    None where these are not known. The threshold is for the whole table, of which the
    training rows may be a sample.
    """
    if known is None or not len(known) or not len(score):
        return None
    return Scale(threshold(known, ALPHA * len(known) / len(score)), score)
