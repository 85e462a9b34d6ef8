# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Do the columns that lead by excess make rows stand out?

``python benchmarks/ranking.py --wholesale PATH`` prints tables of doc/explained.md.
The first ones compare the order of a summary, by mean excess over the 5 % of the
largest scores, with what the model itself says without a column: how much further than
an ordinary row these rows are for that column's presence. The last one counts how often
columns that were altered lead. The packages palmerpenguins and statsmodels are needed.
"""

import argparse
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.covariance import EllipticEnvelope, EmpiricalCovariance
from sklearn.impute import SimpleImputer
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.thresholds import planted_columns, tables
from skneon import NeonKDE, explain

DRAWS = 3
# larger tables are cut
MOST_ROWS = 600


def without_columns(reasons, model, X, columns):
    """What each column adds to how far the leading rows are beyond an ordinary one.

    Parameters
    ----------
    reasons : Explanation
        Of the rows of X, each left out of its own model.
    model : Pipeline
        Fitted, with a `NeonKDE` at the end.
    X : table
    columns : list of list of int
        The columns behind the preprocessing that each column of X becomes.

    Returns
    -------
    added : ndarray of shape (d,)
        The score less that of the same density without the column: the mean over the
        5 % of the largest scores less the median over all.
    """
    Z, gamma = model[:-1].transform(X), model[-1].gamma_
    lead = leading_rows(reasons)
    added = []
    for own in columns:
        less = NeonKDE(gamma=gamma).fit(np.delete(Z, own, axis=1)).outlierness_
        part = reasons.score - less
        added.append(part[lead].mean() - np.median(part))
    return np.array(added)


def leading_rows(reasons):
    """The 5 % of the largest scores, as a summary has them."""
    order = np.argsort(-reasons.score, kind="stable")
    return order[: max(1, round(0.05 * len(order)))]


def penguins(gamma):
    """The penguins with their categories: a table, its model and its columns."""
    from palmerpenguins import load_penguins

    X = load_penguins()
    texts = ["species", "island", "sex"]
    numbers = [name for name in X if name not in texts]
    measured = make_pipeline(SimpleImputer(), StandardScaler())
    filled = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    prepare = make_column_transformer((measured, numbers), (filled, texts))
    model = make_pipeline(prepare, NeonKDE(gamma)).fit(X)
    after = [name.split("__")[1] for name in prepare.get_feature_names_out()]
    return (
        X,
        model,
        [[i for i, own in enumerate(after) if own.startswith(name)] for name in X],
    )


def summary_line(name, X, model, columns):
    """Rank correlations: excess and |relevance| of these rows, and of all rows."""
    reasons = explain(model, X_train=X)
    lead, size = leading_rows(reasons), np.abs(reasons.relevance)
    excess, inside = reasons.excess()[lead].mean(axis=0), size[lead].mean(axis=0)
    added = without_columns(reasons, model, X, columns)
    cells = (
        spearmanr(excess, added)[0],
        spearmanr(inside, added)[0],
        spearmanr(size.mean(axis=0), added)[0],
        spearmanr(excess, inside)[0],
    )
    print(f"| {name} | " + " | ".join(f"{c:.2f}" for c in cells), "|", flush=True)


MODELS = {
    "`NeonKDE()`": (NeonKDE(), {}),
    '`NeonKDE(gamma="likelihood")`': (NeonKDE("likelihood"), {}),
    "`NeonKDE(gamma=0.5)`": (NeonKDE(gamma=0.5), {}),
    "`NearestNeighbors(n_neighbors=5)`": (NearestNeighbors(n_neighbors=5), {}),
    "`LocalOutlierFactor`": (LocalOutlierFactor(novelty=True), {}),
    "`EmpiricalCovariance`": (EmpiricalCovariance(), {}),
    '`EmpiricalCovariance`, rule "mean"': (EmpiricalCovariance(), {"rule": "mean"}),
    "`EllipticEnvelope`": (EllipticEnvelope(random_state=0), {}),
    '`EllipticEnvelope`, rule "mean"': (
        EllipticEnvelope(random_state=0),
        {"rule": "mean"},
    ),
}


def leads(size, pairs):
    """Whether an altered column is first, and whether both are before all others."""
    order = np.argsort(-size, axis=1)
    return [
        (row[0] in pair, set(row[:2]) == set(pair))
        for row, pair in zip(order, pairs, strict=True)
    ]


def best_pairs(model, Z):
    """The two columns without which the squared distance is least, row by row."""
    mean, P = model.location_, model.get_precision()
    slopes = (Z - mean) @ P
    pairs = list(combinations(range(len(P)), 2))
    # what two columns add as the last ones
    parts = []
    for pair in map(list, pairs):
        own = slopes[:, pair]
        parts.append(np.sum(own * np.linalg.solve(P[np.ix_(pair, pair)], own.T).T, 1))
    size = np.zeros_like(slopes)
    for row, best in enumerate(np.argmax(parts, axis=0)):
        size[row, list(pairs[best])] = 1.0
    return size


def altered(X, model, options):
    """Altered rows of some draws: leads by excess, whether flagged, leads by pairs."""
    rng, found = np.random.default_rng(1), []
    for _ in range(DRAWS):
        moved, rows, pairs = planted_columns(X, rng)
        Z = scale(moved)
        fitted = clone(model).fit(Z)
        reasons = explain(fitted, X_train=Z, **options)
        best = [(np.nan, np.nan)] * len(rows)
        if hasattr(fitted, "get_precision"):
            best = leads(best_pairs(fitted, Z[rows]), pairs)
        by_excess = leads(reasons.excess()[rows], pairs)
        flags = reasons.flagged()[rows]
        found += [(*a, f, *b) for a, f, b in zip(by_excess, flags, best, strict=True)]
    return np.array(found, dtype=float)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wholesale", help="CSV file; without, it is fetched")
    # of equal images there is no best pair
    real = tables(parser.parse_args().wholesale)
    real = {name: X[:MOST_ROWS] for name, X in real.items() if name != "digits"}
    real = {name: X[:, X.std(axis=0) > 0] for name, X in real.items()}
    for gamma in ("likelihood", "scale"):
        print(f"\n`NeonKDE(gamma={gamma!r})`\n")
        print(
            "| table | excess | relevance | relevance of all rows | excess, relevance |"
        )
        print("| --- |" + " --- |" * 4)
        summary_line("penguins, with categories", *penguins(gamma))
        for name, X in real.items():
            model = make_pipeline(StandardScaler(), NeonKDE(gamma)).fit(X)
            summary_line(name, X, model, [[i] for i in range(X.shape[1])])
    head = "one first | both first | flagged | of these one | both | by pairs: both"
    print(f"\n| scores | {head} |\n| --- |" + " --- |" * 6)
    for name, (model, options) in MODELS.items():
        found = [altered(X, model, options) for X in real.values()]
        every = np.concatenate(found)
        flagged = every[every[:, 2] == 1]
        cells = (*every[:, :3].mean(0), *flagged[:, :2].mean(0), every[:, 4].mean())
        text = " | ".join("" if np.isnan(c) else f"{100 * c:.0f}" for c in cells)
        print(f"| {name} | {text} |", flush=True)
        each = ", ".join(
            f"{table} {100 * part[:, 0].mean():.0f} {100 * part[:, 1].mean():.0f}"
            for table, part in zip(real, found, strict=True)
        )
        print(f"  {each}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
