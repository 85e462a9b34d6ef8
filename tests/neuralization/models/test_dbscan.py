# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""DBSCAN: its labels and noise, its game by brute force, doors and refusals."""

import numpy as np
import pandas as pd
import pytest
from helpers.checks import REAL, assert_same, check_mechanics, refit_to_less
from helpers.shapley import by_permutations
from helpers.strategies import kinds, rows, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize
from skneon.metrics import conservation_error, exact_shapley, flipping_score
from skneon.network import Midpoint, Rule

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

IRIS = REAL["iris"]


def fitted(X=IRIS, **parameters):
    return DBSCAN(**{"eps": 0.5, **parameters}).fit(X)


@st.composite
def clusterings(draw, max_features=4):
    """Rows with ties and duplicates, and a clustering with a cluster."""
    rng = np.random.default_rng(draw(seeds))
    X = rows(rng, draw(st.integers(2, 40)), draw(st.integers(1, max_features)), "ties")
    kind = draw(kinds)
    X = rows(rng, *X.shape, kind) + (X if kind == "normal" else 0)
    if draw(st.booleans()):
        X[1::3] = X[0::3][: len(X[1::3])]
    spread = np.median(cdist(X, X)) or 1.0
    eps = draw(st.sampled_from([1.0, 1.5, 2.0])) if kind == "ties" else spread / 3
    weight = rng.integers(1, 4, size=len(X)) if draw(st.booleans()) else None
    model = DBSCAN(eps=eps, min_samples=draw(st.integers(1, 5)))
    model.fit(X, sample_weight=weight)
    return X, model


def slow_distances(model, X, own=False):
    """Squared distances to the nearest core row of each cluster, (n, K)."""
    core, members = model.components_, model.labels_[model.core_sample_indices_]
    h = cdist(X, core, "sqeuclidean")
    if own:
        for k, n in enumerate(model.core_sample_indices_):
            if (members == members[k]).sum() > 1:
                h[n, k] = np.inf
    K = model.labels_.max() + 1
    return np.stack([h[:, members == j].min(axis=1) for j in range(K)], axis=1)


@given(clusterings())
def test_labels_are_reproduced(problem):
    X, model = problem
    if model.labels_.max() < 0:
        with pytest.raises(ValueError, match="DBSCAN found no cluster: all"):
            neuralize(model)
        return
    network = neuralize(model, X_train=X)
    labels, noise = model.labels_, model.labels_ < 0
    # border rows within eps of several clusters have whichever came first
    D, own = slow_distances(model, X), slow_distances(model, X, own=True)
    torn = (D <= model.eps**2).sum(axis=1) > 1
    found = network.classes[network.nearest(X)]
    np.testing.assert_array_equal(found[~torn], labels[~torn])
    explanation = network.explain()
    np.testing.assert_array_equal(explanation.target, labels)
    np.testing.assert_array_equal(network.forward(cluster=-1) > 0, noise)
    assert np.all(explanation.score[~torn] >= 0)
    level = network.network.pooling.levels[0]
    at = np.flatnonzero(~noise)
    against = network.forward(X[at], leave_out=at, cluster=labels[at], rival=-1)
    np.testing.assert_allclose(
        against, level - own[at, labels[at]], 1e-12, 1e-12 * level
    )
    assert np.all(against >= 0)


def slow_value(model, x, c, rival, columns):
    """The score of a row by some columns alone, by hand."""
    core, members = model.components_, model.labels_[model.core_sample_indices_]
    h = ((x - core)[:, columns] ** 2).sum(axis=1)
    K, share = model.labels_.max() + 1, len(columns) / len(x)
    D = np.array([h[members == j].min() for j in range(K)])
    end = model.eps**2 * share
    if c < 0:
        return (D if rival is None else D[[rival]]).min() - end
    if rival == -1 or K == 1:
        return end - D[c]
    return (np.delete(D, c).min() if rival is None else D[rival]) - D[c]


