# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Spectral clusterings and sums of kernels to fuzz: how each is fitted, and asked."""

import numpy as np
from sklearn.cluster import SpectralClustering
from sklearn.decomposition import KernelPCA

RULES = ("integrated", "shapley")
# with more columns the game of a graph takes long
FEW = 6


def spectral_rbf(stiffness):
    """A spectral clustering of any width, however flat or unconnected."""

    def fit(rng, X):
        return _spectral(rng, X, gamma=stiffness(rng, X)).fit(X)

    return fit


def spectral_graph(rng, X):
    """One of a graph of neighbours, the row its own first."""
    k = min(int(rng.choice([2, 4, 8])), len(X))
    return _spectral(rng, X, affinity="nearest_neighbors", n_neighbors=k).fit(X)


def _spectral(rng, X, **affinity):
    K = min(int(rng.choice([1, 2, 3])), len(X))
    components = rng.choice(np.array([None, 1, 4], dtype=object))
    how = str(rng.choice(["kmeans", "kmeans", "discretize", "cluster_qr"]))
    return SpectralClustering(
        K, n_components=components, assign_labels=how, n_init=1, random_state=0,
        **affinity,
    )  # fmt: skip


def vote_questions(question):
    """Both rules, of rows and of the training rows, for any cluster and rival."""

    def questions(rng, model, X):
        K = len(np.unique(model.labels_))
        few = X.shape[1] <= FEW or model.affinity == "rbf"
        for rule in RULES if few else RULES[:1]:
            options = {"rule": rule, "X_train": X}
            cluster = int(rng.integers(K))
            asked = [{}, {"cluster": cluster}]
            if K > 1:
                asked.append({"cluster": cluster, "rival": (cluster + 1) % K})
            yield question(options, asked[rng.integers(len(asked))])
            yield question(options, asked[rng.integers(len(asked))], own=True)

    return questions


def kernel_pca(stiffness):
    """Components of Gaussian kernels of any width."""

    def fit(rng, X):
        n = min(int(rng.choice([1, 2, 5])), len(X))
        return KernelPCA(n, kernel="rbf", gamma=stiffness(rng, X)).fit(X)

    return fit


def component_questions(question):
    """Each component by either rule; also of the rows of the fit."""

    def questions(rng, model, X):
        for rule in RULES:
            component = int(rng.integers(len(model.eigenvalues_)))
            options = {"component": component, "rule": rule}
            yield question(options)
            yield question(options, own=True)

    return questions


def decision_questions(question):
    """The decision function by either rule."""

    def questions(rng, model, X):
        for rule in RULES:
            yield question({"target": "decision", "rule": rule})

    return questions
