# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Training rows among others are left out of their own model."""

import numpy as np

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.neuralization._own_rows import knows_its_rows, own_rows


def test_rows_of_the_fit_among_others():
    X = np.random.default_rng(0).normal(size=(20, 3))
    training = np.array([1, 4, 9, 16])
    model = NeonKDE().fit(X[training])
    network = neuralize(model)
    assert knows_its_rows(network)
    assert not knows_its_rows(neuralize(NeonKMeans(2, n_init=1).fit(X)))
    numbers = np.array([16, 0, 4, 19, 1])
    got = network.forward(X[numbers], **own_rows(numbers, training))
    expected = model.outlierness(X[numbers])
    expected[[0, 2, 4]] = model.outlierness()[[3, 1, 0]]
    np.testing.assert_allclose(got, expected)
