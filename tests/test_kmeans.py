# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""NeonKMeans as an estimator."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skneon import NeonKMeans, neuralize
from skneon.network import Midpoint, SoftArgmin, WSquare

X = scale(load_wine().data)


@pytest.fixture(scope="module")
def kmeans():
    return NeonKMeans(4, rule="midpoint", random_state=0, n_init=3).fit(X)


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_clusters": 4, "random_state": 0},
        {"n_clusters": 3, "random_state": 1, "init": "random", "n_init": 4},
        {"n_clusters": 2, "random_state": 2, "algorithm": "elkan", "copy_x": False},
        {"n_clusters": 3, "init": X[:3], "n_init": 1, "max_iter": 20, "tol": 0},
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_kmeans(parameters, weighted):
    weight = np.random.default_rng(0).uniform(size=len(X)) if weighted else None
    neon = NeonKMeans(**parameters).fit(X.copy(), sample_weight=weight)
    plain = KMeans(**parameters).fit(X.copy(), sample_weight=weight)
    np.testing.assert_array_equal(neon.cluster_centers_, plain.cluster_centers_)
    np.testing.assert_array_equal(neon.labels_, plain.labels_)
    assert neon.inertia_ == plain.inertia_ and neon.n_iter_ == plain.n_iter_
    for method in ("transform", "predict", "score"):
        got, expected = getattr(neon, method)(X), getattr(plain, method)(X)
        np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(
        neon.fit_predict(X, sample_weight=weight),
        plain.fit_predict(X, sample_weight=weight),
    )
    np.testing.assert_array_equal(
        neon.get_feature_names_out(),
        [f"neon{name}" for name in plain.get_feature_names_out()],
    )


def test_evidence_is_a_difference_of_squared_distances(kmeans):
    squared = kmeans.transform(X) ** 2
    for c in range(4):
        expected = np.delete(squared, c, axis=1).min(axis=1) - squared[:, c]
        got = kmeans.evidence(X, cluster=c)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11)
        np.testing.assert_array_equal(got > 0, kmeans.labels_ == c)
    clusters = np.random.default_rng(0).integers(4, size=len(X))
    by_row = kmeans.evidence(X, cluster=clusters)
    each = np.array([kmeans.evidence(X, cluster=c) for c in range(4)])
    np.testing.assert_allclose(by_row, each[clusters, np.arange(len(X))], atol=1e-12)
    np.testing.assert_allclose(
        kmeans.evidence(X), kmeans.evidence(X, cluster=kmeans.labels_)
    )


def test_training_rows_are_the_default(kmeans):
    np.testing.assert_array_equal(kmeans.evidence(), kmeans.evidence(X))
    explanation = kmeans.explain()
    np.testing.assert_array_equal(explanation.relevance, kmeans.explain(X).relevance)
    np.testing.assert_array_equal(explanation.target, kmeans.labels_)


def test_a_rival_asks_why_not_that_one(kmeans):
    squared = kmeans.transform(X) ** 2
    rows = kmeans.labels_ != 2
    explanation = kmeans.explain(X[rows], rival=2)
    own = squared[rows, kmeans.labels_[rows]]
    np.testing.assert_allclose(explanation.score, squared[rows, 2] - own, atol=1e-11)
    assert set(explanation.rival) == {2}
    reference = np.tile(kmeans.cluster_centers_[2], (rows.sum(), 1))
    np.testing.assert_array_equal(explanation.compared_with, reference)
    np.testing.assert_allclose(explanation.residual, 0, atol=1e-12)
    against = kmeans.explain(X[rows], cluster=2, rival=kmeans.labels_[rows])
    np.testing.assert_allclose(against.relevance, -explanation.relevance, atol=1e-12)


def test_reference_is_the_strongest_rival(kmeans):
    squared = kmeans.transform(X) ** 2
    squared[np.arange(len(X)), kmeans.labels_] = np.inf
    explanation = kmeans.explain()
    np.testing.assert_array_equal(explanation.rival, squared.argmin(axis=1))
    expected = kmeans.cluster_centers_[explanation.rival]
    np.testing.assert_array_equal(explanation.compared_with, expected)


def test_auto_beta_comes_from_the_training_rows(kmeans):
    evidence = kmeans.evidence()
    assert kmeans.mean_evidence_ == pytest.approx(evidence.mean())
    assert kmeans.explain().meta["beta"] == pytest.approx(1 / evidence.mean())
    assert kmeans.explain(X[:1]).meta["beta"] == kmeans.explain().meta["beta"]
    weight = np.random.default_rng(0).uniform(size=len(X))
    weighted = NeonKMeans(4, random_state=0).fit(X, sample_weight=weight)
    expected = np.average(weighted.evidence(), weights=weight)
    assert weighted.mean_evidence_ == pytest.approx(expected)


def test_beta_goes_into_rules_that_are_given_by_name(kmeans):
    expected = kmeans.explain(rule=Midpoint(beta=0.2)).relevance
    network = neuralize(NeonKMeans(**kmeans.get_params() | {"beta": 0.2}).fit(X))
    np.testing.assert_array_equal(network.explain().relevance, expected)
    assert network.network.rule == Midpoint(beta=0.2)
    # objects carry all of their settings, and some rules have no beta
    kmeans = NeonKMeans(4, beta=0.2, rule=Midpoint(beta=7.0), random_state=0).fit(X)
    assert kmeans.explain().meta["beta"] == 7.0
    assert "beta" not in kmeans.explain(rule="shapley").meta


