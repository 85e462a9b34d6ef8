# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The rules for activations (chapter, appendix A) against the printed formulas."""

import numpy as np
import pytest
from helpers import reference
from helpers.checks import check_mechanics
from helpers.laws import fitted_kde, fitted_kmeans
from helpers.strategies import active, centroid_problems, density_problems
from hypothesis import given, settings
from sklearn.cluster import BisectingKMeans, KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.network import (
    Activation,
    MahalanobisDistance,
    Mean,
    Network,
    Passed,
    Query,
    Scales,
    draw_random_features,
)

# what "equal" means here, relative to the terms that are summed
TOLERANCE = 1e-8


def activations(n, d, seed=0):
    return active(np.random.default_rng(seed).normal(size=(n, d)))


def assert_carried(explanation, expected, terms):
    """Relevances equal to 1e-8 of the terms in them; none for the inactive.

    NaN is expected where the printed rule is not defined.
    """
    gap = np.abs(explanation.relevance - np.asarray(expected, dtype=float))
    assert np.all((gap <= TOLERANCE * terms + 1e-300) | np.isnan(gap))
    assert np.all(np.isfinite(explanation.relevance))
    assert np.all(explanation.relevance[explanation.data == 0] == 0)


def active_density(problem):
    problem.X, problem.U = active(problem.X), active(problem.U)
    weighs = problem.pi > 0
    return problem.U[weighs], problem.pi[weighs]


@given(density_problems(max_support=30, max_features=10))
def test_outlierness_is_the_printed_rule(problem):
    u, pi = active_density(problem)
    explanation = fitted_kde(problem).explain(problem.X, rule="activation")
    beta = problem.gamma if problem.beta == "gamma" else problem.beta
    size = np.abs(u).max(initial=np.abs(problem.X).max())
    for row, a in enumerate(problem.X):
        h = reference.distances(a, u)
        if beta == "integrated":
            p = reference.integrated_weights(h, pi, problem.gamma)
        else:
            p = reference.soft_argmin(h, pi, beta)
        relevance, residual = reference.outlier_activations(a, u, pi, problem.gamma, p)
        assert_carried(explanation[row], relevance, a * size)
        np.testing.assert_allclose(
            explanation.residual[row],
            float(residual),
            rtol=TOLERANCE,
            atol=TOLERANCE * (a.sum() * size + h.max()),
        )


@given(centroid_problems())
def test_cluster_evidence_is_the_printed_rule(problem):
    X, mu = active(problem.X), active(problem.mu)
    kmeans = fitted_kmeans(mu, "activation", problem.beta)
    explanation = kmeans.explain(X, cluster=problem.cluster)
    size = 4 * np.abs(mu).max()
    for row, (a, c) in enumerate(zip(X, problem.cluster, strict=True)):
        relevance, residual = reference.cluster_activations(a, mu, c, problem.beta)
        assert_carried(explanation[row], relevance, a * size)
        np.testing.assert_allclose(
            explanation.residual[row],
            float(residual),
            rtol=TOLERANCE,
            atol=TOLERANCE * (a.sum() * size + np.square(mu).sum(axis=1).max()),
        )


def test_a_chosen_rival_is_the_only_one():
    X, mu = activations(5, 6), activations(4, 6, seed=1)
    kmeans = fitted_kmeans(mu, "activation", 0.3)
    explanation = kmeans.explain(X, cluster=1, rival=3)
    for row, a in enumerate(X):
        relevance, _ = reference.cluster_activations(a, mu, 1, 0.3, rival=3)
        assert_carried(explanation[row], relevance, 10.0)


def random_network(U, gamma, n_components=30, epsilon=0.05):
    rule = Activation(n_components=n_components, epsilon=epsilon)
    return neuralize(NeonKDE(gamma).fit(U), target="inlier", rule=rule)


def features_of(network, U, gamma, n_components=30):
    omega, phase = draw_random_features(
        n_components, U.shape[1], gamma, np.random.RandomState(0)
    )
    # the package's are those of x - center
    return omega, phase - omega @ network.network.units.points.center


