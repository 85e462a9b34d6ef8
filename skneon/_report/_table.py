# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The table of a report: its columns by kind, and an overview of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skneon._tables._guess import Kind, Texts
from skneon._tables._plan import Plan, table_of
from skneon._tables._prepare import Prepared
from skneon._tables._read import memory_source
from skneon._tables._survey import Survey, survey
from skneon._tables._words import Options
from skneon.explanation._text import cell_text, one_line, shorten

LONGEST_NAME = 60
LONGEST_CELL = 80


@dataclass
class Table:
    """A table of which all columns are read, and what is used of it.

    ``frame`` has all columns: numbers as floats, dates and durations as days, others
    as texts; ``usable`` the rows and columns ``names`` that models take, and ``steps``
    make numbers of them. ``aside`` says why the other columns are not used.
    """

    frame: Any
    kinds: Mapping[str, Kind]
    names: list[str]
    usable: Any
    steps: Any
    aside: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, prepared: Prepared) -> "Table":
        """The rows and columns of a table that was prepared."""
        plan, found = prepared._plan, prepared._found
        frame, kinds = _frame_of(found)
        frame = frame.iloc[prepared._numbers]
        notes = [note for note in prepared.notes if not note.startswith("Left out")]
        rows, steps = prepared.rows, plan.steps()
        return cls(frame, kinds, plan.names, rows, steps, plan.aside, notes)

    @classmethod
    def read(cls, X: Any) -> "Table":
        """All columns of a table of any make, with its labels of rows."""
        source = memory_source(X, "X", Options())
        names = source.columns
        found = survey(source, names, Options(), np.iinfo(int).max)
        frame, kinds = _frame_of(found)
        columns = found.columns
        usable = {n for n, c in columns.items() if c.n_values and c.infinite is None}
        names = [name for name in names if name in usable]
        steps = Plan({name: kinds[name] for name in names}, (), {}, None).steps()
        return cls(frame, kinds, names, frame[names], steps)

    @property
    def numeric(self) -> list[str]:
        """The columns used that are numbers to a model."""
        return [n for n in self.names if not isinstance(self.kinds[n], Texts)]

    def shown(self, name: str, values: list[float]) -> list[str]:
        """Numbers of a column in words, dates and durations as such."""
        return [shown_cell(value) for value in self.kinds[name].shown(values)]

    def overview(self, limit: int) -> list[dict[str, Any]]:
        """Lines about the first columns: kind, gaps, range, most frequent value."""
        return [self._line(name) for name in list(self.kinds)[:limit]]

    def _line(self, name: str) -> dict[str, Any]:
        column, kind = self.frame[name], self.kinds[name]
        present = column.dropna()
        missing = len(column) - len(present)
        line: dict[str, Any] = {
            "name": shown_name(name),
            "kind": kind.kind,
            "aside": self.aside.get(name, ""),
            "missing": missing,
            "missing_part": missing / len(column),
            "low": "", "middle": "", "high": "", "frequent": "", "sort": ["NaN"] * 3,
        }  # fmt: skip
        if not len(present):
            return line
        if isinstance(kind, Texts):
            counts = Counter(present.tolist())
            [(text, often)] = counts.most_common(1)
            line["frequent"] = shown_cell(text)
            line["frequent_part"] = often / len(present)
            line["distinct"] = len(counts)
        else:
            three = [
                float(present.min()),
                float(present.median()),
                float(present.max()),
            ]
            line["sort"] = list(map(repr, three))
            line["low"], line["middle"], line["high"] = self.shown(name, three)
        return line


def _frame_of(found: Survey) -> tuple[Any, dict[str, Kind]]:
    kinds = {name: column.kind for name, column in found.columns.items()}
    return table_of(kinds, found.sample, np.arange(len(found.rows))), kinds


def shown_name(name: object) -> str:
    """A name of a column, row or cluster as one line that is not too long."""
    return shorten(one_line(name), LONGEST_NAME) or "(no name)"


def shown_cell(value: object) -> str:
    """A cell as one line that is not too long."""
    return shorten(cell_text(value), LONGEST_CELL)
