# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Harmeling's indices gamma, kappa and delta, by their definitions."""

import numpy as np
import pytest
from helpers.checks import IRIS, REAL, check_mechanics, refit_to_less
from helpers.shapley import by_permutations
from helpers.strategies import kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize
from skneon.metrics import exact_shapley

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

TARGETS = {"gamma": "mean_distance", "kappa": "kth_distance", "delta": "mean_vector"}


def index(name, D):
    """An index, or its square, from differences to the neighbours (k, d): by hand."""
    length = np.sqrt((D**2).sum(axis=1))
    return {
        ("gamma", False): length.mean(),
        ("kappa", False): length[-1],
        ("delta", False): np.sqrt((D.mean(axis=0) ** 2).sum()),
        ("gamma", True): (length**2).mean(),
        ("kappa", True): length[-1] ** 2,
        ("delta", True): (D.mean(axis=0) ** 2).sum(),
    }[name]


@given(seeds, kinds, st.sampled_from([*TARGETS]), st.booleans(), st.booleans())
def test_six_sums(seed, kind, name, squared, own):
    rng = np.random.default_rng(seed)
    n, d = rng.integers(3, 30), rng.integers(1, 7)
    U, X = rows(rng, n, d, kind), rows(rng, 3, d, kind)
    model = NearestNeighbors(n_neighbors=rng.integers(1, n)).fit(U)
    got = explain(model, None if own else X, target=TARGETS[name], squared=squared)
    near = model.kneighbors(None if own else X, return_distance=False)
    D = (U if own else X)[:, None] - U[near]
    expected = [index((name, squared), differences) for differences in D]
    # a mean may cancel what it is of
    size = np.abs(D).max(axis=(1, 2)) ** (2 if squared else 1)
    assert np.all(np.abs(got.score - expected) <= 1e-9 * size + 1e-300)
    assert np.all(np.abs(got.residual) <= 1e-12 * size + 1e-300)
    assert np.all(got.relevance >= 0)
    if name == "delta":
        signed = got.data - got.compared_with
        scale = 1e-12 * (np.abs(U).max() + np.abs(got.data).max())
        np.testing.assert_allclose(signed, D.mean(axis=1), atol=scale)


@pytest.mark.parametrize("squared", [True, False])
def test_shares_of_the_mean_vector(squared):
    model = NearestNeighbors(n_neighbors=5).fit(IRIS)
    got = explain(model, target="mean_vector", squared=squared)
    m = got.data - got.compared_with
    length = np.sqrt((m**2).sum(axis=1, keepdims=True))
    expected = m**2 if squared else m**2 / np.where(length > 0, length, 1)
    np.testing.assert_allclose(got.relevance, expected, atol=1e-12)
    assert got.meta["compared_with"] == "mean of the neighbours"
    assert got.meta["squared"] is squared
    new = explain(model, IRIS[:3] + 0.1, target="mean_vector", X_train=IRIS)
    assert new.p_value.shape == (3,)
    assert neuralize(model, target="mean_vector").forward(IRIS[:3]).shape == (3,)


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("name", ["gamma", "kappa"])
def test_games_look_for_neighbours_among_the_columns(name, squared):
    model = NearestNeighbors(n_neighbors=4).fit(IRIS)
    options = {"target": TARGETS[name], "squared": squared}
    game = exact_shapley(model, IRIS[[0, 77]], leave_out=[0, 77], **options)
    for n, phi in zip((0, 77), game.relevance, strict=True):
        D = IRIS[n] - np.delete(IRIS, n, axis=0)

        def value(columns, D=D):
            T = (D[:, columns] ** 2).sum(axis=1)
            # with no column, or a tie, whoever they are: their distances are the same
            near = np.argsort(T, kind="stable")[:4]
            return index((name, squared), D[near][:, columns])

        np.testing.assert_allclose(phi, by_permutations(value, 4), atol=1e-9)


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("target", ["mean_distance", "kth_distance"])
def test_rule_shapley_plays_that_game(target, squared):
    model = NearestNeighbors(n_neighbors=4).fit(REAL["wine"][:, :5])
    options = {"target": target, "squared": squared}
    expected = exact_shapley(model, **options)
    got = explain(model, rule="shapley", **options)
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-9)
    np.testing.assert_array_equal(got.score, expected.score)
    assert np.abs(got.residual).max() < 1e-12
    plain = explain(model, **options)
    same = explain(model, rule="proportional", **options)
    np.testing.assert_array_equal(plain.relevance, same.relevance)
    np.testing.assert_array_equal(plain.compared_with, got.compared_with)
    assert plain.meta["rule"] == "proportional" and got.meta["rule"] == "shapley"


def test_the_game_of_the_mean_vector():
    rng = np.random.default_rng(0)
    U, X = rng.normal(size=(40, 4)), rng.normal(size=(3, 4))
    model = NearestNeighbors(n_neighbors=5).fit(U)
    for squared in (True, False):
        options = {"target": "mean_vector", "squared": squared}
        for x, phi in zip(X, exact_shapley(model, X, **options).relevance, strict=True):

            def value(columns, x=x, squared=squared):
                D = (x - U)[:, columns]
                near = np.argsort((D**2).sum(axis=1))[:5]
                return index(("delta", squared), D[near]) if columns else 0.0

            np.testing.assert_allclose(phi, by_permutations(value, 4), atol=1e-12)


@pytest.mark.parametrize("steps", [[], [PCA(2)]])
def test_pipelines(steps):
    wine = REAL["wine"][:, :5]
    model = make_pipeline(StandardScaler(), *steps, NearestNeighbors(n_neighbors=4))
    model.fit(wine)
    for name, target in TARGETS.items():
        got = explain(model, X_train=wine, target=target, squared=False)
        Z = model[:-1].transform(wine)
        near = model[-1].kneighbors(return_distance=False)
        expected = [index((name, False), D) for D in Z[:, None] - Z[near]]
        np.testing.assert_allclose(got.score, expected)
        assert np.abs(got.residual).max() < 1e-12


def test_mechanics_and_refusals():
    model = NearestNeighbors(n_neighbors=3).fit(IRIS)
    with pytest.raises(ValueError, match=r"'squared' parameter .* must be .* 'bool'"):
        neuralize(model, squared="no")
    with pytest.raises(ValueError, match="mean_vector"):
        neuralize(model, target="delta")
    with pytest.raises(ValueError, match="target='mean_vector': take 'proportional'"):
        neuralize(model, target="mean_vector", rule="shapley")
    with pytest.raises(ValueError, match=r"'midpoint' .* 'proportional', 'shapley'"):
        neuralize(model, rule="midpoint")
    few = NearestNeighbors(n_neighbors=3).fit(IRIS[:3])
    with pytest.raises(ValueError, match="2 training rows are left, fewer than n_neig"):
        explain(few, target="mean_vector")
    check_mechanics(model, IRIS[::9], refit_to_less, target="mean_vector")
