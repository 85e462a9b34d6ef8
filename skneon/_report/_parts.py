# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a report is made of: a table, explanations of its rows, and measurements."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skneon._frames import as_table
from skneon._report._faithful import conservation, faithfulness
from skneon._report._models import Rows, chosen, default_models
from skneon._report._reasons import TABLE_ROWS
from skneon._report._table import Table
from skneon._tables import Prepared, prepare
from skneon._tables._words import pd
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import one_line
from skneon.network.numerics._types import Array
from skneon.neuralization import neuralize

# rows that pictures of a given model show; and rows that are scored
SAMPLE = 5000
SCORED = 100_000


@dataclass
class Parts:
    """What a page is made of.

    ``numbers`` are rows that are explained, those of the sample first; ``main`` and
    ``clusters`` explain these rows, and those of the sample.
    """

    table: Table
    numbers: Array
    n_sample: int
    main: Explanation
    measured: list[tuple[str, dict[str, Any]]]
    clusters: Explanation | None = None
    silhouettes: dict[int, float] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    default: bool = False

    @property
    def explanations(self) -> dict[str, Explanation]:
        """The explanations by name."""
        if not self.default:
            return {"model": self.main}
        both = {"outliers": self.main, "clusters": self.clusters}
        return {name: e for name, e in both.items() if e is not None}


def default_parts(X: Any, n_clusters: int | None, seed: int) -> Parts:
    """Of a table alone: its outliers and clusters by two models fitted here."""
    prepared = X if isinstance(X, Prepared) else prepare(X)
    usable, sample = prepared.rows, prepared.sample()
    models = default_models(prepared, usable.iloc[sample], n_clusters, seed)
    density, clusters, silhouettes = models
    network = neuralize(density, X_train=usable.iloc[sample])
    rows = Rows(network, usable, own=sample)
    numbers, notes = _explained_rows(rows, sample, len(usable), fitted=True)
    parts = Parts(
        Table.of(prepared), numbers, len(sample),
        prepared.shown(rows.explain(numbers)),
        [("Outlierness", faithfulness(rows, sample, seed))],
        silhouettes=silhouettes, models={"outliers": density}, notes=notes,
        default=True,
    )  # fmt: skip
    if clusters is not None:
        rows = Rows(neuralize(clusters), usable)
        parts.clusters = prepared.shown(rows.explain(sample))
        figures = faithfulness(rows, sample, seed)
        parts.measured.append(("Evidence for clusters", figures))
        parts.models["clusters"] = clusters
    return parts


def model_parts(model: Any, X: Any, seed: int) -> Parts:
    """Of rows and a fitted model."""
    if isinstance(X, list | tuple):
        X = as_table(X)
    rows, table = Rows.of_model(model, X), Table.read(X)
    n = len(table.frame)
    sample = chosen(n, SAMPLE, seed)
    numbers, notes = _explained_rows(rows, sample, n, fitted=False)
    main, name = rows.explain(numbers), type(model).__name__
    return Parts(
        table, numbers, len(sample), main, [(name, faithfulness(rows, sample, seed))],
        clusters=None if isinstance(main.target, str) else main[: len(sample)],
        models={"model": model}, notes=notes,
    )  # fmt: skip


def explanation_parts(explanation: Explanation, X: Any, seed: int) -> Parts:
    """Of an explanation and its rows."""
    if X is None:
        X = pd.DataFrame(explanation.data, columns=explanation.feature_names)
    table, n = Table.read(X), len(explanation)
    if len(table.frame) != n:
        raise ValueError(f"X has {len(table.frame)} rows, the explanation {n}.")
    sample = chosen(n, SAMPLE, seed)
    rest = np.setdiff1d(np.arange(n), sample)
    worst = rest[np.argsort(-explanation.score[rest], kind="stable")][:TABLE_ROWS]
    numbers = np.concatenate([sample, worst])
    name = explanation.meta.get("model", "Explanation")
    main = explanation[numbers]
    if main.index is None:
        main = replace(main, index=numbers)
    return Parts(
        table, numbers, len(sample), main, [(one_line(name), conservation(main))],
        clusters=None if isinstance(main.target, str) else main[: len(sample)],
        notes=_sample_notes(len(sample), n, n, fitted=False),
    )  # fmt: skip


def _explained_rows(
    rows: Rows, sample: Array, n: int, fitted: bool
) -> tuple[Array, list[str]]:
    """The sample, and the largest scores of the other rows; what to say of it."""
    rest = np.setdiff1d(np.arange(n), sample)
    if not len(rest):
        return sample, []
    rest = rest[chosen(len(rest), SCORED - len(sample), 0)]
    score = rows.score(rest)
    worst = rest[np.argsort(-score, kind="stable")][:TABLE_ROWS]
    notes = _sample_notes(len(sample), len(sample) + len(rest), n, fitted)
    return np.concatenate([sample, worst]), notes


def _sample_notes(n_sample: int, n_scored: int, n: int, fitted: bool) -> list[str]:
    if n_sample == n:
        return []
    what = "Pictures show"
    if fitted:
        what = "The models are fitted to, and pictures and cluster profiles show,"
    all_rows = "all" if n_scored == n else f"{n_scored:,} drawn at random"
    return [
        f"{what} a random sample of {n_sample:,} of {n:,} rows. Of {all_rows} rows the "
        "largest scores were looked for."
    ]
