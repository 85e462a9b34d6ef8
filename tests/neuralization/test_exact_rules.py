# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the pages call exact, by brute force: games, and rules that share them."""

import numpy as np
import pytest
from helpers import gaussians
from helpers.checks import REAL
from helpers.shapley import by_permutations
from scipy.integrate import trapezoid
from sklearn.cluster import KMeans
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, NearestCentroid, NearestNeighbors
from sklearn.pipeline import make_pipeline

from skneon import NeonKDE, explain, neuralize
from skneon.metrics import exact_shapley, relevance_distance
from skneon.network import Shapley
from skneon.network.numerics._coalitions import all_coalitions
from skneon.network.numerics._gaussian_orders import gaussian_order_forms
from skneon.network.numerics._gaussian_shapley import gaussian_shapley_forms
from skneon.network.numerics._orders import balanced_orders

IRIS = REAL["iris"]
ROWS = IRIS[::50] + 0.3


def density_without(S):
    """Outlierness by a kernel density of the other columns."""
    model = KernelDensity(bandwidth=0.6).fit(IRIS[:, S])
    constant = len(S) / 2 * np.log(2 * np.pi * 0.6**2)
    return -2 * 0.6**2 * (model.score_samples(ROWS[:, S]) + constant)


def inlierness_without(S):
    return NeonKDE(gamma=0.7).fit(IRIS[:, S]).inlierness(ROWS[:, S])


def distance_without(S):
    return EmpiricalCovariance().fit(IRIS[:, S]).mahalanobis(ROWS[:, S])


def neighbours_without(S):
    distances, _ = NearestNeighbors().fit(IRIS[:, S]).kneighbors(ROWS[:, S])
    return np.mean(distances**2, axis=1)


def last_neighbour_without(S):
    distances, _ = NearestNeighbors().fit(IRIS[:, S]).kneighbors(ROWS[:, S])
    return distances[:, -1] ** 2


def evidence_without(S):
    """For the first class, by the class means of the other columns."""
    means = NearestCentroid().fit(IRIS[:, S], LABELS).centroids_
    squares = np.sum((ROWS[:, None, S] - means) ** 2, axis=2)
    return squares[:, 1:].min(axis=1) - squares[:, 0]


LABELS = np.repeat([0, 1, 2], 50)
OF_OTHER_COLUMNS = {
    "kernel density": (
        KernelDensity(bandwidth=0.6).fit(IRIS),
        {"target": "outlier"},
        density_without,
    ),
    "inlierness": (
        NeonKDE(gamma=0.7).fit(IRIS),
        {"target": "inlier"},
        inlierness_without,
    ),
    "Gaussian": (EmpiricalCovariance().fit(IRIS), {}, distance_without),
    "neighbours": (NearestNeighbors().fit(IRIS), {}, neighbours_without),
    "k-th neighbour": (
        NearestNeighbors().fit(IRIS),
        {"target": "kth_distance"},
        last_neighbour_without,
    ),
    "centroids": (NearestCentroid().fit(IRIS, LABELS), {}, evidence_without),
}


@pytest.mark.parametrize("name", OF_OTHER_COLUMNS)
def test_without_a_column_there_is_the_model_of_the_others(name):
    model, options, without = OF_OTHER_COLUMNS[name]
    door = neuralize(model, **options)
    asked = {"cluster": 0} if name == "centroids" else {}
    Z, query = door.rows(ROWS, **asked)
    masks = all_coalitions(4)
    for n in range(len(ROWS)):
        values = door.network.coalition_scores(Z[[n]], query[[n]], masks)
        assert values[0] == 0
        expected = [without(np.flatnonzero(mask))[n] for mask in masks[1:]]
        np.testing.assert_allclose(values[1:], expected, rtol=1e-9, atol=1e-12)


def test_a_density_integrated_over_a_column_is_that_of_the_others():
    grid = np.linspace(-12, 12, 2001)
    density = KernelDensity(bandwidth=0.6).fit(IRIS[:, :2])
    alone = KernelDensity(bandwidth=0.6).fit(IRIS[:, :1])
    for x in ROWS[:, 0]:
        line = np.column_stack([np.full_like(grid, x), grid])
        integral = trapezoid(np.exp(density.score_samples(line)), grid)
        np.testing.assert_allclose(np.log(integral), alone.score_samples([[x]])[0])


@pytest.mark.parametrize("target", ["mean_distance", "kth_distance"])
def test_neighbours_that_are_given_have_shapley_values(target):
    model = NearestNeighbors(n_neighbors=4).fit(IRIS)
    explanation = explain(model, ROWS, target=target)
    _, found = model.kneighbors(ROWS)
    chosen = found if target == "mean_distance" else found[:, -1:]
    for x, near, got in zip(ROWS, chosen, explanation.relevance, strict=True):
        squares = (x - IRIS[near]) ** 2

        def value(S, squares=squares):
            return squares[:, S].sum(axis=1).mean()

        np.testing.assert_allclose(got, by_permutations(value, 4))


