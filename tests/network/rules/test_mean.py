# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Mean imputation: shares by the precision."""

import numpy as np
import pytest
from helpers.shapley import by_permutations
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import EmpiricalCovariance

from skneon import explain
from skneon.network import (
    Interventional,
    LogMeanExp,
    MahalanobisDistance,
    MeanImputation,
    Network,
    Query,
    SquaredDistance,
    SupportWeights,
    rule_named,
)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_shapley_values_of_the_mean_game(seed, d):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(20, d)) @ rng.normal(size=(d, d))
    model = EmpiricalCovariance().fit(X)
    explanation = explain(model, X[:2], rule="mean")
    P = model.precision_
    for x, R in zip(X, explanation.relevance, strict=False):

        def value(S, x=x):
            # left-out columns are set to the mean
            z = np.where(np.isin(np.arange(d), S), x - model.location_, 0.0)
            return z @ P @ z

        expected = by_permutations(value, d)
        assert np.all(np.abs(R - expected) <= 1e-9 * np.abs(expected).sum())


def test_it_is_for_gaussians_alone():
    assert rule_named("mean") == MeanImputation()
    pooling = LogMeanExp(1.0, SupportWeights(np.ones(1)))
    with pytest.raises(TypeError, match="SquaredDistance has no mean_reference"):
        Network(SquaredDistance(np.zeros((1, 2))), pooling, MeanImputation())
    assert not MeanImputation().leaves_out and not Interventional().leaves_out


def test_a_rule_of_mean_shares_serves_without_covariances():
    factor = np.array([[[2.0, 0.0], [1.0, 1.0]]])
    units = MahalanobisDistance(np.zeros((1, 2)), factor)
    pooling = LogMeanExp(1.0, SupportWeights(np.ones(1)))
    x = np.array([[1.0, -3.0]])
    expected = x * (x @ factor[0] @ factor[0].T)
    for rule in ("mean", "integrated", "shapley"):
        got = Network(units, pooling, rule_named(rule)).propagate(x, Query())
        np.testing.assert_allclose(got.relevance, expected)
        np.testing.assert_array_equal(got.reference, [[0.0, 0.0]])
