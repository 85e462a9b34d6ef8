# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How faithful the explanations of a report are, measured."""

from typing import Any

import numpy as np

from skneon._report._models import Rows, chosen
from skneon.explanation._explanation import Explanation
from skneon.metrics._distance import sum_error
from skneon.metrics._flipping import curves, mean_area
from skneon.metrics._games import Game
from skneon.network.numerics._types import Array

ROWS = 100
ORDERS = 3
# cells of the coalitions of all rows and orders, which take some seconds
WORK = 1e10


def faithfulness(rows: Rows, sample: Array, random_state: int) -> dict[str, Any]:
    """Error of the sum, and flipping scores beside those of random orders.

    Scores are None where there is one feature, no score, or too much to compute.
    """
    network = rows.network
    d, width = network.n_columns, network.network.units.width
    affordable = int(WORK / ((ORDERS + 1) * (d + 1) * d * max(width, 1)))
    numbers = chosen(len(sample), min(ROWS, max(affordable, 1)), random_state)
    data, query = rows.clean(sample[numbers])
    data = data.toarray() if hasattr(data, "toarray") else data
    game = Game(network, data, query, data, None)
    propagation = game.propagation()
    score, relevance = propagation.score, propagation.relevance
    measured: dict[str, Any] = {
        "n": len(numbers),
        "error": float(sum_error(game.shared(score), relevance).max()),
        "own": None,
        "random": None,
    }
    usable = np.isfinite(score) & (score != 0)
    if d < 2 or not affordable or not usable.any():
        return measured
    rng = np.random.default_rng(random_state)
    orders = [rng.permuted(relevance, axis=1) for _ in range(ORDERS)]
    measured["own"] = mean_area(game, curves(game, relevance))
    measured["random"] = float(
        np.mean([mean_area(game, curves(game, order)) for order in orders])
    )
    return measured


def conservation(explanation: Explanation) -> dict[str, Any]:
    """The error of the sum alone, where the model is not known."""
    error = sum_error(explanation.score, explanation.relevance)
    return {
        "n": len(explanation),
        "error": float(error.max(initial=0)),
        "own": None,
        "random": None,
    }
