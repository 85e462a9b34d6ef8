# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Additive scores: each column has its function's value, also behind steps."""

from functools import partial
from itertools import permutations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import explain, neuralize
from skneon.metrics import conservation_error, exact_shapley
from skneon.network import ColumnScores, Inputs, Network, Query, Rule, Sum
from skneon.neuralization import NeuralizedModel
from skneon.testing import check_network

RNG = np.random.default_rng(0)
X, ROWS = RNG.normal(size=(40, 5)), RNG.normal(size=(7, 5)) * 3


def curve(x, a):
    """Of either sign, and 0 at 0."""
    return a * x**2 + np.sin(x)


class Curves(OutlierMixin, BaseEstimator):
    """Curves of each column about its mean, and a constant."""

    def __init__(self, constant=0.0):
        self.constant = constant

    def fit(self, X, y=None):
        self.mean_, self.n_features_in_ = np.mean(X, axis=0), np.shape(X)[1]
        self.slopes_ = np.arange(self.n_features_in_) - 1.0
        return self

    def parts(self, X):
        return curve(X - self.mean_, self.slopes_)

    def score_samples(self, X):
        return -self.parts(np.asarray(X)).sum(axis=1) - self.constant

    def predict(self, X):
        return np.where(self.score_samples(X) < -5, -1, 1)


def shifted(x, mean, a):
    return curve(x - mean, a)


@neuralize.register
def neuralize_curves(model: Curves):
    pairs = zip(model.mean_, model.slopes_, strict=True)
    functions = [partial(shifted, mean=mean, a=a) for mean, a in pairs]
    units = ColumnScores(functions, typical=model.mean_)
    return NeuralizedModel(
        model, Network(units, Sum(model.constant), Rule()), "outlier"
    )


def brute_force(value, d):
    """Mean over all orders of what a column adds to value(set of columns)."""
    phi = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        for i, column in enumerate(order):
            phi[column] += value({*order[: i + 1]}) - value({*order[:i]})
    return phi / len(orders)


def test_columns_have_the_values_of_their_functions():
    model = Curves(constant=2.5).fit(X)
    got = explain(model, ROWS)
    np.testing.assert_allclose(got.relevance, model.parts(ROWS), rtol=1e-13)
    np.testing.assert_allclose(got.score, -model.score_samples(ROWS), rtol=1e-13)
    np.testing.assert_allclose(got.residual, 2.5, rtol=1e-12)
    np.testing.assert_array_equal(got.compared_with, np.tile(model.mean_, (7, 1)))
    assert got.meta["compared_with"] == "typical value of each column"
    assert "note" not in got.meta
    x = ROWS[0]
    value = brute_force(lambda S: model.parts(x)[[*S]].sum(), 5)
    np.testing.assert_allclose(got.relevance[0], value, atol=1e-12)
    played = exact_shapley(model, ROWS)
    np.testing.assert_allclose(played.relevance, got.relevance, atol=1e-12)


def test_parts_that_cancel_are_kept():
    units = ColumnScores([np.negative, np.positive])
    got = Network(units, Sum(), Rule()).propagate(np.array([[3.0, 3.0]]), Query())
    np.testing.assert_array_equal(got.score, [0.0])
    np.testing.assert_array_equal(got.relevance, [[-3.0, 3.0]])
    assert np.isnan(got.reference).all()


@pytest.mark.parametrize("constant", [0.0, -4.0])
def test_laws(constant):
    model = Curves(constant).fit(X)
    for check in check_network(
        neuralize(model),
        ROWS,
        reference=lambda rows: -model.score_samples(rows),
    ):
        check()