def test_clusters_behind_a_projection_have_the_values_of_their_quadratic_forms():
    pca, kmeans = PCA(2), KMeans(4, n_init=1, random_state=0)
    pipeline = make_pipeline(pca, kmeans).fit(IRIS)
    explanation = explain(pipeline, ROWS)
    Z, A = pca.transform(ROWS), pca.components_.T
    mu = kmeans.cluster_centers_
    preimages = pca.inverse_transform(mu)
    for n, (x, c) in enumerate(zip(ROWS, explanation.target, strict=True)):
        # parts of the squared distance to each centroid, as pipelines.md has them
        parts = (x - preimages) * ((Z[n] - mu) @ A.T)
        np.testing.assert_allclose(parts.sum(axis=1), np.sum((Z[n] - mu) ** 2, axis=1))
        H = np.delete(parts - parts[c], c, axis=0)

        def value(S, H=H):
            return H[:, S].sum(axis=1).min()

        expected = by_permutations(value, 4)
        np.testing.assert_allclose(explanation.relevance[n], expected, atol=1e-10)


def test_background_rows_have_the_values_of_the_mean_game_but_for_constants():
    model = EmpiricalCovariance().fit(IRIS)
    P, mean = model.precision_, explain(model, ROWS, rule="mean").relevance
    off = []
    for x, shares in zip(ROWS, mean, strict=True):

        def value(S, x=x):
            rows = IRIS.copy()
            rows[:, S] = x[S]
            return model.mahalanobis(rows).mean() - model.mahalanobis(IRIS).mean()

        off.append(by_permutations(value, 4) - shares)
    np.testing.assert_allclose(off, np.tile(off[0], (len(ROWS), 1)), rtol=1e-9)
    constants = [P[i, i] * model.covariance_[i, i] for i in range(4)]
    assert np.all(off[0] < 0) and np.isclose(off[0].sum(), -4) and min(constants) > 1


def test_rule_mean_of_mixtures_is_of_no_game():
    model = GaussianMixture(2, random_state=0).fit(IRIS)
    options = {"target": "outlier"}
    shares = explain(model, IRIS, rule="mean", **options)
    marginal = exact_shapley(model, IRIS, **options)
    assert relevance_distance(shares, marginal) > 0.1
    # the mean game: left-out columns stand at each component's own mean
    weights = model.weights_ * np.sqrt(np.linalg.det(model.precisions_))
    far = []
    for x, got in zip(ROWS, explain(model, ROWS, rule="mean", **options), strict=True):

        def value(S, x=x):
            z = np.where(np.isin(np.arange(4), S), x - model.means_, 0.0)
            h = np.einsum("ki,kij,kj->k", z, model.precisions_, z) / 2
            return np.log(weights.sum()) - gaussians.log_sum(np.log(weights) - h)

        expected = by_permutations(value, 4)
        np.testing.assert_allclose(expected.sum(), got.relevance.sum())
        far.append(np.abs(got.relevance[0] - expected).sum() / np.abs(expected).sum())
    assert max(far) > 1e-3


def test_metrics_play_the_game_of_singular_covariances():
    X = np.column_stack([IRIS, IRIS[:, 0]])
    model = EmpiricalCovariance().fit(X)
    off = X[::50] + np.eye(5)[4]  # breaks the relation of equal columns
    for rows in (X[::50], off):
        got, exact = explain(model, rows), exact_shapley(model, rows)
        size = np.abs(exact.relevance).sum(axis=1, keepdims=True)
        assert np.all(np.abs(got.relevance - exact.relevance) <= 1e-9 * size)
        np.testing.assert_allclose(got.score, model.mahalanobis(rows), rtol=1e-9)
    assert (got.relevance < 0).any()


@pytest.mark.parametrize(("d", "n_subsets"), [(13, 19), (14, 35), (15, 64)])
def test_one_gaussian_is_exact_from_so_many_subsets_on(d, n_subsets):
    X = REAL["cancer"][:, :d]
    model, row = EmpiricalCovariance().fit(X), X[[5]]
    exact = exact_shapley(model, row).relevance
    size = np.abs(exact).sum()
    got = explain(model, row, rule=Shapley(n_subsets)).relevance
    assert np.all(np.abs(got - exact) <= 1e-9 * size)
    fewer = explain(model, row, rule=Shapley(n_subsets - 1)).relevance
    assert np.abs(fewer - exact).sum() > 1e-3 * size


@pytest.mark.parametrize("X", [REAL["wine"], REAL["cancer"][:, :15]])
def test_orders_are_as_near_as_the_pages_say(X):
    C, d = EmpiricalCovariance().fit(X).covariance_, X.shape[1]
    exact = gaussian_shapley_forms(C).shares(X)
    for n_orders, low, high in ((2 * d, 0.05, 0.07), (200, 0.015, 0.03)):
        got = gaussian_order_forms(C, balanced_orders(d, n_orders)).shares(X)
        assert low <= relevance_distance(got, exact) <= high


@pytest.mark.parametrize("name", ["iris", "wine", "cancer"])
def test_integrated_is_within_5_per_cent_up_to_gamma_a_half(name):
    X = REAL[name][:, :8]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    rows = np.arange(0, len(X), len(X) // 15)
    kde = NeonKDE(gamma=0.5).fit(X)
    options = {"leave_out": rows}
    exact = exact_shapley(kde, X[rows], **options)
    assert 0 < relevance_distance(explain(kde, X[rows], **options), exact) < 0.05
