# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Edge cases are defined: finite relevances that add up, or a clear error."""

import warnings

import numpy as np
import pytest
from helpers import reference
from helpers.laws import assert_close
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from skneon import NeonKDE, NeonKMeans
from skneon.network import SoftArgmin

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

BETAS = ["integrated", "gamma", 0.1]
RULES = ["shapley", "midpoint", "w-square"]
WINE = scale(load_wine().data)


def undissipated(beta):
    """The rule of a density without a stabiliser."""
    return beta if beta == "integrated" else SoftArgmin(beta, epsilon=0.0)


def assert_sums_up(explanation):
    assert np.all(np.isfinite(explanation.relevance))
    assert np.all(np.isfinite(explanation.score))
    size = np.abs(explanation.relevance).sum(axis=1)
    assert np.all(np.abs(explanation.residual) <= 1e-9 * size + 1e-300)


# One cluster, equal centroids, ties


@pytest.mark.parametrize("rule", RULES)
def test_one_cluster_has_infinite_evidence_and_no_relevance(rule):
    kmeans = NeonKMeans(1, rule=rule).fit(WINE)
    assert kmeans.mean_evidence_ == np.inf
    assert np.all(kmeans.evidence(WINE) == np.inf)
    explanation = kmeans.explain(WINE)
    assert not explanation.relevance.any() and np.all(explanation.rival == -1)
    assert np.all(explanation.residual == np.inf)
    assert np.all(np.isnan(explanation.compared_with)) and not explanation.share.any()
    with pytest.raises(
        ValueError, match=r"must differ from cluster, but both are 0 for row 0"
    ):
        kmeans.explain(WINE, rival=0)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@pytest.mark.parametrize("rule", RULES)
def test_equal_centroids_tie(rule):
    X = np.repeat([[0.0, 0.0], [3.0, 4.0]], 5, axis=0)
    centroids = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]])
    # no fit ends with equal centroids by itself: it moves one of them
    kmeans = NeonKMeans(3, init=X[[0, 5, 5]], n_init=1, rule=rule).fit(X)
    kmeans.cluster_centers_ = centroids
    explanation = kmeans.explain(X)
    np.testing.assert_allclose(explanation.score[:5], 25)
    np.testing.assert_allclose(explanation.relevance[:5], [[9, 16]] * 5)
    assert not explanation.score[5:].any() and not explanation.relevance[5:].any()
    # the twin can hand on nothing: its share of the evidence is the residual
    far = kmeans.set_params(beta=0.0).explain([[0.0, 0.0]], cluster=1)
    np.testing.assert_allclose(far.score, -25)
    np.testing.assert_allclose(far.residual, 0 if rule == "shapley" else -12.5)


