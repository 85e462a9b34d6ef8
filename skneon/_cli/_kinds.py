# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The kinds of models that the command line fits, and what it says of each."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sklearn.ensemble import IsolationForest

from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._report._models import GAMMA, Fitting, isolation_forest, kmeans
from skneon._tables._prepare import SUPPORT
from skneon._tables._words import TableError
from skneon.neuralization._suspects import SUSPECTS

N_CLUSTERS = 3
# rows of a forest that are explained by its default rule: some 100 microseconds each
MOST_BY_DEFAULT = 200_000


@dataclass(frozen=True)
class Kind:
    """One of ``--model``.

    ``made`` gives a model, not fitted. ``words`` say in a heading, by the
    facts of an explanation, what its score is, and those of ``settings`` are in JSON.
    ``part`` is the head of what a column has of it, and ``leaves_out`` whether rows of
    the fit are judged by the others. ``quick`` is the rule for explanations of more
    than `MOST_BY_DEFAULT` rows, if it is another. ``own`` are options of the network
    that judges rows of the fit.
    """

    estimator: type
    made: Callable[[Namespace, Fitting], Any]
    n_support: int = SUPPORT
    words: str = ""
    settings: tuple[str, ...] = ()
    part: str = "share"
    leaves_out: bool = False
    quick: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finds_outliers(self) -> bool:
        """Whether rows have an outlierness, and not a cluster."""
        return bool(self.words)

    def said(self, facts: Mapping[str, Any]) -> str:
        """The words, by the facts of an explanation."""
        by = facts.get("gamma_by")
        return self.words.format(**facts, by=f" by {by}" if by else "")

    def rule(self, n_rows: int) -> str | None:
        """The rule for explanations of so many rows; None: the model's own."""
        return self.quick if n_rows > MOST_BY_DEFAULT else None


def _density(given: Namespace, fitting: Fitting) -> Any:
    return NeonKDE(given.gamma or GAMMA, n_jobs=given.n_jobs)


def _forest(given: Namespace, fitting: Fitting) -> Any:
    return isolation_forest()


def _clusters(given: Namespace, fitting: Fitting) -> Any:
    k, n_distinct = given.clusters or N_CLUSTERS, fitting.n_distinct
    if k > n_distinct:
        raise TableError(f"--clusters {k}: only {n_distinct} rows are distinct.")
    return kmeans(k)


KINDS = {
    "kde": Kind(
        NeonKDE, _density, settings=("gamma", "gamma_by"), leaves_out=True,
        own={"groups": SUSPECTS},
        words="(kernel density, gamma {gamma:.3g}{by}; rows count from 0; outlierness "
        "in squared\nstandard deviations; share of it that a column accounts for)",
    ),
    "isolation-forest": Kind(
        IsolationForest, _forest, settings=("n_trees",), part="adds", quick="split",
        words="(isolation forest, {n_trees} trees; rows count from 0; outlierness in "
        "splits saved,\nabove {threshold:.2g} where predict is -1; adds: what a "
        "column adds to it)",
    ),
    "kmeans": Kind(NeonKMeans, _clusters, n_support=100_000),
}  # fmt: skip
