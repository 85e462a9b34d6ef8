# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows of a table are unusual, in words and numbers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skneon._p_values import flagged_by, p_values
from skneon._threshold import Threshold, threshold
from skneon.explanation._text import count, number_text, percent
from skneon.network.numerics._types import Array

# rows that are expected beyond the threshold in a table of ordinary ones, and the part
# of ordinary ones among new rows that are flagged
ALPHA, FDR = 0.05, 0.1


@dataclass(frozen=True)
class Scale:
    """The scores of all rows of a table, beside a threshold, or as new rows.

    ``known`` are the scores of the training rows where the rows are new: these have
    p-values.
    """

    limit: Threshold
    score: Array
    known: Array | None = None

    @cached_property
    def least(self) -> float:
        """Scores above are flagged; among new rows those from here on."""
        if self.known is None:
            return self.limit.value
        flagged = flagged_by(p_values(self.score, self.known), None, FDR)
        return float(self.score[flagged].min(initial=np.inf))

    def flagged(self, score: Array) -> Array:
        """Which of some scores are unusual in this table."""
        is_new = self.known is not None
        return np.asarray(score >= self.least if is_new else score > self.least)

    @property
    def n_beyond(self) -> int:
        """Number of rows that are flagged."""
        return int(self.flagged(self.score).sum())

    @property
    def beyond(self) -> str:
        """What flagged rows are."""
        return "beyond the threshold" if self.known is None else "flagged"

    def facts(self) -> dict[str, Any]:
        """What is known of the table."""
        limit = self.limit
        known = {"threshold": limit.value, "median": limit.median}
        return known | {"n_flagged": self.n_beyond}

    def numbers(self, score: float) -> dict[str, Any]:
        """What is known of a score."""
        one = np.array([score])
        return {
            "flagged": bool(self.flagged(one)[0]),
            "multiple": float(self.limit.multiple(one)[0]),
            "expected_once_in": float(self.limit.once_in(one)[0]),
        }

    def words(self, score: float) -> str:
        """What a score means, in a few words."""
        if self.known is None:
            return self.limit.words(score)
        one = np.array([score])
        multiple = times(float(self.limit.multiple(one)[0]))
        beside = f"{multiple} times the median of the training rows; " * bool(multiple)
        return f"{beside}p = {number_text(p_values(one, self.known)[0])}"

    def verdict(self, name: str) -> str:
        """The median of scores of this name, and how many are beyond the threshold."""
        fit = " of the training rows" * (self.limit.n_rows != len(self.score))
        said = self._beyond() if self.known is None else self._of_new(len(self.known))
        return f"The median {name}{fit} is {number_text(self.limit.median)}. {said}"

    def _of_new(self, n_known: int) -> str:
        n = self.n_beyond
        which = f"{n:,} of them {'is' if n == 1 else 'are'}" if n else "none is"
        return (
            f"The {count(len(self.score), 'row')} are compared with {n_known:,} "
            f"training rows by p-values, of which the least possible is 1/{n_known + 1}"
            f": {which} flagged at a false discovery rate of {percent(FDR)} "
            "(Benjamini and Hochberg)."
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


def scale_of(known: Array | None, score: Array, is_new: bool = False) -> Scale | None:
    """The scale of all scores of a table, by those of the training rows.

    None where these are not known. The threshold is for the whole table, of which the
    training rows may be a sample, or other rows where it `is_new`.
    """
    if known is None or not len(known) or not len(score):
        return None
    limit = threshold(known, ALPHA * len(known) / len(score))
    return Scale(limit, score, known if is_new else None)
