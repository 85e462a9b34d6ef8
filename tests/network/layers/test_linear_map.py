# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers that mix columns linearly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import seeds

from skneon.network import Inputs, LinearMap


@given(seeds, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_two_maps_are_one(seed, d, m, p):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(d, m)), rng.normal(size=(m, p))
    a, b = rng.normal(size=d), rng.normal(size=m)
    first = LinearMap(None, A, a).wire(Inputs.identity(d))
    second = LinearMap(None, B, b).wire(first.inputs)
    X = rng.normal(size=(5, d))
    np.testing.assert_allclose(
        second.inputs.project(X), ((X - a) @ A - b) @ B, atol=1e-12
    )
    # preimages are looked for near the center of the first
    np.testing.assert_array_equal(second.inputs.center, a)


@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_restored_values_are_the_preimages_nearest_to_the_center(seed, d, p):
    rng = np.random.default_rng(seed)
    V, center = rng.normal(size=(d, p)), rng.normal(size=d)
    for c in (center, None):
        wired = LinearMap(None, V, c).wire(Inputs.identity(d))
        origin = np.zeros(d) if c is None else c
        R = (rng.normal(size=(3, d)) - origin) @ V
        expected = origin + R @ np.linalg.pinv(V)
        size = np.linalg.cond(V) * (1 + np.abs(expected).max())
        np.testing.assert_allclose(wired.restore(R), expected, atol=1e-11 * size)


def test_the_columns_behind_are_the_rows_as_numbers():
    V = np.ones((2, 1))
    wired = LinearMap(lambda X: X.astype(float) @ V, V).wire(Inputs.identity(2))
    X = np.array([[1, 2], [3, 4]], dtype=object)
    Z, Y = wired.trace(X, None)
    np.testing.assert_array_equal(Z, [[3], [7]])
    assert Y.dtype == float and (Y == X).all()
    behind = np.ones((2, 5))
    assert wired.trace(X, behind)[1] is behind
