# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks of models whose clusters are cells of centroids."""

import tracemalloc
import warnings

import numpy as np
import pytest
from helpers import reference
from helpers.centroids import ROWS
from helpers.checks import REAL, assert_same, check_mechanics, refit_to_less
from helpers.laws import assert_close
from helpers.shapley import by_permutations
from helpers.strategies import centroid_problems
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.cluster import (
    DBSCAN,
    AffinityPropagation,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.neighbors import NearestCentroid

from skneon import NeonKMeans, explain, neuralize
from skneon.network import Midpoint, WSquare
from skneon.network.engines import _contrasts

MODELS = {
    "KMeans": KMeans(4, random_state=0, n_init=1),
    "MiniBatchKMeans": MiniBatchKMeans(4, random_state=0, n_init=1),
    "MeanShift": MeanShift(bandwidth=3.0),
    "AffinityPropagation": AffinityPropagation(random_state=0, preference=-100),
    "Birch": Birch(threshold=1.0, n_clusters=3),
    "Birch without clusterer": Birch(threshold=2.0, n_clusters=None),
    "Birch by an estimator": Birch(
        threshold=1.0, n_clusters=AgglomerativeClustering(2)
    ),
    "Birch with noise": Birch(threshold=1.0, n_clusters=DBSCAN(eps=1.5, min_samples=4)),
    "NearestCentroid": NearestCentroid(),
}
SPARSE = [
    KMeans(4, random_state=0, n_init=1),
    MiniBatchKMeans(4, random_state=0, n_init=1),
    BisectingKMeans(4, random_state=0, n_init=1),
    Birch(threshold=0.5, n_clusters=3),
    NearestCentroid(),
    AffinityPropagation(random_state=0, preference=-30),
]

# those that have a stiffness
RULES = {"midpoint": Midpoint, "w-square": WSquare}


def labels_of(X):
    """Names of classes for a NearestCentroid."""
    third = np.searchsorted(np.quantile(X[:, 0], [0.3, 0.7]), X[:, 0])
    return np.array(["low", "middle", "high"])[third]


def fitted(model, X):
    with warnings.catch_warnings():
        # MiniBatchKMeans and AffinityPropagation may stop early
        warnings.simplefilter("ignore")
        if isinstance(model, NearestCentroid):
            return model.fit(X, labels_of(X.toarray() if sparse.issparse(X) else X))
        return model.fit(X)


def centroids_of(model):
    """Centroids, and the model's own label of each."""
    if isinstance(model, Birch):
        return model.subcluster_centers_, model.subcluster_labels_
    if isinstance(model, NearestCentroid):
        return model.centroids_, model.classes_
    return model.cluster_centers_, np.arange(len(model.cluster_centers_))


def birch_of(centroids, labels):
    """A Birch with exactly these subclusters."""
    model = Birch()
    model.subcluster_centers_, model.subcluster_labels_ = centroids, labels
    model._subcluster_norms = np.sum(centroids**2, axis=1)
    model.n_features_in_ = centroids.shape[1]
    return model


def competitors(x, centroids, labels, c, rival=None):
    """The nearest of the cluster's own centroids, then that of each rival cluster."""
    rivals = np.unique(labels[labels != c]) if rival is None else [rival]
    distances = np.array(reference.distances(x, centroids), dtype=float)
    clusters = [np.flatnonzero(labels == j) for j in [c, *rivals]]
    return centroids[[own[distances[own].argmin()] for own in clusters]]


def near_tie(x, centroids, labels, tolerance):
    """Whether either of two centroids of a cluster may be its nearest."""
    for c in np.unique(labels):
        h = np.sort(np.array(reference.distances(x, centroids[labels == c]), float))
        if len(h) > 1 and h[1] - h[0] <= tolerance:
            return True
    return False


# Functional equivalence


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("kind", MODELS)
def test_networks_equal_the_models(kind, name):
    X = REAL[name][::3, :8]
    model = fitted(MODELS[kind], X)
    centroids, labels = centroids_of(model)
    explanation = explain(model, X, rule=Midpoint(beta=1.0))
    if len(centroids) == 1:
        assert np.all(explanation.score == np.inf)
        return
    squared = np.array([reference.distances(x, centroids) for x in X], dtype=float)
    clear = np.ptp(np.partition(squared, 1, axis=1)[:, :2], axis=1) > 1e-9
    predicted = model.predict(X)
    np.testing.assert_array_equal(explanation.target[clear], predicted[clear])
    nearest = np.array([squared[:, labels == c].min(axis=1) for c in np.unique(labels)])
    if len(nearest) == 1:
        # one cluster, of several centroids
        assert np.all(explanation.score == np.inf)
        return
    first, second = np.sort(nearest, axis=0)[:2]
    np.testing.assert_allclose(explanation.score, second - first, rtol=1e-9, atol=1e-9)
    runner_up = np.unique(labels)[np.argsort(nearest, axis=0)[1]]
    np.testing.assert_array_equal(explanation.rival[clear], runner_up[clear])


@st.composite
def subclusters(draw, **bounds):
    """A Birch with subclusters of labels that leave gaps, and questions."""
    problem = draw(centroid_problems(**bounds))
    assume(len(problem.mu) > 1)
    K = len(problem.mu)
    names = draw(st.sampled_from([[0, 1], [3, 7, 9], [-1, 0, 1]]))
    labels = np.array([names[draw(st.integers(0, len(names) - 1))] for _ in range(K)])
    labels[:2] = names[:2]
    known = np.unique(labels)
    at = [draw(st.integers(0, len(known) - 1)) for _ in problem.X]
    rival = known[(np.array(at) + 1) % len(known)] if draw(st.booleans()) else None
    problem.cluster = known[at]
    return problem, labels, rival


@given(subclusters(), st.sampled_from(["midpoint", "w-square"]))
def test_rules_of_several_centroids(drawn, rule):
    problem, labels, rival = drawn
    model = birch_of(problem.mu, labels)
    asked = {"cluster": problem.cluster, "rival": rival}
    explanation = explain(model, problem.X, rule=RULES[rule](problem.beta), **asked)
    np.testing.assert_array_equal(explanation.target, problem.cluster)
    if rival is not None:
        np.testing.assert_array_equal(explanation.rival, rival)
    for n, x in enumerate(problem.X):
        question = problem.cluster[n], None if rival is None else rival[n]
        mu = competitors(x, problem.mu, labels, *question)
        score, relevance, dissipated = reference.cluster_evidence(
            x, mu, 0, rule, problem.beta
        )
        size = float(reference.distances(x, mu).sum())
        assert abs(explanation.score[n] - score) <= 1e-9 * abs(score) + 1e-13 * size
        if near_tie(x, problem.mu, labels, 1e-9 * size):
            continue
        assert_close(explanation.relevance[[n]], relevance[None], size)
        bound = 1e-9 * float(np.abs(relevance).sum()) + 1e-13 * size
        assert abs(explanation.residual[n] - dissipated) <= bound


@settings(max_examples=20)
@given(subclusters(max_clusters=6, max_features=5))
def test_shapley_rule_of_several_centroids(drawn):
    problem, labels, rival = drawn
    model = birch_of(problem.mu, labels)
    explanation = explain(model, problem.X, cluster=problem.cluster, rival=rival)
    for n, x in enumerate(problem.X[:3]):
        squares = np.array(reference.squared_differences(x, problem.mu), float)
        own = labels == problem.cluster[n]
        rivals = ~own if rival is None else labels == rival[n]

        def value(S, squares=squares, own=own, rivals=rivals):
            distances = squares[:, S].sum(axis=1)
            return distances[rivals].min() - distances[own].min()

        expected = by_permutations(value, len(x))
        assert_close(explanation.relevance[[n]], expected[None], 100 * squares.sum())


# Laws


@given(subclusters(), st.sampled_from(["shapley", "midpoint", "w-square"]), st.data())
def test_permutation_translation_and_scaling(drawn, rule, data):
    problem, labels, rival = drawn
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    asked = {"cluster": problem.cluster, "rival": rival}
    X, mu = problem.X, problem.mu
    size = np.array([reference.distances(x, mu).sum() for x in X], dtype=float)

    def explained(X, mu, beta=problem.beta):
        some = RULES[rule](beta) if rule in RULES else rule
        return explain(birch_of(mu, labels), X, rule=some, **asked)

    expected = explained(X, mu)
    shift = rng.integers(-1000, 1001, size=X.shape[1])
    assert_close(explained(X + shift, mu + shift).relevance, expected.relevance, size)
    s = 2.0 ** rng.integers(-10, 11)
    got = explained(s * X, s * mu, problem.beta / s**2)
    assert_close(got.relevance, s**2 * expected.relevance)
    free = [not near_tie(x, mu, labels, 1e-9 * size[n]) for n, x in enumerate(X)]
    assume(any(free))
    order = rng.permutation(X.shape[1])
    got = explained(X[:, order], mu[:, order])
    if rule != "shapley" or X.shape[1] <= 12:  # more features are sampled, in order
        got, expected = got.relevance[free], expected.relevance[free]
        assert_close(got, expected[:, order], size[free])


@pytest.mark.parametrize("rule", ["shapley", "interventional", "midpoint", "w-square"])
@pytest.mark.parametrize("kind", ["MiniBatchKMeans", "MeanShift", "Birch"])
def test_mechanics(kind, rule):
    X = REAL["iris"]
    options = {"rule": rule, "X_train": X}
    model = fitted(MODELS[kind], X)
    network = neuralize(model, **options)
    assert_same(network.explain(), network.explain(X))
    check_mechanics(model, X[::9], refit_to_less, **options)


def test_partial_fits_change_no_network():
    X = REAL["iris"]
    for model in (MiniBatchKMeans(3, random_state=0, n_init=1), Birch(n_clusters=3)):
        network = neuralize(model.fit(X))
        expected = network.explain(X)
        model.partial_fit(X + 1)
        assert_same(network.explain(X), expected)


def test_stiffness_counts_the_rows_of_each_cluster():
    """The mean evidence of rows on centroids, whatever the names of clusters."""
    centroids = np.array([[0.0], [1.0], [10.0], [30.0]])
    model = birch_of(centroids, np.array([-1, -1, 4, 7]))
    # evidence at the centroids, and rows: three share the first two
    evidence, counts = np.array([100.0, 81.0, 81.0, 400.0]), np.array([1.5, 1.5, 5, 2])
    model.labels_ = np.repeat([-1, 4, 7], [3, 5, 2])
    beta = neuralize(model, rule="w-square").facts()["beta"]
    assert beta == pytest.approx(1 / np.average(evidence, weights=counts))
    del model.labels_
    beta = neuralize(model, rule="w-square").facts()["beta"]
    weights = [0.5, 0.5, 1, 1]
    assert beta == pytest.approx(1 / np.average(evidence, weights=weights))


# Sparse rows


class Sealed(sparse.csr_matrix):
    """Sparse rows that cannot be filled up."""

    def toarray(self, *args, **kwargs):
        raise AssertionError("dense rows")

    todense = toarray


def sparse_rows(n, d, density=0.1):
    rng = np.random.default_rng(0)
    size = int(n * d * density)
    places = rng.integers(n, size=size), rng.integers(1, d, size=size)
    X = sparse.csr_matrix((rng.normal(size=size), places), shape=(n, d))
    first = sparse.csr_matrix(([3.0] * n, (np.arange(n), np.arange(n) % 2)), (n, d))
    return X + first


@pytest.mark.parametrize("model", SPARSE, ids=lambda model: type(model).__name__)
def test_sparse_rows(model, monkeypatch):
    X = sparse_rows(60, 20, 0.3)
    fitted(model, X)
    for rule in ("shapley", "midpoint", "w-square"):
        network = neuralize(model, rule=rule)
        expected = network.explain(X.toarray())
        for rows in (X, sparse.csr_array(X)):
            assert_same(network.explain(rows), expected)
            np.testing.assert_allclose(
                network.forward(rows), expected.score, atol=1e-12
            )
        assert (network.explain(X).data != X).sum() == 0
    for kind in (sparse.csr_matrix, sparse.csr_array):
        for method in ("toarray", "todense"):
            monkeypatch.setattr(kind, method, Sealed.toarray)
    score = network.forward(X)
    np.testing.assert_allclose(score, expected.score, atol=1e-12)
    c = expected.target[0]
    network.forward(X, cluster=c)
    network.forward(Sealed(X))


@pytest.mark.parametrize("model", SPARSE[:5], ids=lambda model: type(model).__name__)
def test_wide_sparse_rows_stay_sparse(model):
    X = sparse_rows(2000, 50_000, 2e-4)
    if isinstance(model, NearestCentroid):
        with warnings.catch_warnings():
            # columns that are constant within classes
            warnings.simplefilter("ignore")
            model.fit(X[:50], np.arange(50) % 3)
    elif isinstance(model, Birch):
        # Birch keeps dense subclusters
        model = birch_of(X[:5].toarray(), np.arange(5) % 2)
    else:
        model.set_params(max_iter=2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X[:200])
    network = neuralize(model)
    tracemalloc.start()
    network.forward(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # dense rows would take 800 MB
    assert peak < 80e6


# Refusals


def test_refusals():
    X = REAL["iris"]
    y = np.arange(150) // 50
    for model in MODELS.values():
        fresh = type(model)()
        with pytest.raises(NotFittedError):
            neuralize(fresh)
        fitted(model, X)
        name = type(model).__name__
        with pytest.raises(ValueError, match=f"{name} does not keep its training rows"):
            explain(model)
        with pytest.raises(TypeError, match=rf"neuralize\({name}\) takes no gamma"):
            explain(model, X, gamma=1.0)
        with pytest.raises(
            ValueError, match="'integrated' does not explain the evidence of"
        ):
            explain(model, X, rule="integrated")
        with pytest.raises(ValueError, match=f"{name} does not keep: pass them as X_t"):
            explain(model, X, rule="interventional")
    manhattan = NearestCentroid(metric="manhattan").fit(X, y)
    with pytest.raises(ValueError, match=r"Only the euclidean .*metric='manhattan'"):
        neuralize(manhattan)
    for model in (
        NearestCentroid(priors="empirical").fit(X, y > 0),
        NearestCentroid(priors=[0.5, 0.3, 0.2]).fit(X, y),
    ):
        with pytest.raises(
            ValueError, match=r'unequal priors .* fit it with priors="uni'
        ):
            neuralize(model)
    neuralize(NearestCentroid(priors="empirical", shrink_threshold=0.1).fit(X, y))


def test_affinity_propagation_without_exemplars():
    X = REAL["iris"]
    similarities = -np.square(X[:, None] - X).sum(axis=2)
    precomputed = AffinityPropagation(affinity="precomputed", preference=-50)
    with pytest.raises(
        ValueError, match=r"affinity='precomputed'.*fit it with affinity="
    ):
        neuralize(precomputed.fit(similarities))
    stopped = AffinityPropagation(max_iter=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        stopped.fit(X)
    assert len(stopped.cluster_centers_) == 0
    with pytest.raises(ValueError, match="did not converge and found no clusters: fit"):
        neuralize(stopped)


@pytest.mark.parametrize("rule", ["midpoint", "w-square"])
def test_blocks_make_no_difference(rule, monkeypatch):
    kmeans = NeonKMeans(7, rule=rule, random_state=0, n_init=1).fit(ROWS)
    whole = kmeans.explain(ROWS)
    monkeypatch.setattr(_contrasts, "BLOCK", 100)
    # with the shares of all pairs of centroids, and without
    for n_jobs, kept in [(None, _contrasts.KEPT), (2, _contrasts.KEPT), (2, 0)]:
        monkeypatch.setattr(_contrasts, "KEPT", kept)
        parts = neuralize(kmeans, n_jobs=n_jobs).explain(ROWS)
        for name in ("relevance", "score"):
            got, expected = getattr(parts, name), getattr(whole, name)
            scale = np.abs(whole.relevance).sum(axis=1).max()
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12 * scale)
        for name in ("target", "rival", "compared_with", "data"):
            np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
