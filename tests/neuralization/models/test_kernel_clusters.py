# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters of support points by their members, and the pooling that groups them."""

import numpy as np
import pandas as pd
import pytest
from helpers import reference
from helpers.checks import REAL, assert_same, check_mechanics
from helpers.laws import assert_close
from helpers.strategies import density_problems, seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, AgglomerativeClustering
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain, neuralize

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

NAMES = ["low", "middle", "high"]


@st.composite
def problems(draw, **bounds):
    """A density model, its rows' clusters, and questions."""
    problem = draw(density_problems(min_support=4, **bounds))
    rng = np.random.default_rng(draw(seeds))
    members = np.array(NAMES)[rng.integers(3, size=len(problem.U))]
    # every cluster that is named has two rows of positive weight
    members[:4] = ["low", "low", "high", "high"]
    if "middle" in members:
        weighed = (members == "middle") & (problem.pi > 0)
        members[(members == "middle") & (weighed.sum() < 2)] = "low"
    members = members.astype(object)
    if draw(st.booleans()):
        members[4::3] = None
        if np.sum((members == "middle") & (problem.pi > 0)) < 2:
            members[members == "middle"] = "low"
    known = np.unique(members[members != np.array(None)].astype(str))
    at = rng.integers(len(known), size=len(problem.X))
    rival = known[(at + 1) % len(known)] if draw(st.booleans()) else None
    return problem, members, known[at], rival


def fitted(problem, kind):
    if kind is NeonKDE:
        model = NeonKDE(gamma=problem.gamma)
        return model.fit(problem.U, sample_weight=problem.sample_weight)
    model = KernelDensity(bandwidth=(2 * problem.gamma) ** -0.5)
    return model.fit(problem.U, sample_weight=problem.sample_weight)


def slow_evidence(x, problem, members, c, rival=None, leave_out=None):
    """Evidence, relevances, the strongest rival and the reference, and term sizes."""
    pi = problem.pi.copy()
    if leave_out is not None:
        pi[leave_out] = 0.0
    soft, shares, means = {}, {}, {}
    for j in {name for name in members if name is not None}:
        own = (members == j) & (pi > 0)
        u, weights = problem.U[own], pi[own] / pi[own].sum()
        squares = reference.squared_differences(x, u)
        h = squares.sum(axis=1)
        soft[j] = reference.log_mean_exp(h, weights, problem.gamma)
        integrated = reference.integrated_weights(h, weights, problem.gamma)
        shares[j], means[j] = integrated @ squares, integrated @ u
    rivals = [j for j in soft if j != c] if rival is None else [rival]
    strongest = min(rivals, key=lambda j: soft[j])
    size = float(max(soft.values()))
    second = sorted(soft[j] for j in rivals)[1:2]
    tied = bool(second) and second[0] - soft[strongest] <= 1e-9 * size
    relevance = shares[strongest] - shares[c]
    evidence = soft[strongest] - soft[c]
    return evidence, relevance, strongest, means[strongest], size, tied


def assert_row(explanation, n, expected, scale):
    evidence, relevance, strongest, mean, size, tied = expected
    assert abs(explanation.score[n] - evidence) <= 1e-9 * size
    residual = abs(explanation.residual[n])
    assert residual <= 1e-9 * size + 1e-300
    if not tied:
        error = np.abs(explanation.relevance[n] - relevance).sum()
        assert error <= 2e-9 * size + 1e-300
        assert explanation.rival[n] == strongest
        assert_close(explanation.compared_with[[n]], mean[None], 1e5 * scale)


