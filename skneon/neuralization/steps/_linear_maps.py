# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of transformers that mix columns linearly."""

from typing import Any

import numpy as np
from sklearn.cluster import FeatureAgglomeration
from sklearn.decomposition import (
    PCA,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    TruncatedSVD,
)
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection
from sklearn.utils.validation import check_is_fitted

from skneon.network import LinearMap
from skneon.network.numerics._table_cells import dense
from skneon.neuralization._neuralize import neuralize


@neuralize.register
def neuralize_incremental_pca(model: IncrementalPCA) -> LinearMap:
    """z = (x - mean) V, each component scaled to unit variance where it is whitened."""
    check_is_fitted(model)
    return pca_map(model)


def pca_map(model: PCA | IncrementalPCA) -> LinearMap:
    """z = (x - mean) V, each component scaled to unit variance where it is whitened."""
    matrix = model.components_.T
    if model.whiten:
        variance = model.explained_variance_
        # scikit-learn's floor for components without variance
        matrix = matrix / np.maximum(np.sqrt(variance), np.finfo(variance.dtype).eps)
    return LinearMap(model.transform, matrix, model.mean_)


def factor_analysis_map(model: FactorAnalysis) -> LinearMap:
    """z = E[factors | x] = (x - mean) N^-1 W' (I + W N^-1 W')^-1, N the noise."""
    weighted = model.components_ / model.noise_variance_
    moments = np.eye(len(weighted)) + weighted @ model.components_.T
    matrix = np.linalg.solve(moments, weighted).T
    return LinearMap(model.transform, matrix, model.mean_)


@neuralize.register
def neuralize_truncated_svd(model: TruncatedSVD) -> LinearMap:
    """z = x V."""
    check_is_fitted(model)
    return LinearMap(model.transform, model.components_.T)


@neuralize.register
def neuralize_fast_ica(model: FastICA) -> LinearMap:
    """z = (x - mean) V."""
    check_is_fitted(model)
    return LinearMap(
        model.transform, model.components_.T, getattr(model, "mean_", None)
    )


@neuralize.register(GaussianRandomProjection)
@neuralize.register(SparseRandomProjection)
def neuralize_random_projection(model: Any) -> LinearMap:
    """z = x V."""
    check_is_fitted(model)
    return LinearMap(model.transform, dense(model.components_).T)


@neuralize.register
def neuralize_feature_agglomeration(model: FeatureAgglomeration) -> LinearMap:
    """z_j = the mean of the columns in cluster j."""
    check_is_fitted(model)
    if model.pooling_func is not np.mean:
        name = getattr(model.pooling_func, "__name__", repr(model.pooling_func))
        raise TypeError(
            f"FeatureAgglomeration(pooling_func={name}) pools columns by what is not "
            "known to be linear: fit it with pooling_func=numpy.mean, its default."
        )
    labels = model.labels_
    members = (labels[:, None] == np.arange(labels.max() + 1)).astype(float)
    return LinearMap(model.transform, members / members.sum(axis=0))
