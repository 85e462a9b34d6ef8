# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What must hold for every model and rule: equivalence, conservation, symmetries."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import reference
from helpers.laws import (
    assert_close,
    assert_residual,
    evidence_terms,
    fitted_kde,
    fitted_kmeans,
    inlier_terms,
)
from helpers.strategies import centroid_problems, density_problems
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, NeonKMeans, explain, neuralize

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

INLIER_RULES = st.sampled_from(["shapley", "integrated", "exact-inlier", "uniform"])
CENTROID_RULES = st.sampled_from(["shapley", "midpoint", "w-square"])


# Functional equivalence


@given(density_problems())
def test_density_network_equals_the_model(problem):
    kde = fitted_kde(problem)
    d = problem.U.shape[1]
    weighs = problem.pi > 0
    weight = None if problem.sample_weight is None else problem.pi[weighs]
    # one leaf: bounds of nodes, added and subtracted, lose digits of far rows
    bandwidth = (2 * problem.gamma) ** -0.5
    density = KernelDensity(bandwidth=bandwidth, leaf_size=len(problem.U))
    density.fit(problem.U[weighs], sample_weight=weight)
    log_density = density.score_samples(problem.X)
    # the constant that sets o(x) apart from the log density can cancel its digits
    constant = d / 2 * np.log(problem.gamma / np.pi)
    size = 1e-9 * (np.abs(log_density) + np.abs(constant)) + 1e-12
    assert np.all(np.abs(kde.score_samples(problem.X) - log_density) <= size)
    o, i = kde.outlierness(problem.X), kde.inlierness(problem.X)
    assert np.all(np.abs(constant - problem.gamma * o - log_density) <= size)
    np.testing.assert_allclose(neuralize(kde).forward(problem.X), o, rtol=1e-12)
    for rule in ("shapley", "exact-inlier", "uniform"):
        network = neuralize(kde, target="inlier", rule=rule)
        np.testing.assert_allclose(
            network.forward(problem.X), i, rtol=1e-9, atol=1e-300
        )
    for x, o_x in zip(problem.X, o, strict=True):
        h = reference.distances(x, problem.U)
        expected = reference.log_mean_exp(h, problem.pi, problem.gamma)
        assert abs(o_x - expected) <= 1e-9 * expected


@given(density_problems())
def test_network_of_a_kernel_density_equals_that_of_neon_kde(problem):
    assume(problem.sample_weight is None or np.all(problem.sample_weight > 0))
    kde = fitted_kde(problem)
    density = KernelDensity(bandwidth=(2 * problem.gamma) ** -0.5)
    density.fit(problem.U, sample_weight=problem.sample_weight)
    for target, rule in (("outlier", problem.rule), ("inlier", "shapley")):
        network = neuralize(density, target=target, rule=rule)
        explanation = network.explain(problem.X)
        expected = kde.explain(problem.X, target=target, rule=rule)
        terms = inlier_terms(problem, target)
        assert_close(explanation.relevance, expected.relevance, terms)
        np.testing.assert_allclose(explanation.score, expected.score, rtol=1e-9)
        assert_close(
            explanation.compared_with, expected.compared_with, np.abs(problem.U).max()
        )


@given(centroid_problems())
def test_evidence_equals_differences_of_transform(problem):
    assume(len(problem.mu) > 1)
    kmeans = fitted_kmeans(problem.mu, "midpoint", problem.beta)
    squared = kmeans.transform(problem.X) ** 2
    own = squared[np.arange(len(squared)), problem.cluster].copy()
    squared[np.arange(len(squared)), problem.cluster] = np.inf
    expected = squared.min(axis=1) - own
    size = np.maximum(own, squared.min(axis=1))
    # transform's own rounding, which grows with the square of the coordinates
    size += np.sum(problem.X**2, axis=1) + np.max(problem.mu**2) * problem.mu.shape[1]
    got = kmeans.evidence(problem.X, cluster=problem.cluster)
    assert np.all(np.abs(got - expected) <= 1e-9 * size)
    assigned = kmeans.evidence(problem.X)
    assert np.all(assigned >= -1e-9 * size)


