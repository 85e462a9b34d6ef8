# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""K-means with centroids of a fixed norm (chapter #5.2)."""

from copy import copy

import numpy as np

from skneon._kmeans import NeonKMeans
from skneon.network import CentroidPairs
from skneon.neuralization.models._centroids import mean_evidence

# share of the largest norm that is rounding: k-means moves rows to their mean and back
NOTHING = 1e-12


def with_fixed_norm(kmeans, X):
    r"""The same clusters with every centroid scaled to their mean norm.

    The evidence is then linear, :math:`h_k = w_k^\top a` with all biases 0: it goes by
    the direction of the activations, which channels are on, and not by how strong they
    are. That changes who is nearest: rows near a border may go over.

    Parameters
    ----------
    kmeans : NeonKMeans
        Fitted to X.
    X : ndarray of shape (n, d)

    Returns
    -------
    rescaled : NeonKMeans
        A copy; its `labels_` are the nearest of the new centroids, and `inertia_` goes
        by them.

    Raises
    ------
    TypeError
        For another model.
    ValueError
        Where a centroid is 0, which has no direction.
    """
    if not isinstance(kmeans, NeonKMeans):
        raise TypeError(
            "rescale_centroids=True takes NeonKMeans as the estimator, got "
            f"{type(kmeans).__name__}."
        )
    norms = np.linalg.norm(kmeans.cluster_centers_, axis=1)
    if norms.min() <= NOTHING * norms.max():
        raise ValueError(
            f"Centroid {norms.argmin()} is 0 and cannot be scaled to another norm: "
            "leave out rescale_centroids, or take fewer clusters."
        )
    rescaled = copy(kmeans)
    factors = norms.mean() / norms
    rescaled.cluster_centers_ = kmeans.cluster_centers_ * factors[:, None]
    units = CentroidPairs(rescaled.cluster_centers_)
    rescaled.labels_ = units.nearest(X).astype(kmeans.labels_.dtype)
    own = rescaled.cluster_centers_[rescaled.labels_]
    rescaled.inertia_ = float(np.sum((X - own) ** 2))
    rescaled.mean_evidence_ = mean_evidence(units, X, rescaled.labels_)
    return rescaled
