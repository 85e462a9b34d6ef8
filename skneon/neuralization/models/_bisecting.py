# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network of bisecting k-means (ours)."""

from typing import Any

import numpy as np
from sklearn.cluster import BisectingKMeans
from sklearn.utils.validation import check_is_fitted

from skneon._compat import bisecting_tree
from skneon._validation import check_magnitude
from skneon.network import SplitPairs
from skneon.neuralization._clusters import NeuralizedClusters
from skneon.neuralization._neuralize import neuralize
from skneon.neuralization.models._centroids import (
    ClusterOptions,
    NeuralizedSplits,
    cluster_sizes,
    neuralize_pairs,
)


@neuralize.register
def neuralize_bisecting_kmeans(
    model: BisectingKMeans, **options: Any
) -> NeuralizedClusters:
    """The network of scikit-learn's `BisectingKMeans`; options as for `KMeans`."""
    check_is_fitted(model)
    chosen = ClusterOptions.of(model, options)
    centers, children, labels = bisecting_tree(model)
    check_magnitude(centers)
    units = SplitPairs(centers, children, labels)
    clusters = np.arange(units.n_clusters)
    own = (centers[units.leaves], clusters, cluster_sizes(model, clusters))
    return neuralize_pairs(model, units, chosen, own, kind=NeuralizedSplits)
