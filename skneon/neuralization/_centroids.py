# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of k-means models."""

from numbers import Integral, Real

import numpy as np
from sklearn.cluster import KMeans
from sklearn.utils.validation import check_is_fitted

from skneon._compat import Interval, StrOptions
from skneon._validation import check_magnitude
from skneon.network import CentroidPairs, Min, Network, Query, marginal_background
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import (
    NeuralizedModel,
    check_options,
    override,
    row_labels,
    validate_rows,
)

RULE_CONSTRAINTS = {
    "rule": [StrOptions({"interventional", "midpoint", "shapley", "w-square"})],
    "beta": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
    "n_subsets": [Interval(Integral, 1, None, closed="left")],
    "n_jobs": [Integral, None],
}


class NeuralizedCentroids(NeuralizedModel):
    """Network of a k-means model; made by `neuralize`.

    Parameters
    ----------
    model : fitted estimator
        With ``cluster_centers_``.
    beta : float
    rule : {"shapley", "interventional", "midpoint", "w-square"}
    n_subsets : int
    n_jobs : int or None
    training : tuple (rows, clusters), or None
        What X=None stands for; clusters None are those of the nearest centroids.
    training_index : ndarray of shape (N,), or None
        Labels of the training rows.
    """

    accept_sparse = "csr"
    questions = ("cluster", "rival")

    def __init__(
        self,
        model,
        beta,
        rule="shapley",
        n_subsets=16,
        n_jobs=None,
        training=None,
        training_index=None,
    ):
        centroids = np.asarray(model.cluster_centers_, dtype=float)
        check_magnitude(centroids)
        background = None
        if rule == "interventional":
            if training is None:
                raise ValueError(
                    "The interventional rule compares with the training rows, which "
                    f"{type(model).__name__} does not keep: pass them as X_train."
                )
            rows = training[0]
            rows = rows.toarray() if hasattr(rows, "toarray") else rows
            background = marginal_background(rows)
        layers = [CentroidPairs(centroids, rule, n_subsets, background), Min(beta)]
        meta = {"rule": rule, "n_clusters": len(centroids)}
        by_subsets = rule in ("shapley", "interventional")
        meta |= {"n_subsets": n_subsets} if by_subsets else {"beta": beta}
        super().__init__(model, layers, n_jobs, meta, training_index)
        self._training = training

    def rows(self, X, cluster=None, rival=None):
        """Clean rows and their query."""
        if X is None and self._training is None:
            raise ValueError(
                f"{type(self.model).__name__} does not keep its training rows: pass X."
            )
        data, assigned = self._training if X is None else (self._validated(X), None)
        n, n_clusters = data.shape[0], len(self.layers[0].centroids)
        if cluster is not None:
            cluster = _as_clusters("cluster", cluster, n, n_clusters)
        else:
            cluster = self.nearest(data) if assigned is None else assigned
        if rival is not None:
            rival = _as_clusters("rival", rival, n, n_clusters)
            same = np.flatnonzero(rival == cluster)
            if len(same):
                raise ValueError(
                    f"rival={rival[same[0]]} is the very cluster that row {same[0]} is "
                    "asked about: choose another rival, or leave out that row."
                )
        return data, Query(cluster=cluster, rival=rival)

    def nearest(self, data):
        """The cluster of the nearest centroid, by plain differences; shape (n,).

        That is ``predict``, which expands the squares and so goes wrong where the
        data lie far from the origin.
        """
        parts = self._in_chunks(lambda X, _: self.layers[0].nearest(X), data, Query())
        return np.concatenate(parts)

    def forward(self, X=None, *, cluster=None, rival=None):
        """Evidence for a cluster, f_c(x).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d), default=None
            None: the training rows, where the model keeps them.
        cluster : int or array-like of int, shape (n,), default=None
            None: the cluster of the nearest centroid.
        rival : int or array-like of int, shape (n,), default=None
            None: all other clusters compete.

        Returns
        -------
        evidence : ndarray of shape (n,)
        """
        return self.activate(*self.rows(X, cluster, rival))

    def explain(self, X=None, *, cluster=None, rival=None):
        """Relevance of each feature for the evidence.

        Parameters
        ----------
        X, cluster, rival
            As in `forward`.

        Returns
        -------
        explanation : Explanation
        """
        return self.explanation(*self.rows(X, cluster, rival), self.row_labels(X))


def auto_beta(mean_evidence):
    """beta = 1 / E[f_c]; 0, an equal share for every rival, where that is no number.

    The heuristic of Kauffmann et al., arXiv 1906.07633.
    """
    with np.errstate(all="ignore"):
        beta = np.divide(1.0, mean_evidence)
    return float(beta) if np.isfinite(beta) else 0.0


def _as_clusters(name, value, n, n_clusters):
    """Cluster numbers as an array of shape (n,)."""
    clusters = np.asarray(value)
    if clusters.dtype.kind not in "iu" or clusters.shape not in [(), (n,)]:
        raise ValueError(
            f"{name} must be None, an int, or an array of {n} ints (one a row), got "
            f"{value!r}."
        )
    outside = (clusters < 0) | (clusters >= n_clusters)
    if outside.any():
        raise ValueError(
            f"{name}={clusters[outside].flat[0]} is no cluster: they are numbered 0 to "
            f"{n_clusters - 1}."
        )
    return np.broadcast_to(clusters, (n,))


def mean_evidence(centroids, X, clusters, weights=None):
    """E[f_c] over rows and their clusters.

    Parameters
    ----------
    centroids : ndarray of shape (K, d)
    X : ndarray or sparse matrix of shape (n, d)
    clusters : ndarray of int, shape (n,)
    weights : ndarray of shape (n,), or None

    Returns
    -------
    mean : float
        inf for a single cluster.
    """
    layers = [CentroidPairs(centroids, rule=None), Min(beta=0.0)]
    evidence = Network(layers).activate(X, Query(cluster=clusters))
    return float(np.average(evidence, weights=weights))


DEFAULTS = {
    "rule": "shapley",
    "beta": "auto",
    "n_subsets": 16,
    "n_jobs": None,
    "X_train": None,
}


@neuralize.register
def neuralize_kmeans(model: KMeans, **options):
    """The network of scikit-learn's `KMeans`.

    `KMeans` does not keep its training rows: pass them as `X_train`, for X=None and
    for the mean evidence that ``beta="auto"`` stands for. Without them the mean is
    taken over the training rows moved onto their centroids, which ``labels_`` allows:
    an upper bound, since the evidence of a cluster is a concave function.
    """
    check_is_fitted(model)
    options = override(DEFAULTS, options, model)
    X_train = options.pop("X_train")
    check_options(RULE_CONSTRAINTS, options, model)
    beta = options.pop("beta")
    network = NeuralizedCentroids(model, 0.0)
    centroids = network.layers[0].centroids
    training = None
    if X_train is not None:
        rows = validate_rows(model, X_train, accept_sparse="csr")
        training = rows, network.nearest(rows)
    if beta == "auto":
        clusters = np.arange(len(centroids))
        sizes = np.bincount(model.labels_, minlength=len(centroids))
        where = (centroids, clusters, sizes) if training is None else training
        beta = auto_beta(mean_evidence(centroids, *where))
    index = row_labels(X_train)
    return NeuralizedCentroids(
        model, beta, training=training, training_index=index, **options
    )
