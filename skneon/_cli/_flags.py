# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which rows are flagged, and how scores stand among those of the training rows."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon._p_values import flagged_by, p_values
from skneon._report._scale import ALPHA, FDR, Scale
from skneon._threshold import Threshold, threshold
from skneon.explanation._text import count, number_text
from skneon.network.numerics._types import Array


@dataclass(frozen=True)
class Flags:
    """Rows of a score above ``score``, or of a p-value up to ``p``.

    ``known`` are the scores of the training rows, ``limit`` their threshold, and
    ``why`` says how rows are flagged; "" where it is by that threshold.
    """

    known: Array
    limit: Threshold
    is_new: bool
    score: float = np.inf
    p: float = 0.0
    why: str = ""

    def columns(self, scores: Array) -> dict[str, Array]:
        """What is known of each row by its score."""
        found = {"score": scores, "multiple": self.limit.multiple(scores)}
        p = p_values(scores, self.known) if self.is_new else np.ones(len(scores))
        new = {"p": p} if self.is_new else {}
        return found | new | {"flagged": (scores > self.score) | (p <= self.p)}

    def numbers(self, score: float, scores: Array) -> dict[str, Any]:
        """The same of one of all scores; of a training row also its place in them."""
        found = {n: c[0].item() for n, c in self.columns(np.array([score])).items()}
        once = float(self.limit.once_in(np.array([score]))[0])
        place = {} if self.is_new else {"top": float(np.mean(scores >= score))}
        return found | {"expected_once_in": once} | place

    def scale(self, scores: Array) -> Scale:
        """All scores of the table, as reports see them."""
        return Scale(self.limit, scores, self.known if self.is_new else None)

    def facts(self, scores: Array) -> dict[str, Any]:
        """What is known of the table of all these scores."""
        facts = self.scale(scores).facts()
        n_flagged = int(self.columns(scores)["flagged"].sum())
        return facts | {"n_flagged": n_flagged, "flagged_by": self.why or "threshold"}

    def verdict(self, scores: Array) -> str:
        """The median of the scores, and how many rows are flagged."""
        if not self.why:
            return self.scale(scores).verdict("outlierness")
        n, of = self.facts(scores)["n_flagged"], " of the training rows" * self.is_new
        flagged = f"{count(n, 'row')} {'is' if n == 1 else 'are'}" if n else "No row is"
        return (
            f"The median outlierness{of} is {number_text(self.limit.median)}. "
            f"{flagged} flagged, by {self.why}."
        )


def flags_of(
    given: Namespace,
    known: Array,
    n_rows: int,
    is_new: bool,
    all_p: Callable[[], Array],
) -> Flags:
    """The way that the arguments say, for a table of so many rows.

    Of new rows that is by default a false discovery rate; ``all_p`` gives the p-values
    of all of them.
    """
    # for as many rows as the table has
    limit = threshold(known, ALPHA * len(known) / n_rows)
    if given.threshold is not None:
        why = f"an outlierness above {given.threshold:g}"
        return Flags(known, limit, is_new, score=given.threshold, why=why)
    if given.contamination is not None:
        value = float(np.quantile(known, 1 - given.contamination))
        of = f"a share of {given.contamination:g} of the training rows has"
        why = f"an outlierness above {number_text(value)}, which {of}"
        return Flags(known, limit, is_new, score=value, why=why)
    if given.alpha is not None:
        why = f"p up to {given.alpha:g}"
        return Flags(known, limit, is_new, p=given.alpha, why=why)
    if not is_new:
        return Flags(known, limit, is_new, score=limit.value)
    p, fdr = all_p(), FDR if given.fdr is None else given.fdr
    most = float(np.max(p[flagged_by(p, None, fdr)], initial=0.0))
    why = f"a false discovery rate of {fdr:g} (Benjamini and Hochberg)"
    # the least p is 1 / (N + 1)
    fewest = int(np.ceil(n_rows / (fdr * (len(known) + 1))))
    if fewest > 1:
        why += f", for which at least {fewest} rows must stand out together"
    return Flags(known, limit, is_new, p=most, why=why)
