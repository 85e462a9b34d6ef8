# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a report is made of: a table, explanations of its rows, and measurements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from skneon._frames import as_table, some_rows
from skneon._kde import NeonKDE
from skneon._report._clusterings import Choice, by_kmeans
from skneon._report._judge import Judge, chosen, suspects_note, with_largest
from skneon._report._models import GAMMA, Fitting
from skneon._report._origin import Origin, identity, origin_of_table
from skneon._report._scale import Scale, predicted, scale_of
from skneon._tables._plan import Plan, table_of
from skneon._tables._prepare import Prepared, prepare
from skneon._tables._read import memory_source
from skneon._tables._survey import Survey, survey
from skneon._tables._words import Options, listed, pd
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import one_line
from skneon.metrics._distance import sum_error
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize
from skneon.neuralization._suspects import SUSPECTS
from skneon.neuralization._training_scores import OUTLIER_SCORES

# rows that pictures of a given model show; and rows in the table of contributions
SAMPLE, TABLE_ROWS = 5000, 100


@dataclass
class Study:
    """What a page is made of.

    ``main`` explains rows of these ``numbers`` and ``features``: first the
    ``n_sample`` of the sample, which pictures show, ``clusters`` explain and, where
    ``is_fit``, models were fitted to; then those of the largest scores among the other
    ones of ``n_rows``.
    """

    plan: Plan
    found: Survey
    n_rows: int
    numbers: Array
    n_sample: int
    features: Any
    main: Explanation
    measured: list[dict[str, Any]]
    scale: Scale | None = None
    clusters: Explanation | None = None
    models: dict[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    choice: Choice = field(default_factory=Choice)
    origin: Origin = field(default_factory=Origin)
    is_default: bool = False
    is_fit: bool = False
    # the name of the table, "" if unknown, and its number of rows, that new rows are
    # judged by; None for training rows
    reference: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        if self.clusters is None and not isinstance(self.main.target, str):
            self.clusters = self.main[: self.n_sample]
        if self.reference is None and self.scale and self.scale.is_new:
            self.reference = "", len(self.scale.known)

    @property
    def scores(self) -> Array:
        """Scores of all rows, or where they are not known of the sample."""
        return self.scale.score if self.scale else self.main.score[: self.n_sample]

    @property
    def is_signed(self) -> bool:
        """Whether scores may be negative, and have no parts as shares."""
        known = () if self.main.training_score is None else self.main.training_score
        negative = np.any(self.scores < 0) or np.any(np.asarray(known) < 0)
        return isinstance(self.main.target, str) and bool(negative)

    @property
    def predicted(self) -> str:
        """What the model itself calls outliers; "" if it has no threshold."""
        is_command = bool(self.origin.command)
        return predicted(self.main.meta, self.scores, self.scale, is_command)

    @property
    def explanations(self) -> dict[str, Explanation]:
        """The explanations by name."""
        if not self.is_default:
            return {"model": self.main}
        both = {"outliers": self.main, "clusters": self.clusters}
        return {name: e for name, e in both.items() if e is not None}


def default_study(
    X: Any, n_clusters: int | None, seed: int, top: int, options: Mapping[str, Any]
) -> Study:
    """Of a table alone: its outliers and clusters by two models fitted here.

    The ``options`` are those of `skneon.prepare`.
    """
    if options and isinstance(X, Prepared):
        raise ValueError(
            f"The table is prepared already: pass {listed(options)} to skneon.prepare."
        )
    prepared = X if isinstance(X, Prepared) else prepare(X, **options)
    rows, sample = prepared.rows, prepared.sample()
    own, n_sample = rows.iloc[sample], len(sample)
    fitting = Fitting(prepared._plan, own)
    models = {"outliers": fitting.pipeline(NeonKDE(GAMMA))}
    judge = Judge(neuralize(models["outliers"], X_train=own, groups=SUSPECTS), sample)
    numbers, main, score = judge.study(rows, sample, max(top, TABLE_ROWS))
    study = Study(
        prepared._plan, prepared._found, len(rows), numbers, n_sample,
        rows.iloc[numbers], prepared.shown(main),
        [judge.faithfulness("Outlierness", own, sample, seed)],
        scale=scale_of(main.training_score, score, facts=main.meta),
        models=models, is_default=True, is_fit=True,
        origin=origin_of_table(X, prepared, options, n_sample < len(rows)),
        notes=[*prepared.notes, *suspects_note(main.meta)],
    )  # fmt: skip
    if n_clusters and n_clusters > (n_distinct := fitting.n_distinct):
        raise ValueError(f"n_clusters={n_clusters}: only {n_distinct} rows differ.")
    if n_clusters != 0:
        found = by_kmeans(fitting, n_clusters, seed)
        study.choice, models["clusters"] = found.choice, fitting.pipeline(found.model)
        judge, what = Judge(neuralize(models["clusters"])), "Evidence for clusters"
        study.clusters = prepared.shown(judge.study(own, np.arange(n_sample), 0)[1])
        study.measured.append(judge.faithfulness(what, own, sample, seed))
    return study


def model_study(model: Any, X: Any, seed: int, top: int) -> Study:
    """Of rows and a fitted model."""
    X = as_table(X) if isinstance(X, list | tuple) else X
    rows = _rows(X)
    judge, (plan, found, features) = Judge.of_model(model, rows), read(X)
    sample = chosen(len(features), SAMPLE, seed)
    numbers, main, score = judge.study(rows, sample, max(top, TABLE_ROWS))
    known, own = main.training_score, some_rows(rows, sample)
    is_own = known is None and judge.own is not None
    if is_own and isinstance(main.target, str) and main.target in OUTLIER_SCORES:
        # each training row was left out of its own model
        known = score
    is_prepared = isinstance(X, Prepared)
    notes = [*(X.notes if is_prepared else ()), *suspects_note(main.meta)]
    return Study(
        plan, found, len(features), numbers, len(sample), features.iloc[numbers],
        X.shown(main) if is_prepared else main,
        [judge.faithfulness(type(model).__name__, own, sample, seed)],
        scale=scale_of(known, score, main.p_value is not None, main.meta),
        models={"model": model},
        origin=Origin(*identity(X, features)), notes=notes,
    )  # fmt: skip


def explanation_study(explanation: Explanation, X: Any, seed: int, top: int) -> Study:
    """Of an explanation and its rows."""
    if X is None:
        X = pd.DataFrame(explanation.data, columns=explanation.feature_names)
    _rows(X)
    (plan, found, features), n = read(X), len(explanation)
    if len(features) != n:
        raise ValueError(
            f"X has {len(features)} rows, the explanation {n}. Pass the rows that it "
            "explains, or None for these as it has them."
        )
    sample = chosen(n, SAMPLE, seed)
    score = explanation.judged_score
    numbers = with_largest(sample, score, max(top, TABLE_ROWS))
    main = explanation[numbers]
    if main.index is None:
        main = replace(main, index=numbers)
    what = one_line(explanation.meta.get("model", "Explanation"))
    is_new = explanation.p_value is not None
    error = float(sum_error(main.score, main.relevance).max(initial=0))
    return Study(
        plan, found, n, numbers, len(sample), features.iloc[numbers],
        main, [{"what": what, "n": len(main), "error": error, "own": None}],
        scale=scale_of(explanation.training_score, score, is_new, main.meta),
        origin=Origin(*identity(X, features), subject="explanation, X"),
    )  # fmt: skip


def read(X: Any) -> tuple[Plan, Survey, Any]:
    """A table of any make, all of whose columns are features if they have values.

    One that is prepared has its own plan.
    """
    if isinstance(X, Prepared):
        return X._plan, X._found, X.rows
    source = memory_source(X, "X", Options())
    found = survey(source, source.columns, Options(), np.iinfo(int).max)
    usable = {n: c.kind for n, c in found.columns.items()
              if c.n_values and c.infinite is None}  # fmt: skip
    features = table_of(usable, found.sample, found.rows)
    return Plan(usable, (), {}, None), found, features


def _rows(X: Any) -> Any:
    """The rows of a table, as a model takes them; the name of a file has none."""
    if isinstance(X, str | Path):
        raise ValueError(
            f"X is the name of a file, {str(X)!r}: a given model takes rows. Pass "
            f"skneon.prepare({str(X)!r}, like=table), where table is what skneon."
            "prepare made of the table that the model was fitted to."
        )
    return X.rows if isinstance(X, Prepared) else X
