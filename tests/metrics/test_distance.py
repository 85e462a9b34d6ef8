# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Distances of relevances, and errors of conservation."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans, neuralize
from skneon.metrics import (
    conservation_error,
    relevance_distance,
)

IRIS, WINE = scale(load_iris().data), scale(load_wine().data[:, :9])


def test_relevance_distance():
    R, S = np.array([[1.0, 2], [0, 0], [0, 0]]), np.array([[2.0, -2], [0, 0], [1, 0]])
    expected = [5 / 4, 0, 1]
    np.testing.assert_allclose(relevance_distance(R, S, average=None), expected)
    assert relevance_distance(R, S) == 1
    assert relevance_distance(R, S, average="mean") == pytest.approx(0.75)
    assert relevance_distance(S, R, average="median") == pytest.approx(5 / 3)
    assert relevance_distance(S, R, average=None)[2] == np.inf
    explanation = NeonKDE().fit(IRIS).explain()
    assert relevance_distance(explanation, explanation) == 0
    with pytest.raises(ValueError, match=r"same shape.*\(3, 2\) and \(3, 1\)"):
        relevance_distance(R, S[:, :1])
    for bad in (np.full((3, 2), np.nan), np.full((3, 2), np.inf)):
        with pytest.raises(ValueError, match="no NaN or infinite"):
            relevance_distance(bad, S)
    with pytest.raises(ValueError, match="at least one row"):
        relevance_distance(R[:0], S[:0])
    with pytest.raises(ValueError, match="got 'max'"):
        relevance_distance(R, S, average="max")


def test_conservation_error():
    kde = NeonKDE(beta="gamma", epsilon=0.5).fit(IRIS)
    explanation = kde.explain()
    expected = np.abs(explanation.residual) / explanation.relevance.sum(axis=1)
    assert conservation_error(kde) == pytest.approx(expected.max())
    assert conservation_error(kde, beta="integrated") < 1e-12
    wrong = np.zeros_like(IRIS)
    assert conservation_error(kde, relevance=wrong) == np.inf
    assert conservation_error(NeonKMeans(1).fit(IRIS)) == np.inf
    kmeans = NeonKMeans(3, random_state=0).fit(IRIS)
    for rule in ("shapley", "midpoint", "w-square"):
        assert conservation_error(neuralize(kmeans, rule=rule), IRIS) < 1e-12
