# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of models whose clusters are cells of centroids: k-means and its kin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.neighbors import NearestCentroid
from sklearn.utils.validation import check_is_fitted

from skneon._compat import StrOptions
from skneon._labels import Labels
from skneon._lazy import refuse_lazy
from skneon._validation import check_magnitude
from skneon.network import (
    CentroidPairs,
    Midpoint,
    Min,
    Network,
    Query,
    Rule,
    Scales,
    Shapley,
    Units,
)
from skneon.network.numerics._table_cells import dense
from skneon.network.numerics._types import Array
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import TrainingRows, validate_rows
from skneon.neuralization._options import RULE, Options, chosen_rule
from skneon.neuralization.models._metrics import refuse_metric


@dataclass(frozen=True, kw_only=True)
class ClusterOptions(Options):
    """Options of k-means and its kin, as in `neuralize`."""

    target: str = "cluster"
    rule: str | Rule | None = None
    X_train: Any = None

    constraints: ClassVar[dict[str, list[Any]]] = {
        **Options.constraints,
        "target": [StrOptions({"cluster"})],
        "rule": RULE,
    }


class NeuralizedCentroids(NeuralizedClusters):
    """A model whose clusters are cells of centroids, and its network."""

    accept_sparse = "csr"
    takes_training_rows = True


class NeuralizedSplits(NeuralizedCentroids):
    """A bisecting k-means and its network; made by `neuralize`.

    Its evidence for a cluster is positive where ``predict``, which goes down the tree
    of splits, gives that cluster.
    """


def bound_rule(
    rule: str | Rule | None, auto_beta: Callable[[], float], rows: Callable[[], Array]
) -> Rule:
    """The rule that is asked for, with the model's stiffness and training rows."""
    found = chosen_rule(rule, Shapley(), "cluster", "the evidence of clusters")
    return found.bound(Scales(auto_beta=auto_beta, training_rows=rows))


def background_rows(model: Any, training: TrainingRows | None) -> Array:
    """Training rows for the interventional rule, or an error."""
    if training is None:
        raise ValueError(
            "The interventional rule compares with the training rows, which "
            f"{type(model).__name__} does not keep: pass them as X_train."
        )
    return dense(training.rows)


def auto_beta(mean_evidence: float) -> float:
    """beta = 1 / E[f_c]; 0, an equal share for every rival, where that is no number.

    The heuristic of Kauffmann et al., arXiv 1906.07633.
    """
    with np.errstate(all="ignore"):
        beta = np.divide(1.0, mean_evidence)
    return float(beta) if np.isfinite(beta) else 0.0


def mean_evidence(
    units: Units, X: Any, clusters: Array, weights: Array | None = None
) -> float:
    """E[f_c] over rows and their clusters.

    Parameters
    ----------
    units : LinearPairs
    X : ndarray or sparse matrix of shape (n, d)
    clusters : ndarray of int, shape (n,)
    weights : ndarray of shape (n,), or None

    Returns
    -------
    mean : float
        inf for a single cluster.
    """
    evidence = Network(units, Min()).activate(X, Query(cluster=clusters))
    return float(np.average(evidence, weights=weights))


def neuralize_pairs(
    model: Any,
    units: Any,
    options: ClusterOptions,
    own: tuple[Array, Array, Array],
    classes: Any = None,
    kind: type[NeuralizedClusters] = NeuralizedCentroids,
) -> NeuralizedClusters:
    """The network of a model that does not keep its training rows.

    They can be passed as ``X_train``, for X=None and for the mean evidence that
    ``beta="auto"`` stands for. Without them the mean is taken over the training rows
    moved onto their centroids, which ``labels_`` allows: an upper bound, since the
    evidence of a cluster is a concave function. Where there are no ``labels_``, all
    clusters count alike.

    Parameters
    ----------
    model : fitted estimator
    units : LinearPairs
    options : ClusterOptions
    own : tuple (points, clusters, sizes)
        The centroids, their clusters, and how many training rows are theirs.
    classes : ndarray, or None
        Names of the clusters; None: numbers from 0.
    kind : type
        Of the door.
    """
    training = None
    if options.X_train is not None:
        refuse_lazy(options.X_train, "X_train")
        rows = validate_rows(model, options.X_train, accept_sparse="csr")
        clusters = Network(units, Min()).nearest(rows)
        training = TrainingRows(rows, Labels.of(options.X_train), clusters)

    def auto() -> float:
        if training is None:
            return auto_beta(mean_evidence(units, *own))
        assert training.clusters is not None
        return auto_beta(mean_evidence(units, training.rows, training.clusters))

    rule = bound_rule(options.rule, auto, lambda: background_rows(model, training))
    # of a model that has the usual rule because none was asked for
    wide = Midpoint().bound(Scales(auto_beta=auto)) if options.rule is None else None
    network = Network(units, Min(), rule, wide=wide, n_jobs=options.n_jobs)
    return kind(model, network, units.n_clusters, classes=classes, training=training)


