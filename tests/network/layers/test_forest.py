# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Forests that are given as arrays."""

import numpy as np
import pytest
from helpers.forests import RNG, ROWS, X, fitted
from scipy.sparse import csr_matrix

from skneon import neuralize
from skneon.network import (
    Forest,
    IsolationTree,
    IsolationTrees,
    Mean,
    Network,
    Query,
    RelativeDepthGame,
    Shapley,
    Split,
)


def as_arrays(model):
    """A forest of scikit-learn, node by node."""
    trees = [member.tree_ for member in model.estimators_]
    return Forest.of(
        [
            IsolationTree(
                list(tree.children_left),
                list(tree.children_right),
                list(tree.feature),
                list(tree.threshold),
                list(tree.n_node_samples),
            )
            for tree in trees
        ],
        model.n_features_in_,
    )


@pytest.mark.parametrize("rule", [Shapley(), Split()])
def test_forests_of_arrays_are_those_of_the_model(rule):
    model = fitted(n_estimators=7)
    forest = as_arrays(model)
    game = RelativeDepthGame(forest) if rule == Shapley() else None
    network = Network(IsolationTrees(forest, game), Mean(symbol="o"), rule)
    got = network.propagate(ROWS, Query())
    expected = neuralize(model, rule=rule).network.propagate(ROWS, Query())
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-14)
    np.testing.assert_allclose(got.reference, expected.reference, atol=1e-14)
    np.testing.assert_allclose(got.score, expected.score, atol=1e-14)
    sparse = network.activate(csr_matrix(ROWS), Query())
    np.testing.assert_allclose(sparse, got.score, atol=1e-14)


def test_leaves_are_those_of_the_model():
    model = fitted(n_estimators=3)
    rows = np.round(np.vstack([X, RNG.normal(size=X.shape)]), 1)
    expected = [member.apply(rows) for member in model.estimators_]
    got = as_arrays(model).leaves(rows.astype(np.float32))
    np.testing.assert_array_equal(got.T, expected)


def test_bad_forests_are_refused():
    tree = IsolationTree([1, -1, -1], [2, -1, -1], [3, 0, 0], [0.5, 0, 0], [8, 7, 1])
    with pytest.raises(ValueError, match="Tree 0 is split by column 3: there are 3"):
        Forest.of([tree], 3)
    with pytest.raises(ValueError, match="at least one tree"):
        Forest.of([], 3)