@pytest.mark.parametrize("rule", RULES)
def test_identical_rows_everywhere(rule):
    X = np.full((6, 2), 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kmeans = NeonKMeans(2, random_state=0, n_init=1, rule=rule).fit(X)
    explanation = kmeans.explain()
    assert not explanation.relevance.any() and not explanation.score.any()
    assert rule == "shapley" or explanation.meta["beta"] == 0


def test_a_tie_between_two_clusters_shows_both_sides():
    X = np.array([[0.0, 0.0], [4.0, 4.0]])
    kmeans = NeonKMeans(2, init=X, n_init=1, beta=1.0).fit(X)
    tie = kmeans.explain([[1.0, 3.0]])
    assert tie.score[0] == 0 == tie.residual[0]
    np.testing.assert_allclose(np.sort(tie.relevance[0]), [-8, 8])
    beside = kmeans.explain([[1.0, 3.0 - 1e-12]])
    np.testing.assert_allclose(np.sort(beside.relevance[0]), [-8, 8], rtol=1e-9)


def test_unassigned_cluster_has_negative_evidence():
    kmeans = NeonKMeans(3, random_state=0, n_init=1).fit(WINE)
    clusters = (kmeans.labels_ + 1) % 3
    for rule in RULES:
        explanation = kmeans.set_params(rule=rule).explain(cluster=clusters)
        assert np.all(explanation.score < 0)
        assert np.all(np.isfinite(explanation.relevance))
    assert np.all(explanation.relevance <= 0)


# Coincident and nearly coincident rows


@pytest.mark.parametrize("beta", BETAS)
def test_a_row_on_a_support_point(beta):
    kde = NeonKDE(gamma=0.5, beta=beta).fit(WINE)
    explanation = kde.explain(WINE[:20])
    assert np.all(np.isfinite(explanation.relevance))
    if beta == "integrated":
        assert_sums_up(explanation)
    else:
        assert np.all(explanation.residual > 0.001 * explanation.score)
    only = NeonKDE(gamma=0.5, beta=beta).fit(WINE[:1]).explain(WINE[:1])
    assert only.score == 0 and not only.relevance.any()


@pytest.mark.parametrize("jitter", [0.0, 1e-9, 1e-12])
@pytest.mark.parametrize("beta", BETAS)
def test_duplicates_and_near_duplicates(beta, jitter):
    rng = np.random.default_rng(0)
    U = np.repeat(rng.normal(size=(15, 4)), 2, axis=0)
    U[1::2] += jitter * rng.normal(size=(15, 4))
    kde = NeonKDE(gamma=0.7, rule=undissipated(beta)).fit(U)
    explanation = kde.explain()
    inlier = kde.explain(target="inlier")
    assert_sums_up(inlier)
    for n, x in enumerate(U):
        u, pi = np.delete(U, n, axis=0), np.full(29, 1 / 29)
        if beta == "integrated":
            expected = reference.outlier_integrated(x, u, pi, 0.7)
        else:
            b = 0.7 if beta == "gamma" else beta
            expected, _ = reference.outlier_soft_argmin(x, u, pi, 0.7, b, 0.0)
        assert_close(explanation.relevance[[n]], expected[None])
    if beta == "integrated" or jitter > 0:
        assert_sums_up(explanation)


@pytest.mark.parametrize("beta", BETAS)
def test_an_offset_of_1e8(beta):
    rng = np.random.default_rng(0)
    U = np.round(rng.normal(size=(60, 5)) * 2**20) / 2**20
    U[30:] = U[:30] + np.round(rng.normal(size=(30, 5)) * 4) / 2**20
    for shift in (1e8, -1e8, np.array([1e8, 0, -1e8, 1e4, 0.5])):
        shift = np.round(np.broadcast_to(shift, 5) * 2) / 2
        kde = NeonKDE(gamma=0.5, beta=beta).fit(U)
        moved = NeonKDE(gamma=0.5, beta=beta).fit(U + shift)
        for target in ("outlier", "inlier"):
            expected, got = kde.explain(target=target), moved.explain(target=target)
            assert_close(got.relevance, expected.relevance)
            np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)
            # the reference itself is rounded at the offset's last digit
            np.testing.assert_allclose(
                got.compared_with - shift, expected.compared_with, atol=1e-7
            )
        assert NeonKDE().fit(U + shift).gamma_ == pytest.approx(NeonKDE().fit(U).gamma_)


@pytest.mark.parametrize("rule", RULES)
def test_centroids_at_an_offset_of_1e8(rule):
    U = np.round(np.random.default_rng(0).normal(size=(60, 5)) * 2**10) / 2**10
    mu = U[:4]
    kmeans = NeonKMeans(4, init=mu, n_init=1, max_iter=1, rule=rule, beta=1.0).fit(U)
    mu = np.round(kmeans.cluster_centers_ * 2**10) / 2**10
    kmeans.cluster_centers_ = mu
    expected = kmeans.explain(U, cluster=0)
    kmeans.cluster_centers_ = mu + 1e8
    got = kmeans.explain(U + 1e8, cluster=0)
    assert_close(got.relevance, expected.relevance)
    assert_close(got.score[:, None], expected.score[:, None])


def test_fits_at_an_offset_of_1e8():
    X = np.random.default_rng(1).normal(size=(200, 4))
    kmeans = NeonKMeans(4, n_init=1, random_state=0).fit(X + 1e8)
    # KMeans.predict expands the squares there, and is lost in rounding
    evidence, explanation = kmeans.evidence(X + 1e8), kmeans.explain(X + 1e8)
    assert np.all(evidence >= -1e-6)
    np.testing.assert_array_equal(explanation.score, evidence)
    distances = [reference.distances(x, kmeans.cluster_centers_) for x in X + 1e8]
    np.testing.assert_array_equal(explanation.target, np.argmin(distances, axis=1))
    assert np.mean(explanation.target == kmeans.labels_) > 0.95


# Small and degenerate tables


@pytest.mark.parametrize("beta", BETAS)
def test_one_training_row(beta):
    kde = NeonKDE(gamma=2.0, rule=undissipated(beta)).fit([[1.0, 2.0]])
    explanation = kde.explain([[2.0, 4.0]])
    np.testing.assert_allclose(explanation.relevance, [[1, 4]])
    np.testing.assert_allclose(explanation.compared_with, [[1, 2]])
    np.testing.assert_allclose(kde.score_samples([[1.0, 2.0]]), np.log(2 / np.pi))
    methods = ("outlierness", "inlierness", "score_samples", "score", "predict")
    for method in (*methods, "decision_function", "explain"):
        with pytest.raises(ValueError, match="at least two training rows"):
            getattr(kde, method)()
    assert NeonKDE().fit([[1.0, 2.0]]).predict([[1.0, 2.0]]) == [1]