@settings(max_examples=20)
@given(
    problems(max_support=25, max_features=6), st.sampled_from([KernelDensity, NeonKDE])
)
def test_evidence_and_rule(drawn, kind):
    problem, members, cluster, rival = drawn
    model = fitted(problem, kind)
    explanation = explain(
        model, problem.X, members=members, cluster=cluster, rival=rival
    )
    np.testing.assert_array_equal(explanation.target, cluster)
    for n, x in enumerate(problem.X):
        question = cluster[n], None if rival is None else rival[n]
        expected = slow_evidence(x, problem, members, *question)
        assert_row(explanation, n, expected, np.abs(problem.U).max())
    nearest = neuralize(model, members=members).forward(problem.X)
    size = np.array([reference.distances(x, problem.U).max() for x in problem.X])
    assert np.all(nearest >= -1e-9 * size.astype(float))


@settings(max_examples=10)
@given(problems(max_support=12, max_features=4))
def test_leave_one_out(drawn):
    problem, members, _, _ = drawn
    explanation = explain(fitted(problem, NeonKDE), members=members)
    named = np.flatnonzero(members != np.array(None))
    np.testing.assert_array_equal(explanation.target, members[named])
    np.testing.assert_array_equal(explanation.data, problem.U[named])
    for n, k in enumerate(named):
        x, c = problem.U[k], members[k]
        expected = slow_evidence(x, problem, members, c, leave_out=k)
        assert_row(explanation, n, expected, np.abs(problem.U).max())


@given(problems(max_support=40, max_features=8), seeds)
def test_permutation_translation_and_scaling(drawn, seed):
    problem, members, cluster, rival = drawn
    rng = np.random.default_rng(seed)
    asked = {"members": members, "cluster": cluster, "rival": rival}
    expected = explain(NeonKDE(problem.gamma).fit(problem.U), problem.X, **asked)
    size = [reference.distances(x, problem.U).max() for x in problem.X]
    size = 1e5 * np.array(size, dtype=float)
    order = rng.permutation(problem.X.shape[1])
    shift = rng.integers(-1000, 1001, size=problem.X.shape[1])
    s = 2.0 ** rng.integers(-10, 11)
    for change, gamma, back in [
        (lambda X: X[:, order], problem.gamma, lambda R: R[:, np.argsort(order)]),
        (lambda X: X + shift, problem.gamma, lambda R: R),
        (lambda X: X * s, problem.gamma / s**2, lambda R: R / s**2),
    ]:
        model = NeonKDE(gamma).fit(change(problem.U))
        got = explain(model, change(problem.X), **asked)
        assert_close(back(got.relevance), expected.relevance, size)
    points = rng.permutation(len(problem.U))
    model = NeonKDE(problem.gamma).fit(problem.U[points])
    got = explain(model, problem.X, **(asked | {"members": members[points]}))
    assert_close(got.relevance, expected.relevance, size)


# Labels of real clusterings


def test_clusterings_without_centroids():
    X = REAL["wine"]
    density = KernelDensity(bandwidth=1.0).fit(X)
    for labels in (
        AgglomerativeClustering(4).fit_predict(X),
        DBSCAN(eps=2.3).fit_predict(X),
    ):
        noise = labels == -1
        explanation = explain(density, members=labels)
        np.testing.assert_array_equal(explanation.target, labels[~noise])
        assert set(explanation.target) == set(labels) - {-1}
        known = explain(density, X[~noise], members=labels)
        assert np.mean(known.target == labels[~noise]) > 0.9
    assert noise.any()


def test_every_spelling_of_noise():
    X, labels = REAL["iris"], np.repeat([0, 1, -1], 50)
    density = KernelDensity().fit(X)
    expected = explain(density, members=labels)
    floats = np.where(labels < 0, np.nan, labels)
    objects = np.array(["a", "b", None], dtype=object)[labels]
    series = pd.Series(np.array(["a", "b", np.nan], dtype=object)[labels])
    for members in (floats, labels.astype(float), objects, series, list(labels)):
        got = explain(density, members=members)
        np.testing.assert_array_equal(got.relevance, expected.relevance)
    assert set(explain(density, members=objects).target) == {"a", "b"}
    strings = np.array(["-1", "a", "b"])[labels]
    assert "-1" in explain(density, members=strings).target


