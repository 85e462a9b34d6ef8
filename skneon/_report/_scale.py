# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows of a table are flagged, in words and numbers of terminals and pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from skneon._normal_tail import tail_shape
from skneon._p_values import flagged_by, p_values
from skneon._threshold import Threshold, is_beyond_reach, threshold
from skneon.explanation._text import count, is_number, number_text
from skneon.network.numerics._types import Array

# rows that are expected beyond the threshold in a table of ordinary ones, and the part
# of ordinary ones among new rows that are flagged
ALPHA, FDR = 0.05, 0.1
MORE_ROWS = "more training rows are needed"


@dataclass(frozen=True)
class Scale:
    """The scores of a table, and from which of them on rows are flagged.

    Those above ``least`` are. ``known`` are the scores of the training rows, ``limit``
    is their threshold, ``score`` are those of all rows, and ``why`` says how rows are
    flagged; "" where it is by that threshold. Where the rows are new, they have
    p-values.
    """

    known: Array
    limit: Threshold
    is_new: bool
    least: float
    why: str = ""
    score: Array = field(default_factory=lambda: np.zeros(0))

    def flagged(self, score: Array) -> Array:
        """Which of some scores are unusual in this table."""
        return np.asarray(score > self.least)

    @cached_property
    def n_beyond(self) -> int:
        """Number of rows that are flagged."""
        return int(self.flagged(self.score).sum())

    @property
    def beyond(self) -> str:
        """What flagged rows are."""
        return "flagged" if self.why else "beyond the threshold"

    def columns(self, scores: Array) -> dict[str, Array]:
        """What is known of each row by its score."""
        new = {"p": p_values(scores, self.known)} if self.is_new else {}
        found = {"score": scores, "multiple": self.limit.multiple(scores)}
        return found | new | {"flagged": self.flagged(scores)}

    def numbers(self, score: float) -> dict[str, Any]:
        """The same of one row; of a training row also its place among all."""
        one = np.array([score])
        found = {name: c[0].item() for name, c in self.columns(one).items()}
        place = {} if self.is_new else {"top": float(np.mean(self.score >= score))}
        return found | {"expected_once_in": float(self.limit.once_in(one)[0])} | place

    def facts(self) -> dict[str, Any]:
        """What is known of the table."""
        known = {"threshold": self.limit.value, "median": self.limit.median}
        by = self.why or "threshold"
        return known | {"n_flagged": self.n_beyond, "flagged_by": by}

    def words(self, score: float) -> str:
        """What a score means, in a few words."""
        if not self.is_new:
            return self.limit.words(score)
        one = np.array([score])
        multiple = times(float(self.limit.multiple(one)[0]))
        beside = f"{multiple} times the median of the training rows; " * bool(multiple)
        return f"{beside}p = {number_text(p_values(one, self.known)[0])}"

    def verdict(self, name: str) -> str:
        """The median of scores of this name, and how many rows are flagged."""
        is_other = self.is_new or len(self.known) != len(self.score)
        fit = " of the training rows" * is_other
        middle = f"The median {name}{fit} is {number_text(self.limit.median)}."
        if self.limit.note and not self.why:
            return f"{middle} Nothing says which scores are unusual: {self.limit.note}"
        n, chance = (
            self.n_beyond,
            f"about one of {round(1 / ALPHA)} tables of ordinary rows",
        )
        rows = f"{count(n, 'row')} {'is' if n == 1 else 'are'}" if n else "No row is"
        said = f"{middle} {rows} {self.beyond}"
        if self.why:
            return f"{said}, by {self.why}."
        said += f" {number_text(self.limit.value)}"
        if n:
            return f"{said}; {chance} is expected to have any."
        return f"{said}: so large a score is expected in {chance}."


def times(multiple: float) -> str:
    """A multiple of the median as readers see it; "" where there is none."""
    if not np.isfinite(multiple):
        return ""
    return f"{multiple:,.{1 if multiple < 10 else 0}f}"


