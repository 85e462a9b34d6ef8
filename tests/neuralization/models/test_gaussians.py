# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of a single Gaussian: covariance estimators, PCA and factor analysis."""

import pickle
import warnings

import numpy as np
import pytest
from helpers import gaussians
from helpers.checks import (
    REAL,
    WINE,
    assert_residual_is_constant,
    assert_same,
    check_mechanics,
    refit_to_less,
)
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import (
    OAS,
    EllipticEnvelope,
    EmpiricalCovariance,
    GraphicalLasso,
    GraphicalLassoCV,
    LedoitWolf,
    MinCovDet,
    ShrunkCovariance,
)
from sklearn.datasets import load_diabetes, load_linnerud
from sklearn.decomposition import PCA, FactorAnalysis, IncrementalPCA
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import scale

from skneon import explain, neuralize
from skneon.metrics import exact_shapley
from skneon.network import LinearMap, Shapley
from skneon.network.numerics._gaussian_shapley import gaussian_shapley_forms

LINNERUD = load_linnerud()
SETS = {
    "iris": REAL["iris"],
    "wine": REAL["wine"][:, :10],
    "cancer": REAL["cancer"][:, :10],
    "diabetes": scale(load_diabetes().data),
    "linnerud": scale(np.hstack([LINNERUD.data, LINNERUD.target])),
}
COVARIANCES = {
    "EllipticEnvelope": EllipticEnvelope(random_state=0),
    "EmpiricalCovariance": EmpiricalCovariance(),
    "no precision": EmpiricalCovariance(store_precision=False),
    "GraphicalLasso": GraphicalLasso(alpha=0.05),
    "GraphicalLassoCV": GraphicalLassoCV(alphas=[0.05, 0.1]),
    "LedoitWolf": LedoitWolf(),
    "MinCovDet": MinCovDet(random_state=0),
    "OAS": OAS(assume_centered=True),
    "ShrunkCovariance": ShrunkCovariance(),
}
DENSITIES = {
    "PCA": PCA(2),
    "whitened": PCA(2, whiten=True),
    "full": PCA(),
    "none": PCA(0),
    "FactorAnalysis": FactorAnalysis(2),
}
RULES = ["shapley", "integrated", "mean"]


def fitted(model, X):
    with warnings.catch_warnings():
        # nearly singular covariances
        warnings.simplefilter("ignore")
        return model.fit(X)


def covariance_of(model):
    """Of the Gaussian that the model scores by."""
    if hasattr(model, "get_covariance"):
        return model.get_covariance()
    return np.linalg.inv(model.get_precision())


def brute_force(Z, covariance):
    """Shapley values by all subsets, each with its own submatrix."""
    return gaussians.shapley(
        lambda S: gaussians.distance(Z, covariance, np.array(S, dtype=int)),
        len(covariance),
    )


def assert_near(got, expected, part=1e-9):
    size = np.abs(expected).sum(axis=1, keepdims=True)
    assert np.all(np.abs(got - expected) <= part * size)


# Scores and Shapley values


@pytest.mark.parametrize("name", COVARIANCES)
def test_covariances_have_the_shapley_values_of_all_submatrices(name):
    X = REAL["iris"]
    model = fitted(COVARIANCES[name], X)
    explanation = explain(model, X)
    np.testing.assert_allclose(explanation.score, model.mahalanobis(X), rtol=1e-9)
    expected = brute_force(X - model.location_, covariance_of(model))
    assert_near(explanation.relevance, expected)
    assert np.all(explanation.relevance >= 0)
    assert_residual_is_constant(explanation, 0.0)
    assert explanation.meta["rule"] == "shapley" and explanation.target == "outlier"


