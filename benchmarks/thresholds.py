# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which model of the tail of scores makes a threshold for training rows?

``python benchmarks/thresholds.py --wholesale PATH`` prints the tables of
doc/thresholds.md. Models of the tail are fitted to scores of training rows, each left
out of its own model, and asked for the score that .05 of all rows are expected beyond.
What they flag is counted on noise, on heavy tails, and on real tables in which five
rows were altered. The packages palmerpenguins and statsmodels are needed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.covariance import EllipticEnvelope, EmpiricalCovariance
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.preprocessing import scale
from sklearn.svm import OneClassSVM

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.tails import TAILS, ours
from skneon import NeonKDE, explain, neuralize, threshold
from skneon._normal_tail import tail_shape
from skneon.datasets import fetch_wholesale_customers

ALPHA = 0.05
DRAWS, HEAVY, PLANTS = 50, 20, 10
SHAPE = (1000, 6)
PLANTED, SHIFT = 5, 6.0
# larger tables are sampled
MOST_ROWS = 1500


def leave_out_scores(model, **options):
    """Scores of standardised rows, each left out of its own model where that can be.

    And the shape of their tail, as explanations have it.
    """

    def scores(X):
        Z = scale(X)
        door = neuralize(clone(model).fit(Z), X_train=Z, **options)
        return door.forward(None), tail_shape(door.facts())

    return scores


def scores_in_folds(model, **options):
    """Scores of standardised rows by models that are fitted without their fold."""

    def scores(X):
        Z = scale(X)
        fitted = clone(model).fit(Z)
        # the scores beside which new rows stand, and by which training rows are flagged
        return explain(fitted, Z[:1], X_train=Z, **options).training_score, 0.0

    return scores


MIXTURE = GaussianMixture(3, reg_covar=1e-3, random_state=0)
SUPPORT_VECTORS = OneClassSVM(nu=0.1)
SCORES = {
    "`NeonKDE()`": leave_out_scores(NeonKDE()),
    "`NeonKDE(gamma=0.5)`": leave_out_scores(NeonKDE(gamma=0.5)),
    '`NeonKDE(gamma="scott")`': leave_out_scores(NeonKDE(gamma="scott")),
    '`NeonKDE(gamma="likelihood")`': leave_out_scores(NeonKDE(gamma="likelihood")),
    '`NeonKDE(gamma="likelihood")`, suspects apart': leave_out_scores(
        NeonKDE(gamma="likelihood"), groups="suspects"
    ),
    "`NearestNeighbors(n_neighbors=5)`": leave_out_scores(
        NearestNeighbors(n_neighbors=5)
    ),
    "`NearestNeighbors(n_neighbors=1)`": leave_out_scores(
        NearestNeighbors(n_neighbors=1)
    ),
    "`LocalOutlierFactor`": lambda X: (
        -LocalOutlierFactor().fit(scale(X)).negative_outlier_factor_,
        0.0,
    ),
    "`EmpiricalCovariance`": leave_out_scores(EmpiricalCovariance()),
    "`EllipticEnvelope`": leave_out_scores(EllipticEnvelope(random_state=0)),
    "`GaussianMixture(3)`": scores_in_folds(MIXTURE, target="outlier"),
    "`GaussianMixture(3)`, its own scores": leave_out_scores(MIXTURE, target="outlier"),
    "`OneClassSVM(nu=0.1)`": scores_in_folds(SUPPORT_VECTORS),
    "`OneClassSVM(nu=0.1)`, its own scores": leave_out_scores(SUPPORT_VECTORS),
}


def tables(wholesale):
    """Ten tables of numbers, with at least 100 rows."""
    import statsmodels.api as sm
    from palmerpenguins import load_penguins

    found = {
        "iris": load_iris().data,
        "wine": load_wine().data,
        "cancer": load_breast_cancer().data,
        "diabetes": load_diabetes().data,
        "digits": load_digits().data,
        "penguins": load_penguins().iloc[:, 2:6].dropna().to_numpy(float),
        "wholesale": fetch_wholesale_customers(wholesale).data,
    }
    for name in ("star98", "anes96", "fair"):
        found[name] = getattr(sm.datasets, name).load_pandas().data.to_numpy(float)
    rng = np.random.default_rng(0)
    return {
        name: X[rng.permutation(len(X))[:MOST_ROWS]] if len(X) > 2000 else X
        for name, X in found.items()
    }


