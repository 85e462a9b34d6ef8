# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which tables without clusters tell whether a table has any?

``python benchmarks/clusters.py --wholesale PATH`` prints the tables of
doc/thresholds.md: for tables with and without clusters the largest mean silhouette of 2
to 8 clusters, and what it comes up to where columns are shuffled, normal, or keep their
values and rank correlations, as reports have it. The package palmerpenguins is needed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from palmerpenguins import load_penguins
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skneon import prepare
from skneon._report._models import (
    CHANCE_DRAWS,
    CHANCE_SD,
    MOST_CLUSTERS,
    Fitting,
    _silhouette,
)
from skneon.datasets import fetch_wholesale_customers

ROWS, DRAWS = 300, 25
TRIED = range(2, MOST_CLUSTERS + 1)


def shuffled(Z, rng):
    """Columns, each in another order."""
    return rng.permuted(Z, axis=0)


def normal(Z, rng):
    """Normal columns of the same covariance."""
    return rng.normal(size=(len(Z), len(Z))) @ (Z - Z.mean(axis=0)) / len(Z) ** 0.5


def limits(X):
    """The best silhouette, its clusters, and what three kinds of tables come up to."""
    table = prepare(X)
    fitting = Fitting(table._plan, table.rows)
    found = fitting.silhouettes(TRIED, 0)
    k = max(found, key=found.get)
    rng, reached = np.random.default_rng(0), []
    for way in (shuffled, normal):
        some = [_silhouette(way(fitting.Z, rng), k, 0) for _ in range(CHANCE_DRAWS)]
        reached.append(np.mean(some) + CHANCE_SD * np.std(some))
    return found[k], k, *reached, fitting.chance(k, 0)


def noise(rng):
    """Tables without clusters by name."""
    n, level = ROWS, rng.normal(size=(ROWS, 1))
    return {
        "normal, 2 columns": rng.normal(size=(n, 2)),
        "normal, 20 columns": rng.normal(size=(n, 20)),
        "normal, one factor": 2 * level + rng.normal(size=(n, 6)),
        "uniform, 3 columns": rng.uniform(size=(n, 3)),
        "exponential, 4 columns": rng.exponential(size=(n, 4)),
        "t of 3 degrees, 6 columns": rng.standard_t(3, size=(n, 6)),
        "counts, 4 columns": rng.poisson(2, size=(n, 4)),
        "categories, 3 columns": pd.DataFrame(rng.choice([*"abc"], (n, 3))),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wholesale", help="file of the wholesale customers data")
    path = parser.parse_args().wholesale
    tables = {
        "wine": load_wine().data, "iris": load_iris().data,
        "breast cancer": load_breast_cancer().data, "diabetes": load_diabetes().data,
        "penguins": load_penguins(),
    }  # fmt: skip
    if path:
        tables["wholesale"] = fetch_wholesale_customers(path).data
    with threadpool_limits(1):
        compare(tables)


def compare(tables):
    """Print what tables have, and how often noise is taken for clusters."""
    rng = np.random.default_rng(0)
    tables["3 heaps, 4 sd apart"] = rng.normal(size=(ROWS, 6)) + np.repeat(
        4 / 2**0.5 * np.eye(6)[:3], ROWS // 3, axis=0
    )
    print("| table | clusters | silhouette | shuffled | normal | ranks kept |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, X in tables.items():
        best, k, *reached = limits(X)
        cells = " | ".join(f"{x:.2f}{'' if best > x else ' (none)'}" for x in reached)
        print(f"| {name} | {k} | {best:.2f} | {cells} |", flush=True)
    print("\n| noise | shuffled | normal | ranks kept |")
    print("| --- | --- | --- | --- |")
    for name in noise(rng):
        found = np.zeros(3, dtype=int)
        for seed in range(DRAWS):
            best, _, *reached = limits(noise(np.random.default_rng(seed))[name])
            found += best > np.array(reached)
        print(f"| {name} | {' | '.join(map(str, found))} |", flush=True)


if __name__ == "__main__":
    main()
