# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Do p-values of new rows keep their level?

``python benchmarks/p_values.py`` prints the tables of doc/thresholds.md: shares of new
ordinary rows with p <= .05, and what is flagged at a false discovery rate of .1 in
batches of ordinary and altered rows. Each draw has its own training rows, which are
correlated and have heavy tails.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.covariance import EmpiricalCovariance
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skneon import NeonKDE, neuralize, p_values
from skneon.neuralization._training_scores import training_scores

DRAWS, N_TRAIN, N_NEW, N_PLANTED = 200, 500, 90, 10
D, DEGREES, SHIFT = 6, 5, 8.0
ALPHA, FDR = 0.05, 0.1
# of the training rows, where these hold planted ones, too
CONTAMINATED = 0.05

WITHOUT_THEMSELVES = {
    "NeonKDE": (NeonKDE(), {}),
    "KernelDensity(bandwidth=0.5)": (KernelDensity(bandwidth=0.5), {}),
    "LocalOutlierFactor": (LocalOutlierFactor(novelty=True), {}),
    "NearestNeighbors(5)": (NearestNeighbors(n_neighbors=5), {}),
    "NearestNeighbors(1)": (NearestNeighbors(n_neighbors=1), {}),
}
WITH_THEMSELVES = {
    "EmpiricalCovariance": (EmpiricalCovariance(), {}),
    "GaussianMixture(3)": (GaussianMixture(3, random_state=0), {"target": "outlier"}),
    "OneClassSVM(nu=0.1)": (OneClassSVM(nu=0.1), {}),
    "IsolationForest": (IsolationForest(random_state=0), {"rule": "split"}),
}


def rows(n, mixing, rng):
    """Ordinary rows."""
    return rng.standard_t(DEGREES, size=(n, D)) @ mixing


def altered(X, deviation, rng):
    """Rows, two columns of each moved by standard deviations, up or down."""
    X = X.copy()
    for row in X:
        columns = rng.choice(D, 2, replace=False)
        row[columns] += SHIFT * deviation[columns] * rng.choice([-1, 1], 2)
    return X


def p_of(model, options, train, new):
    """P-values of new rows among the training rows."""
    pipe = make_pipeline(StandardScaler(), model).fit(train)
    door = neuralize(pipe, X_train=train, **options)
    # as explanations have them, without relevances
    return p_values(door.forward(new), training_scores(door))


def held_out(model, options, train, new):
    """P-values of new rows among the half of the rows that the model has not seen."""
    half = len(train) // 2
    pipe = make_pipeline(StandardScaler(), model).fit(train[:half])
    door = neuralize(pipe, **options)
    return p_values(door.forward(new), door.forward(train[half:]))


def figures(how, model, options, contaminated=0.0):
    """Of each draw: share with p <= .05, false discoveries, and planted rows found."""
    found = []
    for draw in range(DRAWS):
        rng = np.random.default_rng(draw)
        mixing = rng.normal(size=(D, D))
        train = rows(N_TRAIN, mixing, rng)
        deviation, n = train.std(axis=0), int(contaminated * N_TRAIN)
        if n:
            train[:n] = altered(train[:n], deviation, rng)
        ordinary = rows(N_NEW, mixing, rng)
        planted = altered(rows(N_PLANTED, mixing, rng), deviation, rng)
        p = how(model, options, train, np.vstack([ordinary, planted]))
        # Benjamini and Hochberg
        order, rank = np.sort(p), np.arange(1, len(p) + 1)
        below = np.flatnonzero(order <= FDR * rank / len(p))
        flagged = p <= (order[below[-1]] if len(below) else 0.0)
        false = flagged[:N_NEW].sum() / max(1, flagged.sum())
        found.append([np.mean(p[:N_NEW] <= ALPHA), p[0] <= ALPHA, false,
                      flagged[N_NEW:].mean()])  # fmt: skip
    return np.array(found)


def line(name, found):
    """A row of a table, per cent; the standard error is that over draws."""
    mean, error = found.mean(axis=0), found.std(axis=0) / np.sqrt(len(found))
    level, false = (f"{100 * mean[i]:.1f} ± {100 * error[i]:.1f}" for i in (0, 2))
    parts = level, f"{found[:, 1].sum():.0f}", false, f"{100 * mean[3]:.0f}"
    return f"| {name} | {' | '.join(parts)} |"


def main():
    """Print the table."""
    print("| scores | p <= .05 | draws of 200 | false discoveries | found |")
    print("| --- | --- | --- | --- | --- |")
    for name, (model, options) in {**WITHOUT_THEMSELVES, **WITH_THEMSELVES}.items():
        print(line(name, figures(p_of, model, options)), flush=True)
    for name, (model, options) in WITH_THEMSELVES.items():
        found = figures(held_out, model, options)
        print(line(f"{name}, half of the rows held out", found), flush=True)
    model, options = WITHOUT_THEMSELVES["NeonKDE"]
    found = figures(p_of, model, options, CONTAMINATED)
    print(line("NeonKDE, 5 % of the training rows altered", found))


if __name__ == "__main__":
    main()