# Conservation


@given(density_problems())
def test_outlier_residual_is_what_the_stabiliser_dissipates(problem):
    explanation = fitted_kde(problem).explain(problem.X)
    weighs = problem.pi > 0
    u, pi = problem.U[weighs], problem.pi[weighs]
    assert np.all(explanation.relevance >= 0)
    if problem.beta == "integrated":
        assert_residual(explanation, 0.0)
        return
    beta = problem.gamma if problem.beta == "gamma" else problem.beta
    dissipated = [
        reference.outlier_soft_argmin(x, u, pi, problem.gamma, beta, problem.epsilon)[1]
        for x in problem.X
    ]
    assert_residual(explanation, np.array(dissipated, dtype=float))


@given(density_problems(), INLIER_RULES)
def test_inlier_relevances_sum_to_the_score(problem, rule):
    explanation = fitted_kde(problem, rule=rule).explain(problem.X, target="inlier")
    # parts of the 1 that is inlierness without any column, less what columns cost
    terms = 1.0 if rule in ("shapley", "integrated") else 0.0
    assert_residual(explanation, 0.0, terms)


@given(centroid_problems(), CENTROID_RULES)
def test_evidence_residual_is_what_the_rule_dissipates(problem, rule):
    kmeans = fitted_kmeans(problem.mu, rule, problem.beta)
    explanation = kmeans.explain(problem.X, cluster=problem.cluster)
    dissipated = [
        0.0
        if rule == "shapley"
        else reference.cluster_evidence(x, problem.mu, c, rule, problem.beta)[2]
        for x, c in zip(problem.X, problem.cluster, strict=True)
    ]
    if len(problem.mu) == 1:
        assert np.all(explanation.residual == np.inf)
        assert not explanation.relevance.any()
    else:
        dissipated = np.array(dissipated, dtype=float)
        assert_residual(explanation, dissipated, evidence_terms(problem))


@given(centroid_problems())
def test_midpoint_conserves_the_evidence_for_the_assigned_cluster(problem):
    assume(len(problem.mu) > 1)
    kmeans = fitted_kmeans(problem.mu, "midpoint", problem.beta)
    clusters = [np.argmin(reference.distances(x, problem.mu)) for x in problem.X]
    explanation = kmeans.explain(problem.X, cluster=np.array(clusters))
    assert_residual(explanation, 0.0, evidence_terms(problem))


# Bounds


@given(density_problems(min_support=2))
def test_outlierness_lies_between_the_least_and_the_mean_distance(problem):
    kde = fitted_kde(problem)
    weighs = problem.pi > 0
    assume(weighs.sum() > 1)
    for x, o in zip(problem.X, kde.outlierness(problem.X), strict=True):
        h = reference.distances(x, problem.U)
        slack = 1e-12 * h.max()
        assert 0 <= o and h[weighs].min() - slack <= o <= problem.pi @ h + slack
    inlierness = kde.inlierness(problem.X)
    assert np.all((inlierness >= 0) & (inlierness <= 1))


# Symmetries


@given(density_problems(max_support=60, max_features=10), st.data())
def test_density_permutations(problem, data):
    d, n_support = problem.X.shape[1], len(problem.U)
    features = np.array(data.draw(st.permutations(range(d))))
    points = np.array(data.draw(st.permutations(range(n_support))))
    kde = fitted_kde(problem)
    permuted = NeonKDE(problem.gamma, rule=problem.rule)
    weight = problem.sample_weight
    permuted.fit(
        problem.U[points][:, features], None, None if weight is None else weight[points]
    )
    for target in ("outlier", "inlier"):
        expected = kde.explain(problem.X, target=target)
        got = permuted.explain(problem.X[:, features], target=target)
        terms = inlier_terms(problem, target)
        assert_close(got.relevance, expected.relevance[:, features], terms)
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)