@pytest.mark.parametrize("epsilon", [0.0, 0.01, 1.0])
def test_inlierness_is_the_printed_rule(epsilon):
    U, X, gamma = activations(20, 5), activations(6, 5, seed=1), 0.3
    network = random_network(U, gamma, epsilon=epsilon)
    explanation = network.explain(X)
    estimate = network.forward(X)
    pi = np.full(20, 1 / 20)
    for row, a in enumerate(X):
        features = features_of(network, U, gamma)
        terms, R, dissipated = reference.inlier_activations(
            a, U, pi, *features, epsilon
        )
        assert_carried(explanation[row], terms.sum(axis=0), np.abs(terms).sum(axis=0))
        # the split into sine and cosine terms is exact
        np.testing.assert_allclose(float(R.sum()), estimate[row], rtol=TOLERANCE)
        noise = explanation.score[row] - float(R.sum())
        np.testing.assert_allclose(
            explanation.residual[row] - noise, float(dissipated), atol=1e-12
        )
        error = np.std(terms, axis=0, ddof=1) * np.sqrt(len(terms))
        np.testing.assert_allclose(
            explanation.standard_error[row], error.astype(float), rtol=1e-8
        )


def test_the_stabiliser_dissipates_with_the_sign_of_the_response():
    U, X = activations(20, 5), activations(6, 5, seed=1)
    sizes = [
        np.abs(random_network(U, 0.3, epsilon=epsilon).explain(X).relevance).sum()
        for epsilon in (1e-6, 0.1, 10.0)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


def test_inlierness_without_responses_is_finite():
    explanation = random_network(activations(20, 5), 0.3).explain(np.zeros((1, 5)))
    assert not explanation.relevance.any()
    explanation = random_network(activations(20, 5), 0.3, epsilon=0.0).explain(
        np.full((1, 5), 1e-300)
    )
    assert np.isfinite(explanation.relevance).all()


def limit_by_sampling(a, u, pi, gamma, n_draws=400_000):
    """The mean over omega of the terms of A.2 (epsilon 0), and its standard error.

    Over the phases the mean is a_i omega_i cos(theta - phi_k) / theta, with
    phi_k = omega'u_k; what is orthogonal to a comes with both signs.
    """
    omega = np.random.default_rng(0).normal(
        scale=np.sqrt(2 * gamma), size=(n_draws, len(a))
    )
    theta = omega @ a
    along = theta[:, None] * a / (a @ a)
    total = 0.0
    for sign in (1, -1):
        w = along + sign * (omega - along)
        kernel = np.cos(theta[:, None] - w @ u.T) @ pi
        total = total + a * w * (kernel / theta)[:, None] / 2
    return total.mean(axis=0), total.std(axis=0) / np.sqrt(n_draws)


@pytest.mark.parametrize("gamma", [0.05, 0.5, 3.0])
def test_exact_inlier_rule_is_the_limit(gamma):
    U, X = activations(8, 4), activations(3, 4, seed=1) + np.arange(4) / 10
    kde = NeonKDE(gamma).fit(U)
    explanation = kde.explain(X, target="inlier", rule="activation")
    for row, a in enumerate(X):
        mean, error = limit_by_sampling(a, U, np.full(8, 1 / 8), gamma)
        gap = np.abs(explanation.relevance[row] - mean)
        assert np.all(gap <= 5 * error + 1e-12)
        # the comparison tells something
        assert error.max() < 0.02 * np.abs(mean).max()


@settings(max_examples=100)
@given(density_problems(max_support=30, max_features=10))
def test_exact_inlier_rule_conserves(problem):
    active_density(problem)
    kde = fitted_kde(problem)
    explanation = kde.explain(problem.X, target="inlier", rule="activation")
    inlierness = kde.inlierness(problem.X)
    np.testing.assert_allclose(explanation.score, inlierness, rtol=1e-9, atol=1e-15)
    R = explanation.relevance
    assert np.all(R[problem.X == 0] == 0)
    some = problem.X.any(axis=1)
    bound = 1e-9 * np.abs(R).sum(axis=1) + 1e-13
    assert np.all(np.abs(explanation.residual[some]) <= bound[some])
    # where nothing is active all dissipates
    assert not R[~some].any()


@pytest.mark.parametrize("target", ["outlier", "inlier"])
@pytest.mark.parametrize("rule", [Activation(), Activation(0.2, n_components=50)])
def test_densities_chunks_threads_and_leave_one_out(target, rule):
    X = activations(40, 6)
    kde = NeonKDE(0.4).fit(X)
    asked = {"target": target, "rule": rule}
    own, exact = kde.explain(**asked), rule.n_components is None
    if target == "outlier" or exact:
        # of random features `forward` is the estimate, not the score
        check_mechanics(kde, X[:20], lambda model: model.fit(X[:5]), **asked)
    kde.fit(X)
    for row in (0, 7):
        rest = NeonKDE(0.4).fit(np.delete(X, row, axis=0))
        alone = rest.explain(X[row : row + 1], **asked)
        np.testing.assert_allclose(own.score[row], alone.score[0], rtol=1e-9)
        if target == "outlier" or exact:
            np.testing.assert_allclose(own.relevance[row], alone.relevance[0], 1e-9)


def test_clusters_chunks_and_threads():
    X = activations(40, 6)
    kmeans = NeonKMeans(3, random_state=0, rule="activation").fit(X)
    check_mechanics(kmeans, X[:20], lambda model: model.fit(X[:5]))
    assert kmeans.fit(X).explain().meta["rule"] == "activation"


def test_scikit_learn_models_take_the_rule():
    X = activations(60, 5)
    density = KernelDensity(bandwidth=0.8).fit(X)
    kde = NeonKDE(1 / (2 * 0.8**2)).fit(X)
    for target in ("outlier", "inlier"):
        asked = {"target": target, "rule": "activation"}
        np.testing.assert_allclose(
            explain(density, X, **asked).relevance, kde.explain(X, **asked).relevance
        )
    for kind in (KMeans, BisectingKMeans):
        clusters = kind(3, random_state=0).fit(X)
        explanation = explain(clusters, X, rule=Activation(beta=0.1))
        assert np.all(explanation.relevance[X == 0] == 0)
        assert np.abs(explanation.relevance).sum() > 0


def test_behind_linear_steps_activations_are_the_columns():
    X = activations(50, 6) + np.eye(6)[np.arange(50) % 6]
    pca = PCA(3).fit(X)
    Z, V = pca.transform(X), pca.components_
    model = make_pipeline(PCA(3), NeonKDE(0.5)).fit(X)
    explanation = explain(model, X, rule="activation")
    plain = NeonKDE(0.5).fit(Z).explain(Z)
    expected = X * ((Z - plain.compared_with) @ V)
    np.testing.assert_allclose(explanation.relevance, expected, atol=1e-9)
    clusters = make_pipeline(PCA(3), NeonKMeans(3, random_state=0, beta=0.2)).fit(X)
    explanation = explain(clusters, X, rule="activation")
    w = 2 * (clusters[-1].cluster_centers_[:, None] - clusters[-1].cluster_centers_)
    h = ((Z[:, None] - clusters[-1].cluster_centers_) ** 2).sum(axis=2)
    own = clusters[-1].labels_
    contrasts = h - h[np.arange(50), own][:, None]
    p = np.exp(-0.2 * contrasts) * (np.arange(3) != own[:, None])
    p /= p.sum(axis=1, keepdims=True)
    slope = np.einsum("nk,nkp->np", p, w[own])
    np.testing.assert_allclose(explanation.relevance, X * (slope @ V), atol=1e-9)
    inlier = explain(model, X, target="inlier", rule="activation")
    offset = -pca.mean_ @ V.T
    a = Z - offset
    np.testing.assert_allclose(inlier.relevance.sum(axis=1), inlier.score, rtol=1e-9)
    shifted = NeonKDE(0.5).fit(Z - offset)
    direct = neuralize(shifted, target="inlier", rule="activation").network.units
    # the factor in the space of the components does not know where they come from
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.full((1, 50), 1 / 50)
        H = direct.forward(a, Query())
        passed = Passed(None, weights, weights * H)
        factor = direct.carried(a, passed, Query(), 0.01) / a
    np.testing.assert_allclose(inlier.relevance, X * (factor @ V), atol=1e-9)


def test_scaling_that_keeps_zero_is_looked_through():
    X = activations(50, 6)
    model = make_pipeline(MaxAbsScaler(), NeonKDE(0.5)).fit(X)
    Z = X / X.max(axis=0)
    np.testing.assert_allclose(
        explain(model, X, rule="activation").relevance,
        NeonKDE(0.5).fit(Z).explain(Z, rule="activation").relevance,
    )


@pytest.mark.parametrize("kind", [NeonKDE, NeonKMeans])
def test_negative_values_are_no_activations(kind):
    X = activations(30, 4)
    model = kind().fit(X)
    X[3, 2] = -0.25
    with pytest.raises(ValueError, match=r"column 2 of row 3 is -0\.25"):
        model.explain(X, rule="activation")
    scaled = make_pipeline(StandardScaler(), kind()).fit(X)
    with pytest.raises(ValueError, match="moves 0 leaves no activations"):
        explain(scaled, X, rule="activation")


def test_no_rows_are_no_negative_rows():
    kmeans = NeonKMeans(2, random_state=0, rule="activation").fit(activations(9, 3))
    with pytest.raises(ValueError, match="0 sample"):
        kmeans.explain(np.empty((0, 3)))


def test_refused_options():
    X = activations(30, 4)
    for options in ({"rule": "activation"}, {"target": "inlier"}):
        density = KernelDensity(kernel="exponential").fit(X)
        with pytest.raises(ValueError, match="needs the gaussian kernel"):
            explain(density, X, **options)
    for model in (NeonKDE().fit(X), NeonKMeans(2).fit(X)):
        with pytest.raises(ValueError, match="No rule has the name 'activations'"):
            model.explain(rule="activations")
    # the stiffness of a density, where there is none
    with pytest.raises(ValueError, match="which this model has none of: pass a number"):
        NeonKMeans(2).fit(X).explain(rule=Activation(beta="gamma"))
    with pytest.raises(
        ValueError, match=r"'activation' does not explain .* of a mixture"
    ):
        explain(GaussianMixture().fit(X), X, target="outlier", rule="activation")
    units = MahalanobisDistance(np.zeros((1, 2)), np.ones((1, 2)))
    with pytest.raises(TypeError, match="MahalanobisDistance has no carried"):
        Network(units, Mean(), Activation())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beta": -1.0}, "beta must be a number of at least 0, or 'gamma', or None"),
        ({"n_components": 0}, "n_components must be an integer of at least 1, or None"),
        ({"epsilon": -0.1}, "epsilon must be a number of at least 0, got -0.1"),
        ({"random_state": -1}, "random_state must be an integer of at least 0"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=f"Activation: {message}"):
        Activation(**settings)


def test_the_stiffness_that_none_stands_for():
    density, clusters = Scales(gamma=3.0), Scales(auto_beta=lambda: 0.25)
    assert Activation().bound(density) == Activation()
    assert Activation("gamma").bound(density) == Activation(3.0)
    assert Activation().bound(clusters) == Activation(0.25)
    assert Activation(2.0).bound(density) == Activation(2.0).bound(clusters)


def test_float32_rows_give_float32_relevances_of_full_precision():
    X = activations(50, 6)
    wide = NeonKDE(0.5).fit(X.astype(np.float32).astype(float))
    narrow = NeonKDE(0.5).fit(X.astype(np.float32))
    for target in ("outlier", "inlier"):
        expected = wide.explain(target=target, rule="activation").relevance
        got = narrow.explain(target=target, rule="activation").relevance
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-30)
