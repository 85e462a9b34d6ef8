# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusterings by density: do held-out rows get the labels of a fit to all rows?

``python benchmarks/new_rows.py`` prints the table of doc/clusterings.md. A fifth of the
rows is held out; the model is fitted to the others, and the network labels both. Labels
are compared with those of a fit to all rows, cluster by cluster: each cluster of the
smaller fit stands for the one that most of its rows are in.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN, OPTICS
from sklearn.datasets import load_iris, load_wine, make_moons
from sklearn.model_selection import KFold
from sklearn.preprocessing import scale

from skneon import neuralize

SETS = {
    "iris": (scale(load_iris().data), 0.5, 10),
    "wine": (scale(load_wine().data), 2.2, 8),
    "two moons": (scale(make_moons(300, noise=0.07, random_state=0)[0]), 0.3, 15),
}
MODELS: dict[str, Callable[[float, int], Any]] = {
    "`DBSCAN`": lambda eps, size: DBSCAN(eps=eps),
    "`HDBSCAN`": lambda eps, size: HDBSCAN(min_cluster_size=size, copy=True),
    "`OPTICS`": lambda eps, size: OPTICS(cluster_method="dbscan", eps=eps),
}


def matched(labels: np.ndarray, reference: np.ndarray) -> dict[int, int]:
    """The reference's cluster that most rows of each cluster are in; noise is noise."""
    names = {-1: -1}
    for c in range(labels.max() + 1):
        found = reference[(labels == c) & (reference >= 0)]
        names[c] = int(np.bincount(found).argmax()) if len(found) else -2
    return names


def agreement(make: Callable[[], Any], X: np.ndarray) -> Iterator[tuple[float, float]]:
    """Shares of held-out, and of the other, rows with the labels of a fit to all."""
    whole = make().fit(X).labels_
    for rest, held in KFold(5, shuffle=True, random_state=0).split(X):
        model = make().fit(X[rest])
        if model.labels_.max() < 0:
            continue
        network = neuralize(model, X_train=X[rest])
        names = matched(model.labels_, whole[rest])
        found = network.classes[network.nearest(X[held])]
        new = np.array([names[c] for c in found.tolist()])
        old = np.array([names[c] for c in model.labels_.tolist()])
        yield (new == whole[held]).mean(), (old == whole[rest]).mean()


def main() -> None:
    """Print the table."""
    print(f"| held-out rows / refitted rows | {' | '.join(SETS)} |")
    print(f"| --- |{' --- |' * len(SETS)}")
    for name, make in MODELS.items():
        cells = []
        for X, eps, size in SETS.values():
            shares = [*agreement(lambda m=make, e=eps, s=size: m(e, s), X)]
            new, old = np.mean(shares, axis=0)
            cells.append(f"{100 * new:.0f} / {100 * old:.0f} %")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