def test_columns_behind_scalers_and_indicators():
    table = np.column_stack([np.round(X[:, 0]), X[:, 1:3]])
    front = make_column_transformer(
        (OneHotEncoder(sparse_output=False), [0]), (StandardScaler(), [2, 1])
    )
    model = make_pipeline(front, Curves(1.0)).fit(table)
    got = explain(model, table)
    parts = model[-1].parts(model[0].transform(table))
    expected = np.column_stack([parts[:, :-2].sum(axis=1), parts[:, -1], parts[:, -2]])
    np.testing.assert_allclose(got.relevance, expected, atol=1e-12)
    np.testing.assert_allclose(exact_shapley(model, table[:4]).relevance, expected[:4])
    np.testing.assert_allclose(got.compared_with[0, 1:], table[:, 1:].mean(axis=0))


def test_components_are_shared_by_squares():
    model = make_pipeline(StandardScaler(), PCA(2), Curves(1.0)).fit(X)
    got = explain(model, ROWS)
    parts = model[-1].parts(model[:-1].transform(ROWS))
    expected = parts @ model[1].components_ ** 2
    np.testing.assert_allclose(got.relevance, expected, atol=1e-12)
    np.testing.assert_allclose(exact_shapley(model, ROWS).relevance, expected)
    assert "squares" in got.meta["note"] and conservation_error(model, ROWS) < 1e-12


def test_directions():
    W = RNG.normal(size=(5, 4))
    W[:, 3] = 0
    functions = [np.sin, np.cos, np.square, np.cos]
    network = Network(ColumnScores(functions, directions=W), Sum(), Rule())
    got = network.propagate(ROWS, Query())
    H = np.column_stack([f(ROWS @ w) for f, w in zip(functions, W.T, strict=True)])
    shares = W[:, :3] ** 2 / np.sum(W[:, :3] ** 2, axis=0)
    np.testing.assert_allclose(got.relevance, H[:, :3] @ shares.T, atol=1e-12)
    np.testing.assert_allclose(got.score, H.sum(axis=1), rtol=1e-12)
    # the constant unit is no column's
    residual = got.score - got.relevance.sum(axis=1)
    np.testing.assert_allclose(residual, 1.0, rtol=1e-12)
    none = np.empty((7, 0))
    passed = network.rule.to_units(network, H, Query())
    said = network.rule.residual(network, none, H, passed, Query())
    np.testing.assert_allclose(said, 1.0, rtol=1e-12)


def test_directions_behind_a_linear_step():
    A, w, some = RNG.normal(size=(3, 5)), RNG.normal(size=5), RNG.normal(size=(4, 3))
    inputs = Inputs.identity(3).mixed(A, np.zeros(5), np.zeros(3))
    units = ColumnScores([np.sin], directions=w[:, None]).through(inputs)
    got = Network(units, Sum(), Rule()).propagate(some, Query())
    shares = (A @ w) ** 2 / np.sum((A @ w) ** 2)
    expected = np.sin(some @ A @ w)[:, None] * shares
    np.testing.assert_allclose(got.relevance, expected)
    assert got.reference.shape == (4, 5)


def test_bad_ones_are_named():
    with pytest.raises(TypeError, match=r"functions\[1\] of ColumnScores is 3"):
        ColumnScores([np.sin, 3])
    with pytest.raises(ValueError, match=r"typical must have the shape \(2,\)"):
        ColumnScores([np.sin, np.cos], typical=[1.0])
    with pytest.raises(ValueError, match=r"shape \(p, 2\), got \(3, 1\)"):
        ColumnScores([np.sin, np.cos], directions=np.ones((3, 1)))
    with pytest.raises(ValueError, match="directions must be finite, got nan"):
        ColumnScores([np.sin], directions=[[np.nan]])
    network = Network(ColumnScores([np.sin, np.mean]), Sum(), Rule())
    with pytest.raises(ValueError, match=r"functions\[1\] .* gives the shape \(\)"):
        network.activate(np.ones((2, 2)), Query())
    network = Network(ColumnScores([np.sin, np.reciprocal]), Sum(), Rule())
    with (
        np.errstate(divide="ignore"),
        pytest.raises(
            ValueError, match="function of unit 1 gives inf at 0: such a score"
        ),
    ):
        network.activate(np.array([[1.0, 1.0], [2.0, 0.0]]), Query())