@given(density_problems(max_support=60, max_features=10), st.integers(0, 2**32 - 1))
def test_density_translation(problem, seed):
    shift = np.random.default_rng(seed).integers(-1000, 1001, size=problem.X.shape[1])
    kde = fitted_kde(problem)
    moved = NeonKDE(problem.gamma, rule=problem.rule)
    moved.fit(problem.U + shift, sample_weight=problem.sample_weight)
    for target in ("outlier", "inlier"):
        expected = kde.explain(problem.X, target=target)
        got = moved.explain(problem.X + shift, target=target)
        assert_close(got.relevance, expected.relevance, inlier_terms(problem, target))
        np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)


@given(density_problems(max_support=60, max_features=10), st.integers(-10, 10))
def test_density_scaling(problem, exponent):
    s = 2.0**exponent  # so that no product is rounded
    kde = fitted_kde(problem)
    beta = problem.beta if isinstance(problem.beta, str) else problem.beta / s**2
    other = replace(
        problem,
        U=problem.U * s,
        gamma=problem.gamma / s**2,
        beta=beta,
        epsilon=problem.epsilon * s**2,
    )
    scaled = fitted_kde(other)
    outlier, inlier = kde.explain(problem.X), kde.explain(problem.X, target="inlier")
    got = scaled.explain(problem.X * s)
    assert_close(got.score, s**2 * outlier.score)
    assert_close(got.relevance, s**2 * outlier.relevance)
    got = scaled.explain(problem.X * s, target="inlier")
    assert_close(got.score, inlier.score)
    assert_close(got.relevance, inlier.relevance, inlier_terms(problem))


@given(centroid_problems(), CENTROID_RULES, st.integers(0, 2**32 - 1))
def test_centroid_symmetries(problem, rule, seed):
    assume(len(problem.mu) > 1)
    rng = np.random.default_rng(seed)
    X, mu, cluster, beta = problem.X, problem.mu, problem.cluster, problem.beta
    expected = fitted_kmeans(mu, rule, beta).explain(X, cluster=cluster)

    features = rng.permutation(X.shape[1])
    order = rng.permutation(len(mu))
    permuted = fitted_kmeans(mu[order][:, features], rule, beta)
    got = permuted.explain(X[:, features], cluster=np.argsort(order)[cluster])
    terms = evidence_terms(problem)
    if rule != "shapley" or X.shape[1] <= 12:  # more features are sampled, in order
        assert_close(got.relevance, expected.relevance[:, features], terms)

    shift = rng.integers(-1000, 1001, size=X.shape[1])
    got = fitted_kmeans(mu + shift, rule, beta).explain(X + shift, cluster=cluster)
    assert_close(got.relevance, expected.relevance, terms)

    s = 2.0 ** rng.integers(-10, 11)
    got = fitted_kmeans(s * mu, rule, beta / s**2).explain(s * X, cluster=cluster)
    assert_close(got.relevance, s**2 * expected.relevance)
    assert_close(got.score, s**2 * expected.score)


# Subsets and leave-one-out


@given(density_problems(), st.integers(0, 2**32 - 1))
def test_rows_are_explained_one_by_one(problem, seed):
    rows = np.random.default_rng(seed).permutation(len(problem.X))[:2]
    kde = fitted_kde(problem)
    for target in ("outlier", "inlier"):
        whole = kde.explain(problem.X, target=target)
        part = kde.explain(problem.X[rows], target=target)
        terms = inlier_terms(problem, target, problem.X[rows])
        assert_close(part.relevance, whole.relevance[rows], terms)
        np.testing.assert_allclose(part.score, whole.score[rows], rtol=1e-12)


@given(centroid_problems(), CENTROID_RULES)
def test_rows_of_clusters_are_explained_one_by_one(problem, rule):
    kmeans = fitted_kmeans(problem.mu, rule, problem.beta)
    whole = kmeans.explain(problem.X, cluster=problem.cluster)
    for n in range(len(problem.X)):
        part = kmeans.explain(problem.X[[n]], cluster=int(problem.cluster[n]))
        assert_close(part.relevance, whole.relevance[[n]], evidence_terms(problem)[n])


