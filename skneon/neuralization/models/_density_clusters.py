# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What clusterings by density share: clusters that end at a level, beyond it noise."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from skneon._compat import StrOptions
from skneon._labels import Labels
from skneon.network import (
    LevelDistance,
    LevelMin,
    NearestMember,
    Network,
    Rule,
    SpreadDistance,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralized import (
    NeuralizedModel,
    TrainingRows,
)
from skneon.neuralization._options import RULE, Options
from skneon.neuralization.models._metrics import refuse_metric
from skneon.neuralization.models._rows_of_fit import (
    refuse_rows,
    rule_without_centres,
)
from skneon.neuralization.models.pyod._detector import nameless

# how clusterings call noise
NOISE = -1
# by how much cells of the same rows may differ, relative to the largest of a column:
# steps in front may round
SAME = 1e-6


@dataclass(frozen=True, kw_only=True)
class DensityClusterOptions(Options):
    """Options of clusterings by density, as in `neuralize`."""

    target: str = "cluster"
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster", "outlier"})],
        "rule": RULE,
    }


class NeuralizedDensityClusters(NeuralizedClusters):
    """Clusters that end at a level, and noise, as a network; made by `neuralize`.

    Clusters go by their labels; noise is -1, as a `cluster` and as a `rival`.
    """

    accept_sparse = "csr"
    takes_training_rows = True

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """What is left without a row is a cluster: who is its only point stays."""


class NeuralizedApart(NeuralizedModel):
    """How far rows are from all clusters, as a network; made by `neuralize`."""

    accept_sparse = "csr"
    takes_training_rows = True

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """What is left without a row is a cluster: who is its only point stays."""


class Nameless(NeuralizedModel):
    """What is of a model that keeps neither names nor the number of its columns."""

    def __init__(self, model: Any, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(model, network, *args, **kwargs)
        # in this copy
        self.model.n_features_in_ = network.units.inputs.n_columns

    def validated(self, X: Any) -> Any:
        """Rows as float64, whatever their columns are called."""
        return super().validated(nameless(self.model, X, self.accept_sparse))


class NeuralizedNamelessClusters(Nameless, NeuralizedDensityClusters):
    """Clusters that end at a level, of such a model."""


class NeuralizedNamelessApart(Nameless, NeuralizedApart):
    """How far rows are from all clusters, of such a model."""


def level_door(
    model: Any,
    chosen: DensityClusterOptions,
    support: Array,
    pooling: LevelMin,
    point: str,
    *,
    meta: dict[str, Any],
    training: TrainingRows | None,
    keeps_names: bool = True,
) -> NeuralizedModel:
    """The door to clusters that end at a level, or to how far rows are from all.

    Parameters
    ----------
    model : fitted estimator
    chosen : DensityClusterOptions
    support : ndarray of shape (N, d)
    pooling : LevelMin
        Of the clusters.
    point : str
        What a support point is called.
    meta, training
        As in `NeuralizedModel`.
    keeps_names : bool, default=True
        Whether the model knows how many columns it has.
    """
    rule = rule_without_centres(model, chosen.rule)
    if chosen.target == "outlier":
        nearest = NearestMember(
            pooling.members, pooling.support_weights, pooling.core, pooling.n_others
        )
        units = SpreadDistance(support, nearest, point)
        network = Network(units, nearest, rule, n_jobs=chosen.n_jobs)
        if training is not None:
            # scores to compare with are those of all rows, support points or not
            numbers = np.arange(len(training.rows))
            training = replace(training, clusters=None, numbers=numbers)
        apart = NeuralizedApart if keeps_names else NeuralizedNamelessApart
        return apart(model, network, "outlier", meta, training)
    units = LevelDistance(support, pooling, point)
    network = Network(units, pooling, rule, n_jobs=chosen.n_jobs)
    clusters = NeuralizedDensityClusters if keeps_names else NeuralizedNamelessClusters
    K = pooling.n_clusters
    return clusters(
        model, network, K, classes=names_of(K), meta=meta, training=training
    )


def check_euclidean(model: Any) -> None:
    """Refuse a metric other than the euclidean.

    Raises
    ------
    ValueError
        It names the metric, and what to do.
    """
    metric, settings = model.metric, getattr(model, "metric_params", None)
    p = getattr(model, "p", None)
    plain = metric in ("euclidean", "l2") or (metric == "minkowski" and p in (None, 2))
    if plain and not settings:
        return
    known = {"p": p} if metric == "minkowski" else {}
    refuse_metric(
        model, metric, **known, **({"metric_params": settings} if settings else {})
    )


def check_some_cluster(model: Any, labels: Array, way: str) -> None:
    """Refuse a clustering in which all rows are noise.

    Raises
    ------
    ValueError
        It says what to do.
    """
    if not (labels >= 0).any():
        raise ValueError(
            f"{type(model).__name__} found no cluster: all {len(labels)} rows are "
            f"noise, and there is nothing to be near to. {way}"
        )


def names_of(n_clusters: int) -> Array:
    """Names of the clusters and of noise, by their numbers."""
    return np.append(np.arange(n_clusters), NOISE)


def numbers_of(labels: Array, n_clusters: int) -> Array:
    """Numbers of clusters, noise the last, by the labels of rows."""
    return np.where(labels < 0, n_clusters, labels)


def check_same(model: Any, rows: Array, kept: Array, numbers: Array) -> None:
    """Refuse rows of X_train that are others than those that the model keeps.

    Parameters
    ----------
    model : fitted estimator
    rows : ndarray of shape (N, d)
    kept : ndarray of shape (n_kept, d)
    numbers : ndarray of int, shape (n_kept,)
        Of the kept rows among all.

    Raises
    ------
    ValueError
        It names the first that differs.
    """
    slack = SAME * np.abs(kept).max(axis=0, initial=0.0)
    other = np.flatnonzero((np.abs(rows[numbers] - kept) > slack).any(axis=1))
    if len(other):
        row = numbers[other[0]]
        refuse_rows(model, f"row {row} is another than the row {row} that it keeps")


def training_of(
    rows: Array, labels: Labels, clusters: Array, absent: Array
) -> TrainingRows:
    """The rows that X=None stands for, asked about the clusters that they are in."""
    return TrainingRows(rows, labels, clusters, absent, given=True)
