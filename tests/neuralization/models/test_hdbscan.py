# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""HDBSCAN: the law of its levels, its game by brute force, doors and refusals."""

import numpy as np
import pytest
from helpers.checks import REAL, check_mechanics, refit_to_less
from helpers.shapley import by_permutations
from helpers.strategies import kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize
from skneon.metrics import conservation_error, exact_shapley, flipping_score

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

IRIS, WINE = REAL["iris"], REAL["wine"]


def fitted(X=IRIS, **parameters):
    return HDBSCAN(**{"min_cluster_size": 10, "copy": True, **parameters}).fit(X)


@st.composite
def clusterings(draw, max_rows=60):
    """Rows with ties and duplicates, and a clustering of them."""
    rng = np.random.default_rng(draw(seeds))
    n, d = draw(st.integers(8, max_rows)), draw(st.integers(1, 4))
    X = rows(rng, n, d, draw(kinds)) + 3 * rng.integers(3, size=(n, 1))
    model = HDBSCAN(
        min_cluster_size=draw(st.integers(2, 6)),
        min_samples=draw(st.sampled_from([None, 1, 2, 5])),
        cluster_selection_method=draw(st.sampled_from(["eom", "leaf"])),
        copy=True,
    )
    return X, model.fit(X)


def slow_reach(model, X, n, columns=slice(None), level=1.0):
    """Squared mutual reachability of a training row to all rows, by hand."""
    kept = model.min_samples
    m = (model.min_cluster_size if kept is None else kept) - 1
    whole = cdist(X, X, "sqeuclidean")
    core = np.sort(whole, axis=1)[:, m]
    h = ((X[n] - X)[:, columns] ** 2).sum(axis=1)
    r = np.maximum(
        np.maximum(h, level * core), np.sort(np.delete(h, n))[m - 1] if m else 0
    )
    r[n] = np.inf
    return r


@given(clusterings())
def test_a_row_is_in_a_cluster_exactly_where_it_reaches_it_below_its_level(problem):
    X, model = problem
    labels = model.labels_
    if labels.max() < 0:
        with pytest.raises(ValueError, match="HDBSCAN found no cluster"):
            neuralize(model, X_train=X)
        return
    network = neuralize(model, X_train=X)
    K = labels.max() + 1
    D = np.array(
        [
            [slow_reach(model, X, n)[labels == j].min() for j in range(K)]
            for n in range(len(X))
        ]
    )
    inside = labels[:, None] == np.arange(K)
    delta = np.where(inside, np.inf, D).min(axis=0)
    np.testing.assert_allclose(network.network.pooling.levels, delta, rtol=1e-12)
    size = np.where(np.isfinite(delta), delta, 0.0) + np.ptp(X, axis=0).max() ** 2
    slack = 1e-12 * size.max()
    assert np.all((D <= delta + slack) | ~inside) and np.all(
        inside | (D >= delta - slack)
    )
    explanation = network.explain()
    np.testing.assert_array_equal(explanation.target, labels)
    assert np.all(explanation.score >= -slack)
    endless = np.isinf(explanation.score)
    assert not explanation.relevance[endless].any()
    assert np.all(np.abs(explanation.residual[~endless]) <= 1e-10 * size.max())
    # rows that do not tie with a level have their label by the nearest level, too
    tied = np.abs(D - delta).min(axis=1) <= slack
    found = network.classes[network.nearest(X)]
    data, query = network.rows(None)
    H = network.network.units.forward(data, query)
    found = network.classes[network.network.pooling.assigned(H, query)]
    np.testing.assert_array_equal(found[~tied], labels[~tied])


@pytest.mark.parametrize("method", ["eom", "leaf"])
@pytest.mark.parametrize("on_grid", [False, True])
def test_members_are_within_the_level_without_any_tolerance(method, on_grid):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(60, 2)) + 4 * rng.integers(3, size=(60, 1))
        # ties and duplicates, and a row that is alone
        X = np.round(X) if on_grid else X
        X[-1] += 40
        model = fitted(X, min_cluster_size=4, cluster_selection_method=method)
        network, labels = neuralize(model, X_train=X), model.labels_
        pooling, (data, query) = network.network.pooling, network.rows(None)
        H = network.network.units.forward(data, query)
        D, _ = pooling.distances(H, query)
        inside = labels[:, None] == np.arange(pooling.n_clusters)
        assert labels[-1] == -1 and inside.sum() == (labels >= 0).sum() > 20
        assert np.all(np.where(inside, D, 0.0) <= pooling.levels)
        assert np.all(np.where(inside, np.inf, D) >= pooling.levels)


