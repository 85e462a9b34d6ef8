# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Are linkage clusterings explained as they are, for new rows too, and in what time?

``python benchmarks/linkage.py --wholesale PATH`` prints the tables of doc/linkage.md,
or one of them by its name:

- ``law``: rows of random tables whose evidence for their own cluster is negative;
- ``refit``: what a fit without a row foretells of the row's first merge, beside a fit
  with it;
- ``labels``: training rows of real sets that are nearest to their own cluster, by the
  node that they would join, and by the whole cluster;
- ``held-out``: how often rows that were left out of the fit have the label that a fit
  to all rows gives them, and how often rows of the fit have;
- ``time``: microseconds of one thread for a row.

Columns are standardised; those of the wholesale data are logarithms.
"""

import argparse
import sys
from pathlib import Path
from time import process_time

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import load_breast_cancer, load_iris, load_wine, make_moons
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skneon import neuralize
from skneon.datasets import fetch_wholesale_customers

LINKAGES = ("single", "complete", "average", "ward")
TABLES, SPLITS, LEFT_OUT = 600, 20, 30


def fitted(X, kind, n_clusters):
    return AgglomerativeClustering(n_clusters, linkage=kind).fit(X)


def network(X, kind, n_clusters, **options):
    """The network of a linkage of X."""
    return neuralize(fitted(X, kind, n_clusters), X_train=X, **options)


def real_sets(path):
    """Standardised rows and a number of clusters, by name."""
    moons = make_moons(300, noise=0.07, random_state=0)[0]
    sets = {
        "iris": (scale(load_iris().data), 3),
        "wine": (scale(load_wine().data), 3),
        "moons": (scale(moons), 2),
        "cancer": (scale(load_breast_cancer().data), 4),
    }
    if path:
        rows = np.log(np.asarray(fetch_wholesale_customers(path).data, dtype=float))
        sets["wholesale"] = (scale(rows), 4)
    return sets


def print_rows(head, rows):
    """A table in Markdown."""
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " ---: |" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)


def random_table(rng, number):
    """Normal rows or an integer grid of many ties, some with rows twice."""
    n, d = rng.integers(5, 80), rng.integers(1, 6)
    X = rng.normal(size=(n, d))
    if number % 2:
        X = rng.integers(4, size=(n, d)) * 1.0
    return np.vstack([X, X[: n // 3]]) if number % 3 == 0 else X


def law(sets):
    """Rows of random tables that would sooner join another cluster."""
    rng = np.random.default_rng(0)
    counts = {kind: np.zeros(3, dtype=int) for kind in LINKAGES}
    for number in range(TABLES):
        X = random_table(rng, number)
        n_clusters = int(rng.integers(2, min(10, len(X)) + 1))
        for kind in LINKAGES:
            f = network(X, kind, n_clusters, rule="proportional").forward()
            labels = fitted(X, kind, n_clusters).labels_
            lone = np.bincount(labels)[labels] == 1
            counts[kind] += [len(X), lone.sum(), np.sum(~(f >= -1e-9))]
    rows = [(kind, *found) for kind, found in counts.items()]
    print_rows(("linkage", "rows", "of these alone", "evidence < -1e-9"), rows)


def refit(sets):
    """Heights of the first merges of rows, foretold by fits without them."""
    rng, rows = np.random.default_rng(0), []
    for name, (X, _) in sets.items():
        cells = [name]
        for kind in LINKAGES:
            whole = AgglomerativeClustering(1, linkage=kind, compute_distances=True)
            merges, heights = whole.fit(X).children_, whole.distances_
            power = 1 if kind == "average" else 0.5
            errors = []
            for row in rng.choice(len(X), LEFT_OUT, replace=False):
                tree = network(np.delete(X, row, axis=0), kind, 1).network.units.tree
                values = tree.nearest(tree.alive(tree.values(X[[row]]), None))
                first = heights[(merges == row).any(axis=1)][0]
                errors.append(abs(values[0, 0] ** power - first) / max(first, 1e-9))
            cells.append(f"{max(errors):.0e}")
        rows.append(cells)
    print_rows(("largest relative error", *LINKAGES), rows)


def labels(sets):
    """Training rows that are nearest to their own cluster, by both evidences."""
    rows = []
    for name, (X, n_clusters) in sets.items():
        cells = [name]
        for kind in LINKAGES:
            for evidence in ("insertion", "whole"):
                f = network(X, kind, n_clusters, evidence=evidence).forward()
                cells.append(f"{100 * np.mean(f >= -1e-9):.0f}")
        rows.append(cells)
    print_rows(
        ("set", *(f"{k}, {e}" for k in LINKAGES for e in ("node", "whole"))), rows
    )


def agreement(ours, theirs, n_clusters, others):
    """Share of other rows on which labels agree, matched by those of the fit."""
    table = np.zeros((n_clusters, n_clusters))
    np.add.at(table, (ours, theirs), 1)
    own, match = linear_sum_assignment(-table)
    name = np.empty(n_clusters, dtype=int)
    name[own] = match
    return np.mean(name[ours] == theirs), np.mean(name[others[0]] == others[1])


def held_out(sets):
    """Labels of new rows beside those of a fit to all rows."""
    rows = []
    for name, (X, n_clusters) in sets.items():
        for kind in LINKAGES:
            whole, found = fitted(X, kind, n_clusters).labels_, []
            for seed in range(SPLITS):
                order = np.random.default_rng(seed).permutation(len(X))
                new, kept = np.split(order, [len(X) // 5])
                model, agree = fitted(X[kept], kind, n_clusters), []
                for evidence in ("insertion", "whole"):
                    asked = {"evidence": evidence, "rule": "proportional"}
                    door = neuralize(model, X_train=X[kept], **asked)
                    others = door.nearest(X[new]), whole[new]
                    own = model.labels_, whole[kept]
                    agree.append(agreement(*own, n_clusters, others))
                (kept_agree, by_node), (_, by_whole) = agree
                found.append((kept_agree, by_node, by_whole))
            means = 100 * np.mean(found, axis=0)
            rows.append((f"{name}, {kind}", *(f"{mean:.1f}" for mean in means)))
    heads = ("set, linkage", "rows of both fits", "new, by node", "new, by whole")
    print_rows(heads, rows)


def time(sets):
    """Microseconds for a row, of one thread: the least of five runs."""
    rows = []
    for name, (X, n_clusters) in sets.items():
        for evidence in ("insertion", "whole"):
            for rule in ("shapley", "proportional"):
                if rule == "shapley" and X.shape[1] > 13:
                    continue
                cells = [f"{name} ({len(X)} x {X.shape[1]}), {evidence}, {rule}"]
                for kind in LINKAGES:
                    asked = {"evidence": evidence, "rule": rule}
                    door, runs = network(X, kind, n_clusters, **asked), []
                    for _ in range(5):
                        start = process_time()
                        door.explain()
                        runs.append(process_time() - start)
                    cells.append(f"{min(runs) / len(X) * 1e6:.0f}")
                rows.append(cells)
    print_rows(("us a row", *LINKAGES), rows)


def main():
    tables = {
        "law": law,
        "refit": refit,
        "labels": labels,
        "held-out": held_out,
        "time": time,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", nargs="*", choices=[*tables, []])
    parser.add_argument("--wholesale", help="file of the wholesale customers data")
    asked = parser.parse_args()
    sets = real_sets(asked.wholesale)
    with threadpool_limits(1):
        for name in asked.table or tables:
            print(f"\n{name}: {tables[name].__doc__}\n")
            tables[name](sets)


if __name__ == "__main__":
    main()
