# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What all layers of units share: activations that are sums over the columns."""

import numpy as np
import pytest

from skneon.network import Inputs, Mean, Query, Units


class Columns(Units):
    """Weighted sums of the columns, and a unit that does not compete."""

    def __init__(self, slopes):
        self.slopes = slopes
        super().__init__(Inputs.identity(slopes.shape[1]))

    @property
    def width(self):
        return len(self.slopes) + 1

    def forward(self, X, query):
        H = self.inputs.project(X) @ self.slopes.T
        return np.column_stack([H, np.full(len(X), np.inf)])

    def contributions(self, X, query):
        C = X * self.inputs.back(self.slopes)[:, None]
        return np.concatenate([self.inputs.gather(C), np.zeros((1, len(X), 3))])

    def reference(self, X, H, weights, query):
        return X


class Mute(Columns):
    """The same, of which no contributions are known."""

    contributions = Units.contributions


RNG = np.random.default_rng(0)
SLOPES, X = RNG.normal(size=(4, 3)), RNG.normal(size=(5, 3))


def test_defaults():
    units = Columns(SLOPES)
    H = units.forward(X, Query())
    assert units.bias == 0 and units.per_sum(H) == 1 and not units.accepts_sparse
    assert units.activation(H) is H and units.sums(H) is H
    assert units.rivals(X, H, Query()) is None
    pooling = Mean()
    assert units.in_game(pooling) == (units, pooling)
    assert units.score(X, Query(), H) is H
    W = RNG.normal(size=(5, 5))
    expected = np.einsum("nk,kni->ni", W, units.contributions(X, Query()))
    np.testing.assert_allclose(units.weighted_shares(X, W, H, Query()), expected)


def test_coalitions_have_the_contributions_of_their_columns_alone():
    masks = np.array([[0, 0, 0], [1, 0, 1], [1, 1, 1.0]])
    H = Columns(SLOPES).coalitions(X[:1], Query(), masks)
    for mask, activations in zip(masks, H, strict=True):
        np.testing.assert_allclose(activations[:4], SLOPES @ (mask * X[0]))
        # who does not compete does so in no coalition
        assert activations[4] == np.inf


def test_other_inputs_make_other_units():
    units = Columns(SLOPES)
    inputs = Inputs.identity(3).mixed(RNG.normal(size=(3, 3)), np.ones(3), np.zeros(3))
    behind = units.through(inputs)
    assert units.inputs.matrix is None and behind.inputs is inputs
    assert behind.slopes is units.slopes
    expected = units.forward(inputs.project(X), Query())
    np.testing.assert_array_equal(behind.forward(X, Query()), expected)


def test_units_without_contributions_say_so():
    with pytest.raises(TypeError, match="Mute has no contributions by column"):
        Mute(SLOPES).weighted_shares(X, None, None, Query())
