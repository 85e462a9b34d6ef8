# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows and groups that are left out, against what is fitted without them."""

import numpy as np
import pytest

from skneon.network import Activation, RandomFeatures, SoftArgmin

N, D = 24, 3
RNG = np.random.default_rng(0)
# not negative, for the rules of activations
U = np.abs(RNG.normal(size=(N, D))) * [1.0, 2.0, 0.5]
X = np.abs(RNG.normal(size=(9, D)))
GROUPS = np.array(list("abcdef"))[np.arange(N) % 6]
# who is left out for the rows of X, -1 for nobody
LEFT = np.array([3, -1, 0, 3, 23, 7, -1, 11, 6])
# none of the group "b", and some of the others, are support points
WEIGHTS = RNG.uniform(0.1, 2.0, size=N) * (GROUPS != "b") * (np.arange(N) % 5 != 0)

DENSITY_RULES = [
    ("outlier", "integrated"),
    ("outlier", "soft-argmin"),
    ("outlier", SoftArgmin(beta=2.0, epsilon=0.1)),
    ("outlier", "activation"),
    ("outlier", Activation(beta=0.7)),
    ("inlier", "shapley"),
    ("inlier", "integrated"),
    ("inlier", "exact-inlier"),
    ("inlier", "uniform"),
    ("inlier", "activation"),
]
# features are drawn about the center of the data, which a refit moves
SAMPLED = [RandomFeatures(50, random_state=1), Activation(n_components=40)]
densities = pytest.mark.parametrize(("target", "rule"), DENSITY_RULES, ids=str)
weighted = pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["equal", "weights"])
grouped = pytest.mark.parametrize("groups", [None, GROUPS], ids=["rows", "groups"])


def assert_equal(got, expected, tolerance=1e-12):
    """Scores and relevances of the same rows, to the size of a row's terms."""
    size = np.abs(expected.relevance).sum(axis=1) + np.abs(expected.score)
    error = np.abs(got.relevance - expected.relevance).max(axis=1)
    assert np.all(error <= tolerance * size)
    assert np.all(np.abs(got.score - expected.score) <= tolerance * size)
    np.testing.assert_allclose(
        got.compared_with, expected.compared_with, rtol=tolerance, atol=tolerance
    )
    np.testing.assert_array_equal(got.target, expected.target)


def others(row, groups):
    """Which training rows stay where a row, and its group, are left out."""
    if row < 0:
        return np.ones(N, dtype=bool)
    return np.arange(N) != row if groups is None else groups != groups[row]


def check_left_out(explained, refitted, groups, tolerance=1e-12):
    """Row by row against what is fitted to the others.

    ``explained(X, leave_out=..., groups=...)`` gives explanations of the whole model,
    ``refitted(rest, X)`` those of the model of the training rows `rest`.
    """
    got = explained(X, leave_out=LEFT, groups=groups)
    one = explained(X, leave_out=7, groups=groups)
    assert_equal(one, refitted(others(7, groups), X), tolerance)
    whole = refitted(others(-1, groups), X)
    assert_equal(explained(X, leave_out=-1, groups=groups), whole, tolerance)
    for n, row in enumerate(LEFT):
        expected = refitted(others(row, groups), X[[n]])
        assert_equal(got[n], expected, tolerance)
    # the rows that are left out count for something
    assert np.all(got.score[LEFT >= 0] != whole.score[LEFT >= 0])


def check_training_rows(explained, refitted, groups, rows, tolerance=1e-12):
    """X=None: each training row by the model without it and its group."""
    got = explained(None, groups=groups)
    for row in range(0, N, 5):
        expected = refitted(others(row, groups), rows[[row]])
        assert_equal(got[row], expected, tolerance)
    leave_out = np.arange(N)
    assert_equal(explained(rows, leave_out=leave_out, groups=groups), got, tolerance)