def planted_columns(X, rng):
    """Five rows, two columns of each moved by 6 standard deviations, up or down."""
    X, rows, pairs = X.copy(), rng.choice(len(X), PLANTED, replace=False), []
    deviation = X.std(axis=0)
    varies = np.flatnonzero(deviation > 0)
    for row in rows:
        columns = rng.choice(varies, 2, replace=False)
        X[row, columns] += SHIFT * deviation[columns] * rng.choice([-1, 1], 2)
        pairs.append(columns)
    return X, rows, pairs


def planted(X, rng):
    """The same without the columns."""
    return planted_columns(X, rng)[:2]


def draws(wholesale):
    """Tables by kind, and for real ones the planted rows."""
    rng = np.random.default_rng(0)
    noise = [rng.normal(size=SHAPE) for _ in range(DRAWS)]
    t3 = [rng.standard_t(3, size=SHAPE) for _ in range(HEAVY)]
    log_normal = [np.exp(rng.normal(size=SHAPE)) for _ in range(HEAVY)]
    real = {
        name: [planted(X, rng) for _ in range(PLANTS)]
        for name, X in tables(wholesale).items()
    }
    return {"noise": noise, "t3": t3, "log-normal": log_normal}, real


def flagged(score, X):
    """Which rows are beyond the threshold of their own scores; and these."""
    scores, shape = score(X)
    return threshold(scores, shape=shape).flagged(scores), scores


def scored(score, clean, real):
    """Scores, and the shape of their tail, in the place of rows."""
    rows = {name: [score(X) for X in drawn] for name, drawn in clean.items()}
    return rows, {
        name: [(score(X), found) for X, found in drawn] for name, drawn in real.items()
    }


def best_possible(real):
    """Planted rows in the upper hundredth of the scores of the others, per cent."""
    shares = []
    for drawn in real.values():
        for (scores, _), rows in drawn:
            limit = np.quantile(np.delete(scores, rows), 0.99)
            shares.append(np.mean(scores[rows] > limit))
    return 100 * np.mean(shares)


def figures(tail, clean, real):
    """What a threshold flags, per cent: of draws of noise, of rows, of planted rows."""

    def beyond(scores, shape):
        known = (shape,) * (tail is ours)
        return scores > tail(scores, ALPHA / len(scores), *known)

    noise, *heavy = ([beyond(*pair) for pair in drawn] for drawn in clean.values())
    found, others = [], []
    for drawn in real.values():
        flags = [(beyond(*pair), rows) for pair, rows in drawn]
        found.append(100 * np.mean([flagged[rows].mean() for flagged, rows in flags]))
        others.append(100 * np.mean([np.delete(f, rows).mean() for f, rows in flags]))
    return (
        100 * np.mean([flagged.any() for flagged in noise]),
        *(100 * np.mean(flagged) for flagged in heavy),
        np.mean(found),
        np.mean(others),
    ), found


def line(name, values, digits=(0, 1, 1, 0, 1)):
    """A row of a table."""
    return f"| {name} | " + " | ".join(
        f"{value:.{d}f}" for value, d in zip(values, digits, strict=True)
    )


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wholesale", help="CSV file; without, it is fetched")
    parser.add_argument("--scores", help="only the last tables, of such scores")
    asked = parser.parse_args()
    clean, real = draws(asked.wholesale)
    head = "draws of noise | t3 | log-normal | planted | other real rows"
    by_tail = () if asked.scores else ('`NeonKDE(gamma="likelihood")`', "`NeonKDE()`")
    chosen = {name: f for name, f in SCORES.items() if (asked.scores or "") in name}
    for name in by_tail:
        data = scored(SCORES[name], clean, real)
        print(f"\n{name}\n\n| tail | {head} |\n| --- |" + " --- |" * 5)
        for tail, function in TAILS.items():
            print(line(tail, figures(function, *data)[0]), "|")
    print(f"\n| scores | {head} | planted among the top 1 % |\n| --- |" + " --- |" * 6)
    by_table = []
    for name, score in chosen.items():
        data = scored(score, clean, real)
        values, found = figures(ours, *data)
        print(line(name, values), f"| {best_possible(data[1]):.0f} |")
        by_table.append(line(name, found, [0] * len(found)))
    print(f"\n| scores | {' | '.join(real)} |\n| --- |" + " --- |" * len(real))
    print(*by_table, sep=" |\n", end=" |\n")


if __name__ == "__main__":
    main()
