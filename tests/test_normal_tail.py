# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The tail of scores by distances where rows are normal."""

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.neighbors import NearestNeighbors

from skneon import NeonKDE, explain, threshold
from skneon._normal_tail import _score, normal_shape, tail_shape

KINDS = {"kernel": 2.0, "mean_distance": 5, "kth_distance": 5}


def drawn(kind, X):
    """Scores of rows, each left out of its own model."""
    if kind == "kernel":
        return NeonKDE(KINDS[kind]).fit(X).outlierness_
    return explain(NearestNeighbors(n_neighbors=KINDS[kind]).fit(X), target=kind).score


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [2, 5])
def test_scores_at_radii_are_the_quantiles_of_normal_rows(kind, d):
    rng, n = np.random.default_rng(d), 400
    scores = np.concatenate([drawn(kind, rng.normal(size=(n, d))) for _ in range(5)])
    for chance in (0.5, 0.125):
        said = _score(kind, n, d, KINDS[kind], chi2.isf(chance, d))
        assert said == pytest.approx(np.quantile(scores, 1 - chance), rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_shapes(kind):
    n, shapes = 1000, []
    for d in (1, 2, 4, 8, 31, 0):
        shape = normal_shape(kind, n, d, 5)
        shapes.append(shape)
        if shape:
            m, c, q = (
                _score(kind, n, d, 5, chi2.isf(p, d)) for p in (0.5, 0.125, 5e-5)
            )
            ratio = ((10 * n) ** shape - 1) / (4**shape - 1)
            assert (q - m) / (c - m) == pytest.approx(ratio)
    if kind == "kernel":
        # nearly the mean distance, r^2 + d
        assert _score(kind, n, 3, 1e-12, 4.0) == pytest.approx(7.0, rel=0.02)
    assert min(shapes[:3]) > 0 and shapes[-2:] == [0, 0]
    if kind != "kernel":
        assert shapes == sorted(shapes, reverse=True)
    assert tail_shape({"tail": [kind, n, 2, 5]}) == shapes[1] and tail_shape({}) == 0


def test_explanations_have_the_tail_of_their_columns():
    X = np.random.default_rng(0).normal(size=(300, 2)) * [1.0, 2.0]
    constant = np.column_stack([X, np.ones(300)])
    near = explain(NearestNeighbors(n_neighbors=1).fit(X))
    assert near.threshold.shape == normal_shape("mean_distance", 300, 2, 1) > 0.3
    assert near.threshold.value > 3 * threshold(near.score).value
    assert threshold(near.score).flagged(near.score).any()
    assert not near.flagged().any()
    gamma = 2.0
    found = explain(NeonKDE(gamma).fit(constant))
    square = np.median(np.sum((X - np.median(X, axis=0)) ** 2, axis=1))
    relative = gamma * square / chi2.median(2)
    assert found.meta["tail"] == ["kernel", 300, 2, pytest.approx(relative)]
    assert explain(NeonKDE().fit(X[:, [0] * 40])).threshold.shape == 0