def test_row_labels_follow_the_rows():
    frame = pd.DataFrame(REAL["iris"], columns=list("abcd"), index=np.arange(150) + 9)
    labels = np.repeat([0, -1, 1], 50)
    explanation = explain(NeonKDE().fit(frame), members=labels)
    np.testing.assert_array_equal(explanation.index, frame.index[labels >= 0])
    assert explanation.feature_names == tuple("abcd")


@pytest.mark.parametrize("kind", [KernelDensity, NeonKDE])
def test_mechanics(kind):
    X, members = REAL["iris"], np.repeat(NAMES, 50)
    model = kind().fit(X)
    network = neuralize(model, members=members)
    assert_same(
        network.explain(X, cluster=members), network.explain(X, cluster=list(members))
    )

    def refit(model):
        model.fit(X[:20, :2])

    check_mechanics(model, X[::9], refit, members=members)


def test_one_cluster_has_infinite_evidence():
    X = REAL["iris"]
    for data in (X, None):
        explanation = explain(KernelDensity().fit(X), data, members=["all"] * 150)
        assert np.all(explanation.score == np.inf) and not explanation.relevance.any()
        assert set(explanation.rival) == {None}
        assert np.all(np.isnan(explanation.compared_with))


LONE_ROWS = {
    "linkage": AgglomerativeClustering(None, distance_threshold=0.8, linkage="single"),
    "complete": AgglomerativeClustering(20, linkage="complete"),
    "noise": DBSCAN(eps=0.5, min_samples=1),
}


@pytest.mark.parametrize("clustering", LONE_ROWS.values(), ids=LONE_ROWS)
def test_lone_rows_are_as_lone_clusters(clustering):
    """The others compete with them; each answer is that of a model without the row."""
    X = REAL["iris"][::3]
    labels = clustering.fit(X).labels_
    lone = np.bincount(labels)[labels] == 1
    assert 0 < lone.sum() < len(X) / 2
    for table, model in (
        (None, KernelDensity().fit(X)),
        (X, make_pipeline(StandardScaler(), KernelDensity()).fit(X)),
    ):
        training = {} if table is None else {"X_train": table}
        got = explain(model, members=labels, **training)
        assert np.all(got.score[lone] == np.inf) and not got.relevance[lone].any()
        assert np.isnan(got.compared_with[lone]).all()
        assert set(got.rival[lone]) == {-1} and np.isfinite(got.score[~lone]).all()
        Z = X if table is None else model[0].transform(X)
        for row in np.flatnonzero(~lone)[:4]:
            rest = np.arange(len(X)) != row
            one = explain(
                KernelDensity().fit(Z[rest]),
                Z[[row]],
                members=labels[rest],
                cluster=labels[row],
            )
            assert one.rival[0] == got.rival[row]
            assert_close(got.relevance[[row]], one.relevance)


def test_refusals():
    X = REAL["iris"]
    model = KernelDensity().fit(X)
    with pytest.raises(
        ValueError, match=r"each of the 150 training rows.*shape \(3,\)"
    ):
        neuralize(model, members=[0, 1, 2])
    with pytest.raises(ValueError, match=r"got an array of shape \(\)"):
        neuralize(model, members="all")
    with pytest.raises(ValueError, match="members: all training rows are noise"):
        neuralize(model, members=np.full(150, -1))
    lone = np.where(np.arange(150) == 0, "lone", "other")
    weight = (np.arange(150) > 0) * 1.0
    weighted = NeonKDE().fit(X, sample_weight=weight)
    with pytest.raises(ValueError, match="rows of cluster 'lone' weigh nothing: call"):
        neuralize(weighted, members=lone)
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target, gro"):
        neuralize(model, members=lone, beta=1.0)
    with pytest.raises(TypeError, match=r"has no clusters where.*it takes no cluster"):
        explain(model, X, cluster="lone")
