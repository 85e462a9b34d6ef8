# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Isolation forests: the rules beside shap, and beside forests without the columns.

``python benchmarks/forests.py`` prints the tables of doc/forests.md, or one of them by
``--only times``, ``sums``, ``refit``, ``errors`` or ``cells``. Times are processor time
of one thread. The yardstick of "refit" are forests that are fitted to every subset of
at most 6 columns: Shapley values of their scores. Needs shap.
"""

import argparse
import os
import sys
import warnings
from functools import partial
from itertools import combinations
from math import comb
from pathlib import Path
from time import process_time

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import shap
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import scale

from benchmarks.faithfulness_data import wholesale_bunch
from skneon import NeonKDE, explain, neuralize

NAMES = ["times", "sums", "refit", "errors", "cells"]
RULES = ("split", "shapley", "path", "interventional")
N_ROWS, N_SHAP = 10_000, 500
N_REFIT, SEEDS, HELD_OUT = 300, 3, 100


def fitted(X, seed=0, **parameters):
    """A forest of 100 trees, unless it is said otherwise."""
    return IsolationForest(random_state=seed, **parameters).fit(X)


def score(forest, X):
    """Splits saved, from the forest's own score."""
    n = forest.max_samples_
    c = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return c * (1 + np.log2(-forest.score_samples(X)))


def shap_values(forest, X):
    """Those of shap's TreeExplainer, path-dependent, with the sign of outliers."""
    return -shap.TreeExplainer(forest).shap_values(X, check_additivity=False)


def microseconds(function, n, runs=3):
    """Least processor time a row."""
    times = []
    for _ in range(runs):
        start = process_time()
        function()
        times.append(process_time() - start)
    return 1e6 * min(times) / n


def times():
    """Microseconds a row, and seconds before the first row."""
    print(
        f"| us a row, {N_ROWS} rows | "
        + " | ".join(f"d = {d}" for d in (5, 10, 30))
        + " |"
    )
    print("| --- | ---: | ---: | ---: |")
    table, before = {}, {}
    for d in (5, 10, 30):
        X = np.random.default_rng(0).normal(size=(N_ROWS, d))
        forest = fitted(X)
        own = partial(forest.score_samples, X)
        table.setdefault("`score_samples`", []).append(microseconds(own, N_ROWS))
        for rule in RULES:
            door = neuralize(forest, rule=rule, X_train=X)
            start = process_time()
            door.network.propagate(*door.rows(X[:1]))
            before.setdefault(rule, []).append(process_time() - start)
            # without the p-values of X among the training rows
            own = partial(door.network.propagate, *door.rows(X))
            table.setdefault(f'"{rule}"', []).append(microseconds(own, N_ROWS))
        explainer = shap.TreeExplainer(forest)
        other = partial(explainer.shap_values, X[:N_SHAP], check_additivity=False)
        name = "shap, path-dependent"
        table.setdefault(name, []).append(microseconds(other, N_SHAP, 2))
    for name, found in table.items():
        print(f"| {name} | " + " | ".join(f"{t:.3g}" for t in found) + " |")
    for rule, found in before.items():
        text = " | ".join(f"{t:.2g} s" for t in found)
        print(f'| "{rule}", tables and one row | {text} |')


