# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Forests, their score, and the methods that explain it."""

import numpy as np
import shap
from scipy import sparse
from sklearn.ensemble import IsolationForest

from skneon import neuralize

RULES = ("split", "shapley", "path", "interventional")
SHAP, DIFFI, RANDOM = "shap", "DIFFI", "random"


def fitted(X, seed=0, **parameters):
    """A forest of 100 trees, unless it is said otherwise."""
    return IsolationForest(random_state=seed, **parameters).fit(X)


def expected_depth(n):
    """c(n) of n > 2 rows."""
    return 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n


def score(forest, X):
    """Splits saved, from the forest's own score."""
    return expected_depth(forest.max_samples_) * (1 + np.log2(-forest.score_samples(X)))


def by_rule(forest, X, rule, train=None):
    """Relevances by a rule, without p-values."""
    door = neuralize(forest, rule=rule, X_train=train)
    return door.network.propagate(*door.rows(X)).relevance


def shap_values(forest, X):
    """Those of shap's TreeExplainer, path-dependent, with the sign of outliers."""
    return -shap.TreeExplainer(forest).shap_values(X, check_additivity=False)


def diffi(forest, X):
    """Local DIFFI, which has no unit and adds up to nothing in particular.

    A split of a path of the depth h counts 1 / h - 1 / h_max for its column, and the
    sum over the forest is divided by the number of splits (M. Carletti, M. Terzi,
    G. A. Susto: Interpretable anomaly detection with DIFFI, 2023, section 3.4).
    """
    deepest = np.ceil(np.log2(forest.max_samples_))
    importance, splits = np.zeros(X.shape), np.zeros(X.shape)
    members = zip(forest.estimators_, forest.estimators_features_, strict=True)
    for member, columns in members:
        tree, inner = member.tree_, member.tree_.children_left >= 0
        nodes = np.flatnonzero(inner)
        cells = np.ones(len(nodes)), (nodes, columns[tree.feature[inner]])
        by_column = sparse.csr_array(cells, shape=(len(inner), X.shape[1]))
        path = tree.decision_path(np.float32(X[:, columns]))
        own = (path @ by_column).toarray()
        depth = np.maximum(own.sum(axis=1, keepdims=True), 1)
        importance += own * (1 / depth - 1 / deepest)
        splits += own
    return np.divide(importance, splits, out=np.zeros(X.shape), where=splits > 0)


def methods(forest, X, train, rng):
    """Relevances by all methods; random ones are "shapley" in a random order."""
    found = {f'"{rule}"': by_rule(forest, X, rule, train) for rule in RULES}
    found[SHAP], found[DIFFI] = shap_values(forest, X), diffi(forest, X)
    found[RANDOM] = rng.permuted(found['"shapley"'], axis=1)
    return found


def distance(found, expected):
    """Relative L1 distance, in per cent."""
    return 100 * np.abs(found - expected).sum() / np.abs(expected).sum()
