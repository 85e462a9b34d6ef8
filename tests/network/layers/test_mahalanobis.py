# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Mahalanobis distances: their shares, and the network of EllipticEnvelope."""

import warnings

import numpy as np
import pytest
from helpers.checks import (
    REAL,
    assert_residual_is_constant,
    check_mechanics,
    refit_to_less,
)
from helpers.laws import assert_close
from helpers.reference import LONG
from helpers.shapley import by_permutations
from helpers.strategies import kinds, rows, seeds
from hypothesis import given, reject
from hypothesis import strategies as st
from sklearn.covariance import EllipticEnvelope
from sklearn.exceptions import NotFittedError

from skneon import explain, neuralize
from skneon.metrics import exact_shapley
from skneon.network import MahalanobisDistance, Query


@st.composite
def problems(draw, max_features=8):
    """Rows, means and factors: matrices, or the diagonals of some."""
    rng = np.random.default_rng(draw(seeds))
    K, d = draw(st.integers(1, 4)), draw(st.integers(1, max_features))
    X, means = rows(rng, 4, d, draw(kinds)), rows(rng, K, d, draw(kinds))
    X[0] = means[0]
    shape = (K, d, d) if draw(st.booleans()) else (K, d)
    factors = rng.normal(size=shape) * 2.0 ** rng.integers(-5, 6)
    if draw(st.booleans()):
        # a singular metric
        factors[..., 0] = 0.0
    return X, means, factors


def slow_shares(x, mean, L):
    """(x - mu)_i [L L' (x - mu)]_i."""
    L = LONG(1) * (np.diag(L) if L.ndim == 1 else L)
    D = LONG(1) * x - mean
    return D * np.einsum("ij,kj,k->i", L, L, D)


def terms(X, means, factors):
    sizes = []
    for x in X:
        D = np.abs(x - means)
        L = np.abs([np.diag(L) if L.ndim == 1 else L for L in factors])
        sizes.append(np.einsum("ki,kij,klj,kl->", D, L, L, D))
    return np.array(sizes)


@given(problems())
def test_distances_and_shares(problem):
    X, means, factors = problem
    units = MahalanobisDistance(means, factors)
    H, C = units.forward(X, Query()), units.contributions(X, Query())
    size = terms(*problem)
    for n, x in enumerate(X):
        pairs = zip(means, factors, strict=True)
        expected = np.array([slow_shares(x, *pair) for pair in pairs])
        assert_close(C[None, :, n], expected[None], 10 * size[n])
        assert_close(H[None, n], expected.sum(axis=1)[None], 10 * size[n])
    R = np.where(H > 0, 1.0, 0.0)
    total = units.relevance(X, H, R, None, Query()).sum(axis=1)
    # each unit hands on all that it has
    shares = np.divide(
        C, H.T[..., None], out=np.zeros_like(C), where=H.T[..., None] > 0
    )
    bound = 1e-9 + 1e-13 * np.abs(shares).sum(axis=(0, 2)) * 1e3
    ratio = np.divide(size, H.min(axis=1), out=np.zeros(4), where=H.min(axis=1) > 0)
    assert np.all(np.abs(total - R.sum(axis=1)) <= bound + 1e-13 * ratio)


def test_shares_are_shapley_values():
    rng = np.random.default_rng(0)
    x, mean, L = rng.normal(size=5), rng.normal(size=5), rng.normal(size=(5, 5))

    def value(S):
        # left-out features are at the mean
        D = np.where(np.isin(np.arange(5), S), x - mean, 0.0)
        return np.sum((D @ L) ** 2)

    got = MahalanobisDistance(mean[None], L[None]).shares(x[None], 0)
    np.testing.assert_allclose(got[0], by_permutations(value, 5))


# Elliptic envelopes


