# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Coalitions and the Shapley values of games whose players are features."""

import numpy as np
import pytest
from helpers.shapley import by_permutations
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_wine

from skneon.metrics import relevance_distance
from skneon.network.numerics import _coalitions
from skneon.network.numerics._coalitions import (
    all_coalitions,
    marginal_background,
    owen_coalitions,
    pooled_shapley,
    shapley_weights,
)


@given(seeds, st.integers(1, 6))
def test_all_coalitions_give_what_all_orders_give(seed, d):
    masks = all_coalitions(d)
    assert masks.shape == (2**d, d) and not masks[0].any()
    assert len(np.unique(masks, axis=0)) == 2**d
    values = np.random.default_rng(seed).normal(size=2**d)
    values[0] = 0.0

    def value(S):
        return values[np.sum(2 ** np.array(S, dtype=int))]

    np.testing.assert_allclose(
        values @ shapley_weights(d), by_permutations(value, d), atol=1e-12
    )
    assert not masks.flags.writeable and not shapley_weights(d).flags.writeable


@given(seeds, st.integers(1, 5), st.integers(1, 4))
def test_pooled_sums_give_what_all_orders_give(seed, d, n_units):
    C = np.random.default_rng(seed).normal(size=(n_units, 3, d))
    got = pooled_shapley(C, least, least(C.sum(axis=2)), 16)
    for n in range(3):

        def value(S, n=n):
            return C[:, n, S].sum(axis=1).min()

        np.testing.assert_allclose(got[n], by_permutations(value, d), atol=1e-12)


def least(T):
    return T.min(axis=0)


def test_of_many_units_coalitions_come_in_parts(monkeypatch):
    C = np.random.default_rng(0).normal(size=(30, 3, 6))
    score = least(C.sum(axis=2))
    expected = pooled_shapley(C, least, score, 16)
    asked = []

    def counted(T):
        asked.append(T.shape[2])
        return least(T)

    monkeypatch.setattr(_coalitions, "PART", 900)
    got = pooled_shapley(C, counted, score, 16)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    assert set(asked) == {10, 4}


def test_owen_coalitions_hold_features_with_the_right_probability():
    masks, weights = owen_coalitions(5, 64)
    assert weights.sum() == pytest.approx(1)
    # E_q[q] = 1/2, E_q[q^2] = 1/3
    np.testing.assert_allclose(weights @ masks, 0.5, atol=0.005)
    pairs = np.einsum("m,mi,mj->ij", weights, masks, masks)
    np.testing.assert_allclose(pairs[np.triu_indices(5, 1)], 1 / 3, atol=0.02)
    assert not masks.flags.writeable


def test_any_pooling_can_be_shared():
    rng = np.random.default_rng(0)
    C = rng.uniform(size=(4, 10, 14))

    def soft_min(T):
        return -np.log(np.mean(np.exp(-T), axis=0))

    score = soft_min(C.sum(axis=2))
    exact = pooled_shapley(C, soft_min, score, n_subsets=1024)
    sampled = pooled_shapley(C, soft_min, score, n_subsets=16)
    assert relevance_distance(sampled, exact) < 0.005
    np.testing.assert_allclose(sampled.sum(axis=1), score)


def test_marginal_background_has_the_quantiles_of_the_data():
    X = load_wine().data
    background = marginal_background(X, np.arange(X.shape[1]))
    assert background.shape == (64, 13)
    quantiles = [0.1, 0.5, 0.9]
    spread = np.ptp(X, axis=0)
    difference = np.quantile(background, quantiles, axis=0) - np.quantile(
        X, quantiles, axis=0
    )
    assert np.all(np.abs(difference) <= 0.05 * spread)
    # columns that go together do not in the background
    assert abs(np.corrcoef(background[:, 5], background[:, 6])[0, 1]) < 0.2
    assert np.corrcoef(X[:, 5], X[:, 6])[0, 1] > 0.8
