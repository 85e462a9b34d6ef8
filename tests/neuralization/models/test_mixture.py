# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of Gaussian mixtures."""

import numpy as np
import pytest
from helpers import gaussians
from helpers.checks import (
    REAL,
    assert_residual_is_constant,
    assert_same,
    check_mechanics,
    refit_to_less,
)
from helpers.laws import assert_close
from helpers.mixture import integrated
from helpers.mixtures import (
    KINDS,
    RULES,
    Problem,
    converged,
    game,
    log_sum_exp,
    problems,
    terms,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.exceptions import NotFittedError
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from skneon import explain, neuralize
from skneon.network import Shapley

# Functional equivalence


@given(problems())
def test_outlier_network_equals_score_samples(problem):
    network = neuralize(problem.model(), target="outlier")
    score = network.forward(problem.X)
    for n, x in enumerate(problem.X):
        a, C = game(problem, x)
        expected = -log_sum_exp(a - C.sum(axis=1))
        error = abs(score[n] - expected)
        assert error <= 1e-9 * abs(expected) + 1e-13 * terms(problem)[n]
    if abs(problem.means).max() < 512:
        own = -problem.model().score_samples(problem.X)
        size = 1e-9 * np.abs(own) + 1e-13 * terms(problem)
        # score_samples expands the squares of diagonal metrics
        variances = np.diagonal(problem.covariances, axis1=1, axis2=2)
        size += 1e-14 * np.sum(problem.X**2, axis=1) / variances.min()
        assert np.all(np.abs(score - own) <= size)


@given(problems(min_components=2), st.booleans())
def test_cluster_network_is_the_log_odds(problem, ask_rival):
    K = len(problem.means)
    rival = (problem.cluster + 1) % K if ask_rival else None
    network = neuralize(problem.model())
    score = network.forward(problem.X, cluster=problem.cluster, rival=rival)
    for n, x in enumerate(problem.X):
        a, C = game(problem, x, problem.cluster[n], None if rival is None else rival[n])
        expected = -log_sum_exp(a - C.sum(axis=1))
        error = abs(score[n] - expected)
        assert error <= 1e-9 * abs(expected) + 1e-13 * terms(problem)[n]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", [GaussianMixture, BayesianGaussianMixture])
@pytest.mark.parametrize("name", REAL)
def test_networks_equal_fitted_models(family, kind, name):
    # five columns of each, so that posteriors are not all 0 and 1
    X = REAL[name][:, :5]
    parameters = {"n_components": 3, "covariance_type": kind, "reg_covar": 1e-2}
    model = converged(family(random_state=0, **parameters), X)
    outlier = neuralize(model, target="outlier").forward(X)
    np.testing.assert_allclose(outlier, -model.score_samples(X), rtol=1e-9, atol=1e-9)
    network, posterior = neuralize(model), model.predict_proba(X)
    np.testing.assert_array_equal(network.explain(X).target, model.predict(X))
    for c in range(3):
        own, others = posterior[:, c], np.delete(posterior, c, axis=1).sum(axis=1)
        known = (own > 1e-300) & (others > 1e-300)
        evidence = network.forward(X[known], cluster=c)
        odds = np.log(own[known] / others[known])
        np.testing.assert_allclose(evidence, odds, rtol=1e-9, atol=1e-9)


def test_posteriors_that_underflow():
    rng = np.random.default_rng(0)
    d, scales = 300, np.array([1e-2, 1.0, 10.0])
    problem = Problem(
        X=np.array([[1e-3], [1e-2], [1], [10], [1e3]]) * rng.normal(size=(5, d)),
        weights=np.array([0.5, 0.3, 0.2]),
        means=np.zeros((3, d)),
        covariances=scales[:, None, None] ** 2 * np.eye(d),
        kind="spherical",
        cluster=np.zeros(5, dtype=int),
    )
    model = problem.model()
    network = neuralize(model, rule="mean")
    np.testing.assert_array_equal(
        network.explain(problem.X).target, model.predict(problem.X)
    )
    outlier = neuralize(model, target="outlier", rule="mean").explain(problem.X)
    np.testing.assert_allclose(
        outlier.score, -model.score_samples(problem.X), rtol=1e-9
    )
    assert_residual_is_constant(outlier, -logsumexp(problem.log_weights))
    for n, x in enumerate(problem.X):
        a, C = game(problem, x)
        assert_close(outlier.relevance[[n]], integrated(a, C)[None])
    for c in range(3):
        explanation = network.explain(problem.X, cluster=c)
        offsets = []
        for n, x in enumerate(problem.X):
            a, C = game(problem, x, c)
            expected = -log_sum_exp(a - C.sum(axis=1))
            assert abs(explanation.score[n] - expected) <= 1e-9 * abs(expected)
            assert_close(explanation.relevance[[n]], integrated(a, C)[None])
            offsets.append(float(-log_sum_exp(a)))
        assert_residual_is_constant(explanation, np.array(offsets))
    # a component that is hidden even at its own mean counts far out
    assert network.explain(problem.X[-1:]).target == 2
    for rule in (Shapley(n_subsets=1), "integrated"):
        for target in ("cluster", "outlier"):
            explanation = explain(model, problem.X, rule=rule, target=target)
            assert np.all(np.isfinite(explanation.relevance))


# Rules and conservation


@settings(max_examples=30)
@given(problems(max_features=4, min_components=2), st.booleans())
def test_mean_rule(problem, ask_rival):
    model, size = problem.model(), terms(problem)
    outlier = explain(model, problem.X, target="outlier", rule="mean")
    rival = (problem.cluster + 1) % len(problem.means) if ask_rival else None
    asked = {"cluster": problem.cluster, "rival": rival}
    cluster = explain(model, problem.X, rule="mean", **asked)
    for n, x in enumerate(problem.X):
        expected = integrated(*game(problem, x))
        assert_close(outlier.relevance[[n]], expected[None], 10 * size[n])
        question = problem.cluster[n], None if rival is None else rival[n]
        expected = integrated(*game(problem, x, *question))
        assert_close(cluster.relevance[[n]], expected[None], 10 * size[n])


@given(problems(min_components=2), st.sampled_from(RULES), st.booleans())
def test_residual_is_the_constant_of_the_cluster(problem, rule, ask_rival):
    a, w, model = problem.log_weights, problem.weights, problem.model()
    K = len(a)
    outlier = explain(model, problem.X, target="outlier", rule=rule)
    rival = (problem.cluster + 1) % K if ask_rival else None
    asked = {"cluster": problem.cluster, "rival": rival}
    cluster = explain(model, problem.X, rule=rule, **asked)
    constant = []
    for n, c in enumerate(problem.cluster):
        rivals = np.delete(np.arange(K), c) if rival is None else [rival[n]]
        # prior log-odds, or the log-odds where all distances are 0
        logs = a if rule == "mean" else np.log(w)
        constant.append(-logsumexp(logs[rivals] - logs[c]))
    for explanation, expected in (
        (outlier, np.full(len(problem.X), -logsumexp(a))),
        (cluster, np.array(constant)),
    ):
        size = np.abs(explanation.relevance).sum(axis=1) + 1e-2 * np.abs(expected)
        bound = 1e-9 * size + 1e-13 * terms(problem)
        assert np.all(np.abs(explanation.residual - expected) <= bound)


# Laws


@given(
    problems(min_components=2),
    st.sampled_from(RULES),
    st.sampled_from(["cluster", "outlier"]),
    st.integers(0, 99),
)
def test_permutation_translation_and_scaling(problem, rule, target, seed):
    rng = np.random.default_rng(seed)
    d, size = problem.X.shape[1], 10 * terms(problem)
    options = {"target": target, "rule": rule}
    asked = {"cluster": problem.cluster} if target == "cluster" else {}
    expected = neuralize(problem.model(), **options).explain(problem.X, **asked)

    def changed(X, means, covariances):
        other = Problem(
            X, problem.weights, means, covariances, problem.kind, problem.cluster
        )
        return neuralize(other.model(), **options).explain(X, **asked)

    order = rng.permutation(d)
    got = changed(
        problem.X[:, order],
        problem.means[:, order],
        problem.covariances[:, order][:, :, order],
    )
    assert_close(got.relevance, expected.relevance[:, order], size)
    shift = 2.0 ** rng.integers(-3, 4)
    got = changed(problem.X + shift, problem.means + shift, problem.covariances)
    assert_close(got.relevance, expected.relevance, 1e4 * size)
    s = 2.0 ** rng.integers(-8, 9)
    got = changed(s * problem.X, s * problem.means, s**2 * problem.covariances)
    assert_close(got.relevance, expected.relevance, size)
    if target == "cluster":
        # units cancel in the odds, but not in a density
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", [GaussianMixture, BayesianGaussianMixture])
@pytest.mark.parametrize("target", ["cluster", "outlier"])
@pytest.mark.parametrize("rule", RULES)
def test_mechanics(family, rule, target):
    X = REAL["iris"]
    model = family(n_components=3, random_state=0).fit(X)
    check_mechanics(model, X[::9], refit_to_less, rule=rule, target=target)


def test_training_rows_can_be_given():
    X = REAL["iris"]
    model = GaussianMixture(3, random_state=0).fit(X)
    for target in ("cluster", "outlier"):
        got = explain(model, X_train=X, target=target)
        assert_same(got, explain(model, X, target=target))


# Questions and refusals


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("family", [GaussianMixture, BayesianGaussianMixture])
def test_one_component_has_infinite_evidence(rule, family):
    X = REAL["iris"]
    explanation = explain(family(n_components=1).fit(X), X, rule=rule)
    assert np.all(explanation.score == np.inf) and not explanation.relevance.any()
    assert np.all(explanation.rival == -1) and np.all(
        np.isnan(explanation.compared_with)
    )
    model = family(n_components=1).fit(X)
    outlier = explain(model, X, target="outlier", rule=rule)
    np.testing.assert_allclose(outlier.score, -model.score_samples(X))
    Z, C = X - model.means_[0], np.linalg.inv(model.precisions_[0])
    if rule == "shapley":
        expected = gaussians.shapley(
            lambda S: gaussians.distance(Z, C, np.array(S, dtype=int)) / 2, 4
        )
        np.testing.assert_allclose(outlier.relevance, expected, rtol=1e-9)


def test_rival_is_the_most_probable_other_component():
    X = REAL["iris"]
    model = GaussianMixture(4, random_state=0).fit(X)
    explanation = explain(model, X, rule="mean")
    order = np.argsort(model.predict_proba(X), axis=1)
    sure = np.sort(model.predict_proba(X), axis=1)[:, -2] > 1e-200
    np.testing.assert_array_equal(explanation.rival[sure], order[sure, -2])
    np.testing.assert_array_equal(
        explanation.compared_with, model.means_[explanation.rival]
    )
    assert explanation.meta["compared_with"] == "mean of the most probable rival"
    np.testing.assert_array_equal(explain(model, X).rival, explanation.rival)
    asked = explain(model, X, cluster=0, rival=3)
    assert np.all(asked.rival == 3) and np.all(asked.target == 0)


def expected_of(x, i, mean, covariance):
    """Conditional mean of column i given the others, and the density of these."""
    others = np.delete(np.arange(len(x)), i)
    C = covariance[np.ix_(others, others)]
    slope = np.linalg.solve(C, covariance[others, i])
    density = multivariate_normal(mean[others], C).pdf(x[others])
    return mean[i] + slope @ (x - mean)[others], density


def test_reference_is_what_the_other_columns_let_expect():
    X = REAL["iris"][::11]
    model = GaussianMixture(3, random_state=0).fit(REAL["iris"])
    outlier = explain(model, X, target="outlier")
    assert outlier.meta["compared_with"] == "conditional mean"
    cluster = explain(model, X, cluster=0, rival=2)
    assert cluster.meta["compared_with"] == "conditional mean of the rivals"
    for n, x in enumerate(X):
        for i in range(4):
            both = [
                expected_of(x, i, *given)
                for given in zip(model.means_, model.covariances_, strict=True)
            ]
            values, densities = np.array(both).T
            expected = np.average(values, weights=model.weights_ * densities)
            np.testing.assert_allclose(outlier.compared_with[n, i], expected, rtol=1e-7)
            np.testing.assert_allclose(
                cluster.compared_with[n, i], values[2], rtol=1e-7
            )


@pytest.mark.parametrize("cells", [bool, int, np.int8])
@pytest.mark.parametrize("covariance", KINDS)
def test_rows_of_whole_numbers_are_scored_as_floats(cells, covariance):
    """scikit-learn cuts their squared distances, where it has an array of these."""
    drawn = np.random.default_rng(0).integers(0, 25, size=(80, 3))
    X = (drawn % 2 if cells is bool else drawn).astype(cells)
    model = GaussianMixture(2, covariance_type=covariance, random_state=0).fit(X)
    exact = -model.score_samples(X.astype(float))
    if covariance in ("full", "tied"):
        assert not np.isclose(-model.score_samples(X), exact).all()
    for target in ("outlier", "cluster"):
        network = neuralize(model, target=target)
        with pytest.warns(UserWarning, match="itself computes .* X.astype"):
            score = network.forward(X)
        assert_close(score, network.forward(X.astype(float)))
        if target == "outlier":
            np.testing.assert_allclose(score, exact, rtol=1e-9, atol=1e-9)


def test_refusals():
    X = REAL["iris"]
    model = GaussianMixture(2, random_state=0).fit(X)
    with pytest.raises(NotFittedError):
        neuralize(GaussianMixture(2))
    with pytest.raises(ValueError, match="GaussianMixture does not keep its training"):
        explain(model)
    with pytest.raises(TypeError, match=r"has no clusters where.*it takes no cluster"):
        explain(model, X, target="outlier", cluster=1)
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target, rule"):
        explain(model, X, beta=1.0)
    for option, message in (
        ({"target": "inlier"}, "The 'target' parameter"),
        ({"rule": "midpoint"}, "'midpoint' does not explain log-odds of a mixture"),
        (
            {"target": "outlier", "rule": "w-square"},
            "take one of 'integrated', 'mean', 'shapley'",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            explain(model, X, **option)