@given(clusterings(), st.sampled_from(["none", "noise", "other"]), st.booleans())
def test_shapley_is_brute_force_and_both_rules_sum_to_the_score(problem, ask, of_noise):
    X, model = problem
    K = model.labels_.max() + 1
    if K == 0 or (ask == "other" and K == 1):
        return
    x, c = X[:2] + 0.25, -1 if of_noise else 0
    rival = {"none": None, "noise": -1, "other": 1}[ask]
    if c == rival:
        return
    asked = {"cluster": c} | ({} if rival is None else {"rival": rival})
    exact = explain(model, x, **asked)
    shared = explain(model, x, rule="proportional", **asked)
    for row, phi, score in zip(x, exact.relevance, exact.score, strict=True):

        def value(columns, row=row):
            return slow_value(model, row, c, rival, columns)

        assert score == pytest.approx(
            value([*range(len(row))]), abs=1e-9 * abs(x).max() ** 2
        )
        size = np.abs(phi).sum() + model.eps**2
        assert np.abs(phi - by_permutations(value, len(row))).max() <= 1e-9 * size
    np.testing.assert_array_equal(shared.score, exact.score)
    for explanation in (exact, shared):
        size = np.abs(explanation.relevance).sum(axis=1) + model.eps**2
        assert np.all(np.abs(explanation.residual) <= 1e-10 * size)


@pytest.mark.parametrize("asked", [{}, {"cluster": 0, "rival": -1}, {"cluster": -1}])
def test_deciding_rows_that_are_given(asked):
    """The proportional rule has the Shapley values of the game of these two rows."""
    model, X = fitted(), IRIS[::15]
    got = explain(model, X, rule="proportional", **asked)
    core, members = model.components_, model.labels_[model.core_sample_indices_]

    def nearest(x, c):
        own = core[members == c]
        return own[cdist(x[None], own).argmin()]

    for x, c, rival, phi in zip(X, got.target, got.rival, got.relevance, strict=True):

        def value(columns, x=x, c=c, rival=rival):
            def distance(j):
                if j < 0:
                    return model.eps**2 * len(columns) / len(x)
                return np.sum((x - nearest(x, j))[columns] ** 2)

            return distance(rival) - distance(c)

        np.testing.assert_allclose(phi, by_permutations(value, 4), atol=1e-9)


def test_eight_columns_equal_all_subsets_also_for_training_rows():
    X = REAL["wine"][:, :8]
    model = fitted(X, eps=1.5)
    expected = exact_shapley(model, X_train=X)
    got = explain(model, X_train=X)
    assert set(got.target) == {-1, 0, 1}
    np.testing.assert_allclose(got.relevance, expected.relevance, atol=1e-9)
    assert conservation_error(model, X_train=X) < 1e-12
    shared = explain(model, X_train=X, rule="proportional")
    assert flipping_score(model, None, got, X_train=X) <= flipping_score(
        model, None, shared, X_train=X
    )


def test_what_is_asked_and_answered():
    model = fitted()
    noise = np.flatnonzero(model.labels_ < 0)
    explanation = explain(model, X_train=IRIS)
    # noise is explained by its distance to the nearest core row
    h = cdist(IRIS[noise], model.components_, "sqeuclidean")
    np.testing.assert_allclose(explanation.score[noise], h.min(axis=1) - 0.25)
    near = model.components_[h.argmin(axis=1)]
    np.testing.assert_array_equal(explanation.compared_with[noise], near)
    assert set(explanation.rival[noise]) == {0, 1}
    members = model.labels_ == 0
    assert set(explanation.rival[members]) == {1}
    why = explain(model, IRIS[members], cluster=0, rival=-1)
    assert set(why.rival) == {-1} and np.all(why.score > 0)
    assert why.target.tolist() == [0] * members.sum()
    # the row itself is the nearest core row, unless it is left out
    assert (why.compared_with == IRIS[members]).all(axis=1).mean() > 0.8
    for question in ({"rival": -1}, {"cluster": -1, "rival": -1}):
        with pytest.raises(ValueError, match=r"rival must differ .* both are -1"):
            explain(model, IRIS, **question)
    with pytest.raises(ValueError, match="cluster=2 is no cluster: they are 0, 1, -1"):
        explain(model, IRIS, cluster=2)
    frame = pd.DataFrame(IRIS, columns=list("abcd"))
    named = explain(fitted(frame), frame.iloc[:3])
    assert named.feature_names == tuple("abcd")