@pytest.mark.parametrize("name", SETS)
def test_shapley_values_of_real_sets(name):
    X = SETS[name]
    model = fitted(EmpiricalCovariance(), X)
    rows = X[:: max(1, len(X) // 20)]
    explanation = explain(model, rows)
    expected = brute_force(rows - model.location_, model.covariance_)
    assert_near(explanation.relevance, expected)
    np.testing.assert_allclose(explanation.score, model.mahalanobis(rows), rtol=1e-9)
    assert_near(exact_shapley(model, rows).relevance, expected)


@pytest.mark.parametrize("name", DENSITIES)
def test_decompositions_have_those_of_halves_and_their_constant(name):
    X = REAL["iris"]
    model = fitted(DENSITIES[name], X)
    explanation = explain(model, X, target="outlier")
    np.testing.assert_allclose(explanation.score, -model.score_samples(X), rtol=1e-9)
    covariance = model.get_covariance()
    expected = brute_force(X - model.mean_, covariance) / 2
    assert_near(explanation.relevance, expected)
    constant = (np.linalg.slogdet(covariance)[1] + 4 * np.log(2 * np.pi)) / 2
    assert_residual_is_constant(explanation, constant)


def test_pca_scores_are_t2_and_q_of_process_monitoring():
    X = REAL["wine"]
    model = PCA(4).fit(X)
    explanation = explain(model, X, target="outlier")
    T = model.transform(X)
    t2 = np.sum(T**2 / model.explained_variance_, axis=1)
    q = np.sum((X - model.inverse_transform(T)) ** 2, axis=1)
    expected = (t2 + q / model.noise_variance_) / 2
    np.testing.assert_allclose(explanation.relevance.sum(axis=1), expected, rtol=1e-9)


@given(gaussians.seeds, st.integers(1, 6), st.sampled_from(RULES))
def test_laws(seed, d, rule):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, d)) @ np.linalg.cholesky(gaussians.covariance_of(rng, d)).T
    X += rng.normal(size=d)
    model = EmpiricalCovariance().fit(X)
    explanation = explain(model, X, rule=rule)
    score = model.mahalanobis(X)
    np.testing.assert_allclose(explanation.score, score, rtol=1e-6)
    assert_residual_is_constant(explanation, 0.0)
    if rule != "mean":
        assert np.all(explanation.relevance >= 0)
    if d == 1:
        np.testing.assert_allclose(explanation.relevance[:, 0], explanation.score)
    order = rng.permutation(d)
    turned = EmpiricalCovariance().fit(X[:, order])
    got = explain(turned, X[:, order], rule=rule).relevance
    assert_near(got, explanation.relevance[:, order], 1e-6)
    units = 2.0 ** rng.integers(-4, 5, size=d)
    scaled = EmpiricalCovariance().fit(X * units)
    assert_near(
        explain(scaled, X * units, rule=rule).relevance, explanation.relevance, 1e-6
    )


def test_mean_are_the_shares_of_the_precision():
    X = REAL["wine"]
    model = EmpiricalCovariance().fit(X)
    explanation = explain(model, X, rule="mean")
    Z = X - model.location_
    np.testing.assert_allclose(explanation.relevance, Z * (Z @ model.precision_))
    np.testing.assert_array_equal(
        explanation.compared_with, np.tile(X.mean(axis=0), (178, 1))
    )
    assert explanation.meta["compared_with"] == "mean"
    assert (explanation.relevance < 0).any()


# Singular covariances


@pytest.mark.parametrize("noise", [1e-4, 1e-7, 0.0])
def test_a_correlated_pair(noise):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    X[:, 2] = X[:, 0] + noise * rng.normal(size=80)
    model = fitted(EmpiricalCovariance(), X)
    explanation = explain(model, X)
    expected = model.mahalanobis(X)
    # the largest eigenvalue's share is what rounding is relative to
    size = np.linalg.norm(model.precision_, 2) * np.sum((X - model.location_) ** 2, 1)
    error = np.abs(explanation.score - expected)
    assert np.all(error <= 1e-9 * expected + 1e-13 * size)
    assert_residual_is_constant(explanation, 0.0)
    assert np.all(explanation.relevance >= -1e-9 * size[:, None])
    if noise == 0:
        # the two say the same: it does not matter which of them is there
        Z, C = X - model.location_, model.covariance_
        expected = gaussians.shapley(
            lambda S: gaussians.distance(Z, C, np.unique(np.array(S, dtype=int) % 2)), 3
        )
        assert_near(explanation.relevance, expected)


