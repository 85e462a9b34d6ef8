# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Gaussian functions of distances, their references, and what activations carry."""

import numpy as np
import pytest
from helpers import reference
from helpers.strategies import density_problems, seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import GaussianKernel, Inputs, Passed, Query
from skneon.network.layers._gaussian_kernel import offset_of


@given(density_problems(max_support=30, max_features=6))
def test_activations_and_references(problem):
    weighs = problem.pi > 0
    U, pi, gamma = problem.U[weighs], problem.pi[weighs], problem.gamma
    units = GaussianKernel(U, gamma)
    H = units.forward(problem.X, Query())
    references = units.reference(problem.X, H, pi[None], Query())
    for n, x in enumerate(problem.X):
        h = reference.distances(x, U)
        t = gamma * h
        # exponents may be large
        bound = (1e-12 + 1e-11 * t) * np.exp(-t) + 1e-300
        assert np.all(np.abs(H[n] - np.exp(-t)) <= bound)
        # also where all kernels underflow
        p = reference.soft_argmin(h, pi, gamma)
        slack = (1e-9 + 1e-11 * gamma * h.max()) * np.abs(U).max()
        assert np.all(np.abs(references[n] - p @ U) <= slack + 1e-300)


def test_no_exponent_overflows():
    units = GaussianKernel(np.array([[0.0], [1e150]]), 1e10)
    np.testing.assert_array_equal(
        units.forward(np.array([[0.0]]), Query()), [[1.0, 0.0]]
    )


def test_the_game_leaves_columns_out_of_the_exponent():
    rng = np.random.default_rng(0)
    U, x = rng.normal(size=(5, 3)), rng.normal(size=3)
    units = GaussianKernel(U, 0.6)
    masks = np.array([[0, 0, 0], [1, 0, 1], [1, 1, 1.0]])
    got = units.coalitions(x[None], Query(), masks)
    for mask, activations in zip(masks, got, strict=True):
        # without any column there is no inlierness
        expected = np.exp(-0.6 * ((x - U) ** 2 @ mask)) * mask.any()
        np.testing.assert_allclose(activations, expected, rtol=1e-12)


@given(seeds, st.integers(2, 5), st.booleans())
def test_what_activations_carry_conserves_the_score(seed, d, mapped):
    """It is the score, and none of it is carried by what is 0."""
    rng = np.random.default_rng(seed)
    m, inputs = d, Inputs.identity(d)
    if mapped:
        m = d + 1
        A = np.linalg.qr(rng.normal(size=(m, m)))[0][:, :d]
        inputs = Inputs(
            np.arange(m), m, list(range(m)), A, rng.normal(size=d), 0 * A[:, 0]
        )
    U = inputs.project(np.maximum(rng.normal(size=(6, m)), 0))
    X = np.maximum(rng.normal(size=(3, m)), 0)
    X[:, 0] += 0.1
    units = GaussianKernel(U, 0.6).through(inputs)
    P = rng.dirichlet(np.ones(6))[None]
    R = P * units.forward(X, Query())
    got = units.carried(X, Passed(R.sum(axis=1), P, R), Query(), 0.01)
    np.testing.assert_allclose(got.sum(axis=1), R.sum(axis=1), rtol=1e-9, atol=1e-13)
    assert np.all(got[X == 0] == 0)


@pytest.mark.parametrize("offset", [None, np.array([1.0, 2.0])])
def test_the_part_of_the_outputs_that_no_activation_has(offset):
    inputs = Inputs.identity(2)
    if offset is not None:
        inputs = inputs.mixed(np.eye(2), offset, None)
    np.testing.assert_array_equal(offset_of(inputs), 0.0 if offset is None else offset)
