# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of bisecting k-means (ours)."""

import numpy as np
from sklearn.cluster import BisectingKMeans
from sklearn.utils.validation import check_is_fitted

from skneon._compat import bisecting_tree
from skneon._validation import check_magnitude
from skneon.network import Min, SplitPairs
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization._neuralized import (
    check_options,
    override,
    row_labels,
    validate_rows,
)
from skneon.neuralization.models._centroids import (
    BY_SUBSETS,
    DEFAULTS,
    RULE_CONSTRAINTS,
    auto_beta,
    background_rows,
    cluster_sizes,
    mean_evidence,
    rule_meta,
)


class NeuralizedSplits(NeuralizedClusters):
    """Network of a bisecting k-means; made by `neuralize`.

    Its evidence for a cluster is positive where ``predict``, which goes down the tree
    of splits, gives that cluster.
    """

    accept_sparse = "csr"
    takes_training_rows = True

    def nearest(self, data):
        """The cluster that the splits lead to, shape (n,)."""
        return self._in_chunks(self.layers[-2].nearest, data)


@neuralize.register
def neuralize_bisecting_kmeans(model: BisectingKMeans, **options):
    """The network of scikit-learn's `BisectingKMeans`; options as for `KMeans`."""
    check_is_fitted(model)
    options = override(DEFAULTS, options, model)
    check_options(RULE_CONSTRAINTS, {k: options[k] for k in RULE_CONSTRAINTS}, model)
    rule, beta, n_subsets = (options[k] for k in ("rule", "beta", "n_subsets"))
    centers, children, labels = bisecting_tree(model)
    check_magnitude(centers)
    units = SplitPairs(centers, children, labels, rule, n_subsets)
    X_train, training = options["X_train"], None
    if X_train is not None:
        rows = validate_rows(model, X_train, accept_sparse="csr")
        training = rows, units.nearest(rows)
    if rule == "interventional":
        rows = background_rows(model, training)
        units = SplitPairs(centers, children, labels, rule, n_subsets, rows)
    if beta == "auto" and rule in BY_SUBSETS:
        beta = 0.0
    elif beta == "auto":
        own = np.arange(units.n_clusters)
        sizes = cluster_sizes(model, own)
        where = (centers[units.leaves], own, sizes) if training is None else training
        beta = auto_beta(mean_evidence(units, *where))
    return NeuralizedSplits(
        model,
        [units, Min(beta)],
        units.n_clusters,
        options["n_jobs"],
        rule_meta(rule, beta, n_subsets),
        training=training,
        training_index=row_labels(X_train),
    )