@pytest.mark.parametrize("min_samples", [None, 1, 3])
@pytest.mark.parametrize("question", ["own", "noise"])
def test_shapley_is_brute_force(min_samples, question):
    """The k-th neighbour is looked for among the columns; levels are spread evenly."""
    X = WINE[:, [0, 6, 9, 12]]
    model = fitted(X, min_cluster_size=8, min_samples=min_samples)
    labels, K = model.labels_, model.labels_.max() + 1
    assert K > 1 and (labels < 0).any()
    network = neuralize(model, X_train=X)
    levels = network.network.pooling.levels
    at = (
        np.flatnonzero(labels >= 0)[::23]
        if question == "noise"
        else np.arange(0, 178, 22)
    )
    asked = (
        {"cluster": labels[at], "rival": -1}
        if question == "noise"
        else {"cluster": labels[at]}
    )
    got = network.explain(X[at], leave_out=at, **asked)
    for n, phi, score in zip(at, got.relevance, got.score, strict=True):

        def value(columns, n=n):
            share = len(columns) / 4
            r = slow_reach(model, X, n, columns, share)
            D = np.array([r[labels == j].min() for j in range(K)])
            if labels[n] < 0:
                return (D - share * levels).min()
            if question == "noise":
                return share * levels[labels[n]] - D[labels[n]]
            return np.delete(D, labels[n]).min() - D[labels[n]]

        assert score == pytest.approx(value([0, 1, 2, 3]), abs=1e-12)
        np.testing.assert_allclose(phi, by_permutations(value, 4), atol=1e-9)


@pytest.mark.parametrize("min_samples", [1, 4])
def test_rows_are_outliers_by_the_nearest_row_of_a_cluster(min_samples):
    X = WINE[:, :4]
    model = fitted(X, min_cluster_size=8, min_samples=min_samples)
    labels = model.labels_
    got = explain(model, X_train=X, target="outlier")
    rows = np.arange(0, 178, 9)
    inside = labels >= 0
    for n in rows:
        assert got.score[n] == pytest.approx(slow_reach(model, X, n)[inside].min())

        def value(columns, n=n):
            r = slow_reach(model, X, n, columns, len(columns) / 4)
            return r[inside].min()

        phi = by_permutations(value, 4)
        np.testing.assert_allclose(got.relevance[n], phi, atol=1e-9)
    shared = explain(model, X_train=X, target="outlier", rule="proportional")
    np.testing.assert_array_equal(shared.score, got.score)
    assert conservation_error(model, X_train=X, target="outlier") < 1e-12
    assert np.abs(shared.residual).max() < 1e-12
    # the levels at which clusters meet the rest are lengths
    levels = np.array(got.meta["levels"]) ** 2
    noise = explain(model, X_train=X, cluster=-1)
    assert np.all(got.score[~inside] >= noise.score[~inside] + levels.min() - 1e-12)


def test_metrics_and_the_proportional_rule():
    X = WINE[:, :8]
    model = fitted(X, min_samples=3)
    network = neuralize(model, X_train=X)
    got, expected = network.explain(), exact_shapley(network)
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-9)
    assert conservation_error(network) < 1e-12
    shared = explain(model, X_train=X, rule="proportional")
    np.testing.assert_array_equal(shared.score, got.score)
    assert np.abs(shared.residual).max() < 1e-12
    assert flipping_score(network, None, got) <= flipping_score(network, None, shared)