@pytest.mark.parametrize("beta", BETAS)
def test_one_feature(beta):
    X = WINE[:, :1]
    kde = NeonKDE(gamma=1.0, rule=undissipated(beta)).fit(X)
    for target in ("outlier", "inlier"):
        explanation = kde.explain(target=target)
        kept = explanation.score - explanation.residual
        np.testing.assert_allclose(explanation.relevance[:, 0], kept, rtol=1e-12)
    assert_sums_up(kde.explain(np.array([[3.0], [1e5]]), target="inlier"))


@pytest.mark.parametrize("beta", BETAS)
def test_constant_features_get_nothing_from_outlierness(beta):
    X = np.column_stack([WINE[:, :3], np.full(len(WINE), 7.3)])
    kde = NeonKDE(gamma=0.5, beta=beta).fit(X)
    explanation = kde.explain()
    assert not explanation.relevance[:, 3].any()
    without = NeonKDE(gamma=0.5, beta=beta).fit(X[:, :3]).explain()
    assert_close(explanation.relevance[:, :3], without.relevance)
    kmeans = NeonKMeans(3, random_state=0, n_init=1).fit(X)
    for rule in RULES:
        relevance = kmeans.set_params(rule=rule).explain().relevance
        np.testing.assert_allclose(relevance[:, 3], 0, atol=1e-12)
    constant = NeonKDE().fit(np.ones((5, 2)))
    assert not constant.explain().relevance.any() and not constant.outlierness().any()


def test_zero_weights_are_absent_rows():
    weight = np.ones(len(WINE))
    weight[::3] = 0
    kde = NeonKDE(gamma=0.3).fit(WINE, sample_weight=weight)
    rest = NeonKDE(gamma=0.3).fit(WINE[weight > 0])
    assert kde.offset_ == pytest.approx(rest.offset_)
    for target in ("outlier", "inlier"):
        everywhere = kde.explain(WINE, target=target)
        expected = rest.explain(WINE, target=target)
        assert_close(everywhere.relevance, expected.relevance)
        left_out = kde.explain(target=target)
        assert len(left_out) == len(WINE)
        # a row without weight is in no model, so leaving it out changes nothing
        assert_close(left_out.relevance[::3], everywhere.relevance[::3])
        assert_close(
            left_out.relevance[weight > 0], rest.explain(None, target).relevance
        )
    with pytest.raises(
        ValueError, match=r"at least two training rows, or groups, of positive"
    ):
        NeonKDE().fit(WINE[:3], sample_weight=[0, 1, 0]).explain()


def test_a_dominating_weight_is_left_out_exactly():
    weight = np.full(20, 1e-14)
    weight[0] = 1.0
    kde = NeonKDE(gamma=0.3).fit(WINE[:20], sample_weight=weight)
    rest = NeonKDE(gamma=0.3).fit(WINE[1:20])
    assert kde.outlierness()[0] == pytest.approx(
        rest.outlierness(WINE[:1])[0], rel=1e-9
    )


# Magnitudes


@pytest.mark.parametrize("beta", BETAS)
def test_queries_a_million_bandwidths_away(beta):
    kde = NeonKDE(gamma=0.5, beta=beta).fit(WINE)
    far = WINE[:5] + np.array([[1e6], [-1e6], [1e9], [1e12], [1e100]])
    explanation = kde.explain(far)
    assert_sums_up(explanation)
    squared = (far - WINE.mean(axis=0)) ** 2
    np.testing.assert_allclose(explanation.relevance, squared, rtol=1e-4)
    inlier = kde.explain(far, target="inlier")
    assert np.all(inlier.score == 0) and np.all(np.isfinite(inlier.relevance))
    np.testing.assert_allclose(inlier.relevance.sum(axis=1), 0, atol=1e-30)
    assert np.all(kde.predict(far) == -1)
    for rule in RULES:
        kmeans = NeonKMeans(3, random_state=0, n_init=1, rule=rule).fit(WINE)
        assert_sums_up(kmeans.explain(far))


