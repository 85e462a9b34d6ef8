# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Which networks have passes that take both layers at once, and rows run by them."""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse

from skneon.network import (
    Distance,
    ExactInlier,
    GaussianKernel,
    IntegratedSoftArgmin,
    Layerwise,
    LogMeanExp,
    LogSumExp,
    LogWeights,
    Mean,
    Midpoint,
    Min,
    Network,
    Query,
    Rule,
    Shapley,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
    Uniform,
)
from skneon.network.engines._densities import (
    InlierDensity,
    IntegratedDensity,
    SoftArgminDensity,
)
from skneon.network.engines._tiled import Tiled, density_of
from skneon.network.numerics._tiles import ROWS, Scratch

U = np.random.default_rng(0).normal(size=(10, 2))
V = U.astype(np.float32)
EVEN = SupportWeights(np.full(10, 0.1))


@dataclass(frozen=True)
class Own(IntegratedSoftArgmin):
    """A rule of somebody else's that may do anything."""

    name = "own"


class Nothing:
    """A layer in the middle that changes nothing."""

    def forward(self, H, query):
        return H

    def backward(self, H, R, weights, query):
        return R, weights


@pytest.mark.parametrize(
    ("layers", "rule", "kind"),
    [
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(2.0), "soft"),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(0.0, 0.5), "soft"),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(1.0, 1.0), "soft"),
        ((SquaredDistance(U, 0.4), LogMeanExp(1.0, EVEN)), SoftArgmin(1.0), "soft"),
        ((SquaredDistance(U), LogMeanExp(1e11, EVEN)), SoftArgmin(1.0, 0.0), "soft"),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), IntegratedSoftArgmin(), "whole"),
        ((GaussianKernel(U, 1.0), Mean(EVEN)), ExactInlier(), "inlier"),
        (
            (GaussianKernel(U, 1.0, EVEN), Mean(EVEN)),
            IntegratedSoftArgmin(),
            "inlier",
        ),
        ((GaussianKernel(U, 1.0, EVEN), Mean(EVEN)), Shapley(), None),
        # a stabiliser that would drown distances, and one for each point
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(1.0, 1.1), None),
        ((SquaredDistance(U), LogMeanExp(20.0, EVEN)), SoftArgmin(1.0, 0.1), None),
        ((SquaredDistance(U, 1.1), LogMeanExp(1.0, EVEN)), SoftArgmin(1.0, 0.5), None),
        (
            (SquaredDistance(U, np.zeros(10)), LogMeanExp(1.0, EVEN)),
            SoftArgmin(1.0),
            None,
        ),
        (
            (SquaredDistance(U, 1e-9), LogMeanExp(1.0, EVEN)),
            IntegratedSoftArgmin(),
            None,
        ),
        # exponents might overflow
        ((SquaredDistance(U), LogMeanExp(1e12, EVEN)), SoftArgmin(1.0), None),
        ((SquaredDistance(U), LogMeanExp(1e12, EVEN)), IntegratedSoftArgmin(), None),
        ((GaussianKernel(U, 1e12), Mean(EVEN)), ExactInlier(), None),
        # or be next to 0, or not be multiples of one another
        ((SquaredDistance(U), LogMeanExp(1e-101, EVEN)), SoftArgmin(1.0), None),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(1e31), None),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(1e-31), None),
        ((SquaredDistance(V), LogMeanExp(1e-13, EVEN)), IntegratedSoftArgmin(), None),
        (
            (SquaredDistance(U), LogMeanExp(1e-13, EVEN)),
            IntegratedSoftArgmin(),
            "whole",
        ),
        # other rules and other layers
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), Own(), None),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), Rule(), None),
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN)), None, None),
        ((GaussianKernel(U, 1.0), Mean(EVEN)), Uniform(), None),
        ((GaussianKernel(U[:, :1], 1.0), Mean(EVEN)), ExactInlier(), None),
        ((Distance(U), LogMeanExp(1.0, EVEN)), SoftArgmin(1.0), None),
        (
            (SquaredDistance(U), LogSumExp(LogWeights(np.zeros(10)))),
            SoftArgmin(1.0),
            None,
        ),
        ((SquaredDistance(U), Min()), SoftArgmin(1.0), None),
        ((SquaredDistance(U), Mean(EVEN)), Rule(), None),
        ((GaussianKernel(U, 1.0), LogMeanExp(1.0, EVEN)), SoftArgmin(1.0), None),
    ],
)
def test_networks_that_are_taken(layers, rule, kind):
    density = density_of(Network(*layers, rule))
    kinds = {
        "soft": SoftArgminDensity,
        "whole": IntegratedDensity,
        "inlier": InlierDensity,
    }
    assert density is None if kind is None else type(density) is kinds[kind]
    assert density_of(Network(*layers, rule, middle=[Nothing()])) is None


@pytest.mark.parametrize("rule", [None, Rule(), Own(), Midpoint(0.3)])
def test_the_score_needs_no_rule(rule):
    units = SquaredDistance(U)
    units.pairs = None  # what `Midpoint` asks for
    network = Network(units, LogMeanExp(2.0, EVEN), rule)
    X, query = U[:3] + 0.1, Query(absent=np.array([0, -1, 4]))
    engine = Tiled.of(network, X, query, explain=False)
    assert type(engine.density) is IntegratedDensity
    expected = Layerwise(network, X, query).score(slice(0, 3))["score"]
    np.testing.assert_allclose(engine.score(slice(0, 3))["score"], expected, rtol=1e-12)
    assert Tiled.of(network, X, query, explain=True) is None


@pytest.mark.parametrize("rule", [SoftArgmin(0.7), IntegratedSoftArgmin()])
@pytest.mark.parametrize("container", [np.asarray, scipy.sparse.csr_array])
def test_slices_of_the_rows(rule, container):
    network = Network(SquaredDistance(U), LogMeanExp(1.0, EVEN), rule)
    X, query = U[::-1] + 0.5, Query(absent=np.arange(-1, 9))
    engine = Tiled.of(network, container(X), query, explain=True)
    assert engine.order is None and engine.rows_at_a_time == ROWS
    expected = Layerwise(network, X, query).explain(slice(2, 7))
    scratch = Scratch()
    for given in (None, scratch, scratch):
        got = engine.explain(slice(2, 7), given)
        for name, values in got.items():
            np.testing.assert_allclose(values, expected[name], rtol=1e-11)
        score = engine.score(slice(2, 7), given)["score"]
        np.testing.assert_allclose(score, expected["score"], rtol=1e-12)