def test_the_proportional_rule_shares_what_is_the_largest():
    model = fitted(WINE, min_samples=4)
    labels = model.labels_
    got = explain(model, X_train=WINE, rule="proportional")
    h = cdist(WINE, WINE, "sqeuclidean")
    core, kth = np.sort(h, axis=1)[:, 3], np.argsort(h, axis=1, kind="stable")[:, 3]
    seen = set()

    def part(n, k):
        """Shares of the mutual reachability of a row to another."""
        what = np.argmax([h[n, k], core[n], core[k]])
        seen.add(int(what))
        squares = (WINE[n] - WINE[k if what == 0 else kth[n]]) ** 2
        return squares if what < 2 else np.full(13, core[k] / 13)

    for n in np.flatnonzero(labels >= 0):
        r = slow_reach(model, WINE, n)
        near = [
            np.flatnonzero(side)[r[side].argmin()]
            for side in (labels == labels[n], (labels >= 0) & (labels != labels[n]))
        ]
        expected = part(n, near[1]) - part(n, near[0])
        np.testing.assert_allclose(got.relevance[n], expected, atol=1e-9)
    assert seen == {0, 1, 2}


def test_a_cluster_that_never_ends():
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = fitted(X, min_cluster_size=30, allow_single_cluster=True)
    if (model.labels_ < 0).any():
        model.labels_ = np.zeros(30, dtype=int)
    got = explain(model, X_train=X)
    assert np.all(got.score == np.inf) and not got.relevance.any()
    assert set(got.rival) == {None} and np.isnan(got.compared_with).all()
    noise = explain(model, X_train=X, cluster=-1)
    assert np.all(noise.score == -np.inf) and not noise.relevance.any()


@pytest.mark.parametrize("steps", [[], [PCA(3)]])
def test_pipelines(steps):
    pipeline = make_pipeline(StandardScaler(), *steps, fitted())
    pipeline.fit(IRIS)
    got = explain(pipeline, X_train=IRIS)
    np.testing.assert_array_equal(got.target, pipeline[-1].labels_)
    Z = pipeline[:-1].transform(IRIS)
    plain = explain(pipeline[-1], X_train=Z)
    np.testing.assert_allclose(got.score, plain.score, rtol=1e-9, atol=1e-12)
    new = explain(pipeline, IRIS[:3] + 0.1, X_train=IRIS, rule="proportional")
    assert np.abs(new.residual).max() < 1e-12
    with pytest.raises(ValueError, match=r"HDBSCAN does not keep the rows .* X_train"):
        explain(pipeline, IRIS)


@pytest.mark.parametrize("rule", ["shapley", "proportional"])
def test_mechanics(rule):
    check_mechanics(fitted(), IRIS[::9], refit_to_less, rule=rule, X_train=IRIS)


def test_refusals():
    with pytest.raises(ValueError, match="does not keep the rows of its fit, of which"):
        explain(fitted(), IRIS)
    with pytest.raises(ValueError, match=r"row .* is nearer to other rows than to"):
        neuralize(fitted(), X_train=np.roll(IRIS, 37, axis=0))
    with pytest.raises(ValueError, match="149 rows, and it has 150 labels"):
        neuralize(fitted(), X_train=IRIS[1:])
    with pytest.raises(
        ValueError, match=r"alpha=0.5 scales .*: fit HDBSCAN with alpha=1"
    ):
        neuralize(fitted(alpha=0.5), X_train=IRIS)
    with pytest.raises(ValueError, match="metric='manhattan'"):
        neuralize(fitted(metric="manhattan"), X_train=IRIS)
    gaps = IRIS.copy()
    gaps[5, 0] = np.nan
    with pytest.raises(ValueError, match="infinite or missing values, such as row 5"):
        neuralize(fitted(gaps), X_train=gaps)
    with pytest.raises(ValueError, match="take one of 'proportional', 'shapley'"):
        neuralize(fitted(), X_train=IRIS, rule="midpoint")


def test_what_would_find_clusters_is_said():
    none = fitted(IRIS[:30], min_samples=25, min_cluster_size=14)
    with pytest.raises(ValueError, match="Fit it with a smaller min_cluster_size, or"):
        neuralize(none, X_train=IRIS[:30])
    small = fitted(min_cluster_size=5, max_cluster_size=5)
    with pytest.raises(ValueError, match="Fit it with a max_cluster_size beyond 5, a"):
        neuralize(small, X_train=IRIS)
    neuralize(fitted(min_cluster_size=5, max_cluster_size=60), X_train=IRIS)
