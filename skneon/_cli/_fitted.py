# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A model that is fitted to a table, and all that new rows need of it."""

import shlex
from argparse import Namespace
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from skneon._cli._arguments import options_of
from skneon._cli._kinds import KINDS, Kind
from skneon._report._clusterings import Choice, check_found
from skneon._report._models import Fitting
from skneon._tables._again import Known
from skneon._tables._plan import NEVER, Plan, plan
from skneon._tables._source import Source
from skneon._tables._survey import Survey
from skneon._tables._words import TableError
from skneon.explanation._text import count
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize

# options that take names of columns
LISTS = "columns", "drop", "keep", "categories", "log"


@dataclass(frozen=True)
class Fitted:
    """A model, the plan of the columns, and the rows that it was fitted to.

    These are ``n_support``. ``source``, ``columns`` and ``n_rows`` are those of the
    table; ``rows`` are None for clusters that come from a file, and need none.
    ``choice`` is what chose the settings of a clustering.
    """

    plan: Plan
    model: Pipeline
    rows: Any
    n_support: int
    source: str
    columns: tuple[str, ...]
    n_rows: int
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    choice: Choice = field(default_factory=Choice)

    @property
    def model_name(self) -> str:
        """What ``--model`` calls it."""
        last = self.model[-1]
        return next(n for n, kind in KINDS.items() if isinstance(last, kind.estimator))

    @property
    def kind(self) -> Kind:
        """What is known of such models."""
        return KINDS[self.model_name]

    @property
    def known(self) -> Known:
        """What a table of new rows is read by."""
        categories: Mapping[str, Any] = {}
        if names := self.plan.categories:
            encoder = self.model[0].named_transformers_["categories"][-1]
            pairs = zip(names, encoder.categories_, strict=True)
            categories = {name: some[some != NEVER] for name, some in pairs}
        return Known(self.source, self.plan, self.columns, categories, self.missing)

    def network(
        self, n_jobs: int | None, rule: str | None = None, is_new: bool = True
    ) -> Any:
        """The neuralized model by a rule, for new rows or those of the fit."""
        # typical values are those of the columns as they are, not as they are filled in
        rows = {"X_train": self.rows} if self.kind.keeps_rows else {}
        own: dict[str, Any] = {} if is_new else dict(self.kind.own)
        return neuralize(self.model, n_jobs=n_jobs, rule=rule, **rows, **own)


def rows_of(
    plan: Plan, rows: Array, columns: Any, known: Any = None
) -> tuple[Any, Array]:
    """Features, by row number, and labels of the rows that have any value.

    ``known`` are the features, where they were read before.
    """
    features = plan.features(rows, columns) if known is None else known
    return features, plan.labels(rows, columns)[np.searchsorted(rows, features.index)]


def fit(arguments: Namespace, table: Source) -> tuple[Fitted, Survey]:
    """Decide on the columns of a table, and fit a model to a sample of its rows."""
    options = options_of(arguments)
    _check_commas(arguments, table.columns)
    kind = KINDS[arguments.model]
    chosen, found = plan(table, options, kind.size(arguments))
    rows = chosen.features(found.rows, found.sample)
    if len(rows) < 2:
        raise TableError(
            f"{table.name} has {count(len(rows), 'row')} with any value: at least 2 "
            "are needed to compare."
        )
    fitting = Fitting(chosen, rows)
    made = kind.made(arguments, fitting)
    model = fitting.pipeline(made.model)
    check_found(model[-1], kind.help)
    fitted = Fitted(
        chosen, model, rows, len(rows), table.name, tuple(table.columns),
        found.n_rows, options.missing, tuple(chosen.notes), made.choice,
    )  # fmt: skip
    return fitted, found


def _check_commas(arguments: Namespace, columns: Collection[str]) -> None:
    """Refuse names of columns that are joined by commas: blanks separate them."""
    for option in LISTS:
        for name in getattr(arguments, option) or ():
            parts = [part.strip() for part in name.split(",")]
            if name not in columns and len(parts) > 1 and {*parts} <= {*columns}:
                raise TableError(
                    f"--{option} {name}: separate the names by blanks, as in "
                    f"--{option} {shlex.join(parts)}"
                )