def test_fewer_rows_than_columns():
    X = REAL["cancer"][:6, :9]
    model = EmpiricalCovariance().fit(X)
    for rule in RULES:
        explanation = explain(model, X, rule=rule)
        np.testing.assert_allclose(explanation.score, model.mahalanobis(X), rtol=1e-6)
        assert_residual_is_constant(explanation, 0.0)
        assert np.isfinite(explanation.compared_with).all()
    expected = gaussians.shapley(
        lambda S: np.array(
            [
                z[list(S)]
                @ np.linalg.pinv(
                    model.covariance_[np.ix_(S, S)], rcond=1e-12, hermitian=True
                )
                @ z[list(S)]
                if S
                else 0.0
                for z in X - model.location_
            ]
        ),
        9,
    )
    assert_near(explain(model, X).relevance, expected, 1e-6)


def test_a_singular_density_is_refused():
    X = REAL["cancer"][:6, :9]
    for model in (PCA(2), PCA()):
        model.fit(X)
        if model.noise_variance_ > 0:
            assert np.isfinite(explain(model, X, target="outlier").relevance).all()
        else:
            with pytest.raises(ValueError, match=r"PCA has a singular covariance"):
                neuralize(model, target="outlier")


# Beyond twelve columns


def exact_of(model, X):
    forms = gaussian_shapley_forms(model.covariance_)
    return forms.shares(X - model.location_)


def test_orders_are_near():
    X = REAL["wine"]
    model = EmpiricalCovariance().fit(X)
    expected = exact_of(model, X)

    def distance(n_subsets):
        explanation = explain(model, X, rule=Shapley(n_subsets))
        np.testing.assert_allclose(explanation.relevance.sum(axis=1), explanation.score)
        assert np.all(explanation.relevance >= 0)
        R = explanation.relevance
        return np.median(np.abs(R - expected).sum(axis=1) / expected.sum(axis=1))

    assert distance(16) < 0.12  # 26 orders
    # all subsets where they are not more than twice the work of the sample
    exact = Shapley(18), Shapley(19)
    assert not np.allclose(explain(model, X, rule=exact[0]).relevance, expected)
    assert_near(explain(model, X, rule=exact[1]).relevance, expected)


def test_standard_errors_where_they_are_asked_for():
    X = REAL["wine"]
    model = EmpiricalCovariance().fit(X)
    explanation = explain(model, X, rule=Shapley(with_error=True))
    assert explain(model, X).standard_error is None
    z = (explanation.relevance - exact_of(model, X)) / explanation.standard_error
    # balanced orders are nearer than independent ones
    assert 0.3 < np.sqrt(np.mean(z**2)) < 1.5
    few = EmpiricalCovariance().fit(X[:, :5])
    assert explain(few, X[:, :5], rule=Shapley(with_error=True)).standard_error is None


def test_hundreds_of_columns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 150)) @ rng.normal(size=(150, 150))
    model = EmpiricalCovariance().fit(X)
    for rule in ("integrated", Shapley(n_subsets=1)):
        explanation = explain(model, X[:20], rule=rule)
        assert_residual_is_constant(explanation, 0.0)
        assert np.all(explanation.relevance >= 0)


def test_orders_of_more_columns_than_there_is_room_for(monkeypatch):
    X = REAL["wine"]
    model = EmpiricalCovariance().fit(X)
    expected = explain(model, X).relevance
    monkeypatch.setattr("skneon.network.layers._gaussian_marginal.ROOM", 100)
    np.testing.assert_allclose(explain(model, X).relevance, expected)


