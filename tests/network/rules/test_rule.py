# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all rules are, and the proportional rule that they refine."""

import pickle
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from helpers.reference import squared_differences
from helpers.strategies import seeds
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from skneon import NeonKDE
from skneon.network import (
    Distance,
    LogMeanExp,
    Mean,
    Network,
    Query,
    Rule,
    SquaredDistance,
    SupportWeights,
    rule_named,
)
from skneon.network.rules._registry import RULES as REGISTERED
from skneon.network.rules._rule import ratio

# the rules of this package
OWN_RULES = frozenset(
    rule for rule in REGISTERED.values() if rule.__module__.startswith("skneon.")
)

NAMES = sorted(kind.name for kind in OWN_RULES)


@pytest.mark.parametrize("name", NAMES)
def test_rules_are_frozen_and_compared_by_their_settings(name):
    rule = rule_named(name)
    assert rule == rule_named(name) == pickle.loads(pickle.dumps(rule))
    assert hash(rule) == hash(rule_named(name))
    with pytest.raises(FrozenInstanceError):
        rule.name = "other"
    assert repr(rule).startswith(type(rule).__name__ + "(")
    names = {field.name for field in fields(rule) if field.init}
    assert rule.settings().keys() == {"rule", *names}
    # a parameter of estimators that is copied, not taken apart
    assert clone(NeonKDE(rule=rule)).rule == rule


def test_settings_tell_rules_apart():
    rules = [rule_named(name) for name in NAMES]
    assert len(set(rules)) == len(rules)


@pytest.mark.parametrize("kind", [SquaredDistance, Distance])
@given(seeds, st.integers(1, 8), st.integers(1, 4))
def test_the_proportional_rule_shares_by_each_units_sum(kind, seed, n_points, d):
    rng = np.random.default_rng(seed)
    U, X = rng.normal(size=(n_points, d)), rng.normal(size=(3, d))
    X[0] = U[0]
    pi = rng.dirichlet(np.ones(n_points))
    network = Network(kind(U), Mean(SupportWeights(pi)), Rule())
    got = network.propagate(X, Query())
    for n, x in enumerate(X):
        squares = squared_differences(x, U).astype(float)
        sums = squares.sum(axis=1)
        h = sums if kind is SquaredDistance else np.sqrt(sums)
        shares = squares / np.where(sums > 0, sums, 1)[:, None]
        np.testing.assert_allclose(got.relevance[n], (pi * h) @ shares, atol=1e-10)
    np.testing.assert_allclose(got.relevance.sum(axis=1), got.score, atol=1e-10)


def test_a_units_bias_keeps_its_part_of_the_relevance():
    U = np.array([[0.0, 0.0], [3.0, 1.0]])
    bias = np.array([1.0, 5.0])
    units = SquaredDistance(U, bias)
    network = Network(units, Mean(SupportWeights(np.full(2, 0.5))), Rule())
    got = network.propagate(np.array([[1.0, 2.0]]), Query())
    # R_k = h_k / 2, of which h_k / (h_k + b_k) goes to the columns
    expected = 0.5 * np.array([1, 4]) * 5 / 6 + 0.5 * np.array([4, 1]) * 5 / 10
    np.testing.assert_allclose(got.relevance[0], expected)
    np.testing.assert_allclose(got.score, 5)


def test_the_first_step_leaves_the_constant_out():
    weights = SupportWeights(np.full(4, 0.25), offset=7.0)
    H = np.random.default_rng(0).exponential(size=(3, 4))
    network = Network(SquaredDistance(np.zeros((4, 2))), Mean(weights), Rule())
    passed = Rule().to_units(network, H, Query())
    np.testing.assert_allclose(passed.R, H / 4)
    network = Network(
        SquaredDistance(np.zeros((4, 2))), LogMeanExp(1.0, weights), Rule()
    )
    passed = Rule().to_units(network, H, Query())
    np.testing.assert_allclose(passed.R, passed.weights * H)


def test_ratios_without_a_denominator_are_nothing():
    R = np.array([[1.0, 2.0, 0.0, 0.0]])
    got = ratio(R, np.array([[4.0, 0.0, 0.0, np.inf]]))
    np.testing.assert_array_equal(got, [[0.25, 0, 0, 0]])


def test_what_a_rule_needs_is_looked_for():
    class Needy(Rule):
        name = "needy"
        needs = ("forward", "tongues", "wings")
        pooling_needs = ("pool", "legs")

    units, pooling = SquaredDistance(np.zeros((2, 3))), Mean()
    message = "Rule 'needy' does not fit this network: SquaredDistance has no tongues, "
    with pytest.raises(TypeError, match=message + "wings"):
        Network(units, pooling, Needy())
    Needy.needs = ()
    with pytest.raises(TypeError, match="Mean has no legs"):
        Network(units, pooling, Needy())
    Needy.pooling_needs = ()
    assert Network(units, pooling, Needy()).rule == Needy()
