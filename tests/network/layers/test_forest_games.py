# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Games of forests, by themselves: what they share out, and behind which inputs."""

import numpy as np
import pytest
from helpers.forests import ROWS, X, fitted

from skneon.network import (
    BackgroundGame,
    Inputs,
    IsolationTrees,
    Mean,
    PathGame,
    Query,
    RelativeDepthGame,
)
from skneon.network.layers._forest import mean_and_error
from skneon.neuralization.models._isolation_forest import forest_of

FOREST = forest_of(fitted(bootstrap=True))
GAMES = [RelativeDepthGame(FOREST), PathGame(FOREST), BackgroundGame(FOREST, X)]


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.rule)
def test_games_share_out_the_score_less_their_constant(game):
    saved = IsolationTrees(FOREST).forward(ROWS, Query()).mean(axis=1)
    score = Mean(offset=FOREST.offset).forward(saved[:, None], Query())
    whole, nothing = np.ones(5), np.zeros(5)
    shares = game.shapley(ROWS, Query(), 1)
    for row, share, total in zip(ROWS, shares, score, strict=True):
        value = game.values(row[None], Query(), np.array([nothing, whole]))
        expected = total - game.constant(Query())
        np.testing.assert_allclose(value, [0, expected], rtol=0, atol=1e-12)
        np.testing.assert_allclose(share.sum(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.rule)
def test_players_are_the_columns_behind_the_inputs(game):
    inputs = Inputs(np.array([1, 0, 1, 2, 0]), 3, list(range(5)))
    shares = game.through(inputs).shapley(ROWS, Query(), 1)
    assert shares.shape == (10, 3)
    whole = game.shapley(ROWS, Query(), 1).sum(axis=1)
    np.testing.assert_allclose(shares.sum(axis=1), whole, rtol=0, atol=1e-12)
    mixed = Inputs.identity(5).mixed(np.eye(5), np.zeros(5), np.zeros(5))
    assert game.through(mixed) is None


def test_mean_and_its_standard_error():
    values = np.random.default_rng(0).normal(size=(7, 3, 2))
    mean, error = mean_and_error(values.sum(axis=0), (values**2).sum(axis=0), 7)
    np.testing.assert_allclose(mean, values.mean(axis=0))
    np.testing.assert_allclose(error, values.std(axis=0, ddof=1) / np.sqrt(7))
    # trees that agree have none, however they round
    mean, error = mean_and_error(np.array([0.3]), np.array([3 * 0.1**2]), 3)
    assert error < 1e-8
    assert mean_and_error(values[0], values[0] ** 2, 1)[1] is None
