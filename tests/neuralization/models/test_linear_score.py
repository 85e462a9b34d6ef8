# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of linear one-class support vector machines."""

import numpy as np
import pytest
from helpers import gaussians
from helpers.laws import assert_close
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import SGDOneClassSVM
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize, p_values
from skneon.metrics import exact_shapley
from skneon.network import CentroidPairs, Min, Network, Query, Shapley

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)) @ RNG.normal(size=(4, 4)) + [3.0, 0.0, -2.0, 1.0]
NEW = RNG.normal(size=(5, 4)) * 3
MODEL = SGDOneClassSVM(nu=0.2, random_state=0).fit(X)


def fitted(w, rho):
    """A model of these weights."""
    model = SGDOneClassSVM(random_state=0).fit(np.eye(len(w)))
    model.coef_, model.offset_ = np.array(w, dtype=float), np.array([float(rho)])
    return model


numbers = st.floats(-100, 100, allow_subnormal=False).map(lambda x: round(x, 6))
weights = st.lists(numbers, min_size=1, max_size=6)


@given(w=weights, rho=numbers, seed=gaussians.seeds)
def test_all_of_the_score_is_shared(w, rho, seed):
    model = fitted(w, rho)
    rows = np.random.default_rng(seed).normal(size=(4, len(w)))
    for rule in ("shapley", "w-square"):
        found = explain(model, rows, rule=rule)
        assert_close(found.score, -model.decision_function(rows), 1e-12)
        np.testing.assert_array_equal(
            (found.score > 0)[np.abs(found.score) > 1e-9],
            (model.predict(rows) == -1)[np.abs(found.score) > 1e-9],
        )
        # without weights no column has a part
        rest = 0.0 if np.any(w) else rho
        size = np.abs(found.relevance).sum(axis=1) + abs(rho)
        assert np.all(np.abs(found.residual - rest) <= 1e-12 * size)


def brute_force(rows, value):
    return np.array(
        [
            gaussians.shapley(lambda S, x=x: value(x, list(S)), rows.shape[1])
            for x in rows
        ]
    )


def test_shapley_values_of_all_coalitions():
    w, rho = MODEL.coef_, MODEL.offset_[0]
    edge = rho * w / (w @ w)
    assert abs(MODEL.decision_function(edge[None])[0]) < 1e-12

    def on_the_boundary(x, S):
        mixed = edge.copy()
        mixed[S] = x[S]
        return -MODEL.decision_function(mixed[None])[0]

    found = explain(MODEL, NEW)
    np.testing.assert_allclose(
        found.relevance, brute_force(NEW, on_the_boundary), atol=1e-12
    )
    np.testing.assert_allclose(found.compared_with, [edge] * len(NEW))
    np.testing.assert_allclose(exact_shapley(MODEL, NEW), found.relevance, atol=1e-12)

    def of_the_background(x, S):
        mixed = X.copy()
        mixed[:, S] = x[S]
        return -MODEL.decision_function(mixed).mean()

    found = explain(MODEL, NEW, rule="interventional", X_train=X)
    expected = brute_force(NEW, of_the_background)
    np.testing.assert_allclose(found.relevance, expected, atol=1e-12)
    mean = -MODEL.decision_function(X).mean()
    np.testing.assert_allclose(found.residual, mean, atol=1e-12)


def test_w_square_is_the_way_to_the_nearest_point_of_the_boundary():
    found, w = explain(MODEL, NEW, rule="w-square"), MODEL.coef_
    root = NEW + np.outer(found.score, w) / (w @ w)
    np.testing.assert_allclose(MODEL.decision_function(root), 0, atol=1e-12)
    np.testing.assert_allclose(found.relevance, -w * (NEW - root), atol=1e-12)


def test_is_the_evidence_of_two_centroids():
    w, rho = MODEL.coef_, MODEL.offset_[0]
    mirror = 2 * rho * w / (w @ w)
    pairs = CentroidPairs(np.array([np.zeros(4), mirror]))
    asked = Query(cluster=np.zeros(len(NEW), dtype=int))
    evidence = Network(pairs, Min(), Shapley()).propagate(NEW, asked)
    scale = (w @ w) / (4 * rho)
    found = explain(MODEL, NEW)
    np.testing.assert_allclose(found.score, scale * evidence.score, atol=1e-12)
    np.testing.assert_allclose(found.relevance, scale * evidence.relevance, atol=1e-12)


@pytest.mark.parametrize(
    "steps", [[PCA(2)], [PCA(3, whiten=True)], [make_union(PCA(3), PCA(2))]], ids=str
)
@pytest.mark.parametrize("rule", ["shapley", "w-square"])
def test_behind_linear_steps(steps, rule):
    pipe = make_pipeline(StandardScaler(), *steps, SGDOneClassSVM(random_state=0))
    found = explain(pipe.fit(X), NEW, rule=rule)
    np.testing.assert_allclose(found.score, -pipe.decision_function(NEW), atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    # linear in the columns: differences are those of the score
    if rule == "shapley":
        moved = NEW + np.array([1.0, 0, 0, 0])
        gain = explain(pipe, moved).relevance - found.relevance
        difference = pipe.decision_function(NEW) - pipe.decision_function(moved)
        np.testing.assert_allclose(gain[:, 0], difference, atol=1e-12)
        np.testing.assert_allclose(gain[:, 1:], 0, atol=1e-12)


def test_sparse_rows():
    found = explain(MODEL, sparse.csr_array(NEW))
    np.testing.assert_allclose(found.relevance, explain(MODEL, NEW).relevance)
    network = neuralize(MODEL)
    scores = network.forward(sparse.csr_array(NEW))
    np.testing.assert_allclose(scores, network.forward(NEW), rtol=1e-12)


def test_training_rows_score_in_folds():
    found = neuralize(MODEL, X_train=X).explain(NEW)
    expected = np.empty(len(X))
    for fold in range(10):
        fresh = clone(MODEL).fit(np.delete(X, np.s_[fold::10], axis=0))
        expected[fold::10] = -fresh.decision_function(X[fold::10])
    np.testing.assert_allclose(found.training_score, expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found.p_value, p_values(found.score, expected))
    own = explain(MODEL, X_train=X)
    np.testing.assert_allclose(own.score, -MODEL.decision_function(X), atol=1e-12)
    assert own.excess().shape == X.shape


def test_refused_in_words():
    with pytest.raises(ValueError, match="SGDOneClassSVM does not keep: pass them as"):
        explain(MODEL, NEW, rule="interventional")
    with pytest.raises(ValueError, match="take one of 'interventional', 'shapley', 'w"):
        explain(MODEL, NEW, rule="uniform")
    with pytest.raises(ValueError, match="linear step such as PCA: take"):
        pipe = make_pipeline(PCA(2), SGDOneClassSVM(random_state=0)).fit(X)
        explain(pipe, NEW, rule="interventional", X_train=X)