def sums():
    """What relevances, and a constant, miss of the score."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 5))
    gaps = X.copy()
    gaps[rng.random(X.shape) < 0.1] = np.nan
    cases = {
        "plain": (X, {}),
        "`max_features=0.5`": (X, {"max_features": 0.5}),
        "`bootstrap=True`": (X, {"bootstrap": True}),
        "10 % of the cells missing": (gaps, {}),
        "values + 1e6": (X + 1e6, {}),
        "values x 100 + 1e8": (100 * X + 1e8, {}),
    }
    print('| case | "shapley" | "split" | shap | rows that shap misses by > 1e-6 |')
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, (rows, parameters) in cases.items():
        forest = fitted(rows, **parameters)
        own = score(forest, rows)
        missed = []
        for rule in ("shapley", "split"):
            found = explain(forest, rows, rule=rule)
            stated = found.residual.mean()
            missed.append(np.abs(found.relevance.sum(axis=1) + stated - own).max())
        explainer = shap.TreeExplainer(forest)
        n = forest.max_samples_
        depth = score_to_depth(own, n)
        values = explainer.shap_values(rows, check_additivity=False)
        error = np.abs(values.sum(axis=1) + explainer.expected_value - depth)
        cells = [*(f"{m:.0e}" for m in missed), f"{error.max():.2g}"]
        share = f"{100 * np.mean(error > 1e-6):.0f} %"
        print(f"| {name} | {' | '.join(cells)} | {share} |")


def score_to_depth(saved, n):
    """The mean depth of rows, which shap explains, from the splits that they saved."""
    return 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n - saved


def data(wholesale):
    """Sets of at most 6 columns."""
    notes = []
    bunch = wholesale_bunch(wholesale, notes)
    sets = {} if bunch is None else {"wholesale": np.log1p(bunch.data[:, -6:])}
    sets |= {
        "wine": load_wine().data[:, :6],
        "cancer": load_breast_cancer().data[:, :6],
        "diabetes": load_diabetes().data[:, :6],
        "subspace": subspace(),
        "iris": load_iris().data,
    }
    for note in notes:
        print(note)
    return sets


def subspace(n=500, seed=0):
    """Two pairs of columns that go together, two others, and rows off the pairs."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    X[:, 1], X[:, 3] = X[:, 0] + 0.2 * X[:, 1], -X[:, 2] + 0.2 * X[:, 3]
    odd = rng.choice(n, n // 20, replace=False)
    X[odd, rng.integers(0, 6, len(odd))] += rng.choice([-4, 4], len(odd))
    return X


def refit_shapley(train, rows, seed):
    """Shapley values of the scores of forests fitted to the columns of every subset."""
    d = train.shape[1]
    value = {(): np.zeros(len(rows))}
    for size in range(1, d + 1):
        for S in combinations(range(d), size):
            forest = fitted(train[:, S], seed, n_estimators=N_REFIT)
            value[S] = score(forest, rows[:, S])
    out = np.zeros(rows.shape)
    for S in value:
        for i in set(range(d)) - set(S):
            weight = 1 / (d * comb(d - 1, len(S)))
            out[:, i] += weight * (value[tuple(sorted((*S, i)))] - value[S])
    return out


def distance(found, expected):
    """Relative L1 distance, in percent."""
    return 100 * np.abs(found - expected).sum() / np.abs(expected).sum()


def refit(wholesale):
    """How far the rules are from forests without the columns, for outlying rows."""
    names = [*(f'"{rule}"' for rule in RULES), "shap", "refit, other seed"]
    print(f"| set (columns) | {' | '.join(names)} |")
    print("| --- |" + " ---: |" * len(names))
    for name, X in data(wholesale).items():
        order = np.random.default_rng(0).permutation(len(X))
        n = min(HELD_OUT, len(X) // 3)
        rows, train = X[order[:n]], X[order[n:]]
        usual = score(fitted(train, n_estimators=N_REFIT), rows)
        rows = rows[usual >= np.quantile(usual, 0.8)]
        expected = refit_shapley(train, rows, 1000)
        again = distance(refit_shapley(train, rows, 2000), expected)
        found = {column: [] for column in names[:-1]}
        for seed in range(SEEDS):
            forest = fitted(train, seed)
            for rule in RULES:
                door = neuralize(forest, rule=rule, X_train=train)
                relevance = door.network.propagate(*door.rows(rows)).relevance
                found[f'"{rule}"'].append(distance(relevance, expected))
            found["shap"].append(distance(shap_values(forest, rows), expected))
        cells = [f"{np.mean(parts):.1f}" for parts in found.values()]
        line = " | ".join([f"{name} ({X.shape[1]})", *cells, f"{again:.1f}"])
        print(f"| {line} |", flush=True)


def errors(wholesale):
    """The standard error beside the deviation between seeds."""
    print("| set | rule | deviation between seeds | mean `standard_error` | ratio |")
    print("| --- | --- | ---: | ---: | ---: |")
    for name, X in data(wholesale).items():
        rows = X[::7]
        for rule in ("shapley", "split"):
            found = [explain(fitted(X, s), rows, rule=rule) for s in range(20)]
            spread = np.std([e.relevance for e in found], axis=0, ddof=1)
            between = np.sqrt(np.mean(spread**2))
            own = np.sqrt(np.mean([e.standard_error**2 for e in found]))
            cells = f"{between:.3f} | {own:.3f} | {own / between:.2f}"
            print(f'| {name} | "{rule}" | {cells} |', flush=True)


def spoilt(X, how, seed):
    """A training half, altered rows of the other half, and which cells were altered."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    train, rows = X[order[: len(X) // 2]], X[order[len(X) // 2 :]].copy()
    which = np.zeros(rows.shape, dtype=bool)
    for row, cells in zip(rows, which, strict=True):
        cells[rng.choice(X.shape[1], rng.integers(1, 4), replace=False)] = True
        size = rng.uniform(2, 6, X.shape[1]) * rng.choice([-1, 1], X.shape[1])
        unlike = train[rng.integers(len(train), size=20)]
        unlike = unlike[np.abs(unlike - row).sum(axis=1).argmax()]
        row[:] = np.where(cells, row + size if how == "shift" else unlike, row)
    return train, rows, which


def hits(relevance, which):
    """The mean AUROC of the altered cells of each row."""
    pairs = zip(relevance, which, strict=True)
    return np.mean([roc_auc_score(cells, found) for found, cells in pairs])


def cells():
    """How well altered columns are found, by a forest and by a density."""
    names = ['"split"', '"shapley"', '"path"', '"shapley", 1000 trees', "NeonKDE"]
    print(f"| set (columns), altered by | {' | '.join(names)} |")
    print("| --- |" + " ---: |" * len(names))
    sets = {"wine": load_wine, "cancer": load_breast_cancer, "diabetes": load_diabetes}
    for name, load in sets.items():
        X = scale(load().data)
        for how in ("shift", "swap"):
            found = []
            for seed in range(3):
                train, rows, which = spoilt(X, how, seed)
                forest, large = fitted(train), fitted(train, n_estimators=1000)
                tried = [explain(forest, rows, rule=rule) for rule in RULES[:3]]
                tried += [explain(large, rows), NeonKDE().fit(train).explain(rows)]
                found.append([hits(e.relevance, which) for e in tried])
            line = " | ".join(f"{100 * hit:.1f}" for hit in np.mean(found, axis=0))
            print(f"| {name} ({X.shape[1]}), {how} | {line} |", flush=True)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--wholesale", help="CSV file of the wholesale customers")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", "max_samples")
    parts = {
        "times": times,
        "sums": sums,
        "refit": lambda: refit(arguments.wholesale),
        "errors": lambda: errors(arguments.wholesale),
        "cells": cells,
    }
    for name, part in parts.items():
        if arguments.only in (None, name):
            part()
            print()


if __name__ == "__main__":
    main()