@st.composite
def envelopes(draw):
    rng = np.random.default_rng(draw(seeds))
    n, d = draw(st.integers(30, 60)), draw(st.integers(1, 5))
    X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    X *= 2.0 ** rng.integers(-10, 11)
    X += draw(st.sampled_from([0, 100])) * np.abs(X).max()
    parameters = {
        "support_fraction": draw(st.sampled_from([None, 0.7, 1.0])),
        "assume_centered": draw(st.booleans()) and X.mean() < 10 * X.std(),
        "store_precision": draw(st.booleans()),
    }
    try:
        return fitted(X, **parameters), X
    except ValueError as error:
        # scikit-learn takes covariances below 1e-8 for zero
        assert "is equal to 0, try to increase support_fraction" in str(error)
        reject()


def fitted(X, **parameters):
    with warnings.catch_warnings():
        # nearly singular covariances
        warnings.simplefilter("ignore")
        return EllipticEnvelope(random_state=0, **parameters).fit(X)


def assert_equivalent(model, X):
    explanation = explain(model, X)
    D, P = X - model.location_, model.get_precision()
    # the largest eigenvalue's share is what rounding is relative to
    size = np.linalg.norm(P, 2) * np.sum(D**2, axis=1)
    for expected in (model.mahalanobis(X), -model.score_samples(X)):
        bound = 1e-9 * np.abs(expected) + 1e-13 * size
        assert np.all(np.abs(explanation.score - expected) <= bound)
    expected = np.array(LONG(1) * D * (LONG(1) * D @ P))
    assert_close(explanation.relevance, expected, 100 * size)
    bound = 1e-9 * np.abs(explanation.relevance).sum(axis=1) + 1e-13 * size
    assert np.all(np.abs(explanation.residual) <= bound)
    np.testing.assert_allclose(
        explanation.reference, np.tile(model.location_, (len(X), 1))
    )


@given(envelopes())
def test_elliptic_envelope(problem):
    assert_equivalent(*problem)


@pytest.mark.parametrize("name", REAL)
def test_elliptic_envelope_of_real_sets(name):
    X = REAL[name]
    model = fitted(X[:, :6])
    assert_equivalent(model, X[:, :6])
    assert_residual_is_constant(explain(model, X[:, :6]), 0.0)


def test_nearly_singular_covariance():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 4))
    for noise in (1e-4, 1e-7, 0.0):
        X[:, 3] = X[:, 0] + noise * rng.normal(size=80)
        model = fitted(X)
        assert_equivalent(model, X)
        assert np.all(explain(model, X).score >= 0)


def test_laws_of_elliptic_envelopes():
    X = REAL["iris"]
    model = fitted(X)
    expected = explain(model, X)
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(
        explain(fitted(X[:, order]), X[:, order]).relevance,
        expected.relevance[:, order],
        rtol=1e-6,
        atol=1e-9,
    )
    for moved in (X + 3, X * 8.0):
        got = explain(fitted(moved), moved).relevance
        np.testing.assert_allclose(got, expected.relevance, rtol=1e-6, atol=1e-9)


def test_mechanics():
    X = REAL["iris"]
    check_mechanics(fitted(X), X[::9], refit_to_less)


def test_the_game_gives_the_same_shares():
    X = REAL["iris"]
    model = fitted(X)
    exact = exact_shapley(model, X[:5])
    np.testing.assert_allclose(exact.relevance, explain(model, X[:5]).relevance)


def test_refusals():
    X = REAL["iris"]
    with pytest.raises(NotFittedError):
        neuralize(EllipticEnvelope())
    model = fitted(X)
    with pytest.raises(ValueError, match="EllipticEnvelope does not keep its training"):
        explain(model)
    with pytest.raises(TypeError, match="takes no rule; it takes n_jobs"):
        explain(model, X, rule="shapley")
    with pytest.raises(TypeError, match=r"has no clusters where.*it takes no cluster"):
        explain(model, X, cluster=0)
    with pytest.raises(ValueError, match="The 'n_jobs' parameter"):
        explain(model, X, n_jobs="two")
