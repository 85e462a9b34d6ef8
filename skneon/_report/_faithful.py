# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How faithful the explanations of a report are, measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon._frames import some_rows
from skneon._report._judge import Judge
from skneon._report._models import chosen
from skneon.explanation._explanation import Explanation
from skneon.metrics._distance import sum_error
from skneon.metrics._flipping import curves, mean_area
from skneon.metrics._games import Game
from skneon.network.numerics._types import Array

ROWS, ORDERS = 100, 3
# cells of the coalitions of all rows and orders, which take some seconds
WORK = 1e10


@dataclass
class Faithfulness:
    """Error of the sum over n rows; flipping scores of the order and of random ones.

    The scores are None where there is one feature, no score, or too much to compute.
    """

    what: str
    n: int
    error: float
    own: float | None = None
    random: float | None = None


def faithfulness(
    what: str, judge: Judge, rows: Any, numbers: Array, seed: int
) -> Faithfulness:
    """Measure a model's explanations on some of the rows, of these numbers."""
    network = judge.network
    d, width = network.n_columns, network.network.units.width
    affordable = int(WORK / ((ORDERS + 1) * (d + 1) * d * max(width, 1)))
    drawn = chosen(len(numbers), min(ROWS, max(affordable, 1)), seed)
    game = Game.of(network, some_rows(rows, drawn), judge.asked(numbers[drawn]))
    propagation = game.propagation()
    score, relevance = propagation.score, propagation.relevance
    error = float(sum_error(game.shared(score), relevance).max())
    measured = Faithfulness(what, len(drawn), error)
    if d < 2 or not affordable or not (np.isfinite(score) & (score != 0)).any():
        return measured
    rng = np.random.default_rng(seed)
    orders = [relevance, *(rng.permuted(relevance, axis=1) for _ in range(ORDERS))]
    measured.own, *random = (mean_area(game, curves(game, order)) for order in orders)
    measured.random = float(np.mean(random))
    return measured


def conservation(what: str, explanation: Explanation) -> Faithfulness:
    """The error of the sum alone, where the model is not known."""
    error = sum_error(explanation.score, explanation.relevance).max(initial=0)
    return Faithfulness(what, len(explanation), float(error))
