# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusterings by density to fuzz: how each is fitted, and what it may be asked."""

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.cluster import DBSCAN, HDBSCAN, OPTICS


def radius(rng, X):
    """A distance between rows, one that ties, or one far from all."""
    between = pdist(X.astype(float)) if len(X) > 1 else np.ones(1)
    usual = float(rng.choice(between)) or 1.0
    return float(np.clip(usual * rng.choice([0.5, 1.0, 1.0, 2.0]), 1e-150, 1e150))


def dbscan(rng, X):
    return DBSCAN(eps=radius(rng, X), min_samples=int(rng.choice([1, 2, 4]))).fit(X)


def hdbscan(rng, X):
    size = min(int(rng.choice([2, 3, 5])), len(X))
    few = rng.choice(np.array([None, 1, 2], dtype=object))
    method = str(rng.choice(["eom", "leaf"]))
    model = HDBSCAN(
        size, min_samples=few, cluster_selection_method=method, copy=True,
        allow_single_cluster=bool(rng.random() < 0.3),
    )  # fmt: skip
    return model.fit(X)


def optics(rng, X):
    few = min(int(rng.choice([2, 4])), len(X))
    eps = radius(rng, X)
    model = OPTICS(min_samples=few, cluster_method="dbscan", eps=eps)
    return model.fit(X)


def level_questions(question):
    """Both rules, for clusters and noise, of rows and of the training rows."""

    def questions(rng, model, X):
        K = int(model.labels_.max(initial=-1)) + 1
        names = [*range(K), -1]
        for rule in ("shapley", "proportional"):
            cluster, rival = rng.choice(names, size=2, replace=len(names) < 2)
            asked = [{}, {"cluster": cluster}, {"cluster": cluster, "rival": rival}]
            options = {"rule": rule, "X_train": X}
            yield question(options, asked[rng.integers(3)])
            yield question(options, {}, own=True)
            options = {**options, "target": "outlier"}
            yield question(options)
            yield question(options, own=True)
        if isinstance(model, OPTICS):
            options = {"target": "reachability", "X_train": X}
            yield question(options)
            yield question(options, own=True)

    return questions


def density_clusterings(question):
    """By name: how a model is fitted, what it is asked, and how often it is drawn."""
    asked = level_questions(question)
    return {
        "dbscan": (dbscan, asked, 2),
        "hdbscan": (hdbscan, asked, 2),
        "optics": (optics, asked, 1),
    }