def predicted(
    facts: Mapping[str, Any],
    score: Array,
    scale: Scale | None = None,
    is_command: bool = True,
) -> str:
    """How many rows a model calls outliers by a threshold of its own; "" without.

    Where the scale flags none of them, also how to flag them, by options of the command
    or in Python, and whether the scale's threshold is beyond the model's scores.
    """
    own, n = facts.get("threshold"), len(score)
    if not is_number(own):
        return ""
    many = int(np.sum(score > own))
    said = (
        f"By its own threshold, {number_text(own)}, the model predicts {many:,} of "
        f"{count(n, 'row')} to be outliers"
    )
    highest = facts.get("highest_score", np.inf)
    if scale and scale.why and highest <= scale.least < np.inf:
        most = number_text(highest)
        return f"No row can be: scores of this model are at most {most}. {said}.\n"
    if not many or (scale and (scale.why or scale.n_beyond)):
        return f"{said}.\n"
    if scale and is_beyond_reach(scale.limit, facts):
        most = number_text(facts["highest_score"])
        said = f"No row can be: the scores of this model are at most {most}. {said}"
    way = f"--threshold={own:.6g} flags them, --contamination a share of all rows"
    if not is_command:
        way = 'in Python: explanation.score > explanation.meta["threshold"]'
    return f"{said} ({way}).\n"


def by_threshold(
    known: Array, n_rows: int, is_new: bool = False, shape: float = 0.0
) -> Scale:
    """Rows beyond the threshold of a table of so many rows are flagged."""
    limit = threshold(known, ALPHA * len(known) / n_rows, shape)
    return Scale(known, limit, is_new, limit.value)


def by_level(scale: Scale, alpha: float, help: str = MORE_ROWS) -> Scale:
    """Rows of a p-value up to alpha are flagged."""
    n, why = len(scale.known), f"p up to {alpha:g}"
    if alpha < 1 / (n + 1):
        why += (
            f": with {count(n, 'training row')} the least possible p is 1/{n + 1}, so "
            f"none can be flagged; {help}"
        )
    return replace(scale, least=_above(scale.known, alpha), why=why)


def by_rate(scale: Scale, p: Array, fdr: float, help: str = MORE_ROWS) -> Scale:
    """Rows are flagged at a false discovery rate, among all of these p-values."""
    n, n_rows = len(scale.known), len(p)
    why = f"a false discovery rate of {fdr:g} (Benjamini and Hochberg)"
    # the least p is 1 / (n + 1); the quotient may be whole but for rounding
    fewest = int(np.ceil(round(n_rows / (fdr * (n + 1)), 9)))
    if fewest > n_rows:
        why += (
            f": with {count(n, 'training row')} at least {fewest} rows would have to "
            f"stand out together, of {n_rows}, so none can be flagged; {help}"
        )
    elif fewest > 1:
        why += f", for which at least {fewest} rows must stand out together"
    most = float(np.max(p[flagged_by(p, None, fdr)], initial=0.0))
    return replace(scale, least=_above(scale.known, most), why=why)


def _above(known: Array, p: float) -> float:
    """The score above which p-values are at most p."""
    possible = np.arange(1, len(known) + 1) / (len(known) + 1)
    n = int(np.sum(possible <= p))
    return float(np.sort(known)[-n]) if n else np.inf


def scale_of(
    known: Array | None,
    score: Array,
    is_new: bool = False,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> Scale | None:
    """The scale of all scores of a table, by those of the training rows.

    The ``facts`` of the explanation say how heavy the tail of ordinary scores is.
    None where these are not known. Training rows, which may be a sample of the table,
    are flagged by the threshold, new rows by their p-values.
    """
    if known is None or not len(known) or not len(score):
        return None
    found = by_threshold(known, len(score), is_new, tail_shape(facts))
    if is_new:
        found = by_rate(found, p_values(score, known), FDR)
    return replace(found, score=score)
