# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Spectral clusterings: labels, distance to Shapley values, new rows, and times.

``python benchmarks/spectral.py --wholesale PATH`` prints the tables of doc/spectral.md.
"""

import argparse
import sys
from pathlib import Path
from time import process_time

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_iris, load_wine, make_moons
from sklearn.metrics import confusion_matrix
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skneon import neuralize
from skneon.datasets import fetch_wholesale_customers
from skneon.metrics import exact_shapley, relevance_distance

SPLITS, RUNS = 10, 5
GRAPH = {"affinity": "nearest_neighbors"}
LONGEST = 8  # columns of which all subsets are taken


def tables(wholesale):
    """Rows, number of clusters, and affinities by name."""
    yield "iris", scale(load_iris().data), 3, ({"gamma": 1.0}, {"gamma": 0.3}, GRAPH)
    yield "wine", scale(load_wine().data), 3, ({"gamma": 0.1}, {"gamma": 0.3}, GRAPH)
    moons = scale(make_moons(300, noise=0.07, random_state=0)[0])
    yield "moons", moons, 2, ({"gamma": 20.0}, GRAPH)
    if wholesale:
        spending = scale(np.log(fetch_wholesale_customers(wholesale).data))
        yield "wholesale", spending, 4, ({"gamma": 0.5}, {"gamma": 1.0}, GRAPH)


def spectral(K, affinity):
    return SpectralClustering(K, random_state=0, **affinity)


def named(affinity):
    return f"gamma {affinity['gamma']:g}" if "gamma" in affinity else "graph"


def cpu_time(door, n):
    """Microseconds of a row in one thread, the best of some runs."""
    times = []
    for _ in range(RUNS):
        start = process_time()
        door.explain()
        times.append(process_time() - start)
    return min(times) / n * 1e6


def figures(X, K, affinity):
    """What is measured of one clustering and rule "integrated"."""
    model = spectral(K, affinity).fit(X)
    door = neuralize(model, X_train=X)
    found = door.explain()
    constant = np.median(np.abs(found.residual / found.score))
    near = "- | -"
    if X.shape[1] <= LONGEST:
        apart = relevance_distance(found, exact_shapley(door), average=None)
        near = " | ".join(f"{q:.1%}" for q in np.quantile(apart, [0.5, 0.9]))
    shares = door.meta["labels_reproduced"], constant, near
    return *shares, cpu_time(door, len(X))


def of_graph(X, K):
    """Share of the labels, and time, of the game of the graph."""
    model = spectral(K, GRAPH).fit(X)
    door = neuralize(model, X_train=X, rule="shapley")
    return door.meta["labels_reproduced"], cpu_time(door, len(X))


def renamed(labels, known):
    """Labels by the names of those that they agree with the most."""
    shared = confusion_matrix(labels, known)
    rows, columns = linear_sum_assignment(-shared)
    return columns[np.argsort(rows)][labels], columns[np.argsort(rows)]


def new_rows(X, K, affinity):
    """How often held-out and refitted rows have the label of the fit to all rows."""
    everything = spectral(K, affinity).fit(X).labels_
    held, refitted = [], []
    for split in range(SPLITS):
        out = np.random.default_rng(split).random(len(X)) < 0.2
        model = spectral(K, affinity).fit(X[~out])
        labels, names = renamed(model.labels_, everything[~out])
        refitted.append(np.mean(labels == everything[~out]))
        door = neuralize(model, X_train=X[~out])
        held.append(np.mean(names[door.nearest(X[out])] == everything[out]))
    return np.mean(held), np.mean(refitted)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wholesale", help="CSV file of the wholesale customers")
    wholesale = parser.parse_args().wholesale
    print(
        "| rows | affinity | labels | constant | distance | of 9 in 10 | us/row | "
        "held out | refit |"
    )
    with threadpool_limits(1):
        for name, X, K, affinities in tables(wholesale):
            for affinity in affinities:
                labels, constant, near, time = figures(X, K, affinity)
                held, refitted = new_rows(X, K, affinity)
                print(
                    f"| {name} | {named(affinity)} | {labels:.1%} | {constant:.2f} | "
                    f"{near} | {time:.0f} | {held:.2f} | {refitted:.2f} |",
                    flush=True,
                )
            if X.shape[1] <= LONGEST:
                labels, time = of_graph(X, K)
                print(
                    f"| {name} | graph, shapley | {labels:.1%} | | 0 | 0 | {time:.0f} "
                    "| | |"
                )


if __name__ == "__main__":
    main()