def test_float32_and_integers():
    X = WINE.astype(np.float32)
    kde = NeonKDE(gamma=0.5).fit(X)
    expected = NeonKDE(gamma=0.5).fit(X.astype(float)).explain()
    relevance = kde.explain().relevance
    assert relevance.dtype == np.float32
    np.testing.assert_allclose(
        relevance, expected.relevance, rtol=1e-4, atol=1e-4 * expected.score.min()
    )
    np.testing.assert_array_equal(kde.explain(X).score, kde.explain(X.tolist()).score)
    counts = np.random.default_rng(0).integers(0, 5, size=(30, 3))
    assert_sums_up(NeonKDE().fit(counts).explain())
    assert_sums_up(NeonKMeans(2, random_state=0, n_init=1).fit(counts).explain())


@pytest.mark.parametrize("size", [1e139, 1e-139, 1e-200])
def test_values_near_the_limits_of_floats(size):
    X = np.random.default_rng(0).uniform(-1, 1, size=(12, 3)) * size
    gamma = 1.0 if size < 1e-150 else 0.5 / size**2
    for beta in ("integrated", "gamma"):
        kde = NeonKDE(gamma=gamma, rule=undissipated(beta)).fit(X)
        for target in ("outlier", "inlier"):
            assert_sums_up(kde.explain(target=target))
    if size > 1e-150:
        unit = NeonKDE(gamma=0.5).fit(X / size)
        expected = unit.explain().relevance * size**2
        np.testing.assert_allclose(
            NeonKDE(gamma=gamma).fit(X).explain().relevance, expected, rtol=1e-9
        )
    assert np.all(np.isfinite(NeonKDE().fit(X).explain().relevance))


def test_values_beyond_the_limit_are_refused():
    for X in (np.full((3, 2), 1e141), np.array([[0.0, -1e300], [1.0, 1.0]])):
        with pytest.raises(ValueError, match="Rescale the columns"):
            NeonKDE().fit(X)
        with np.errstate(all="ignore"), pytest.raises(ValueError, match="Rescale"):
            NeonKMeans(2, n_init=1, random_state=0).fit(X)


@pytest.mark.parametrize("gamma", [1e-300, 1e-30, 1e30, 1e300, 1e308])
def test_extreme_gamma(gamma):
    kde = NeonKDE(gamma=gamma).fit(WINE)
    explanation = kde.explain()
    assert_sums_up(explanation)
    h = np.array([reference.distances(x, WINE) for x in WINE], dtype=float)
    np.fill_diagonal(h, np.nan)
    limit = np.nanmin(h, axis=1) if gamma > 1 else np.nanmean(h, axis=1)
    np.testing.assert_allclose(explanation.score, limit, rtol=1e-9)
    assert np.all(np.isfinite(kde.explain(target="inlier").relevance))


@pytest.mark.parametrize("size", [1e-158, 1e-170, 1e-300])
def test_squared_distances_that_underflow(size):
    X = WINE[:20] * size
    kde = NeonKDE().fit(X)
    assert np.isfinite(kde.gamma_) and np.isfinite(kde.offset_)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kmeans = NeonKMeans(2, random_state=0, n_init=1, rule="midpoint").fit(X)
    for explanation in (kde.explain(), kde.explain(target="inlier"), kmeans.explain()):
        assert np.all(np.isfinite(explanation.relevance))
        assert np.all(np.isfinite(explanation.share))


def test_a_single_far_support_point_costs_the_rule_no_accuracy():
    for far in (1e3, 1e8, 1e30, 1e100):
        U = np.vstack([WINE[:30, :4], np.full((1, 4), far)])
        kde = NeonKDE(gamma=0.5).fit(U)
        explanation = kde.explain(U[:5])
        # int_0^1 p ds of a point at T >> 1 is about pi / T: its share of o is pi/gamma
        without = NeonKDE(gamma=0.5).fit(WINE[:30, :4]).explain(U[:5])
        assert_sums_up(explanation)
        squared = (U[:5] - far) ** 2
        shift = squared / squared.sum(axis=1, keepdims=True) * np.log(31 / 30) / 0.5
        expected = without.relevance + shift
        bound = 5e-2 if far < 1e4 else 1e-6
        np.testing.assert_allclose(explanation.relevance, expected, atol=bound)


def test_subnormal_scores_have_no_share():
    kde = NeonKDE(gamma=1.0).fit([[0.0, 0.0]])
    explanation = kde.explain([[0.0, 27.2]], target="inlier")
    assert 0 < explanation.score[0] < 1e-308 and not explanation.share.any()


def test_many_features():
    X = np.random.default_rng(0).normal(size=(20, 3000))
    kde = NeonKDE().fit(X)
    for target in ("outlier", "inlier"):
        assert_sums_up(kde.explain(target=target))