def neuralize_prototypes(
    model: Any,
    centroids: Any,
    given: dict[str, Any],
    labels: Array | None = None,
    classes: Any = None,
) -> NeuralizedClusters:
    """The network of a model that assigns rows to their nearest centroid.

    Parameters
    ----------
    model : fitted estimator
    centroids : ndarray of shape (K, d)
    given : dict
        Options of `neuralize`.
    labels : ndarray of int, shape (K,), or None
        Number of each centroid's cluster; None: one each.
    classes : ndarray, or None
        Names of the clusters; None: numbers from 0.
    """
    options = ClusterOptions.of(model, given)
    # a copy: MiniBatchKMeans moves its own in place
    centroids = np.array(centroids, dtype=float)
    check_magnitude(centroids)
    units = CentroidPairs(centroids, labels)
    names = np.arange(units.n_clusters) if classes is None else classes
    # as if a cluster's rows were spread evenly over its centroids
    sizes = cluster_sizes(model, names) / np.bincount(units.labels)
    own = (centroids, units.labels, sizes[units.labels])
    return neuralize_pairs(model, units, options, own, classes)


def cluster_sizes(model: Any, names: Any) -> Array:
    """Number of training rows in each cluster, as far as ``labels_`` knows; (K,)."""
    known = getattr(model, "labels_", ())
    sizes = np.array([np.count_nonzero(known == name) for name in names])
    return sizes if sizes.any() else np.ones(len(names))


@neuralize.register(KMeans)
@neuralize.register(MiniBatchKMeans)
@neuralize.register(MeanShift)
def neuralize_kmeans(model: Any, **options: Any) -> NeuralizedClusters:
    """The network of a model that assigns rows to the nearest ``cluster_centers_``."""
    check_is_fitted(model)
    return neuralize_prototypes(model, model.cluster_centers_, options)


@neuralize.register
def neuralize_affinity_propagation(
    model: AffinityPropagation, **options: Any
) -> NeuralizedClusters:
    """The network of scikit-learn's `AffinityPropagation`: cells of the exemplars."""
    check_is_fitted(model)
    if model.affinity != "euclidean":
        raise ValueError(
            f"AffinityPropagation(affinity={model.affinity!r}) has no exemplars in the "
            'space of the rows: fit it with affinity="euclidean".'
        )
    if not model.cluster_centers_.shape[0]:
        raise ValueError(
            "AffinityPropagation did not converge and found no clusters: fit it with "
            "more max_iter, or another damping or preference."
        )
    return neuralize_prototypes(model, dense(model.cluster_centers_), options)


@neuralize.register
def neuralize_nearest_centroid(
    model: NearestCentroid, **options: Any
) -> NeuralizedClusters:
    """The network of scikit-learn's `NearestCentroid`: euclidean, equal priors."""
    check_is_fitted(model)
    if model.metric != "euclidean":
        refuse_metric(model, model.metric)
    if not np.isclose(model.class_prior_, 1 / len(model.classes_)).all():
        raise ValueError(
            "NearestCentroid with unequal priors weighs its distances by variances and "
            'priors, for which there is no network: fit it with priors="uniform".'
        )
    return neuralize_prototypes(
        model, model.centroids_, options, classes=model.classes_
    )


@neuralize.register
def neuralize_birch(model: Birch, **options: Any) -> NeuralizedClusters:
    """The network of scikit-learn's `Birch`: a cluster has several centroids."""
    check_is_fitted(model)
    classes, labels = np.unique(model.subcluster_labels_, return_inverse=True)
    return neuralize_prototypes(
        model, model.subcluster_centers_, options, labels, classes
    )