def test_beta_zero_and_large():
    kmeans = NeonKMeans(4, rule="w-square", random_state=0).fit(X)
    row = X[:1]
    c = kmeans.labels_[0]
    w = np.delete(2 * (kmeans.cluster_centers_[c] - kmeans.cluster_centers_), c, axis=0)
    shares = w**2 / np.sum(w**2, axis=1, keepdims=True)
    f = kmeans.evidence(row)[0]
    equal = kmeans.set_params(beta=0.0).explain(row).relevance[0]
    np.testing.assert_allclose(equal, f * shares.mean(axis=0))
    nearest = kmeans.set_params(beta=1e6).explain(row).relevance[0]
    h = np.delete(kmeans.transform(row)[0] ** 2, c)
    np.testing.assert_allclose(nearest, f * shares[h.argmin()])


@pytest.mark.parametrize("container", ["csr_matrix", "csr_array"])
def test_sparse_rows(container):
    dense = np.where(np.abs(X) > 1, X, 0)
    sparse = getattr(scipy.sparse, container)(dense)
    parameters = {"n_clusters": 3, "random_state": 0, "n_init": 1}
    expected = NeonKMeans(**parameters).fit(dense)
    got = NeonKMeans(**parameters, init=expected.cluster_centers_).fit(sparse)
    np.testing.assert_allclose(got.cluster_centers_, expected.cluster_centers_)
    for rows in (None, sparse):
        explanation = got.explain(rows)
        assert isinstance(explanation.relevance, np.ndarray)
        np.testing.assert_allclose(
            explanation.relevance, expected.explain(dense).relevance, atol=1e-9
        )
        np.testing.assert_array_equal(explanation.data, dense)


def test_float32_rows():
    kmeans = NeonKMeans(3, random_state=0).fit(X.astype(np.float32))
    explanation = kmeans.explain()
    assert explanation.relevance.dtype == np.float64
    np.testing.assert_allclose(explanation.residual, 0, atol=1e-12)
    squared = kmeans.transform(X.astype(np.float32)).astype(float) ** 2
    expected = np.sort(squared, axis=1)[:, 1] - np.sort(squared, axis=1)[:, 0]
    np.testing.assert_allclose(kmeans.evidence(X), expected, rtol=1e-3, atol=1e-3)


def test_bad_questions_are_refused(kmeans):
    for cluster in (4, -1):
        with pytest.raises(ValueError, match=f"cluster={cluster} is no cluster"):
            kmeans.explain(X, cluster=cluster)
    for cluster in (1.0, "a", [0, 1], None):
        arguments = {"cluster": cluster} if cluster is not None else {"rival": 0.5}
        with pytest.raises(ValueError, match="an array of 178 ints"):
            kmeans.explain(X, **arguments)
    with pytest.raises(
        ValueError, match="must differ from cluster, but both are 1 for row 0"
    ):
        kmeans.explain(X, cluster=1, rival=1)
    with pytest.raises(
        ValueError, match="must differ from cluster, but both are 0 for row "
    ):
        kmeans.explain(X, rival=0)
    with pytest.raises(ValueError, match="features"):
        kmeans.explain(X[:, :3])
    with pytest.raises(ValueError, match="NaN"):
        kmeans.evidence(np.full((1, 13), np.nan))
    with pytest.raises(NotFittedError):
        NeonKMeans().explain(X)


@pytest.mark.parametrize(
    "parameters",
    [
        {"rule": "epsilon"},
        {"rule": "soft-argmin"},
        {"rule": SoftArgmin(1.0)},
        {"rule": None},
        {"beta": -1.0},
        {"beta": "gamma"},
        {"n_clusters": 0},
    ],
)
def test_bad_parameters_are_refused_and_nothing_changes(parameters):
    kmeans = NeonKMeans(2, random_state=0).fit(X)
    before = {k: v for k, v in vars(kmeans).items() if k.endswith("_")}
    with pytest.raises(ValueError, match=next(iter(parameters))):
        kmeans.set_params(**parameters).fit(load_iris().data)
    assert all(vars(kmeans)[name] is before[name] for name in before)


def test_a_failed_fit_leaves_the_estimator_as_it_was():
    kmeans = NeonKMeans(5, random_state=0).fit(X)
    before = dict(vars(kmeans))
    for rows, message in [
        (X[:3, :2], "n_samples=3 should be >= n_clusters=5"),
        (np.full((9, 2), np.nan), "NaN"),
    ]:
        with pytest.raises(ValueError, match=message):
            kmeans.fit(rows)
        assert vars(kmeans).keys() == before.keys()
        assert all(vars(kmeans)[name] is before[name] for name in before)


def test_drops_into_pipelines_and_searches():
    raw = load_wine().data
    pipeline = make_pipeline(StandardScaler(), NeonKMeans(random_state=0))
    search = GridSearchCV(pipeline, {"neonkmeans__n_clusters": [2, 6]}).fit(raw)
    assert search.best_params_ == {"neonkmeans__n_clusters": 6}
    network = neuralize(search.best_estimator_[-1], rule=WSquare(beta=2.0))
    explanation = network.explain()
    assert explanation.meta["rule"] == "w-square" and explanation.meta["beta"] == 2.0
    assert np.all(explanation.relevance >= 0)
