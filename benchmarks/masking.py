# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Are outliers found that come in small groups, each hidden by the others?

``python benchmarks/masking.py --wholesale PATH`` prints a table of doc/thresholds.md:
in ten real tables groups of rows are planted, two columns of each group moved by
6 standard deviations, and those that are flagged are counted. The packages
palmerpenguins and statsmodels are needed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.neighbors import NearestNeighbors

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.thresholds import SHIFT, flagged, leave_out_scores, tables
from skneon import NeonKDE

DRAWS = 4
# rows of a group, groups, and the distance of its rows in standard deviations
GROUPS = {
    "one row": (1, 1, 0.0),
    "two equal": (2, 1, 0.0),
    "three pairs": (2, 3, 0.0),
    "two near": (2, 1, 0.3),
    "three near": (3, 1, 0.3),
    "five near": (5, 1, 0.3),
    "six near": (6, 1, 0.3),
}
APART = {"groups": "suspects"}
SCORES = {
    f"`NeonKDE({given})`{', suspects apart' if options else ''}": leave_out_scores(
        NeonKDE(gamma), **options
    )
    for given, gamma in (
        ('gamma="likelihood"', "likelihood"), ("gamma=0.5", 0.5), ("", "scale")
    )
    for options in ({}, APART)
} | {
    f"`NearestNeighbors(n_neighbors={k})`": leave_out_scores(
        NearestNeighbors(n_neighbors=k)
    )
    for k in (1, 5)
}  # fmt: skip


def grouped(X, rng, size, n_groups, apart):
    """Groups of rows, each of one row that two columns of are moved; and which."""
    X, deviation = X.copy(), X.std(axis=0)
    rows = rng.choice(len(X), (n_groups, size), replace=False)
    for group in rows:
        columns = rng.choice(np.flatnonzero(deviation > 0), 2, replace=False)
        moved = X[group[0]].copy()
        moved[columns] += SHIFT * deviation[columns] * rng.choice([-1, 1], 2)
        X[group] = moved + apart * deviation * rng.normal(size=(size, X.shape[1]))
    return X, rows.ravel()


def found(score, drawn):
    """Per cent of the planted rows that are flagged."""
    shares = []
    for X, rows in drawn:
        shares.append(flagged(score, X)[0][rows].mean())
    return 100 * np.mean(shares)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wholesale", help="CSV file; without, it is fetched")
    rng = np.random.default_rng(4)
    real = tables(parser.parse_args().wholesale)
    planted = {
        name: [grouped(X, rng, *kind) for X in real.values() for _ in range(DRAWS)]
        for name, kind in GROUPS.items()
    }
    print(f"| scores | {' | '.join(planted)} |\n| --- |" + " --- |" * len(planted))
    for name, score in SCORES.items():
        cells = [f"{found(score, drawn):.0f}" for drawn in planted.values()]
        print(f"| {name} | " + " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
