# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linkage clusterings to fuzz: how each is fitted, and what it may be asked."""

from sklearn.cluster import AgglomerativeClustering

LINKAGES = ("single", "complete", "average", "ward")


def linkage(rng, X):
    """Cut anywhere, from one cluster to one for each row."""
    K = min(int(rng.choice([1, 2, 3, 5, len(X)])), len(X))
    kind = str(rng.choice(LINKAGES))
    heights = bool(rng.random() < 0.5)
    return AgglomerativeClustering(K, linkage=kind, compute_distances=heights).fit(X)


def linkage_questions(question):
    """Both evidences and rules, of rows and of the training rows; and all merges."""

    def questions(rng, model, X):
        K = model.n_clusters_
        for evidence in ("insertion", "whole"):
            for rule in ("shapley", "proportional"):
                options = {"evidence": evidence, "rule": rule, "X_train": X}
                yield question(options, _asked(rng, K))
                yield question(options, _asked(rng, K), own=True)
        yield question({"target": "merge", "X_train": X}, own=True)

    return questions


def _asked(rng, K):
    """Nothing, or about a cluster, or two of them."""
    if rng.random() < 0.5:
        return {}
    cluster = int(rng.integers(K))
    if K == 1 or rng.random() < 0.5:
        return {"cluster": cluster}
    return {"cluster": cluster, "rival": (cluster + 1) % K}
