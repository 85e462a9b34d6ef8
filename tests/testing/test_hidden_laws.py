# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Laws of hidden layers: one that keeps them, and ones that break them."""

import numpy as np
import pytest

from skneon.network import (
    HiddenLayer,
    Mean,
    Network,
    Rule,
    SquaredDistance,
)
from skneon.testing import check_network

RNG = np.random.default_rng(0)
CENTERS, ROWS = RNG.normal(size=(6, 4)), RNG.normal(size=(9, 4))


class Pairs(HiddenLayer):
    """Sums of two units each, which hands down by what they add; and then errs."""

    def __init__(self, error):
        self.error = error

    def forward(self, H, query):
        return H[:, ::2] + H[:, 1::2]

    def backward(self, H, R, weights, query):
        shares = H / np.repeat(self.forward(H, query), 2, axis=1)
        below = shares * np.repeat(R, 2, axis=1), shares * np.repeat(weights, 2, axis=1)
        return self.error(*below)


def failing(error):
    layers = [Pairs(error)]
    network = Network(SquaredDistance(CENTERS), Mean(), Rule(), middle=layers)
    found = {}
    for check in check_network(network, ROWS, without=["copies"]):
        try:
            check()
        except (AssertionError, ValueError) as broken:
            found[check.law] = str(broken)
    return found


def test_a_layer_that_hands_on_all():
    assert failing(lambda R, weights: (R, weights)) == {}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (lambda R, w: (0.5 * R, w), "relevance of row 0 that is handed down sums to"),
        (lambda R, w: (0 * R, w), "relevance of row 0 that is handed down sums to 0"),
        (lambda R, w: (-R, w), "relevance of row 0 that is handed down sums to -"),
        (lambda R, w: (R, 3 * w), "weights of row 0 that is handed down sums to 3, "),
        (lambda R, w: (R[:, :3], w), r"relevance has the shape \(9, 3\), and must"),
    ],
)
def test_a_layer_that_loses_relevance(error, message):
    with pytest.raises(AssertionError, match=f"Pairs.backward: {message}"):
        raise AssertionError(failing(error)["hidden_layers_hand_on"])


def test_a_layer_that_gives_relevance_to_others():
    found = failing(lambda R, weights: (R[:, ::-1], weights))
    assert set(found) == {"hidden_layers_follow"}
    assert "Pairs.backward gives unit 4 below " in found["hidden_layers_follow"]
    assert "of unit 0, whose activation does not" in found["hidden_layers_follow"]
