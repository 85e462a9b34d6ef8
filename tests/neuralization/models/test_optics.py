# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""OPTICS: reachability, clusters by core rows, doors and refusals."""

import numpy as np
import pytest
from helpers.checks import REAL, check_mechanics, refit_to_less
from helpers.strategies import kinds, rows, seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN, OPTICS
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize
from skneon.metrics import exact_shapley

# rows meet themselves among the training rows on purpose; where all rows are
# duplicates scikit-learn divides by 0
pytestmark = [
    pytest.mark.filterwarnings("ignore::skneon.InSampleWarning"),
    pytest.mark.filterwarnings("ignore:.*:RuntimeWarning:sklearn"),
    pytest.mark.filterwarnings("ignore:All reachability values are inf:UserWarning"),
]

IRIS = REAL["iris"]


def fitted(X=IRIS, **parameters):
    usual = {"min_samples": 5, "cluster_method": "dbscan", "eps": 0.5}
    return OPTICS(**{**usual, **parameters}).fit(X)


# a fit takes long
@settings(max_examples=20)
@given(seeds, kinds, st.integers(2, 5), st.sampled_from([np.inf, 1.0]))
def test_reachability_is_reproduced(seed, kind, min_samples, max_eps):
    rng = np.random.default_rng(seed)
    X = rows(rng, rng.integers(min_samples, 30), rng.integers(1, 4), kind)
    new = rows(rng, 3, X.shape[1], kind)
    model = OPTICS(min_samples=min_samples, max_eps=max_eps).fit(X)
    network = neuralize(model, X_train=X, target="reachability")
    got, expected = network.explain(), model.reachability_
    reached = np.isfinite(expected)
    np.testing.assert_allclose(got.score[reached], expected[reached], 1e-9, 1e-12)
    assert np.all(got.score[~reached] == np.inf) and not got.relevance[~reached].any()
    start, core = model.predecessor_[reached], model.core_distances_
    D = X[reached] - X[start]
    length = np.linalg.norm(D, axis=1)
    far = length >= core[start] * (1 - 1e-9)
    # the distance is shared, or the core distance is left over
    shares = D**2 / np.where(length > 0, length, 1)[:, None]
    np.testing.assert_allclose(
        got.relevance[reached], np.where(far[:, None], shares, 0.0), 1e-9, 1e-12
    )
    left = np.where(far, 0.0, core[start])
    np.testing.assert_allclose(got.residual[reached], left, atol=1e-9 * np.abs(X).max())
    np.testing.assert_array_equal(got.compared_with[reached], X[start])
    reach = np.maximum(cdist(new, X), core)
    reach[reach > max_eps] = np.inf
    np.testing.assert_allclose(network.forward(new), reach.min(axis=1), 1e-9)


# a fit takes long
@settings(max_examples=20)
@given(seeds, kinds, st.integers(1, 5))
def test_clusters_are_those_of_core_rows(seed, kind, min_samples):
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 40)
    X = rows(rng, n, rng.integers(1, 4), kind) + 3 * rng.integers(2, size=(n, 1))
    eps = float(np.median(cdist(X, X)) / 3) or 1.0
    model = OPTICS(
        min_samples=min(min_samples + 1, n), cluster_method="dbscan", eps=eps
    )
    labels = model.fit(X).labels_
    if labels.max() < 0:
        with pytest.raises(ValueError, match=r"OPTICS found no cluster.*larger eps"):
            neuralize(model, X_train=X)
        return
    network = neuralize(model, X_train=X)
    core = model.core_distances_ <= eps
    found = network.classes[network.nearest(X)]
    np.testing.assert_array_equal(found[core], labels[core])
    # a border row that came before its core rows is noise for OPTICS alone
    assert np.all(labels[found < 0] < 0)
    at = np.flatnonzero(labels >= 0)
    against = network.forward(X[at], leave_out=at, cluster=labels[at], rival=-1)
    assert np.all(against >= -1e-9 * eps**2)
    got = network.explain()
    np.testing.assert_array_equal(got.target, labels)
    assert np.all(got.score[core] >= -1e-9 * np.ptp(X) ** 2)


def test_clusters_are_explained_as_those_of_dbscan():
    model, dbscan = fitted(), DBSCAN(eps=0.5, min_samples=5).fit(IRIS)
    np.testing.assert_array_equal(model.labels_, dbscan.labels_)
    for rule in ("shapley", "proportional"):
        got = explain(model, X_train=IRIS, rule=rule)
        expected = explain(dbscan, X_train=IRIS, rule=rule)
        np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-9)
        np.testing.assert_array_equal(got.rival, expected.rival)
        apart = explain(model, X_train=IRIS, rule=rule, target="outlier")
        expected = explain(dbscan, X_train=IRIS, rule=rule, target="outlier")
        np.testing.assert_allclose(apart.relevance, expected.relevance, atol=1e-9)
    exact = exact_shapley(model, X_train=IRIS)
    got = explain(model, X_train=IRIS)
    np.testing.assert_allclose(got.relevance, exact.relevance, atol=1e-9)


@pytest.mark.parametrize("steps", [[], [PCA(3)]])
def test_pipelines(steps):
    pipeline = make_pipeline(StandardScaler(), *steps, fitted()).fit(IRIS)
    model = pipeline[-1]
    got = explain(pipeline, X_train=IRIS, target="reachability")
    reached = np.isfinite(model.reachability_)
    np.testing.assert_allclose(got.score[reached], model.reachability_[reached])
    # what cannot be explained of its clusters does not matter
    xi = make_pipeline(*pipeline[:-1], fitted(cluster_method="xi")).fit(IRIS)
    same = explain(xi, X_train=IRIS, target="reachability")
    np.testing.assert_allclose(same.relevance, got.relevance)
    clusters = explain(pipeline, X_train=IRIS)
    np.testing.assert_array_equal(clusters.target, model.labels_)
    with pytest.raises(ValueError, match=r"OPTICS does not keep the rows .* X_train"):
        explain(pipeline, IRIS)


@pytest.mark.parametrize("target", ["cluster", "reachability"])
def test_mechanics(target):
    options = {"target": target, "X_train": IRIS}
    check_mechanics(fitted(), IRIS[::9] + 0.1, refit_to_less, **options)


def test_refusals():
    with pytest.raises(
        ValueError, match=r"cluster_method='xi' .* members=model.labels_"
    ):
        neuralize(fitted(cluster_method="xi"), X_train=IRIS)
    with pytest.raises(ValueError, match="does not keep the rows of its fit"):
        explain(fitted(), IRIS)
    with pytest.raises(
        ValueError, match=r"row \d+ is reached at .* its reachability_ is"
    ):
        neuralize(fitted(), X_train=IRIS[::-1])
    with pytest.raises(ValueError, match="metric='manhattan'"):
        neuralize(fitted(metric="manhattan"), X_train=IRIS)
    with pytest.raises(ValueError, match="metric='minkowski', p=1"):
        neuralize(fitted(p=1), X_train=IRIS)
    with pytest.raises(ValueError, match="which has one rule: leave it out"):
        neuralize(fitted(), X_train=IRIS, target="reachability", rule="shapley")
    with pytest.raises(ValueError, match="'target' parameter"):
        neuralize(fitted(), X_train=IRIS, target="inlier")
