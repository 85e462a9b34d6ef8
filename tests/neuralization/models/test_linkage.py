# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linkage clusterings: the insertion law, its games, and what is refused."""

import re

import numpy as np
import pandas as pd
import pytest
from helpers.checks import REAL, assert_same, check_mechanics, refit_to_less
from helpers.laws import assert_close
from helpers.linkage import LINKAGES, Slow, whole
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.neighbors import kneighbors_graph
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import InSampleWarning, explain, neuralize
from skneon.metrics import exact_shapley, flipping_score
from skneon.network import Midpoint, Rule, Shapley

WINE = REAL["wine"]
EVIDENCE = ("insertion", "whole")
kinds = st.sampled_from(LINKAGES)


def fitted(X, kind="ward", n_clusters=3, **parameters):
    return AgglomerativeClustering(n_clusters, linkage=kind, **parameters).fit(X)


@st.composite
def tables(draw, largest=40, columns=4):
    """Rows of normal columns, or on an integer grid, some of them twice."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = draw(st.integers(4, largest)), draw(st.integers(1, columns))
    X = rng.normal(size=(n, d))
    if draw(st.booleans()):
        X = rng.integers(4, size=(n, d)).astype(float)
    if draw(st.booleans()):
        X = np.vstack([X, X[: n // 2]])
    return X * 2.0 ** draw(st.integers(-8, 8)) + draw(st.sampled_from([0, 1000]))


def first_merges(model):
    """Height of the merge that each row is first in."""
    heights = np.empty(model.n_leaves_)
    for t, pair in enumerate(model.children_):
        leaves = pair[pair < model.n_leaves_]
        heights[leaves] = model.distances_[t]
    return heights


def powered(values, kind):
    """Heights as the evidence counts them."""
    return values if kind == "average" else values**2


# The insertion law


@given(tables(), kinds, st.data())
@settings(max_examples=60)
def test_no_row_would_sooner_join_another_cluster(X, kind, data):
    """And every row with a partner joins its own at the height of its first merge."""
    n_clusters = data.draw(st.integers(2, min(9, len(X))))
    model = fitted(X, kind, n_clusters, compute_distances=True)
    network = neuralize(model, X_train=X)
    f, size = network.forward(), powered(model.distances_.max(), kind) + 1e-300
    assert np.all(f >= -1e-9 * size)
    tree = network.network.units.tree
    absent = network.training.absent
    alive = tree.alive(tree.values(X), absent)
    own = tree.nearest(alive)[np.arange(len(X)), model.labels_]
    partner = np.bincount(model.labels_)[model.labels_] > 1
    first = powered(first_merges(model), kind)
    np.testing.assert_allclose(own[partner], first[partner], 1e-9, 1e-12 * size)


@pytest.mark.parametrize("kind", LINKAGES)
def test_the_first_merge_of_a_row_is_foretold_without_it(kind):
    first = first_merges(fitted(WINE, kind, compute_distances=True))
    for n in range(0, len(WINE), 20):
        others = np.delete(WINE, n, axis=0)
        units = neuralize(fitted(others, kind), X_train=others).network.units
        tree = units.tree
        alive = tree.alive(tree.values(WINE[[n]]), None)
        assert abs(alive.min() - powered(first[n], kind)) <= 1e-12 * alive.min()


@pytest.mark.parametrize("kind", LINKAGES)
def test_new_rows_join_the_cluster_of_their_evidence(kind):
    model = fitted(WINE[:120], kind, 4)
    got = neuralize(model, X_train=WINE[:120]).explain(WINE[120:])
    slow = Slow(model, WINE[:120])
    for x, cluster in zip(WINE[120::9], got.target[::9], strict=True):
        heights = [slow.joined(x, j)[0] for j in range(4)]
        assert cluster == np.argmin(heights)
    assert np.all(got.score >= 0)


# Games


@given(tables(12, 3), kinds, st.booleans(), st.data())
@settings(max_examples=40)
def test_shapley_values_of_the_insertion(X, kind, new, data):
    n_clusters = data.draw(st.integers(2, min(4, len(X))))
    model = fitted(X, kind, n_clusters)
    slow, rows = Slow(model, X), X + 0.25 * new * np.ptp(X)
    cluster = model.labels_
    if data.draw(st.booleans()):
        cluster = (cluster + 1) % n_clusters
    rival = (cluster + 1) % n_clusters if data.draw(st.booleans()) else None
    asked = {"cluster": cluster} | ({} if rival is None else {"rival": rival})
    got = neuralize(model, X_train=X).explain(rows if new else None, **asked)
    size = np.ptp(X, axis=0).max() ** 2 + 1
    for n in range(0, len(X), 3):
        own = None if new else n
        alone = np.sum(model.labels_ == model.labels_[n]) == 1
        if alone and not new and cluster[n] != model.labels_[n]:
            continue
        j = None if rival is None else rival[n]
        score, phi, constant, _ = slow.evidence(rows[n], cluster[n], own, j)
        assert abs(got.score[n] - score) <= 1e-9 * size
        assert abs(got.residual[n] - constant) <= 1e-9 * size
        # of nodes that tie any may be taken
        if np.abs(got.relevance[n] - phi).max() > 1e-9 * size:
            assert np.array_equal(X, np.rint(X * 2**8) / 2**8)


@given(tables(12, 3), kinds, st.booleans(), st.data())
@settings(max_examples=40)
def test_shapley_values_of_whole_clusters(X, kind, new, data):
    n_clusters = data.draw(st.integers(2, min(4, len(X))))
    model = fitted(X, kind, n_clusters)
    rows = X + 0.25 * new * np.ptp(X)
    network = neuralize(model, X_train=X, evidence="whole")
    cluster = model.labels_
    got = network.explain(rows if new else None, cluster=cluster)
    size = np.ptp(X, axis=0).max() ** 2 + 1
    for n in range(0, len(X), 3):
        own = None if new else n
        score, phi = whole(model, X, rows[n], cluster[n], own)
        assert abs(got.score[n] - score) <= 1e-9 * size
        np.testing.assert_allclose(got.relevance[n], phi, 0, 1e-9 * size)


@pytest.mark.parametrize("kind", LINKAGES)
@pytest.mark.parametrize("evidence", EVIDENCE)
def test_shapley_values_of_eight_columns_are_those_of_all_sets(kind, evidence):
    X = WINE[::3, :8]
    network = neuralize(fitted(X, kind), X_train=X, evidence=evidence)
    got, exact = network.explain(), exact_shapley(network)
    assert_close(got.relevance, exact.relevance)
    lone = np.bincount(got.target)[got.target] == 1
    kept = np.where(lone, exact.residual, 0.0) if evidence == "insertion" else 0.0
    np.testing.assert_allclose(got.residual, kept, atol=1e-10)
    reverse = flipping_score(network, relevance=-got.relevance)
    assert flipping_score(network, relevance=got) < reverse


@pytest.mark.parametrize("kind", LINKAGES)
@pytest.mark.parametrize("evidence", EVIDENCE)
def test_proportional_shares_are_those_of_what_decides(kind, evidence):
    """Squares of the node means, of one row, or of all rows over their distances."""
    model = fitted(WINE, kind, 2)
    network = neuralize(model, X_train=WINE, evidence=evidence, rule="proportional")
    got = network.explain()
    slow, labels = Slow(model, WINE), model.labels_
    partner = np.bincount(labels)[labels] > 1
    assert np.abs(got.residual[partner]).max() <= 1e-10
    for n in np.flatnonzero(partner)[::40]:
        x, parts = WINE[n], []
        for j in (1 - labels[n], labels[n]):
            rows = [i for i in np.flatnonzero(labels == j) if i != n]
            if evidence == "insertion":
                rows = slow.rows[slow.joined(x, j, n)[1]]
            squares = (x - WINE[rows]) ** 2
            total = squares.sum(axis=1)
            if kind == "ward":
                m = len(rows)
                share = 2 * m / (m + 1) * (x - WINE[rows].mean(axis=0)) ** 2
            elif kind == "average":
                share = np.mean(squares / np.sqrt(total)[:, None], axis=0)
            else:
                least = kind == "single"
                share = squares[total.argmin() if least else total.argmax()]
            parts.append(share)
        np.testing.assert_allclose(got.relevance[n], parts[0] - parts[1], 0, 1e-9)


def test_ward_insertion_is_additive():
    """So that both rules agree."""
    X = WINE[:, :6]
    model = fitted(X)
    one = explain(model, X_train=X)
    other = explain(model, X_train=X, rule="proportional")
    assert_close(one.relevance, other.relevance)


# Lone rows and lone clusters


def test_a_lone_row_ends_at_the_last_merge():
    X = np.array([[0.0, 0.0], [1.0, 0.0], [2.5, 0.0], [9.0, 4.0]])
    model = fitted(X, "single", 2)
    got = explain(model, X_train=X)
    lone = got.target[3]
    np.testing.assert_allclose(got.score[3], 6.5**2 + 4.0**2 - 1.5**2)
    np.testing.assert_allclose(got.residual, [0, 0, 0, -(1.5**2)], atol=1e-12)
    np.testing.assert_allclose(got.relevance[3], [6.5**2, 16.0])
    # asked about the other cluster, it is the negative of that
    other = explain(model, X_train=X, cluster=1 - lone)
    np.testing.assert_allclose(other.score[3], -got.score[3])
    np.testing.assert_allclose(other.relevance[3], -got.relevance[3])
    np.testing.assert_array_equal(other.rival[3], lone)
    stays = explain(model, X_train=X, evidence="whole")
    np.testing.assert_allclose(stays.relevance[3], [6.5**2, 16.0])
    np.testing.assert_allclose(stays.residual, 0, atol=1e-12)


@pytest.mark.parametrize("evidence", EVIDENCE)
@pytest.mark.parametrize("kind", LINKAGES)
def test_one_cluster_and_as_many_as_rows(kind, evidence):
    X = WINE[:9]
    alone = explain(fitted(X, kind, 1), X_train=X, evidence=evidence)
    assert np.all(np.isposinf(alone.score)) and not alone.relevance.any()
    assert np.all(alone.rival == -1)
    each = explain(fitted(X, kind, 9), X_train=X, evidence=evidence)
    nearest = [np.sort(((x - X) ** 2).sum(axis=1))[1] for x in X]
    nearest = np.sqrt(nearest) if kind == "average" else nearest
    np.testing.assert_allclose(each.score, nearest)
    np.testing.assert_allclose(each.residual, 0, atol=1e-12)


def test_a_threshold_in_the_place_of_a_number():
    model = AgglomerativeClustering(None, distance_threshold=20.0).fit(WINE)
    got = explain(model, X_train=WINE)
    assert got.meta["n_clusters"] == model.n_clusters_ > 1
    same = explain(fitted(WINE, n_clusters=model.n_clusters_), X_train=WINE)
    assert_same(got, same)


# Doors


@pytest.mark.parametrize(("kind", "evidence"), zip(LINKAGES, EVIDENCE * 2, strict=True))
def test_mechanics(kind, evidence):
    X = WINE[::2, :4]
    check_mechanics(
        fitted(X, kind), WINE[1::8, :4], refit_to_less, X_train=X, evidence=evidence
    )
    asked = {"cluster": 0, "rival": 2}
    check_mechanics(
        fitted(X, kind), WINE[1::8, :4], refit_to_less, asked, X_train=X,
        rule="proportional",
    )  # fmt: skip


def test_training_rows_by_number_are_left_out():
    model = fitted(WINE, "average")
    network = neuralize(model, X_train=WINE)
    some = np.array([3, 100, 50])
    assert_same(network.explain(WINE[some], leave_out=some), network.explain()[some])
    with pytest.warns(InSampleWarning, match="Most rows are training rows of Agglom"):
        explain(model, WINE, X_train=WINE)


@pytest.mark.parametrize("kind", LINKAGES)
def test_pipelines(kind):
    frame = pd.DataFrame(WINE[:, :5] * [1, 2, 4, 8, 16], columns=list("abcde"))
    pipeline = make_pipeline(StandardScaler(), fitted(WINE, kind)).fit(frame)
    got = explain(pipeline, X_train=frame)
    Z = pipeline[:-1].transform(frame)
    assert_same(got, explain(pipeline[-1], X_train=Z))
    assert got.feature_names == tuple("abcde")
    np.testing.assert_array_equal(got.data, frame)
    new = explain(pipeline, frame[:9] + 1e-3, X_train=frame, cluster=1)
    assert np.all(new.target == 1)
    mixed = make_pipeline(StandardScaler(), PCA(3), fitted(WINE, kind)).fit(frame)
    for rule in ("shapley", "proportional"):
        got = explain(mixed, X_train=frame, rule=rule)
        plain = explain(mixed[-1], X_train=mixed[:-1].transform(frame), rule=rule)
        np.testing.assert_allclose(got.score, plain.score)
        size = np.abs(got.relevance).sum(axis=1)
        assert np.all(np.abs(got.residual - plain.residual) <= 1e-10 * size)
    with pytest.raises(ValueError, match=r"does not keep the rows.*as X_train"):
        explain(pipeline, frame)


def test_what_explanations_say():
    frame = pd.DataFrame(WINE[:, :3], columns=["a", "b", "c"], index=range(178, 0, -1))
    model = fitted(frame, "complete")
    got = explain(model, X_train=frame)
    assert got.index[0] == 178 and got.feature_names == ("a", "b", "c")
    np.testing.assert_array_equal(got.target, model.labels_)
    said = {"linkage": "complete", "evidence": "insertion", "n_clusters": 3}
    assert said.items() <= got.meta.items()
    assert got.meta["compared_with"].startswith("farthest row of the node that it")
    # a row of the rival
    rows = frame.to_numpy()
    apart = np.abs(rows - got.compared_with[5]).max(axis=1)
    assert apart.min() <= 1e-12
    assert model.labels_[apart.argmin()] == got.rival[5]
    units = neuralize(model, X_train=frame).network.units
    assert units.words == (
        "the squared distance to each row of the two nodes that it could join"
    )
    assert list(got.to_frame().index) == list(frame.index)


# Refusals


def test_what_is_not_explained():
    for evidence in EVIDENCE:
        graph = kneighbors_graph(WINE, 8, include_self=False)
        model = fitted(WINE, connectivity=graph + graph.T)
        with pytest.raises(ValueError, match="connectivity=None, or explain"):
            neuralize(model, X_train=WINE, evidence=evidence)
    for metric in ("manhattan", "cosine"):
        model = fitted(WINE, "average", metric=metric)
        message = f"euclidean metric has this network, got metric='{metric}'"
        with pytest.raises(ValueError, match=message):
            neuralize(model, X_train=WINE)
    assert_same(
        explain(fitted(WINE, "average", metric="l2"), X_train=WINE),
        explain(fitted(WINE, "average"), X_train=WINE),
    )


def test_rows_that_are_missing_or_others():
    model = fitted(WINE)
    kept = fitted(WINE, compute_distances=True)
    message = "does not keep the rows of its fit, .* pass them as X_train"
    for call in (neuralize, explain):
        with pytest.raises(ValueError, match=message):
            call(model)
    with pytest.raises(ValueError, match=r"100 rows, and it has 178 labels\. Pass exa"):
        neuralize(model, X_train=WINE[:100])
    swapped = WINE.copy()
    swapped[[3, 90]] = swapped[[90, 3]]
    for one in (model, kept):
        with pytest.raises(ValueError, match=r"merge \d+ of its dendrogram would"):
            neuralize(one, X_train=swapped)
    with pytest.raises(ValueError, match="merge 0 of its dendrogram would be at the"):
        neuralize(kept, X_train=1.01 * WINE)
    with pytest.raises(ValueError, match="has 3 features, but"):
        neuralize(model, X_train=WINE[:, :3])
    with pytest.raises(ValueError, match="NaN"):
        neuralize(model, X_train=np.full_like(WINE, np.nan))
    with pytest.raises(TypeError, match=re.escape("takes a fitted model, not a class")):
        neuralize(AgglomerativeClustering)


def test_rules_and_options_that_it_does_not_take():
    model = fitted(WINE)
    for rule in ("midpoint", "w-square", "interventional", Midpoint(1.0)):
        with pytest.raises(ValueError, match="take one of 'proportional', 'shapley'"):
            neuralize(model, X_train=WINE, rule=rule)
    with pytest.raises(ValueError, match="does not explain the evidence of clusters"):
        neuralize(model, X_train=WINE, rule="integrated")
    with pytest.raises(ValueError, match="'evidence' parameter"):
        neuralize(model, X_train=WINE, evidence="all")
    with pytest.raises(TypeError, match="takes no beta; it takes n_jobs, target"):
        neuralize(model, X_train=WINE, beta=1.0)
    for rule in (Rule(), Shapley(32)):
        assert neuralize(model, X_train=WINE, rule=rule).network.rule == rule


def test_it_is_among_the_known_models_and_the_step_is_not():
    with pytest.raises(TypeError, match=r"known are AffinityPropagation, Agglom") as e:
        neuralize(object())
    assert "FeatureAgglomeration" not in str(e.value)