# References


def test_reference_is_what_the_other_columns_let_expect():
    X = REAL["iris"]
    model = EmpiricalCovariance().fit(X)
    explanation = explain(model, X)
    assert explanation.meta["compared_with"] == "conditional mean"
    for i in range(4):
        others = np.delete(np.arange(4), i)
        A = np.column_stack([X[:, others], np.ones(len(X))])
        # least squares is the conditional mean of the empirical Gaussian
        coefficients = np.linalg.lstsq(A, X[:, i], rcond=None)[0]
        np.testing.assert_allclose(
            explanation.compared_with[:, i], A @ coefficients, atol=1e-9
        )
    assert (
        explain(model, X, rule="integrated").meta["compared_with"] == "conditional mean"
    )


# Mechanics


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("model", [EllipticEnvelope(random_state=0), PCA(2)])
def test_mechanics(model, rule):
    X = REAL["iris"]
    check_mechanics(
        fitted(model, X), X[::9], refit_to_less, target="outlier", rule=rule
    )


def test_forms_are_built_once_and_not_pickled():
    X = REAL["cancer"][:, :12]
    network = neuralize(EmpiricalCovariance().fit(X))
    small = len(pickle.dumps(network))
    expected = network.explain(X)
    marginal = network.network.units.marginal
    forms = marginal._built["shapley", 16]
    network.explain(X[:3])
    assert marginal._built["shapley", 16] is forms
    assert len(pickle.dumps(network)) == small
    assert_same(pickle.loads(pickle.dumps(network)).explain(X), expected)


def test_training_rows_can_be_given():
    X = WINE[:, :4]
    model = EmpiricalCovariance().fit(X)
    with pytest.raises(ValueError, match="pass X, or them as X_train"):
        explain(model)
    assert_same(explain(model, X_train=X), explain(model, X))
    assert_same(
        explain(PCA(2).fit(X), X_train=X), explain(PCA(2).fit(X), X, target="outlier")
    )
    with pytest.raises(TypeError, match="no training rows that could be left out"):
        explain(model, X_train=X, leave_out=0)


def test_as_steps_they_are_linear_maps():
    X = REAL["wine"]
    for model in (PCA(3), FactorAnalysis(3), IncrementalPCA(3)):
        layer = neuralize(model.fit(X))
        assert isinstance(layer, LinearMap)
        Z = (X - layer.center) @ layer.matrix
        np.testing.assert_allclose(Z, model.transform(X), atol=1e-9)


def test_refusals():
    X = REAL["iris"]
    for model in (EllipticEnvelope(), PCA(2), GraphicalLasso()):
        with pytest.raises(NotFittedError):
            neuralize(model, target="outlier")
    model = fitted(EllipticEnvelope(random_state=0), X)
    with pytest.raises(ValueError, match="EllipticEnvelope does not keep its training"):
        explain(model)
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target, rule"):
        explain(model, X, beta=1.0)
    with pytest.raises(TypeError, match=r"has no clusters where.*it takes no cluster"):
        explain(model, X, cluster=0)
    with pytest.raises(ValueError, match="take one of 'integrated', 'mean', 'shapley'"):
        explain(model, X, rule="midpoint")
    for option in ({"n_jobs": "two"}, {"target": "inlier"}):
        with pytest.raises(ValueError, match=f"The '{next(iter(option))}' parameter"):
            explain(model, X, **option)
    with pytest.raises(TypeError, match='or explain its own score by target="outlier"'):
        explain(PCA(2).fit(X), X)
    with pytest.raises(TypeError, match=r"IncrementalPCA is a.*in front of a model\.$"):
        explain(IncrementalPCA(2).fit(X), X)
    with pytest.raises(TypeError, match="with_error must be True or False, got 1"):
        Shapley(with_error=1)
