# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Do the networks of clusterings by density give labels_? Counts over random models.

Rows of every second model lie on integer grids, with ties and duplicates; lone rows are
far away. Run it by ``python benchmarks/clustering_laws.py``.
"""

import argparse

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.cluster import DBSCAN, HDBSCAN

from skneon import neuralize


def table(rng, number):
    """Some heaps of rows, every second time on a grid; a few are alone."""
    n, d = int(rng.integers(20, 160)), int(rng.integers(1, 6))
    heaps = rng.normal(size=(int(rng.integers(1, 6)), d)) * 4
    X = heaps[rng.integers(len(heaps), size=n)] + rng.normal(size=(n, d))
    if number % 2:
        X = np.round(X)
        X[: n // 4] = X[n // 4 : 2 * (n // 4)]
    X[-2:] += rng.choice([-30, 30], size=(2, d))
    return X


def dbscan(rng, X):
    """A DBSCAN whose radius is the distance of two rows, or a part of it."""
    eps = float(rng.choice(pdist(X))) * rng.choice([0.2, 0.5, 1.0]) or 1.0
    return DBSCAN(eps=eps, min_samples=int(rng.integers(1, 7))).fit(X)


def hdbscan(rng, X):
    """An HDBSCAN by either way to select clusters."""
    few = rng.choice(np.array([None, 1, 2, 5], dtype=object))
    return HDBSCAN(
        int(rng.integers(2, 9)),
        min_samples=few,
        cluster_selection_method=str(rng.choice(["eom", "leaf"])),
        copy=True,
    ).fit(X)


def counts(model, X):
    """Rows; those beyond the level of their cluster, and within that of another.

    Distances are to all clusters, each row left out, and are compared without any
    tolerance. And rows that have another label, and that tie, with several clusters or
    with a level: these may have either label.
    """
    door = neuralize(model, X_train=X)
    pooling, (data, query) = door.network.pooling, door.rows(None)
    H = door.network.units.forward(data, query)
    D, _ = pooling.distances(H, query)
    level, names = pooling.levels, np.arange(pooling.n_clusters)
    labels = np.where(model.labels_ < 0, pooling.noise, model.labels_)
    inside = labels[:, None] == names
    within = level >= D if pooling.closed else level > D
    several = (level >= D).sum(axis=1) > 1
    beyond = (inside & (level < D)).any(axis=1)
    of_another = (~inside & within).any(axis=1) & ~several
    tied = several | (level == D).any(axis=1)
    other = (pooling.assigned(H, query) != labels) & ~tied
    return np.array([len(X), beyond.sum(), of_another.sum(), other.sum(), tied.sum()])


def counted(name, fit, n_models, seed):
    """Print what is true of the rows of so many models that have a cluster."""
    rng, found, number = np.random.default_rng(seed), [], 0
    while len(found) < n_models:
        number += 1
        X = table(rng, number)
        model = fit(rng, X)
        if model.labels_.max() >= 0:
            found.append(counts(model, X))
    rows, beyond, another, other, ties = np.sum(found, axis=0).tolist()
    print(
        f"{name}: {n_models} models, {rows} rows; {beyond} beyond the level of their "
        f"cluster, {another} within that of another; of {rows - ties} that do not tie "
        f"{other} have another label"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name, fit in {"DBSCAN": dbscan, "HDBSCAN": hdbscan}.items():
        counted(name, fit, given.models, given.seed)
