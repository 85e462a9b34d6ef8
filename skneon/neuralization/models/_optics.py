# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The networks of OPTICS: reachability, and clusters as those of DBSCAN."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from sklearn.cluster import OPTICS
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions
from skneon._labels import Labels
from skneon.network import (
    Network,
    Query,
    Reachability,
    ReachedDistance,
    Rule,
    SupportWeights,
)
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization._rows_needed import rows_needed
from skneon.neuralization.models._dbscan import core_clusters
from skneon.neuralization.models._density_clusters import (
    DensityClusterOptions,
    check_euclidean,
    check_some_cluster,
)
from skneon.neuralization.models._rows_of_fit import given_rows, refuse_rows

# to what distances that are to be equal may be rounded: by steps in front, relative to
# them, and by scikit-learn, which keeps 15 decimals
ROUNDED, DECIMALS = 1e-6, 2e-15


@dataclass(frozen=True, kw_only=True)
class OpticsOptions(DensityClusterOptions):
    """Options of OPTICS, as in `neuralize`."""

    constraints: ClassVar[dict[str, list[Any]]] = {
        **DensityClusterOptions.constraints,
        "target": [StrOptions({"cluster", "outlier", "reachability"})],
    }


class NeuralizedReachability(NeuralizedModel):
    """The reachability of rows by OPTICS, and its network; made by `neuralize`.

    Training rows (X=None) are reached from the rows that were before them, as in
    ``reachability_``; other rows from any.

    Parameters
    ----------
    model, network, meta, training
        As in `NeuralizedModel`.
    predecessors : ndarray of int, shape (N,)
        The row from which each was reached; -1 for none.
    """

    accept_sparse = "csr"
    takes_training_rows = True

    def __init__(
        self,
        model: Any,
        network: Network,
        meta: dict[str, Any],
        training: TrainingRows,
        predecessors: Array,
    ) -> None:
        super().__init__(model, network, "reachability", meta, training)
        self.predecessors = predecessors

    def check_rest(self, numbers: Array, absent: Array) -> None:
        """A row without which none is left is reached from nowhere."""

    def rows(self, X: Any, **asked: Any) -> tuple[Any, Query]:
        """Clean rows and their query."""
        data, query = super().rows(X, **asked)
        if X is not None or asked:
            return data, query
        return data, replace(query, neighbors=self.predecessors[:, None])

    def training_rows(self, numbers: Array) -> tuple[Any, Query]:
        """Some of the rows that X=None stands for, and their query as with X=None."""
        data, query = super().training_rows(numbers)
        return data, replace(query, neighbors=self.predecessors[numbers, None])


@neuralize.register
def neuralize_optics(model: OPTICS, **options: Any) -> NeuralizedModel:
    """The networks of scikit-learn's `OPTICS`, by its attributes and ``X_train``.

    "cluster" and "outlier", for ``cluster_method="dbscan"``: as those of `DBSCAN`, with
    the rows whose ``core_distances_`` are not above ``eps`` as core rows. A border row
    that came before all core rows of its cluster is noise for OPTICS; its score is then
    negative. ``target="reachability"``: the distance at which a row is reached.
    """
    check_is_fitted(model)
    chosen = OpticsOptions.of(model, options)
    check_euclidean(model)
    # a Pipeline asks without rows and options what is needed
    if chosen.X_train is None:
        raise rows_needed(model)
    if chosen.target != "reachability":
        _check_clusters(model)
    rows, labels = given_rows(model, chosen.X_train, "csr")
    _check_reached(model, rows)
    if chosen.target == "reachability":
        return _reachability(model, chosen, rows, labels)
    eps = float(model.max_eps if model.eps is None else model.eps)
    numbers = np.flatnonzero((model.core_distances_ <= eps) & (model.labels_ >= 0))
    return core_clusters(model, chosen, rows[numbers], numbers, eps)


def _check_clusters(model: Any) -> None:
    """Refuse clusters that are no function of a row.

    Raises
    ------
    ValueError
        It says what to do.
    """
    if model.cluster_method != "dbscan":
        raise ValueError(
            f"cluster_method={model.cluster_method!r} takes clusters from the order of "
            'the rows: they are no function of a row. Fit OPTICS with "dbscan" and an '
            'eps, explain target="reachability", or the labels by their members, '
            "explain(KernelDensity(...).fit(X), members=model.labels_)."
        )
    way = "Fit it with a larger eps, or with fewer min_samples."
    check_some_cluster(model, model.labels_, way)


def _check_reached(model: Any, rows: Array) -> None:
    """Refuse rows that do not reach one another as the model says."""
    reached = np.flatnonzero(model.predecessor_ >= 0)
    start = model.predecessor_[reached]
    length = np.linalg.norm(rows[reached] - rows[start], axis=1)
    found = np.maximum(length, model.core_distances_[start])
    expected = model.reachability_[reached]
    other = np.flatnonzero(np.abs(found - expected) > ROUNDED * expected + DECIMALS)
    if len(other):
        row = reached[other[0]]
        refuse_rows(
            model,
            f"row {row} is reached at {found[other[0]]:.6g}, and its reachability_ is "
            f"{model.reachability_[row]:.6g}",
        )


def _reachability(
    model: Any, chosen: OpticsOptions, rows: Array, labels: Labels
) -> NeuralizedReachability:
    """The network of the distance at which a row is reached.

    Raises
    ------
    ValueError
        For a rule: there is one.
    """
    if chosen.rule not in (None, Rule.name, Rule()):
        raise ValueError(
            f"rule={chosen.rule!r} does not explain the reachability of OPTICS, which "
            "has one rule: leave it out."
        )
    n = len(rows)
    weights = SupportWeights(np.full(n, 1 / n))
    network = Network(
        ReachedDistance(rows),
        Reachability(
            np.asarray(model.core_distances_, dtype=float),
            weights,
            float(model.max_eps),
        ),
        Rule(),
        n_jobs=chosen.n_jobs,
    )
    return NeuralizedReachability(
        model,
        network,
        {"n_support": n},
        TrainingRows(rows, labels, absent=np.arange(n), given=True),
        np.asarray(model.predecessor_),
    )
