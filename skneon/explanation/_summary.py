# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What drives some of the rows, beside all of them: numbers per column."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skneon._validation import import_optional
from skneon.explanation._ranking import (
    chosen_ranking,
    chosen_rows,
    excess,
    importance,
)
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from skneon.explanation._fields import Fields


@dataclass(frozen=True, eq=False)
class Summary:
    """Means over rows of what columns are ranked by.

    Attributes
    ----------
    by : str
        "excess" or "relevance".
    rows : ndarray of int
        Numbers of the rows that were chosen.
    size : ndarray of shape (len(rows), d)
        What columns are ranked by, in these rows.
    inside, everywhere : ndarray of shape (d,)
        Its means over these rows, and over all rows.
    """

    by: str
    rows: Array
    size: Array
    inside: Array
    everywhere: Array

    @property
    def order(self) -> Array:
        """Numbers of the columns, those first that drive the chosen rows."""
        return np.argsort(-self.inside, kind="stable")

    @property
    def leads(self) -> Array:
        """The part of the chosen rows in which each column is first, (d,)."""
        first = self.size.argmax(axis=1)
        return np.bincount(first, minlength=len(self.inside)) / len(self.rows)


def summarize(explanation: "Fields", rows: Any, by: str | None) -> Summary:
    """What columns have in some rows, beside all rows.

    Parameters
    ----------
    explanation : Explanation
    rows : float, mask, array of int, or None
        As in `Explanation.summary`.
    by : {"excess", "relevance"} or None
    """
    by = chosen_ranking(explanation, by)
    numbers = chosen_rows(explanation, rows)
    size = importance(explanation, by)
    inside = size[numbers]
    return Summary(by, numbers, inside, inside.mean(axis=0), size.mean(axis=0))


def summary_frame(explanation: "Fields", rows: Any, by: str | None) -> Any:
    """See `Explanation.summary`."""
    pandas = import_optional("pandas", "pandas")
    found = summarize(explanation, rows, by)
    size = np.abs(explanation.relevance)
    try:
        beyond = excess(explanation)
    except ValueError:
        beyond = np.full(size.shape, np.nan)
    columns = {
        "excess": beyond[found.rows].mean(axis=0),
        "relevance": size[found.rows].mean(axis=0),
        "leads": found.leads,
        "excess_of_all": beyond.mean(axis=0),
        "relevance_of_all": size.mean(axis=0),
    }
    names = pandas.Index(explanation.feature_names, name="feature")
    return pandas.DataFrame(columns, index=names).iloc[found.order]
