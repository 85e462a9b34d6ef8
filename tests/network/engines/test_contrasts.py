# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Pairs of centroids at once, against the layers owner by owner."""

from unittest import mock

import numpy as np
import pytest
import scipy.sparse
from helpers.centroids import POINTS, RNG, ROWS
from scipy.spatial.distance import cdist

from skneon.network import (
    Activation,
    CentroidPairs,
    Inputs,
    Interventional,
    Layerwise,
    Midpoint,
    Min,
    Network,
    Query,
    Scales,
    Shapley,
    WSquare,
)
from skneon.network.engines import _contrasts
from skneon.network.engines._contrasts import Contrasts
from skneon.testing._halves import Halves

LABELS = [None, np.array([0, 1, 1, 2, 0, 3, 2])]


def query_of(units, rows, asked):
    nearest = units.nearest(rows)
    other = (nearest + 1) % units.n_clusters
    return {
        "nothing": Query(),
        "cluster": Query(cluster=other),
        "rival": Query(cluster=nearest, rival=other),
        # a rival of some, -1 for others
        "some rivals": Query(
            cluster=nearest, rival=np.where(np.arange(len(rows)) % 2, other, -1)
        ),
    }[asked]


def check(network, rows, query, tolerance=1e-12):
    engine = Contrasts.of(network, rows, query, explain=True)
    everywhere = slice(0, len(rows))
    got = engine.explain(everywhere)
    score = engine.score(everywhere)["score"]
    expected = Layerwise(network, rows, query).explain(everywhere)
    assert got.keys() == expected.keys()
    largest = cdist(rows, network.units.centroids, metric="sqeuclidean").max(axis=1)
    for name in ("relevance", "score"):
        misses = np.abs(got[name] - expected[name]).T
        assert np.all(misses <= tolerance * largest)
    assert np.all(np.abs(score - expected["score"]) <= tolerance * largest)
    for name in ("rival", "reference", "cluster"):
        np.testing.assert_array_equal(got[name], expected[name])
    return got


@pytest.mark.parametrize("rule", [Midpoint(0.3), WSquare(0.3), Activation(0.3)])
@pytest.mark.parametrize("offset", [0.0, 1e8])
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("asked", ["nothing", "cluster", "rival", "some rivals"])
def test_equals_the_pass_owner_by_owner(rule, offset, labels, asked):
    units = CentroidPairs(POINTS + offset, labels=labels)
    rows = ROWS + offset
    if type(rule) is Activation:
        # relevances are products with the rows themselves
        units, rows = CentroidPairs(np.abs(POINTS), labels=labels), np.abs(ROWS)
    check(Network(units, Min(), rule), rows, query_of(units, rows, asked))


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("asked", ["nothing", "cluster", "rival"])
@pytest.mark.parametrize("rule", [Shapley(2), Interventional(1)])
def test_rules_that_take_all_shares(rule, labels, asked):
    units, rows = CentroidPairs(POINTS, labels=labels), ROWS[:60]
    rule = rule.bound(Scales(training_rows=lambda: ROWS))
    check(Network(units, Min(), rule), rows, query_of(units, rows, asked))


def test_squares_that_are_too_many_to_keep_are_taken_one_by_one():
    units, rows = CentroidPairs(POINTS), ROWS[:50]
    network = Network(units, Min(), WSquare(0.3))
    with mock.patch.object(_contrasts, "KEPT", 7 * 7 * 5 - 1):
        engine = Contrasts.of(network, rows, Query(), explain=True)
        assert engine.squares is None
        check(network, rows, Query())
    assert Contrasts.of(network, rows, Query(), explain=True).squares is not None


def test_columns_without_contrast_have_no_relevance():
    points = np.column_stack([POINTS, np.full(7, 0.1)])
    rows = np.column_stack([ROWS, RNG.normal(size=len(ROWS))])
    for rule in (Midpoint(0.3), WSquare(0.3)):
        network = Network(CentroidPairs(points), Min(), rule)
        assert np.all(network.propagate(rows, Query()).relevance[:, -1] == 0)


@pytest.mark.parametrize("rule", [Midpoint(0.3), WSquare(0.3), Shapley()])
def test_references_are_not_made_where_nobody_asks_for_them(rule):
    network, rows = Network(CentroidPairs(POINTS), Min(), rule), ROWS[:30]
    whole = network.propagate(rows, Query())
    got = network.propagate(rows, Query(references=False))
    assert got.reference is None and whole.reference is not None
    for name in ("relevance", "score", "rival", "cluster"):
        np.testing.assert_array_equal(getattr(got, name), getattr(whole, name))


@pytest.mark.parametrize("rule", [Midpoint(0.3), WSquare(0.3)])
def test_columns_of_the_same_parent_are_summed(rule):
    inputs = Inputs(np.array([0, 2, 2, 1, 0]), 3, list(range(5)))
    units = CentroidPairs(POINTS).through(inputs)
    got = check(Network(units, Min(), rule), ROWS, Query())
    plain = check(Network(CentroidPairs(POINTS), Min(), rule), ROWS, Query())
    expected = np.zeros((len(ROWS), 3))
    np.add.at(expected.T, inputs.parents, plain["relevance"].T)
    np.testing.assert_allclose(got["relevance"], expected, atol=1e-10)


def test_results_go_to_where_they_are_wanted():
    network = Network(CentroidPairs(POINTS), Min(), Midpoint(0.3))
    engine = Contrasts.of(network, ROWS, Query(), explain=True)
    expected = engine.explain(slice(10, 20))
    out = {name: np.full((10, 5), np.nan) for name in ("relevance", "reference")}
    got = engine.explain(slice(10, 20), out=out)
    for name, place in out.items():
        assert got[name] is place
        np.testing.assert_array_equal(place, expected[name])


def test_networks_that_are_not_taken():
    sharp, rule = CentroidPairs(POINTS), Midpoint(0.3)
    mapped = Inputs.identity(5).explicit()

    def taken(units, X=ROWS, **options):
        network = Network(units, Min(), rule, **options)
        return Contrasts.of(network, X, Query(), explain=True) is not None

    assert taken(sharp)
    assert not taken(CentroidPairs(np.vstack([POINTS, POINTS])))
    assert not taken(sharp.through(mapped))
    assert not taken(sharp, scipy.sparse.csr_array(ROWS))
    assert not taken(sharp, middle=[Halves()])
