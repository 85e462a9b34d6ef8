# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of HDBSCAN: mutual reachability, and a level for each cluster."""

from typing import Any

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from skneon._labels import Labels
from skneon.network import LevelMin, Query, SupportWeights
from skneon.network.engines._layerwise import rows_in_cache
from skneon.network.numerics._soft_min import squared_distances
from skneon.network.numerics._types import Array
from skneon.neuralization._by_name import named
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import NeuralizedModel
from skneon.neuralization.models._density_clusters import (
    DensityClusterOptions,
    check_euclidean,
    check_some_cluster,
    level_door,
    numbers_of,
    training_of,
)
from skneon.neuralization.models._rows_of_fit import given_rows, refuse_rows
from skneon.neuralization.models.pyod._detector import nameless

# to what distances that are to be equal may be rounded
ROUNDED = 1e-9
# share of the rows that an approximate tree may put elsewhere
APPROXIMATE = 0.02


@neuralize.register
def neuralize_hdbscan(model: HDBSCAN, **options: Any) -> NeuralizedModel:
    """The network of scikit-learn's `HDBSCAN`, by ``labels_`` and ``X_train`` alone.

    A row is in the cluster that it reaches below the level at which the cluster meets
    the rest; noise where it reaches none. That is ``labels_`` of every training row.
    ``min_samples`` counts the row itself. ``target="outlier"`` is the squared mutual
    reachability to the nearest row of a cluster.
    """
    check_is_fitted(model)
    kept = model.min_samples
    min_samples = model.min_cluster_size if kept is None else kept
    return reachability_clusters(model, options, int(min_samples) - 1)


@named("hdbscan.hdbscan_.HDBSCAN")
def neuralize_hdbscan_package(model: Any, **options: Any) -> NeuralizedModel:
    """The network of the `HDBSCAN` of the package hdbscan, which is not imported.

    As that of scikit-learn, but that ``min_samples`` does not count the row itself. An
    approximate tree, which is the default, may put a few rows into clusters whose level
    they are beyond: ``meta["beyond_level"]`` is their number, and against noise they
    have a negative score.
    """
    check_is_fitted(model, "labels_")
    kept = model.min_samples
    n_others = max(int(model.min_cluster_size if kept is None else kept), 1)
    if model.match_reference_implementation:
        n_others -= 1
    spared = APPROXIMATE if model.approx_min_span_tree else 0.0
    return reachability_clusters(model, options, n_others, spared, keeps_names=False)


def reachability_clusters(
    model: Any,
    options: dict[str, Any],
    n_others: int,
    spared: float = 0.0,
    keeps_names: bool = True,
) -> NeuralizedModel:
    """The network of clusters by mutual reachability.

    Parameters
    ----------
    model : fitted estimator
        With `labels_`, `alpha` and `metric`.
    options : dict
        Of `neuralize`.
    n_others : int
        How many other rows a core distance reaches.
    spared : float, default=0
        Share of the rows that may be farther from their cluster than its level.
    keeps_names : bool, default=True
        Whether the model knows how many columns it has.
    """
    chosen = DensityClusterOptions.of(model, options)
    check_euclidean(model)
    name = type(model).__name__
    if model.alpha != 1:
        raise ValueError(
            f"alpha={model.alpha!r} scales distances beside core distances, for which "
            f"there is no network: fit {name} with alpha=1.0."
        )
    labels = np.asarray(model.labels_)
    if (labels < -1).any():
        row = np.flatnonzero(labels < -1)[0]
        raise ValueError(
            f"{name} was fitted to rows with infinite or missing values, such as row "
            f"{row}, which have no distances: fit it without them."
        )
    check_some_cluster(model, labels, _way_to_clusters(model))
    plain = chosen.X_train if keeps_names else nameless(model, chosen.X_train, "csr")
    rows, _ = given_rows(model, plain, "csr")
    table = Labels.of(chosen.X_train)
    n_clusters = int(labels.max()) + 1
    # cluster by cluster, so that each is in one piece
    order = np.argsort(labels, kind="stable")
    pooling, broken = _levelled(rows[order], labels[order], n_others)
    if len(broken) > spared * len(rows):
        row = order[broken].min()
        near = f"row {row} is nearer to other rows than to those of its cluster "
        refuse_rows(model, f"{near}{labels[row]}")
    place = np.argsort(order)
    return level_door(
        model,
        chosen,
        rows[order],
        pooling,
        "row",
        meta={
            "levels": np.sqrt(pooling.levels).tolist(),
            "n_support": len(rows),
            "core_neighbors": n_others,
            "beyond_level": len(broken),
        },
        training=training_of(rows, table, numbers_of(labels, n_clusters), place),
        keeps_names=keeps_names,
    )


def _way_to_clusters(model: Any) -> str:
    """What to fit where all rows are noise."""
    ways = ["a smaller min_cluster_size", "fewer min_samples"]
    # 0 and None: clusters of any size
    if model.max_cluster_size:
        ways.insert(0, f"a max_cluster_size beyond {model.max_cluster_size}")
    return f"Fit it with {', '.join(ways[:-1])}, or {ways[-1]}."


def _levelled(support: Array, members: Array, n_others: int) -> tuple[LevelMin, Array]:
    """The pooling, with the level at which each cluster meets the rest.

    And the numbers of rows that reach their cluster above that level only. There are
    none where these are the rows of the fit, and its tree was not approximate.
    """
    N, n_clusters = len(support), int(members.max()) + 1
    weights = SupportWeights(np.full(N, 1 / N))
    # what of a cluster is beyond its level is found without one
    endless = np.full(n_clusters, np.inf)
    plain = LevelMin(members, endless, weights, np.zeros(N), n_others)
    core, D = np.zeros(N), np.empty((N, n_clusters))
    size = rows_in_cache(N, support.shape[1], None)
    for batch in gen_batches(N, size):
        H, query = _among(support, batch)
        found = plain.core_of(plain.present(H, query)[:, :-1], axis=1)
        if found is not None:
            core[batch] = found
    reached = LevelMin(members, endless, weights, core, n_others)
    for batch in gen_batches(N, size):
        D[batch] = reached.distances(*_among(support, batch))[0]
    inside = members[:, None] == np.arange(n_clusters)
    levels = np.where(inside, np.inf, D).min(axis=0)
    broken = np.flatnonzero((inside & (D > levels * (1 + ROUNDED))).any(axis=1))
    # at its level a cluster has met the rest
    pooling = LevelMin(members, levels, weights, core, n_others, closed=False)
    return pooling, broken


def _among(support: Array, batch: slice) -> tuple[Array, Query]:
    """Distances of some of the rows to all, each left out, as units give them."""
    rows = np.arange(batch.start, batch.stop)
    H = np.ones((len(rows), len(support) + 1))
    H[:, :-1] = squared_distances(support[batch], support)
    return H, Query(absent=rows)
