# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The uniform rule: every feature counts alike."""

import numpy as np
from helpers.laws import fitted_kde
from helpers.strategies import density_problems, seeds
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    GaussianKernel,
    Inputs,
    Mean,
    Network,
    Query,
    SupportWeights,
    Uniform,
)


@given(density_problems(max_support=20))
def test_every_feature_gets_the_same(problem):
    kde = fitted_kde(problem, rule="uniform")
    relevance = kde.explain(problem.X, target="inlier").relevance
    d = problem.X.shape[1]
    expected = np.repeat(kde.inlierness(problem.X)[:, None] / d, d, axis=1)
    np.testing.assert_allclose(relevance, expected, rtol=1e-9, atol=1e-300)


@given(seeds, st.integers(1, 5), st.integers(0, 3))
def test_behind_a_linear_map_by_what_falls_to_its_inputs(seed, p, more):
    rng = np.random.default_rng(seed)
    m = p + more
    V = np.linalg.qr(rng.normal(size=(m, m)))[0][:, :p]
    # two of the inputs are of the same column
    parents = np.maximum(np.arange(m) - 1, 0)
    inputs = Inputs(parents, max(m - 1, 1), list(range(m)), V, np.zeros(p), np.zeros(m))
    units = GaussianKernel(rng.normal(size=(8, p)), 0.5).through(inputs)
    network = Network(units, Mean(SupportWeights(np.full(8, 1 / 8))), Uniform())
    got = network.propagate(rng.normal(size=(3, m)), Query())
    share = np.zeros(inputs.n_columns)
    np.add.at(share, parents, np.sum(V**2, axis=1) / p)
    np.testing.assert_allclose(got.relevance, got.score[:, None] * share)
    assert Uniform().settings() == {"rule": "uniform"}
