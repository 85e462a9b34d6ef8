# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The kinds of models that the command line fits, and what it says of each."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    SpectralClustering,
)
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture

from skneon._kde import NeonKDE
from skneon._kmeans import NeonKMeans
from skneon._report._clusterings import (
    Chosen,
    by_bic,
    by_kmeans,
    by_knee,
    by_size,
    by_spectral,
    by_ward,
)
from skneon._report._models import GAMMA, Fitting, isolation_forest
from skneon._tables._prepare import SUPPORT
from skneon._tables._words import TableError
from skneon.neuralization._suspects import SUSPECTS

# rows of a forest that are explained by its default rule: some 100 microseconds each
MOST_BY_DEFAULT = 200_000
# and of clusters: some milliseconds each, of HDBSCAN ten
MOST_OF_CLUSTERS, MOST_OF_HDBSCAN = 10_000, 2000
# rows that a model of the square of its rows in memory is fitted to, and at most
FEW, QUADRATIC = 2000, 20_000


@dataclass(frozen=True)
class Kind:
    """One of ``--model``.

    ``made`` gives a model, not fitted, and what chose its settings. ``words`` say in a
    heading, by the facts of an explanation, what its score is, and those of
    ``settings`` are in JSON.
    ``part`` is the head of what a column has of it, and ``leaves_out`` whether rows of
    the fit are judged by the others. ``quick`` is the rule for explanations of more
    than ``most`` rows, if it is another. ``own`` are options of the network that
    judges rows of the fit. ``name`` is that of a clustering; it ``keeps_rows`` where
    its network consists of them, and is fitted to up to ``most_support`` rows.
    ``help`` is what to do where it finds no cluster.
    """

    estimator: type
    made: Callable[[Namespace, Fitting], Chosen]
    n_support: int = SUPPORT
    words: str = ""
    settings: tuple[str, ...] = ()
    part: str = "share"
    leaves_out: bool = False
    quick: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    keeps_rows: bool = True
    most_support: int | None = None
    help: str = ""

    @property
    def finds_outliers(self) -> bool:
        """Whether rows have an outlierness, and not a cluster."""
        return bool(self.words)

    @property
    def most(self) -> int:
        """Number of rows up to which the model's own rule explains them."""
        if self.finds_outliers:
            return MOST_BY_DEFAULT
        return MOST_OF_HDBSCAN if self.estimator is HDBSCAN else MOST_OF_CLUSTERS

    def said(self, facts: Mapping[str, Any]) -> str:
        """The words, by the facts of an explanation."""
        by = facts.get("gamma_by")
        return self.words.format(**facts, by=f" by {by}" if by else "")

    def rule(self, n_rows: int) -> str | None:
        """The rule for explanations of so many rows; None: the model's own."""
        return self.quick if n_rows > self.most else None

    def size(self, given: Namespace) -> int:
        """Number of rows to fit the model to.

        Raises
        ------
        TableError
            For more than there is memory for.
        """
        size = int(given.max_support or self.n_support)
        if self.most_support is not None and size > self.most_support:
            raise TableError(
                f"--max-support {size}: --model {given.model} needs the square of that "
                f"in memory, and takes up to {self.most_support}. Say fewer, or "
                "--model kmeans."
            )
        return size


def _density(given: Namespace, fitting: Fitting) -> Chosen:
    return Chosen(NeonKDE(given.gamma or GAMMA, n_jobs=given.n_jobs))


def _forest(given: Namespace, fitting: Fitting) -> Chosen:
    return Chosen(isolation_forest())


def _counted(
    choose: Callable[[Fitting, int | None], Chosen], least: int = 1
) -> Callable[[Namespace, Fitting], Chosen]:
    """A clustering of ``--clusters``, of which there are at least so many."""

    def made(given: Namespace, fitting: Fitting) -> Chosen:
        k, n_distinct = given.clusters, fitting.n_distinct
        if k is not None and k > n_distinct:
            raise TableError(f"--clusters {k}: only {n_distinct} rows are distinct.")
        if k is not None and k < least:
            raise TableError(
                f"--clusters {k}: --model {given.model} needs at least {least}."
            )
        return choose(fitting, k)

    return made


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
    "kmeans": Kind(
        NeonKMeans, _counted(by_kmeans), n_support=100_000, name="k-means",
        keeps_rows=False,
    ),
    "mixture": Kind(
        GaussianMixture, _counted(by_bic), name="Gaussian mixture", keeps_rows=False,
        settings=("covariance_type",),
    ),
    "agglomerative": Kind(
        AgglomerativeClustering, _counted(by_ward, 2), n_support=FEW,
        most_support=QUADRATIC, name="Ward linkage", settings=("linkage",),
        quick="proportional",
    ),
    "spectral": Kind(
        SpectralClustering, _counted(by_spectral, 2), n_support=FEW,
        most_support=QUADRATIC, name="spectral clustering", settings=("gamma",),
    ),
    "dbscan": Kind(
        DBSCAN, lambda given, fitting: by_knee(fitting, given.eps), name="DBSCAN",
        settings=("eps", "min_samples"), quick="proportional",
        help="Say a larger --eps.",
    ),
    "hdbscan": Kind(
        HDBSCAN, lambda given, fitting: by_size(fitting, given.min_cluster_size),
        name="HDBSCAN", settings=("min_cluster_size", "min_samples"),
        quick="proportional",
        help="Say a smaller --min-cluster-size, or --model dbscan.",
    ),
}  # fmt: skip
