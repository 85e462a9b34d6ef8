# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Both layers of a kernel density at once, against one after the other.

Scores and the sums of a row's relevances agree to 1e-12 of the score; next to that
only as well as exponents are known: these err by a few units in the last place of
gamma (x^2 + u^2), which is felt by rows that are thousands of bandwidths away.
"""

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from helpers import reference
from helpers.strategies import kinds, log10_stiffness, rows, seeds
from hypothesis import assume, given
from hypothesis import strategies as st

from skneon.network import (
    Distance,
    GaussianKernel,
    Inputs,
    LogMeanExp,
    LogSumExp,
    Mean,
    Min,
    Query,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.engines import _tiled as _fused
from skneon.network.engines._tiled import (
    ExactInlier,
    IntegratedSoftArgmin,
    SoftArgmin,
    fused,
)
from skneon.network.layers._weights import LogWeights
from skneon.network.numerics import _tiles
from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._tiles import Scratch

EPS = np.finfo(float).eps
U = np.random.default_rng(0).normal(size=(10, 2))
EVEN = SupportWeights(np.full(10, 0.1))


@dataclass
class Problem:
    """Rows, their query, and support points with weights behind an affine map."""

    X: np.ndarray
    query: Query
    support: np.ndarray
    pi: np.ndarray
    inputs: Inputs
    gamma: float
    beta: float
    epsilon: float

    def outlier(self):
        """The two layers of the outlier score."""
        units = SquaredDistance(self.support, self.epsilon).through(self.inputs)
        return units, LogMeanExp(self.gamma, SupportWeights(self.pi), self.beta)

    def integrated(self):
        """The same, shared by the integral."""
        units = SquaredDistance(self.support).through(self.inputs)
        return units, LogMeanExp(self.gamma, SupportWeights(self.pi), "integrated")

    def inlier(self):
        """The two layers of inlierness."""
        units = GaussianKernel(self.support, self.gamma).through(self.inputs)
        return units, Mean(SupportWeights(self.pi))

    def rounding(self):
        """How much rounding may change the exponents of each row, (n,)."""
        centered = self.support - self.support.mean(axis=0)
        Z = self.inputs.project(self.X) - self.support.mean(axis=0)
        size = np.sum(Z**2, axis=1) + np.sum(centered**2, axis=1).max()
        return 8 * EPS * max(self.gamma, self.beta) * size


def random_inputs(rng, d):
    """A map of d columns into fewer or more, some of which have the same parent."""
    p = rng.integers(1, 7)
    A, b, c = rng.normal(size=(d, p)), rng.normal(size=p), rng.normal(size=d)
    parents = np.sort(rng.integers(d, size=d))
    return Inputs(parents, d, list(range(d)), A, b, c)


@st.composite
def problems(draw, max_rows=8, max_support=80, mapped=True):
    rng = np.random.default_rng(draw(seeds))
    n, N = draw(st.integers(1, max_rows)), draw(st.integers(2, max_support))
    d = draw(st.integers(1, 6))
    X, V = rows(rng, n, d, draw(kinds)), rows(rng, N, d, draw(kinds))
    if draw(st.booleans()):
        V = V[rng.integers(N // 2 + 1, size=N)]  # duplicates
    leave_out = None
    if draw(st.booleans()):
        leave_out = rng.integers(-1, N, size=n)
        X = np.where(leave_out[:, None] < 0, X, V[leave_out])
    elif draw(st.booleans()):
        X[0] = V[0]
    if draw(st.booleans()):
        X[-1] += 10.0 ** draw(st.integers(1, 6))
    inputs = Inputs.identity(d)
    if mapped and draw(st.booleans()):
        inputs = random_inputs(rng, d)
        # where a row meets a point behind a map, shares are what rounding left of 0
        X = X + 0.1 * rng.normal(size=(n, d))
    pi = np.ones(N)
    if draw(st.booleans()):
        pi = 10 ** rng.uniform(-6, 1, size=N)
    gamma = 10 ** draw(log10_stiffness)
    beta = draw(st.sampled_from([gamma, 0.0, 10 ** draw(log10_stiffness)]))
    epsilon = draw(st.sampled_from([0.0, 1e-9, 0.01, 1 / gamma]))
    epsilon = min(epsilon, 1 / gamma)
    query = Query(leave_out=leave_out)
    support = inputs.project(V)
    return Problem(X, query, support, pi / pi.sum(), inputs, gamma, beta, epsilon)


def one_after_the_other(units, pooling, X, query):
    """What a network computes layer by layer."""
    H = units.forward(X, query)
    pooled, weights = pooling.pool(H, query)
    R = pooling.relevance(H, weights, pooled, query)
    return {
        "relevance": units.relevance(X, H, R, weights, query),
        "score": units.score(X, query, pooled),
        "reference": units.reference(X, H, weights, query),
    }


def at_once(layers, X, query, tile=None):
    """The same by `fused`, in tiles of so many numbers."""
    size = _tiles.TILE if tile is None else tile
    both = fused(*layers)
    with mock.patch.multiple(_tiles, TILE=size), mock.patch.multiple(_fused, TILE=size):
        got = both.explain(X, query, Scratch())
        score = both.score(X, query, Scratch())
    assert got["rival"] is None and got["standard_error"] is None
    return got, score


def assert_agree(got, expected, score, size, problem, tolerance=1e-12):
    """Relevances to the tolerance of `size`; scores and references likewise.

    `size` is that of a row's relevances, (n,).
    """
    tolerance = tolerance + problem.rounding()
    error = np.abs(got["relevance"] - expected["relevance"]).sum(axis=1)
    assert np.all(error <= tolerance * size)
    for value in (got["score"], score):
        error = np.abs(value - expected["score"])
        assert np.all(error <= tolerance * np.abs(expected["score"]))
    extent = np.ptp(problem.support, axis=0).sum() + 1e-15
    error = np.abs(got["reference"] - expected["reference"]).sum(axis=1)
    assert np.all(error <= tolerance * extent)


def shares_size(problem, layers):
    """Largest sum over a pair's shares, by the pair's squared distance: 1 or more."""
    units = layers[0]
    H = units.squared_distances(problem.X)
    shares = np.abs(units.contributions(problem.X, problem.query)).sum(axis=2).T
    return np.max(np.divide(shares, H, out=np.ones_like(H), where=H > 0), axis=1)


@given(problems(), st.sampled_from([None, 64, 8]))
def test_soft_argmin(problem, tile):
    # the layers by themselves: see below; against slow formulas this is tested too
    assume(problem.beta > 0 or problem.query.leave_out is None)
    layers = problem.outlier()
    assert type(fused(*layers)) is SoftArgmin
    expected = one_after_the_other(*layers, problem.X, problem.query)
    got, score = at_once(layers, problem.X, problem.query, tile)
    size = expected["score"] * shares_size(problem, layers)
    assert_agree(got, expected, score, size, problem)


@given(problems(), st.sampled_from([None, 64]))
def test_integrated_soft_argmin(problem, tile):
    """The same quadrature, but rounding may settle which nodes it takes."""
    layers = problem.integrated()
    assert type(fused(*layers)) is IntegratedSoftArgmin
    expected = one_after_the_other(*layers, problem.X, problem.query)
    got, score = at_once(layers, problem.X, problem.query, tile)
    size = expected["score"] * shares_size(problem, layers)
    assert_agree(got, expected, score, size, problem, tolerance=1e-11)


@given(problems(), st.sampled_from([None, 64, 8]))
def test_exact_inlier(problem, tile):
    layers = problem.inlier()
    if problem.support.shape[1] == 1:
        assert fused(*layers) is None
        return
    assert type(fused(*layers)) is ExactInlier
    expected = one_after_the_other(*layers, problem.X, problem.query)
    got, score = at_once(layers, problem.X, problem.query, tile)
    # relevances are differences of terms of this size
    s = problem.support.shape[1] / 2
    t = problem.gamma * layers[0].squared_distances(problem.X)
    P = SupportWeights(problem.pi)(problem.query)
    size = np.sum(P * s * scaled_incomplete_gamma(s, t), axis=1) + 1e-300
    size = size * shares_size(problem, layers)
    # a score is exp(-gamma o)
    counts = expected["score"] > 1e-300
    exponent = -np.log(expected["score"], where=counts, out=np.full(len(counts), 700.0))
    problem.beta = 0.0
    error = np.abs(got["relevance"] - expected["relevance"]).sum(axis=1)
    assert np.all(error <= (2e-11 + problem.rounding()) * size)
    tolerance = 1e-12 + problem.rounding()
    for value in (got["score"], score):
        error = np.abs(value - expected["score"])
        bound = tolerance * (1 + exponent) * expected["score"]
        assert np.all(error[counts] <= bound[counts])
        assert np.all(value[~counts] < 2e-300)
    extent = np.ptp(problem.support, axis=0).sum() + 1e-15
    error = np.abs(got["reference"] - expected["reference"]).sum(axis=1)
    assert np.all(error <= tolerance * extent)


@given(problems(max_support=40, mapped=False))
def test_slow_formulas(problem):
    """Of the chapter, and of the integral, for the first row."""
    x, out = problem.X[0], problem.query.leave_out
    counts = np.arange(len(problem.pi)) != (-1 if out is None else out[0])
    u, pi = problem.support[counts], problem.pi[counts] / problem.pi[counts].sum()
    query = problem.query[:1]
    tolerance = 1e-9 + problem.rounding()[0]
    o = reference.log_mean_exp(reference.distances(x, u), pi, problem.gamma)
    beta, epsilon = problem.beta, problem.epsilon
    expected = {
        "soft": reference.outlier_soft_argmin(x, u, pi, problem.gamma, beta, epsilon)[0]
    }
    layers = {"soft": problem.outlier(), "whole": problem.integrated()}
    expected["whole"] = reference.outlier_integrated(x, u, pi, problem.gamma)
    for rule, both in layers.items():
        got, score = at_once(both, x[None], query)
        assert abs(score[0] - o) <= tolerance * o
        error = np.abs(got["relevance"][0] - expected[rule]).sum()
        assert error <= tolerance * o


@given(problems(max_support=15, max_rows=1, mapped=False))
def test_slow_formula_of_inlierness(problem):
    x, out = problem.X[0], problem.query.leave_out
    counts = np.arange(len(problem.pi)) != (-1 if out is None else out[0])
    u, pi = problem.support[counts], problem.pi[counts] / problem.pi[counts].sum()
    if len(x) == 1:
        return
    got, _ = at_once(problem.inlier(), x[None], problem.query)
    expected = reference.inlier_exact(x, u, pi, problem.gamma)
    s, t = len(x) / 2, problem.gamma * reference.distances(x, u).astype(float)
    size = s * scaled_incomplete_gamma(s, t) @ pi + 1e-300
    problem.beta = 0.0
    tolerance = 1e-9 + problem.rounding()[0]
    assert np.abs(got["relevance"][0] - expected).sum() <= tolerance * size


@given(problems(), st.integers(0, 7))
def test_a_row_alone_is_explained_as_among_others(problem, some):
    rules = problem.outlier(), problem.integrated()
    one = slice(some % len(problem.X), some % len(problem.X) + 1)
    for layers in rules:
        whole, score = at_once(layers, problem.X, problem.query)
        alone, same = at_once(layers, problem.X[one], problem.query[one])
        size = score[one] * shares_size(problem, layers)[one]
        tolerance = 1e-11 + problem.rounding()[one]
        error = np.abs(alone["relevance"] - whole["relevance"][one]).sum(axis=1)
        assert np.all(error <= tolerance * size)
        assert np.all(np.abs(same - score[one]) <= tolerance * score[one])


def test_equal_shares_with_a_point_left_out_layer_by_layer():
    query = Query(leave_out=np.arange(5))
    for epsilon in (0.0, 1.0, 2.0):
        units = SquaredDistance(U, epsilon)
        layers = units, LogMeanExp(1.0, EVEN, 0.0)
        got = one_after_the_other(*layers, U[:5], query)
        for n in range(5):
            u, pi = np.delete(U, n, axis=0), np.full(9, 1 / 9)
            expected, _ = reference.outlier_soft_argmin(U[n], u, pi, 1.0, 0.0, epsilon)
            np.testing.assert_allclose(
                got["relevance"][n], expected.astype(float), rtol=1e-9
            )


def test_scratch_is_used_again_for_other_shapes():
    rng = np.random.default_rng(0)
    X, U = rng.normal(size=(2, 50, 3))
    pi = rng.uniform(size=50)
    args = pi / pi.sum(), Inputs.identity(3), 0.7
    scratch = Scratch()
    for n, N in [(20, 50), (3, 7), (50, 10), (7, 50)]:
        for query in (Query(), Query(leave_out=np.arange(n) % N)):
            weights = args[0][:N] / args[0][:N].sum()
            problem = Problem(X[:n], query, U[:N], weights, *args[1:], 0.3, 0.01)
            whole = problem.integrated()
            for layers in (problem.outlier(), whole, problem.inlier()):
                expected = one_after_the_other(*layers, problem.X, query)
                got = fused(*layers).explain(problem.X, query, scratch)
                for name, values in expected.items():
                    np.testing.assert_allclose(got[name], values, rtol=1e-9)


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ((SquaredDistance(U), LogMeanExp(1.0, EVEN, 2.0)), SoftArgmin),
        ((SquaredDistance(U, 0.5), LogMeanExp(1.0, EVEN, 0.0)), SoftArgmin),
        ((SquaredDistance(U, 1.0), LogMeanExp(1.0, EVEN, 1.0)), SoftArgmin),
        ((SquaredDistance(U), LogMeanExp(1e11, EVEN, 1.0)), SoftArgmin),
        (
            (SquaredDistance(U), LogMeanExp(1.0, EVEN, "integrated")),
            IntegratedSoftArgmin,
        ),
        ((GaussianKernel(U, 1.0), Mean(EVEN)), ExactInlier),
        # a stabiliser that would drown distances, and one for each point
        ((SquaredDistance(U, 1.1), LogMeanExp(1.0, EVEN, 1.0)), None),
        ((SquaredDistance(U, 0.1), LogMeanExp(20.0, EVEN, 1.0)), None),
        ((SquaredDistance(U, np.zeros(10)), LogMeanExp(1.0, EVEN, 1.0)), None),
        ((SquaredDistance(U, 1e-9), LogMeanExp(1.0, EVEN, "integrated")), None),
        # exponents might overflow
        ((SquaredDistance(U), LogMeanExp(1e12, EVEN, 1.0)), None),
        ((SquaredDistance(U), LogMeanExp(1e12, EVEN, "integrated")), None),
        ((GaussianKernel(U, 1e12), Mean(EVEN)), None),
        # other rules and other layers
        ((GaussianKernel(U, 1.0, "uniform"), Mean(EVEN)), None),
        ((GaussianKernel(U[:, :1], 1.0), Mean(EVEN)), None),
        ((Distance(U), LogMeanExp(1.0, EVEN, 1.0)), None),
        ((SquaredDistance(U), LogSumExp(LogWeights(np.zeros(10)), 1.0)), None),
        ((SquaredDistance(U), Min(1.0)), None),
        ((SquaredDistance(U), Mean(EVEN)), None),
        ((GaussianKernel(U, 1.0), LogMeanExp(1.0, EVEN, 1.0)), None),
    ],
)
def test_pairs_of_layers_that_are_taken(layers, kind):
    both = fused(*layers)
    assert both is None if kind is None else type(both) is kind
