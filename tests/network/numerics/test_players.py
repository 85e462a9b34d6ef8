# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Players, coalitions and their weights."""

import numpy as np
import pytest
from helpers import gaussians

from skneon.network.numerics._players import (
    coalition_masks,
    player_sums,
    players_of,
    shapley_matrix,
)


def test_players_are_in_the_order_of_labels():
    players = players_of([7, 2, 7, 5], 4)
    assert [own.tolist() for own in players] == [[1], [3], [0, 2]]
    assert [own.tolist() for own in players_of(None, 2)] == [[0], [1]]


def test_labels_must_be_one_per_column():
    with pytest.raises(ValueError, match=r"each of the 3 columns.*\(2,\)"):
        players_of([0, 1], 3)


def test_sums_of_players():
    shares = np.arange(8.0).reshape(2, 4)
    np.testing.assert_array_equal(
        player_sums(shares, players_of([1, 0, 1, 0], 4)), [[4, 2], [12, 10]]
    )
    assert player_sums(shares, players_of(None, 4)) is shares
    swapped = player_sums(shares, players_of([1, 0, 2, 3], 4))
    np.testing.assert_array_equal(swapped, shares[:, [1, 0, 2, 3]])


@pytest.mark.parametrize("n_players", [1, 2, 5])
def test_matrix_takes_values_to_shapley_values(n_players):
    values = np.random.default_rng(0).normal(size=2**n_players)
    expected = gaussians.shapley(lambda S: values[sum(1 << i for i in S)], n_players)
    np.testing.assert_allclose(values @ shapley_matrix(n_players), expected)
    masks = coalition_masks(n_players)
    np.testing.assert_array_equal(
        masks @ 2.0 ** np.arange(n_players), range(len(masks))
    )
    with pytest.raises(ValueError, match="read-only"):
        masks[0, 0] = 1.0
