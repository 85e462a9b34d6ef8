# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Distances of relevances, and errors of conservation."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.metrics import (
    conservation_error,
    relevance_distance,
)
from skneon.network import SoftArgmin

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
    kde = NeonKDE(rule=SoftArgmin(epsilon=0.5)).fit(IRIS)
    explanation = kde.explain()
    expected = np.abs(explanation.residual) / explanation.relevance.sum(axis=1)
    assert conservation_error(kde) == pytest.approx(expected.max())
    assert conservation_error(kde, rule="integrated") < 1e-12
    wrong = np.zeros_like(IRIS)
    assert conservation_error(kde, relevance=wrong) == np.inf
    assert conservation_error(NeonKMeans(1).fit(IRIS)) == np.inf
    kmeans = NeonKMeans(3, random_state=0).fit(IRIS)
    for rule in ("shapley", "midpoint", "w-square"):
        assert conservation_error(neuralize(kmeans, rule=rule), IRIS) < 1e-12


@pytest.mark.parametrize("rule", ["shapley", "integrated", "mean"])
def test_the_constant_of_a_score_is_no_loss(rule):
    X = IRIS[::5]
    mixture = GaussianMixture(2, random_state=0).fit(IRIS)
    pipeline = make_pipeline(PCA(2), GaussianMixture(2, random_state=0)).fit(IRIS)
    asked = [(PCA(2).fit(IRIS), {"target": "outlier"}), (mixture, {"cluster": 1})]
    asked += [(mixture, {"target": "outlier"}), (mixture, {})]
    asked += [(pipeline, {})] if rule == "mean" else []
    for model, options in asked:
        assert np.abs(explain(model, X, rule=rule, **options).residual).max() > 0.1
        assert conservation_error(model, X, rule=rule, **options) < 1e-12
        lost = 0.9 * explain(model, X, rule=rule, **options).relevance
        assert conservation_error(model, X, lost, rule=rule, **options) > 0.01
    alone = GaussianMixture(1).fit(IRIS)
    assert conservation_error(alone, X, rule=rule) == np.inf
