# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of DBSCAN: nearest core rows, and noise beyond the radius."""

from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.utils.validation import check_is_fitted

from skneon._validation import check_magnitude
from skneon.network import LevelMin, SupportWeights
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel, TrainingRows
from skneon.neuralization.models._density_clusters import (
    DensityClusterOptions,
    check_euclidean,
    check_same,
    check_some_cluster,
    level_door,
    numbers_of,
    training_of,
)
from skneon.neuralization.models._rows_of_fit import given_rows


@neuralize.register
def neuralize_dbscan(model: DBSCAN, **options: Any) -> NeuralizedModel:
    """The network of scikit-learn's `DBSCAN`: its core rows, and noise beyond ``eps``.

    A row is in the cluster of its nearest core row, noise where that is farther away
    than ``eps``. That is ``labels_`` of every training row, but of border rows within
    ``eps`` of several clusters: these have whichever came first, and a score that may
    be negative says so. ``target="outlier"`` is the squared distance to the nearest
    core row, above the square of ``meta["radius"]`` for noise. With ``X_train``, X=None
    explains the training rows, core rows without themselves where their cluster has
    another.
    """
    check_is_fitted(model)
    chosen = DensityClusterOptions.of(model, options)
    check_euclidean(model)
    way = "Fit it with a larger eps, or with fewer min_samples."
    check_some_cluster(model, model.labels_, way)
    numbers = model.core_sample_indices_
    core = dense(model.components_).astype(float)
    check_magnitude(core)
    return core_clusters(model, chosen, core, numbers, float(model.eps))


def core_clusters(
    model: Any, chosen: DensityClusterOptions, core: Array, numbers: Array, eps: float
) -> NeuralizedModel:
    """The network of clusters by their core rows, and a radius.

    Parameters
    ----------
    model : fitted estimator
        With `labels_`.
    chosen : DensityClusterOptions
    core : ndarray of shape (n_core, d)
    numbers : ndarray of int, shape (n_core,)
        Of the core rows among the training rows.
    eps : float
    """
    # cluster by cluster, so that each is in one piece
    order = np.argsort(model.labels_[numbers], kind="stable")
    core, numbers = core[order], numbers[order]
    members = model.labels_[numbers]
    n_clusters = int(members.max()) + 1
    weights = SupportWeights(np.full(len(core), 1 / len(core)))
    pooling = LevelMin(members, np.full(n_clusters, eps**2), weights)
    return level_door(
        model,
        chosen,
        core,
        pooling,
        "core row",
        meta={"radius": eps, "n_support": len(core)},
        training=_training(model, chosen.X_train, core, numbers, n_clusters),
    )


def _training(
    model: Any, X_train: Any, core: Array, numbers: Array, n_clusters: int
) -> TrainingRows | None:
    """The rows that X=None stands for: core rows that are not alone are left out."""
    if X_train is None:
        return None
    rows, labels = given_rows(model, X_train, "csr")
    check_same(model, rows, core, numbers)
    members = model.labels_[numbers]
    several = np.bincount(members)[members] > 1
    absent = np.full(len(rows), -1)
    absent[numbers[several]] = np.flatnonzero(several)
    clusters = numbers_of(model.labels_, n_clusters)
    return training_of(rows, labels, clusters, absent)
