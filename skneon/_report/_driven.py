# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What drives the unusual rows of a table: which rows, and their groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from skneon._report._scale import Scale
from skneon.explanation._explanation import Explanation
from skneon.explanation._ranking import chosen_ranking, chosen_rows
from skneon.explanation._reason_groups import ReasonGroup
from skneon.explanation._text import all_of, count, score_name

# more flagged rows than these are read by groups
MANY = 10


@dataclass(frozen=True)
class Driven:
    """The rows that the chart asks about, among those that stand beside them."""

    beside: Explanation
    # which of them; None as `SummaryDisplay` has it
    rows: Any
    title: str
    caption: str
    groups: Sequence[ReasonGroup] = ()

    @property
    def is_part(self) -> bool:
        """Whether there are other rows to compare with."""
        return len(chosen_rows(self.beside, self.rows)) < len(self.beside)


def driven_rows(main: Explanation, n_sample: int, scale: Scale | None) -> Driven:
    """The flagged rows of the sample, or those of the largest scores where none is.

    Rows that are flagged outside of the sample alone stand beside all that are
    explained.
    """
    sample = main[:n_sample]
    if not isinstance(main.target, str):
        mean = f"Bars: mean size of a contribution over {count(n_sample, 'row')}."
        return Driven(sample, None, "", mean)
    what = "excess over an ordinary row, in units of the score"
    if chosen_ranking(main, None) == "relevance":
        what = "size of a contribution"
    flagged = None if scale is None else scale.flagged(main.judged_score)
    if scale is None or flagged is None or not flagged.any():
        n = len(chosen_rows(sample, None))
        largest = f"{all_of(n, 'row')} of the largest {score_name(main.target)}"
        none = "" if scale is None else f", none of which is {scale.beyond}"
        return Driven(sample, None, "", _caption(largest + none, what, sample))
    groups = main.groups(rows=flagged) if flagged.sum() > MANY else ()
    if flagged[:n_sample].any():
        flagged = flagged[:n_sample]
    beside = main[: len(flagged)]
    which = f"{all_of(int(flagged.sum()), 'row')} {scale.beyond}"
    title = f"What drives {which}"
    return Driven(beside, flagged, title, _caption(which, what, beside), groups)


def _caption(which: str, what: str, beside: Explanation) -> str:
    return (
        f"What drives {which}: dark bars are means over these, light ones over "
        f"{count(len(beside), 'row')}, of the {what}."
    )
