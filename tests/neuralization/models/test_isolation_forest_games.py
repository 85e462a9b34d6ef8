# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Games of isolation forests, by brute force over all coalitions."""

import numpy as np
import pytest
from helpers.forests import RNG, ROWS, RULES, X, background, c, fitted, score
from helpers.gaussians import shapley
from sklearn.compose import make_column_transformer
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import explain, neuralize
from skneon.metrics import conservation_error, exact_shapley


def below(tree, features, x, S, node, rule):
    """What is saved below a node by the columns S: the games, written as they read."""
    if tree.children_left[node] < 0:
        return 0.0
    n, feature = tree.n_node_samples, features[tree.feature[node]]
    sides = tree.children_left[node], tree.children_right[node]
    own = sides[int(not np.float32(x[feature]) <= tree.threshold[node])]

    def deeper(side):
        return below(tree, features, x, S, side, rule)

    def gain(side):
        return c(n[node]) - 1 - c(n[side])

    if feature in S:
        return gain(own) + deeper(own)
    if rule == "split":
        return deeper(own)
    if rule == "path":
        return sum(n[side] / n[node] * (gain(side) + deeper(side)) for side in sides)
    # a sub-sample's part of its expected depth is that of the cell
    some = [side for side in sides if n[side] > 1]
    parts = [n[side] / n[node] * deeper(side) / c(n[side]) for side in some]
    return c(n[node]) * sum(parts)


def value_of(forest, x, rule, background):
    """v(S) of a game, for S a tuple of columns."""

    def value(S):
        if rule == "interventional":
            rows = background.copy()
            rows[:, list(S)] = x[list(S)]
            return score(forest, rows).mean()
        trees = zip(forest.estimators_, forest.estimators_features_, strict=True)
        found = [below(t.tree_, features, x, S, 0, rule) for t, features in trees]
        return np.mean(found)

    return value


FORESTS = {
    "plain": {},
    "some columns": {"max_features": 0.6},
    "bootstrap": {"bootstrap": True},
    "small": {"max_samples": 16},
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", FORESTS)
def test_rules_are_the_shapley_values_of_their_games(name, rule):
    forest = fitted(n_estimators=4, **FORESTS[name])
    got = explain(forest, ROWS[:3], rule=rule, **background(rule, X))
    for x, relevance, error in zip(ROWS[:3], got.relevance, got.residual, strict=True):
        value = value_of(forest, x, rule, X)
        np.testing.assert_allclose(relevance, shapley(value, 5), rtol=0, atol=1e-12)
        if rule == "interventional":
            np.testing.assert_allclose(error, value(()), rtol=0, atol=1e-12)
        elif rule != "path":
            assert value(()) == 0


@pytest.mark.parametrize("rule", RULES)
def test_metrics_play_the_game_of_the_rule(rule):
    door = neuralize(fitted(), rule=rule, **background(rule, X))
    got = exact_shapley(door, ROWS[:2])
    np.testing.assert_allclose(
        got.relevance, door.explain(ROWS[:2]).relevance, rtol=0, atol=1e-12
    )
    assert conservation_error(door, ROWS) < 1e-12


@pytest.mark.parametrize("rule", RULES)
def test_children_of_a_column_are_one_player(rule):
    colour = np.array(["red", "green", "blue", "grey"])[RNG.integers(4, size=60)]
    table = np.column_stack([X[:, :2].astype(object), colour])
    encode = make_column_transformer(
        (StandardScaler(), [0, 1]), (OneHotEncoder(sparse_output=False), [2])
    )
    model = make_pipeline(encode, IsolationForest(n_estimators=4, random_state=0))
    model.fit(table)
    got = explain(model, table[:3], rule=rule, **background(rule, table))
    assert got.relevance.shape == (3, 3)
    Z, forest = model[:-1].transform(table), model[-1]
    players = [[0], [1], list(range(2, Z.shape[1]))]
    for z, relevance in zip(Z[:3], got.relevance, strict=True):
        value = value_of(forest, z, rule, Z)

        def of_players(S, value=value):
            return value(tuple(column for i in S for column in players[i]))

        np.testing.assert_allclose(
            relevance, shapley(of_players, 3), rtol=0, atol=1e-12
        )
    np.testing.assert_allclose(got.score, score(forest, Z[:3]), rtol=0, atol=1e-12)
