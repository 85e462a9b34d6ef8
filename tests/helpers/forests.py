# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Small isolation forests, and their score as the paper has it."""

import warnings

import numpy as np
from sklearn.ensemble import IsolationForest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5)) * [1, 2, 0.5, 1, 3]
X[:, 3] = X[:, 0] + 0.1 * X[:, 3]
ROWS = X[::6] + RNG.normal(size=(10, 5))
RULES = ["split", "shapley", "path", "interventional"]


def background(rule, rows):
    """What a rule needs of the training rows."""
    return {"X_train": rows} if rule == "interventional" else {}


def fitted(rows=X, n_estimators=6, **parameters):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "max_samples")
        forest = IsolationForest(n_estimators=n_estimators, random_state=0)
        return forest.set_params(**parameters).fit(rows)


def c(n):
    """The expected depth of n rows, as the paper has it."""
    if n < 3:
        return float(n == 2)
    return 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n


def score(forest, rows):
    return c(forest.max_samples_) * (1 + np.log2(-forest.score_samples(rows)))
