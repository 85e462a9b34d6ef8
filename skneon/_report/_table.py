# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The table of a report: an overview of its columns, and a plane to draw it in."""

from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from skneon._tables._kinds._texts import Texts
from skneon._tables._libraries import pd
from skneon._tables._options import Options
from skneon._tables._plan import Plan, table_of
from skneon._tables._read import memory_source
from skneon._tables._survey import Survey, survey
from skneon.explanation._text import cell_text, shorten

LONGEST_CELL = 80


def shown_cell(value: object) -> str:
    """A cell as one line that is not too long."""
    return shorten(cell_text(value), LONGEST_CELL)


def read(X: Any) -> tuple[Plan, Survey]:
    """A table of any make, all of whose columns are features if they have values."""
    source = memory_source(X, "X", Options())
    found = survey(source, source.columns, Options(), np.iinfo(int).max, [])
    usable = {n: c.kind for n, c in found.columns.items()
              if c.n_values and c.infinite is None}  # fmt: skip
    return Plan(usable, (), {}, None), found


def features(plan: Plan, found: Survey) -> Any:
    """The features of all rows that were kept, as a frame."""
    return table_of(plan.kinds, found.sample, found.rows)


def overview(plan: Plan, found: Survey) -> tuple[Any, list[dict[str, Any]]]:
    """Which cells are missing, and a line a column: kind, range, what is frequent."""
    kinds = {name: column.kind for name, column in found.columns.items()}
    frame = table_of(kinds, found.sample, found.rows)
    lines = []
    for name, kind in kinds.items():
        present = frame[name].dropna()
        line: dict[str, Any] = {
            "name": name, "kind": kind.kind, "numbers": [], "frequent": "",
                "aside": plan.aside.get(name), "missing": len(frame) - len(present),
        }  # fmt: skip
        if len(present) and isinstance(kind, Texts):
            counts = present.value_counts()
            line |= {"frequent": shown_cell(counts.index[0]), "distinct": len(counts)}
            line["often"] = counts.iloc[0] / len(present)
        elif len(present):
            three = [float(f()) for f in (present.min, present.median, present.max)]
            shown = map(shown_cell, kind.shown(three))
            line["numbers"] = list(zip(three, shown, strict=True))
        lines.append(line)
    return frame.isna().to_numpy(), lines


def plane(plan: Plan, rows: Any, n_sample: int) -> tuple[Any, str]:
    """Positions of rows by two components of the first ones, and what they are."""
    if n_sample < 3 or not plan.names:
        return None, "There is too little to draw a map of."
    Z = plan.steps().fit(rows.iloc[:n_sample]).transform(rows)
    sample = Z[:n_sample]
    if sample.shape[1] < 2 or not np.ptp(sample, axis=0).any():
        return None, "There are too few columns to draw a map of."
    pca = PCA(2, svd_solver="full").fit(sample)
    part = pca.explained_variance_ratio_
    names = [f"component {i + 1} ({part[i]:.0%} of the variance)" for i in range(2)]
    words = (
        "Two principal components of all columns that are used, imputed and "
        "standardised. They show the widest directions of the table, not all that the "
        "model sees: what looks near here may be far in another column."
    )
    return pd.DataFrame(pca.transform(Z), columns=names), words
