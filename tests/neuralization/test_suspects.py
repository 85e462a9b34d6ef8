# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows that mask one another: suspected, and judged without each other."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain, neuralize, threshold
from skneon.neuralization._suspects import as_groups, suspected

N, D = 200, 5
PAIR, TRIPLE, FIVE = [0, 1], [2, 3, 4], [5, 6, 7, 8, 9]


def masked():
    """Ordinary rows, and far off two equal ones, three near ones and five."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, D))
    X[PAIR] = X[0] + [9, -9, 0, 0, 0]
    X[TRIPLE] = X[2] + [0, 0, 9, 9, 0] + 0.05 * rng.normal(size=(3, D))
    X[FIVE] = X[5] + [0, 0, 0, -9, -9] + 0.05 * rng.normal(size=(5, D))
    return X


X = masked()
MASKED = [*PAIR, *TRIPLE, *FIVE]


def plainly_suspected(X, weights, gamma, power):
    """The same by sorting all distances."""
    H, n = cdist(X, X) ** power, len(X)
    found = np.zeros(n, dtype=bool)
    np.fill_diagonal(H, -1.0)
    order = H.argsort(axis=1, kind="stable")
    for k in range(5):
        rest = order[:, 1 + k :]
        logs = -gamma * np.take_along_axis(H, rest, 1)
        scores = np.log(weights[rest].sum(1)) - logsumexp(logs, axis=1, b=weights[rest])
        found |= threshold(scores / gamma).flagged(scores / gamma)
    return found


@pytest.mark.parametrize("gamma", [0.05, 0.5, 20.0])
@pytest.mark.parametrize("power", [1, 2])
def test_suspects_are_those_of_sorted_distances(gamma, power):
    weights = np.random.default_rng(1).uniform(0.5, 2.0, N)
    weights /= weights.sum()
    if power == 2:
        scores = NeonKDE(gamma).fit(X, sample_weight=weights).outlierness_
    else:
        density = KernelDensity(bandwidth=1 / gamma, kernel="exponential")
        scores = neuralize(density.fit(X, sample_weight=weights)).forward(None)
    found = suspected(X, weights, gamma, scores, squared=power == 2)
    np.testing.assert_array_equal(found, plainly_suspected(X, weights, gamma, power))
    assert found.any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_suspects_are_judged_by_the_density_of_the_others(dtype):
    rows = X.astype(dtype)
    kde = NeonKDE(gamma="likelihood").fit(rows)
    alone, found = explain(kde), explain(kde, groups="suspects")
    assert not alone.flagged()[MASKED].any() and found.flagged()[MASKED].all()
    suspects = suspected(X, kde.weights_, kde.gamma_, kde.outlierness_.astype(float))
    assert found.meta["n_suspects"] == suspects.sum() < N / 10
    rest = NeonKDE(kde.gamma_).fit(rows[~suspects])
    tolerance = 1e-10 if dtype == np.float64 else 1e-4
    expected = explain(rest, rows[suspects])
    np.testing.assert_allclose(found.score[suspects], expected.score, tolerance)
    np.testing.assert_allclose(
        found.relevance[suspects], expected.relevance, tolerance, tolerance
    )
    np.testing.assert_allclose(
        found.score[~suspects], kde.outlierness_[~suspects], tolerance
    )
    # no new row is a suspect
    new = rows[[20, 0]] + dtype(0.3)
    p = explain(kde, new, groups="suspects").p_value
    np.testing.assert_array_equal(p, explain(kde, new).p_value)
    unchanged = StandardScaler(with_mean=False, with_std=False).fit(rows)
    pipe = make_pipeline(unchanged, kde)
    beside = explain(pipe, new, X_train=rows, groups="suspects").p_value
    np.testing.assert_array_equal(beside, p)


def test_behind_steps_and_of_other_densities():
    pipe = make_pipeline(StandardScaler(), NeonKDE(gamma="likelihood")).fit(X)
    found = explain(pipe, X_train=X, groups="suspects")
    own = explain(pipe[-1], groups="suspects")
    np.testing.assert_allclose(found.score, own.score)
    assert found.flagged()[MASKED].all()
    density = KernelDensity(bandwidth=(2 * pipe[-1].gamma_) ** -0.5)
    density.fit(pipe[0].transform(X))
    np.testing.assert_allclose(explain(density, groups="suspects").score, own.score)


def test_without_suspects_scores_are_kept():
    Z = np.random.default_rng(2).normal(size=(N, 20))
    kde = NeonKDE().fit(Z)
    found = explain(kde, groups="suspects")
    assert found.meta["n_suspects"] == 0
    np.testing.assert_allclose(found.score, kde.outlierness_, 1e-14)
    # new rows are compared with scores that are kept
    assert explain(kde, Z[:1] + 1, groups="suspects").p_value is not None
    # rows of weight 0 are no support points, and one row has no other
    weights = np.r_[1.0, np.zeros(N - 1)]
    lone = NeonKDE().fit(Z, sample_weight=weights)
    assert neuralize(lone, groups="suspects").facts()["n_suspects"] == 0


def test_many_rows_that_stand_out_are_a_part_of_the_table():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(N, D))
    # each far from all others
    lone, pairs = np.arange(22), np.arange(22, 28).reshape(3, 2)
    rows[lone] *= 20
    for pair, direction in zip(pairs, np.eye(D), strict=False):
        rows[pair] = 1e4 * direction
    for some, n_found in ((rows[: 22 + 2], 24), (rows[:28], 0)):
        X = np.concatenate([some, rows[28:]])
        kde = NeonKDE(gamma=0.5).fit(X)
        found = suspected(X, kde.weights_, kde.gamma_, kde.outlierness_)
        assert found.sum() == n_found


def test_labels_and_messages():
    suspects = np.array([False, True, False, True])
    np.testing.assert_array_equal(as_groups(suspects), [0, 4, 2, 4])
    kde = NeonKDE().fit(X)
    with pytest.raises(ValueError, match="or 'suspects', got 'suspect'"):
        explain(kde, groups="suspect")
    with pytest.raises(ValueError, match="groups must name the group of each"):
        explain(NearestNeighbors().fit(X), groups="suspects")
