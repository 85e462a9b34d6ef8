# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The one place where an engine is chosen: which, and that all give the same."""

import numpy as np
import pytest
import scipy.sparse

from skneon.network import (
    CentroidPairs,
    Distance,
    ExactInlier,
    GaussianKernel,
    IntegratedSoftArgmin,
    Layerwise,
    LogMeanExp,
    Mean,
    Midpoint,
    Min,
    Network,
    Query,
    Search,
    Shapley,
    SoftArgmin,
    SplitPairs,
    SquaredDistance,
    SupportWeights,
    Uniform,
    WSquare,
    engine_for,
)
from skneon.network.engines._contrasts import Contrasts
from skneon.network.engines._tiled import Tiled
from skneon.network.engines.pruned import Pruned

RNG = np.random.default_rng(0)
U = RNG.normal(size=(40, 3))
X = RNG.normal(size=(15, 3))
EVEN = SupportWeights(np.full(40, 1 / 40))
GROUPED = SupportWeights(np.full(40, 1 / 40), groups=np.arange(40) % 7)
TREE = {"search": Search("kd_tree", 1e-9)}
DENSITY = SquaredDistance(U), LogMeanExp(3.0, EVEN)
CENTROIDS = CentroidPairs(U[:4] * 3), Min()
SPLITS = SplitPairs(U[:3], np.array([[1, 2], [-1, -1], [-1, -1]]), np.array([-1, 0, 1]))

# layers, rule and options, and the engines of explanations and of scores
NETWORKS = {
    "soft argmin": (*DENSITY, SoftArgmin(3.0), {}, Tiled, Tiled),
    "soft argmin, few points": (*DENSITY, SoftArgmin(3.0), TREE, Pruned, Pruned),
    # leaving out groups: all points
    "groups": (
        DENSITY[0],
        LogMeanExp(3.0, GROUPED),
        SoftArgmin(3.0),
        TREE,
        Tiled,
        Tiled,
    ),
    "integrated": (*DENSITY, IntegratedSoftArgmin(), {}, Tiled, Tiled),
    # far points count, but not in the score
    "integrated, few points": (*DENSITY, IntegratedSoftArgmin(), TREE, Tiled, Pruned),
    "inlier": (
        GaussianKernel(U, 1.0),
        Mean(EVEN),
        ExactInlier(),
        {},
        Tiled,
        Tiled,
    ),
    "uniform": (
        GaussianKernel(U, 1.0),
        Mean(EVEN),
        Uniform(),
        {},
        Layerwise,
        Tiled,
    ),
    "exponential": (
        Distance(U),
        LogMeanExp(3.0, EVEN),
        IntegratedSoftArgmin(),
        {},
        Layerwise,
        Layerwise,
    ),
    "midpoint": (*CENTROIDS, Midpoint(0.3), {}, Contrasts, Contrasts),
    "w-square": (*CENTROIDS, WSquare(0.3), {}, Contrasts, Contrasts),
    "shapley": (*CENTROIDS, Shapley(), {}, Contrasts, Contrasts),
    # centroids that products cannot tell apart
    "coincident": (
        CentroidPairs(U[[0, 0, 1]]),
        Min(),
        Midpoint(0.3),
        {},
        Layerwise,
        Layerwise,
    ),
    "splits": (SPLITS, Min(), Midpoint(0.3), {}, Layerwise, Layerwise),
}


def network_of(name, **more):
    units, pooling, rule, options, *_ = NETWORKS[name]
    return Network(units, pooling, rule, **options, **more)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_engine(name):
    *_, explaining, scoring = NETWORKS[name]
    network = network_of(name)
    assert type(engine_for(network, X, Query())) is explaining
    assert type(engine_for(network, X, Query(), explain=False)) is scoring


@pytest.mark.parametrize("asked", ["nothing", "something"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_engine_gives_what_the_reference_gives(name, asked):
    network, query = network_of(name), Query()
    if asked == "something" and isinstance(network.pooling, Min):
        query = Query(cluster=np.arange(15) % 2)
    elif asked == "something":
        query = Query(absent=np.arange(-1, 14) % 7)
    got = network.propagate(X, query)
    expected = Layerwise(network, X, query).explain(slice(0, 15))
    for field, values in expected.items():
        if values is None:
            assert getattr(got, field) is None
        else:
            np.testing.assert_allclose(
                getattr(got, field), values, rtol=1e-7, atol=1e-9
            )
    np.testing.assert_allclose(
        network.activate(X, query), got.score, rtol=1e-7, atol=1e-9
    )


class Nothing:
    """A layer in the middle that changes nothing."""

    def forward(self, H, query):
        return H

    def backward(self, H, R, weights, query):
        return R, weights


@pytest.mark.parametrize("name", NETWORKS)
def test_with_a_layer_in_the_middle_layers_are_run_one_by_one(name):
    network = network_of(name, middle=[Nothing()])
    for explain in (True, False):
        assert type(engine_for(network, X, Query(), explain)) is Layerwise


def test_sparse_rows_of_clusters_are_not_filled():
    network = network_of("midpoint")
    sparse = scipy.sparse.csr_array(X)
    assert type(engine_for(network, sparse, Query())) is Layerwise