# of shap's own
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_form_of_shap():
    pytest.importorskip("shap")
    found = explain(fitted(), IRIS[:3], cluster=-1).to_shap()
    np.testing.assert_allclose(
        found.values.sum(axis=1), neuralize(fitted()).forward(IRIS[:3], cluster=-1)
    )


@given(clusterings())
def test_rows_are_outliers_by_the_nearest_core_row(problem):
    X, model = problem
    if model.labels_.max() < 0:
        return
    got = explain(model, X_train=X, target="outlier")
    shared = explain(model, X_train=X, target="outlier", rule="proportional")
    nearest = slow_distances(model, X, own=True).min(axis=1)
    slack = 1e-12 * (nearest.max() + model.eps**2)
    np.testing.assert_allclose(got.score, nearest, rtol=1e-12)
    np.testing.assert_array_equal(got.score > model.eps**2, model.labels_ < 0)
    for explanation in (got, shared):
        assert np.all(np.abs(explanation.residual) <= slack)
        assert np.all(explanation.relevance >= -slack)
    for n in np.flatnonzero(model.labels_ < 0)[:2]:
        squares = (X[n] - model.components_) ** 2
        # core rows may tie
        assert (np.abs(squares - shared.relevance[n]) <= slack).all(axis=1).any()
        phi = by_permutations(
            lambda S, s=squares: s[:, S].sum(axis=1).min(), X.shape[1]
        )
        np.testing.assert_allclose(got.relevance[n], phi, atol=1e-9 * nearest[n])


def test_outliers_stand_beside_the_training_rows():
    model = fitted()
    training = explain(model, X_train=IRIS, target="outlier")
    assert training.target == "outlier" and training.meta["radius"] == 0.5
    assert training.meta["compared_with"] == "nearest core row"
    near = cdist(IRIS, model.components_).argmin(axis=1)
    noise = model.labels_ < 0
    np.testing.assert_array_equal(
        training.compared_with[noise], model.components_[near[noise]]
    )
    new = explain(model, IRIS[:3] + 9, X_train=IRIS, target="outlier")
    np.testing.assert_array_equal(new.training_score, training.score)
    np.testing.assert_allclose(new.p_value, 1 / 151)
    got = exact_shapley(model, X_train=IRIS, target="outlier")
    np.testing.assert_allclose(training.relevance, got.relevance, atol=1e-9)
    pipeline = make_pipeline(StandardScaler(), fitted()).fit(IRIS)
    far = explain(pipeline, X_train=IRIS, target="outlier")
    np.testing.assert_array_equal(far.score > 0.25, pipeline[-1].labels_ < 0)
    with pytest.raises(TypeError, match="no clusters where the target is 'outlier'"):
        explain(model, IRIS, target="outlier", cluster=0)
    with pytest.raises(ValueError, match="The 'target' parameter of neuralize"):
        explain(model, IRIS, target="inlier")


def test_a_lone_cluster_competes_with_noise():
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [9.0, 9.0]])
    model = DBSCAN(eps=1.5, min_samples=2).fit(X)
    explanation = explain(model, X_train=X)
    np.testing.assert_allclose(explanation.score, [1.25, 1.25, 1.25, 145 - 2.25])
    assert explanation.rival.tolist() == [-1, -1, -1, 0]
    # a core row that is alone in its cluster stays where it is left out
    lone = DBSCAN(eps=1.5, min_samples=1).fit(X)
    assert explain(lone, X_train=X).score[3] == 145


