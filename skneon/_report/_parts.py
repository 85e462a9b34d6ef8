# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a report is made of: a table, explanations of its rows, and measurements."""

from dataclasses import dataclass, field, replace

import numpy as np

from skneon._frames import as_table
from skneon._report._faithful import conservation, faithfulness
from skneon._report._models import Rows, chosen, default_models
from skneon._report._reasons import TABLE_ROWS
from skneon._report._table import check_usable, read_table
from skneon._validation import import_optional
from skneon.explanation._explanation import Explanation
from skneon.explanation._text import one_line
from skneon.neuralization import neuralize

# rows that models are fitted to and that pictures show; and rows that are scored
SAMPLE = 5000
SCORED = 100_000


@dataclass
class Parts:
    """What a page is made of.

    Parameters
    ----------
    table : Table
    numbers : ndarray of int
        Rows that are explained, those of the sample first.
    n_sample : int
    main, clusters : Explanation
        Of these rows; of the sample, or None.
    silhouettes : dict
    measured : list of (str, dict)
    models : dict
    notes : list of str
    """

    table: object
    numbers: np.ndarray
    n_sample: int
    main: Explanation
    measured: list
    clusters: Explanation | None = None
    silhouettes: dict = field(default_factory=dict)
    models: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    default: bool = False

    @property
    def explanations(self):
        """The explanations by name."""
        if not self.default:
            return {"model": self.main}
        both = {"outliers": self.main, "clusters": self.clusters}
        return {name: e for name, e in both.items() if e is not None}


def default_parts(X, options):
    """Of a table alone: its outliers and clusters by two models fitted here."""
    table = read_table(X)
    check_usable(table)
    usable, seed = table.usable, options["random_state"]
    sample = chosen(len(usable), SAMPLE, seed)
    density, clusters, silhouettes = default_models(
        table, sample, options["n_clusters"], seed
    )
    network = neuralize(density, X_train=usable.iloc[sample])
    rows = Rows(network, usable, own=sample)
    numbers, notes = _explained_rows(rows, sample, len(usable), fitted=True)
    parts = Parts(
        table, numbers, len(sample), _shown(table, rows.explain(numbers)),
        [("Outlierness", faithfulness(rows, sample, seed))],
        silhouettes=silhouettes, models={"outliers": density}, notes=notes,
        default=True,
    )  # fmt: skip
    if clusters is not None:
        rows = Rows(neuralize(clusters), usable)
        parts.clusters = _shown(table, rows.explain(sample))
        figures = faithfulness(rows, sample, seed)
        parts.measured.append(("Evidence for clusters", figures))
        parts.models["clusters"] = clusters
    return parts


def model_parts(model, X, options):
    """Of rows and a fitted model."""
    seed = options["random_state"]
    if isinstance(X, list | tuple):
        X = as_table(X)
    rows = Rows.of_model(model, X)
    table = read_table(X)
    n = len(table.frame)
    sample = chosen(n, SAMPLE, seed)
    numbers, notes = _explained_rows(rows, sample, n, fitted=False)
    main = rows.explain(numbers)
    name = type(model).__name__
    return Parts(
        table, numbers, len(sample), main, [(name, faithfulness(rows, sample, seed))],
        clusters=None if isinstance(main.target, str) else main[: len(sample)],
        models={"model": model}, notes=notes,
    )  # fmt: skip


def explanation_parts(explanation, X, options):
    """Of an explanation and its rows."""
    if X is None:
        pandas = import_optional("pandas", "report")
        X = pandas.DataFrame(explanation.data, columns=explanation.feature_names)
    table = read_table(X)
    n = len(explanation)
    if len(table.frame) != n:
        raise ValueError(f"X has {len(table.frame)} rows, the explanation {n}.")
    sample = chosen(n, SAMPLE, options["random_state"])
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


def _explained_rows(rows, sample, n, fitted):
    """The sample, and the largest scores of the other rows; what to say of it."""
    rest = np.setdiff1d(np.arange(n), sample)
    if not len(rest):
        return sample, []
    rest = rest[chosen(len(rest), SCORED - len(sample), 0)]
    score = rows.score(rest)
    worst = rest[np.argsort(-score, kind="stable")][:TABLE_ROWS]
    notes = _sample_notes(len(sample), len(sample) + len(rest), n, fitted)
    return np.concatenate([sample, worst]), notes


def _sample_notes(n_sample, n_scored, n, fitted):
    if n_sample == n:
        return []
    what = "The models are fitted to, and pictures" if fitted else "Pictures"
    all_rows = "all" if n_scored == n else f"{n_scored:,} drawn at random"
    return [
        f"{what} and cluster profiles show, a random sample of {n_sample:,} of "
        f"{n:,} rows. Of {all_rows} rows the largest scores were looked for."
        if fitted
        else f"{what} show a random sample of {n_sample:,} of {n:,} rows. Of "
        f"{all_rows} rows the largest scores were looked for."
    ]


def _shown(table, explanation):
    """The explanation with dates in the place of days."""
    names = explanation.feature_names
    return replace(
        explanation,
        data=table.show(explanation.data, names),
        reference=table.show(explanation.reference, names),
    )
