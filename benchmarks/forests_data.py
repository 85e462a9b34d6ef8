# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables that forests are fitted to, and rows with altered cells."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.preprocessing import scale

from benchmarks.faithfulness_data import wholesale_bunch
from benchmarks.forests_methods import fitted, score

HELD_OUT = 100


def small_sets(wholesale):
    """Sets of at most 6 columns, by name, and notes on what is left out."""
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
    return sets, notes


def large_sets():
    """Sets of all columns, standardised."""
    loaders = {
        "wine": load_wine,
        "cancer": load_breast_cancer,
        "diabetes": load_diabetes,
    }
    return {name: scale(load().data) for name, load in loaders.items()}


def subspace(n=500, seed=0):
    """Two pairs of columns that go together, two others, and rows off the pairs."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    X[:, 1], X[:, 3] = X[:, 0] + 0.2 * X[:, 1], -X[:, 2] + 0.2 * X[:, 3]
    odd = rng.choice(n, n // 20, replace=False)
    X[odd, rng.integers(0, 6, len(odd))] += rng.choice([-4, 4], len(odd))
    return X


def outlying(X, n_estimators=300):
    """Training rows, and the fifth of held-out rows of the highest score."""
    order = np.random.default_rng(0).permutation(len(X))
    n = min(HELD_OUT, len(X) // 3)
    rows, train = X[order[:n]], X[order[n:]]
    usual = score(fitted(train, n_estimators=n_estimators), rows)
    return train, rows[usual >= np.quantile(usual, 0.8)]


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
