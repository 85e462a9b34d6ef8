# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Inlierness of kernel densities: exact by default, and how near the closed form is."""

import numpy as np
import pytest
from helpers import gaussians
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import scale

from skneon import NeonKDE, explain
from skneon.metrics import relevance_distance

DATA = {
    "iris": scale(load_iris().data),
    "wine": scale(load_wine().data),
    "cancer": scale(load_breast_cancer().data[:, :10]),
}


@pytest.mark.parametrize("kind", ["NeonKDE", "KernelDensity"])
def test_the_default_is_exact(kind):
    """All subsets; each training row is left out; weighted rows."""
    X = DATA["wine"][::6, :6]
    weight = np.linspace(0.5, 2.0, len(X))
    gamma = 0.4
    density = (
        NeonKDE(gamma) if kind == "NeonKDE" else KernelDensity(bandwidth=1.25**0.5)
    )
    got = explain(density.fit(X, sample_weight=weight))
    assert got.target == "outlier"
    got = explain(density, target="inlier")
    assert got.meta["rule"] == "shapley"
    P = np.tile(weight, (len(X), 1))
    np.fill_diagonal(P, 0.0)
    P /= P.sum(axis=1, keepdims=True)
    squares = (X[:, None] - X) ** 2

    def value(S):
        if not len(S):
            return np.zeros(len(X))
        return (np.exp(-gamma * squares[:, :, S].sum(axis=2)) * P).sum(axis=1)

    expected = gaussians.shapley(value, X.shape[1])
    np.testing.assert_allclose(got.relevance, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", DATA)
def test_the_closed_form_is_near_at_the_default_stiffness(name):
    kde = NeonKDE().fit(DATA[name])
    exact = kde.explain(target="inlier")
    integrated = kde.explain(target="inlier", rule="integrated")
    distance = relevance_distance(integrated, exact, None)
    assert np.median(distance) < 0.10
    limit = kde.explain(target="inlier", rule="exact-inlier")
    assert np.median(relevance_distance(limit, exact, None)) > 0.3
    for explanation in (exact, integrated):
        missed = explanation.relevance.sum(axis=1) - explanation.score
        assert np.abs(missed).max() <= 1e-12