@pytest.mark.parametrize("rule", ["shapley", "proportional"])
def test_mechanics(rule):
    options = {"rule": rule, "X_train": IRIS}
    check_mechanics(fitted(), IRIS[::9], refit_to_less, **options)


def test_sparse_rows_float32_and_weights():
    expected = explain(fitted(), IRIS[:9])
    assert_same(
        explain(fitted(sparse.csr_array(IRIS)), sparse.csr_array(IRIS[:9])), expected
    )
    single = IRIS.astype(np.float32)
    got = explain(fitted(single), single[:9])
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-3, atol=1e-5)
    # a weight counts for core rows alone, which are those of the model
    weight = np.where(np.arange(150) < 100, 1.0, 0.2)
    model = DBSCAN(eps=0.5).fit(IRIS, sample_weight=weight)
    labels = neuralize(model).classes[neuralize(model).nearest(IRIS)]
    assert (labels == model.labels_).mean() > 0.95 and (labels[100:] < 0).sum() > 20


@pytest.mark.parametrize("n", [None, 2])
def test_pipelines(n):
    steps = [StandardScaler(), *([] if n is None else [PCA(n)])]
    model = make_pipeline(*steps, DBSCAN(eps=0.5)).fit(REAL["iris"])
    for rule in ("shapley", "proportional"):
        got = explain(model, X_train=IRIS, rule=rule)
        np.testing.assert_array_equal(got.target, model[-1].labels_)
        Z = model[:-1].transform(IRIS)
        plain = explain(model[-1], X_train=Z, rule=rule)
        np.testing.assert_allclose(got.score, plain.score, rtol=1e-9, atol=1e-12)
        assert np.abs(got.residual).max() <= 1e-10
        if n is None:
            np.testing.assert_allclose(got.relevance, plain.relevance, atol=1e-9)
            np.testing.assert_allclose(
                got.compared_with, model[0].inverse_transform(plain.compared_with)
            )
    exact = exact_shapley(model, X_train=IRIS)
    np.testing.assert_allclose(
        explain(model, X_train=IRIS).relevance, exact.relevance, atol=1e-9
    )


REFUSED = {
    "manhattan": ({"metric": "manhattan"}, "metric='manhattan'.*metric=\"euclidean\""),
    "cosine": ({"metric": "cosine", "eps": 0.1}, "Divide each row by its length"),
    "p": ({"metric": "minkowski", "p": 1}, "metric='minkowski', p=1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_metrics(name):
    parameters, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        neuralize(fitted(np.abs(IRIS) + 1, **parameters))
    same = fitted(metric="minkowski", p=2)
    assert_same(explain(same, IRIS[:5]), explain(fitted(), IRIS[:5]))


def test_refusals():
    model = fitted()
    with pytest.raises(ValueError, match=r"all 150 rows are noise.*larger eps"):
        neuralize(fitted(eps=1e-3))
    with pytest.raises(ValueError, match=r"does not keep its training rows.*X_train"):
        explain(model)
    with pytest.raises(ValueError, match="149 rows, and it has 150 labels"):
        neuralize(model, X_train=IRIS[1:])
    with pytest.raises(ValueError, match="row 0 is another than the row 0 that it"):
        neuralize(model, X_train=IRIS[::-1])
    for rule in ("midpoint", "w-square", "interventional", Midpoint(1.0)):
        with pytest.raises(ValueError, match="take one of 'proportional', 'shapley'"):
            neuralize(model, rule=rule)
    with pytest.raises(ValueError, match="does not explain"):
        neuralize(model, rule="integrated")
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target, ru"):
        neuralize(model, beta=1.0)
    assert neuralize(model, rule=Rule()).network.rule == Rule()
