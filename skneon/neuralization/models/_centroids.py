# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of models whose clusters are cells of centroids: k-means and its kin."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.neighbors import NearestCentroid
from sklearn.utils import gen_batches
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from skneon._compat import Interval, StrOptions
from skneon._validation import check_magnitude
from skneon.network import CentroidPairs, Min, Network, Query, dense
from skneon.network._network import Propagation
from skneon.network.engines._chunks import one_blas_thread
from skneon.network.engines._progress import Progress
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import (
    check_options,
    override,
    row_labels,
    validate_rows,
)

RULE_CONSTRAINTS = {
    "rule": [
        StrOptions({"activation", "interventional", "midpoint", "shapley", "w-square"})
    ],
    "beta": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
    "n_subsets": [Interval(Integral, 1, None, closed="left")],
    "n_jobs": [Integral, None],
}

# numbers in a block that stays in a core's own cache, and blocks that a thread takes
BLOCK, BLOCKS = 2**17, 16

# rules that make no use of beta
BY_SUBSETS = ("shapley", "interventional")


class NeuralizedCentroids(NeuralizedClusters):
    """Network of a model whose clusters are the cells of centroids.

    Made by `neuralize`.

    Parameters
    ----------
    model : fitted estimator
    centroids : ndarray of shape (K, d)
    beta : float
    rule : {"shapley", "interventional", "midpoint", "w-square", "activation"}
    n_subsets : int
    n_jobs : int or None
    training : tuple (rows, clusters), or None
        What X=None stands for; clusters None are those of the nearest centroids.
    training_index : ndarray of shape (N,), or None
        Labels of the training rows.
    labels : ndarray of int, shape (K,), or None
        Number of each centroid's cluster; None: one each.
    classes : ndarray, or None
        Names of the clusters; None: numbers from 0.
    """

    accept_sparse = "csr"
    takes_training_rows = True

    def __init__(
        self,
        model,
        centroids,
        beta,
        rule="shapley",
        n_subsets=16,
        n_jobs=None,
        training=None,
        training_index=None,
        labels=None,
        classes=None,
    ):
        # a copy: MiniBatchKMeans moves its own in place
        centroids = np.array(centroids, dtype=float)
        check_magnitude(centroids)
        rows = background_rows(model, training) if rule == "interventional" else None
        units = CentroidPairs(centroids, rule, n_subsets, rows, labels)
        super().__init__(
            model,
            [units, Min(beta)],
            units.n_clusters,
            n_jobs,
            rule_meta(rule, beta, n_subsets),
            classes,
            training,
            training_index,
        )

    def nearest(self, data):
        """The cluster of the nearest centroid, by plain differences; shape (n,).

        That is ``predict``, which expands the squares and so goes wrong where the
        data lie far from the origin.
        """
        return self._in_chunks(self.layers[-2].nearest, data)

    def _open_rows(self, X, cluster, rival):
        """As `rows`, but the units themselves find clusters where they can."""
        if X is None or cluster is not None or rival is not None:
            return self.rows(X, cluster, rival)
        data = self.validated(X)
        if self.layers[-2].at_once(data):
            return data, Query()
        return data, Query(cluster=self.nearest(data))

    def answers(self, data, query, copies=False):
        """As elsewhere; the rows are copied while they are in cache."""
        units, pooling = self.layers[-2:]
        if not units.shares_at_once(data):
            if query.cluster is None:
                query = replace(query, cluster=self.nearest(data))
            return super().answers(data, query, copies)
        n, d = data.shape
        numbers = {"score": np.empty(n), "reference": np.empty((n, d))}
        labels = {name: np.empty(n, dtype=int) for name in ("rival", "cluster")}
        out = {"relevance": np.empty((n, d)), **numbers, **labels}

        copied = np.empty((n, d)) if copies else None

        def explain(rows):
            for some in gen_batches(rows.stop - rows.start, block):
                some = slice(rows.start + some.start, rows.start + some.stop)
                into = {name: values[some] for name, values in out.items()}
                units.propagate(data[some], query[some], pooling, into)
                if copies:
                    copied[some] = data[some]
            progress.add(rows.stop - rows.start)

        block = max(1, BLOCK // max(data.shape[1], units.n_units))
        with one_blas_thread(), Progress(n, self.verbose) as progress:
            Parallel(n_jobs=self.n_jobs, prefer="threads", require="sharedmem")(
                delayed(explain)(rows) for rows in gen_batches(n, BLOCKS * block)
            )
        clusters = out.pop("cluster")
        if query.cluster is None:
            query = replace(query, cluster=clusters)
        return query, Propagation(**out), copied


def background_rows(model, training):
    """Training rows for the interventional rule, or an error."""
    if training is None:
        raise ValueError(
            "The interventional rule compares with the training rows, which "
            f"{type(model).__name__} does not keep: pass them as X_train."
        )
    rows = training[0]
    return rows.toarray() if hasattr(rows, "toarray") else rows


def rule_meta(rule, beta, n_subsets):
    """The settings that a rule makes use of."""
    used = {"n_subsets": n_subsets} if rule in BY_SUBSETS else {"beta": beta}
    return {"rule": rule} | used


def auto_beta(mean_evidence):
    """beta = 1 / E[f_c]; 0, an equal share for every rival, where that is no number.

    The heuristic of Kauffmann et al., arXiv 1906.07633.
    """
    with np.errstate(all="ignore"):
        beta = np.divide(1.0, mean_evidence)
    return float(beta) if np.isfinite(beta) else 0.0


def mean_evidence(units, X, clusters, weights=None):
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
    evidence = Network([units, Min(beta=0.0)]).activate(X, Query(cluster=clusters))
    return float(np.average(evidence, weights=weights))


DEFAULTS = {
    "rule": "shapley",
    "beta": "auto",
    "n_subsets": 16,
    "n_jobs": None,
    "X_train": None,
}


def neuralize_prototypes(model, centroids, options, labels=None, classes=None):
    """The network of a model that assigns rows to their nearest centroid.

    Such models do not keep their training rows: they can be passed as ``X_train``, for
    X=None and for the mean evidence that ``beta="auto"`` stands for. Without them the
    mean is taken over the training rows moved onto their centroids, which ``labels_``
    allows: an upper bound, since the evidence of a cluster is a concave function. Where
    there are no ``labels_``, all clusters count alike.

    Parameters
    ----------
    model : fitted estimator
    centroids : ndarray of shape (K, d)
    options : dict
    labels, classes
        As in `NeuralizedCentroids`.
    """
    options = override(DEFAULTS, options, model)
    X_train = options.pop("X_train")
    check_options(RULE_CONSTRAINTS, options, model)
    beta = options.pop("beta")
    centroids = np.asarray(centroids, dtype=float)
    network = NeuralizedCentroids(model, centroids, 0.0, labels=labels)
    training = None
    if X_train is not None:
        rows = validate_rows(model, X_train, accept_sparse="csr")
        training = rows, network.nearest(rows)
    if beta == "auto" and options["rule"] in BY_SUBSETS:
        beta = 0.0
    elif beta == "auto":
        units = network.layers[0]
        names = np.arange(units.n_clusters) if classes is None else classes
        # as if a cluster's rows were spread evenly over its centroids
        sizes = cluster_sizes(model, names) / np.bincount(units.labels)
        sizes = sizes[units.labels]
        where = (centroids, units.labels, sizes) if training is None else training
        beta = auto_beta(mean_evidence(units, *where))
    index = row_labels(X_train)
    return NeuralizedCentroids(
        model,
        centroids,
        beta,
        training=training,
        training_index=index,
        labels=labels,
        classes=classes,
        **options,
    )


def cluster_sizes(model, names):
    """Number of training rows in each cluster, as far as ``labels_`` knows; (K,)."""
    known = getattr(model, "labels_", ())
    sizes = np.array([np.count_nonzero(known == name) for name in names])
    return sizes if sizes.any() else np.ones(len(names))


@neuralize.register(KMeans)
@neuralize.register(MiniBatchKMeans)
@neuralize.register(MeanShift)
def neuralize_kmeans(model, **options):
    """The network of a model that assigns rows to the nearest ``cluster_centers_``."""
    check_is_fitted(model)
    return neuralize_prototypes(model, model.cluster_centers_, options)


@neuralize.register
def neuralize_affinity_propagation(model: AffinityPropagation, **options):
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
def neuralize_nearest_centroid(model: NearestCentroid, **options):
    """The network of scikit-learn's `NearestCentroid`: euclidean, equal priors."""
    check_is_fitted(model)
    if model.metric != "euclidean":
        raise ValueError(
            f"Only the euclidean metric has this network, got metric={model.metric!r}. "
            'Fit NearestCentroid with metric="euclidean".'
        )
    if not np.isclose(model.class_prior_, 1 / len(model.classes_)).all():
        raise ValueError(
            "NearestCentroid with unequal priors weighs its distances by variances and "
            'priors, for which there is no network: fit it with priors="uniform".'
        )
    return neuralize_prototypes(
        model, model.centroids_, options, classes=model.classes_
    )


@neuralize.register
def neuralize_birch(model: Birch, **options):
    """The network of scikit-learn's `Birch`: a cluster has several centroids."""
    check_is_fitted(model)
    classes, labels = np.unique(model.subcluster_labels_, return_inverse=True)
    return neuralize_prototypes(
        model, model.subcluster_centers_, options, labels, classes
    )