@given(density_problems(max_support=12, max_features=8, min_support=2))
def test_leave_one_out_equals_refitting_without_the_row(problem):
    kde = fitted_kde(problem)
    weight = (
        np.ones(len(problem.U))
        if problem.sample_weight is None
        else (problem.sample_weight)
    )
    outlierness, inlierness = kde.outlierness(), kde.inlierness()
    log_density = kde.score_samples()
    explained = {target: kde.explain(target=target) for target in ("outlier", "inlier")}
    for n in range(len(problem.U)):
        rest = np.arange(len(problem.U)) != n
        refit = NeonKDE(problem.gamma, rule=problem.rule)
        refit.fit(problem.U[rest], sample_weight=weight[rest])
        row = problem.U[[n]]
        np.testing.assert_allclose(outlierness[n], refit.outlierness(row)[0], rtol=1e-9)
        np.testing.assert_allclose(
            inlierness[n], refit.inlierness(row)[0], rtol=1e-9, atol=1e-300
        )
        np.testing.assert_allclose(
            log_density[n], refit.score_samples(row)[0], rtol=1e-9, atol=1e-9
        )
        for target, explanation in explained.items():
            expected = refit.explain(row, target=target)
            terms = inlier_terms(problem, target, row)
            assert_close(explanation.relevance[[n]], expected.relevance, terms)
            size = np.abs(problem.U).max()
            assert_close(explanation.compared_with[[n]], expected.compared_with, size)


@given(density_problems(max_support=12, max_features=8, min_support=2), st.data())
def test_leaving_out_groups_equals_refitting_without_them(problem, data):
    """Also for rows that are not the training rows, of which some leave nothing out."""
    assume(problem.sample_weight is None or np.all(problem.sample_weight > 0))
    N, n = len(problem.U), len(problem.X)
    names = data.draw(st.lists(st.sampled_from("abc"), min_size=N, max_size=N))
    assume(len(set(names)) > 1)
    names = np.array(names)
    leave_out = np.array(
        data.draw(st.lists(st.integers(-1, N - 1), min_size=n, max_size=n))
    )
    kde = fitted_kde(problem)
    for target in ("outlier", "inlier"):
        own = explain(kde, groups=names, target=target)
        asked = explain(
            kde, problem.X, groups=names, target=target, leave_out=leave_out
        )
        rows_of = [(own, i, problem.U[[i]], i) for i in range(N)]
        rows_of += [(asked, i, problem.X[[i]], j) for i, j in enumerate(leave_out)]
        for explanation, i, row, left_out in rows_of:
            rest = names != (names[left_out] if left_out >= 0 else "none")
            weight = problem.sample_weight
            refit = NeonKDE(problem.gamma, rule=problem.rule)
            refit.fit(
                problem.U[rest], sample_weight=None if weight is None else weight[rest]
            )
            expected = refit.explain(row, target=target)
            terms = inlier_terms(problem, target, row)
            assert_close(explanation.relevance[[i]], expected.relevance, terms)
            np.testing.assert_allclose(
                explanation.score[i], expected.score[0], rtol=1e-9, atol=1e-300
            )


@pytest.mark.parametrize("kind", [NeonKMeans, KMeans])
def test_kmeans_network_equals_the_model_on_real_fits(kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5))
    kmeans = kind(6, random_state=0, n_init=1).fit(X)
    squared = kmeans.transform(X) ** 2
    own = squared[np.arange(len(X)), kmeans.labels_].copy()
    squared[np.arange(len(X)), kmeans.labels_] = np.inf
    evidence = neuralize(kmeans).forward(X)
    np.testing.assert_allclose(evidence, squared.min(axis=1) - own, atol=1e-12)
    assert np.all(evidence >= 0)
