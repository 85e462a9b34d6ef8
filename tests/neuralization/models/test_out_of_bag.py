# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Scores of the rows of a forest's fit, each by the trees that did not draw it."""

import pickle

import numpy as np
import pytest
from helpers.forests import c, fitted
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import neuralize, p_values

X = np.random.default_rng(0).normal(size=(90, 4))
NEW = np.random.default_rng(1).normal(size=(5, 4))
FOREST = IsolationForest(n_estimators=70, max_samples=20, random_state=0)
CASES = {
    "plain": {},
    "bootstrap": {"bootstrap": True},
    "all rows, drawn again": {
        "bootstrap": True,
        "max_samples": 90,
        "n_estimators": 180,
    },
    "some columns": {"max_features": 0.5},
}


def slow(forest, rows):
    """The mean depth in the trees that did not draw a row, by scikit-learn's paths."""
    depths = np.full((len(forest.estimators_), len(rows)), np.nan)
    for t, own in enumerate(forest.estimators_samples_):
        member, features = forest.estimators_[t], forest.estimators_features_[t]
        others = np.setdiff1d(np.arange(len(rows)), own)
        seen = rows[np.ix_(others, features)]
        sizes = member.tree_.n_node_samples[member.apply(seen)]
        edges = np.ravel(member.decision_path(seen).sum(axis=1)) - 1
        depths[t, others] = edges + [c(n) for n in sizes]
    return c(forest.max_samples_) - np.nanmean(depths, axis=0)


@pytest.mark.parametrize("case", CASES)
def test_each_row_by_the_trees_that_did_not_draw_it(case):
    forest = clone(FOREST).set_params(**CASES[case]).fit(X)
    network = neuralize(forest, X_train=X, rule="split")
    found = network.explain(NEW)
    expected = slow(forest, X)
    np.testing.assert_allclose(found.training_score, expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(
        found.p_value, p_values(found.score, found.training_score)
    )
    assert found.meta["training_scores"] == "by the trees that did not draw the row"
    # the rows themselves are explained by all trees
    own = network.explain()
    np.testing.assert_allclose(own.score, network.forward(X), rtol=0, atol=1e-12)
    again = pickle.loads(pickle.dumps(network)).explain(NEW)
    np.testing.assert_array_equal(again.training_score, found.training_score)


def test_behind_steps_and_of_sparse_rows():
    rows = np.where(X > 0, X, 0.0)
    forest = FOREST.fit(csr_matrix(rows))
    found = neuralize(forest, X_train=csr_matrix(rows), rule="split").explain(NEW)
    np.testing.assert_allclose(found.training_score, slow(forest, rows))
    pipe = make_pipeline(StandardScaler(), FOREST).fit(X)
    found = neuralize(pipe, X_train=X, rule="split").explain(NEW)
    expected = slow(pipe[-1], pipe[0].transform(X))
    np.testing.assert_allclose(found.training_score, expected, rtol=0, atol=1e-12)


def grown(rows, more):
    """A forest with further trees, of the same rows or of others."""
    forest = IsolationForest(
        n_estimators=70, max_samples=20, random_state=0, warm_start=True
    )
    return forest.fit(X).set_params(n_estimators=140).fit(more)


UNKNOWN = {
    "too few rows": (fitted(X, 70, max_samples=80), X),
    "no others": (fitted(X, 70), X),
    "few trees": (fitted(X, 30, max_samples=20), X),
    "further trees": (grown(X, X), X),
    "further trees of other rows": (grown(X, X[:60]), X[:60]),
    "rows in another order": (fitted(X, 70, max_samples=20), X[::-1]),
    "some of the rows": (fitted(X, 70, max_samples=20), X[:60]),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_by_all_trees_where_others_are_few_or_not_known(case):
    forest, rows = UNKNOWN[case]
    found = neuralize(forest, X_train=rows, rule="split").explain(NEW)
    all_trees = neuralize(forest).forward(rows)
    np.testing.assert_array_equal(found.training_score, all_trees)
    assert found.meta["training_scores"] == "by all trees"
    assert "training_scores" not in neuralize(forest).explain(NEW).meta
