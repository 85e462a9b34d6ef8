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
from hypothesis import given
from hypothesis import strategies as st

from skneon.network import (
    ExactInlier,
    GaussianKernel,
    Inputs,
    IntegratedSoftArgmin,
    Layerwise,
    LogMeanExp,
    Mean,
    Network,
    Query,
    SoftArgmin,
    SquaredDistance,
    SupportWeights,
)
from skneon.network.engines import _densities
from skneon.network.engines._densities import (
    InlierDensity,
    IntegratedDensity,
    SoftArgminDensity,
)
from skneon.network.engines._tiled import density_of
from skneon.network.numerics import _integrated_soft_argmin, _tiles
from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._tiles import Scratch

EPS = np.finfo(float).eps


@dataclass
class Problem:
    """Rows, their query, and support points with weights behind an affine map."""

    X: np.ndarray
    query: Query
    support: np.ndarray
    pi: np.ndarray
    groups: np.ndarray | None
    inputs: Inputs
    gamma: float
    beta: float
    epsilon: float

    def weights(self):
        """Weights of the support points, who are absent by groups."""
        return SupportWeights(self.pi, groups=self.groups)

    def outlier(self):
        """The network of the outlier score."""
        units = SquaredDistance(self.support).through(self.inputs)
        pooling = LogMeanExp(self.gamma, self.weights())
        return Network(units, pooling, SoftArgmin(self.beta, self.epsilon))

    def integrated(self):
        """The same, shared by the integral."""
        units = SquaredDistance(self.support).through(self.inputs)
        pooling = LogMeanExp(self.gamma, self.weights())
        return Network(units, pooling, IntegratedSoftArgmin())

    def inlier(self):
        """The network of inlierness."""
        units = GaussianKernel(self.support, self.gamma).through(self.inputs)
        return Network(units, Mean(self.weights()), ExactInlier())

    def present(self, row):
        """Support points of a row's model, and their weights, with the sum 1."""
        groups = np.arange(len(self.pi)) if self.groups is None else self.groups
        absent = -1 if self.query.absent is None else self.query.absent[row]
        counts = groups != absent
        return self.support[counts], self.pi[counts] / self.pi[counts].sum()

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
    absent = groups = None
    if draw(st.booleans()):
        absent = rng.integers(-1, N, size=n)
        X = np.where(absent[:, None] < 0, X, V[absent])
        if draw(st.booleans()):
            # two groups at least, each with a point at least
            n_groups = rng.integers(2, N + 1)
            groups = rng.permutation(np.arange(N) % n_groups)
            absent = np.where(absent < 0, -1, groups[absent])
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
    query, pi = Query(absent=absent), pi / pi.sum()
    support = inputs.project(V)
    return Problem(X, query, support, pi, groups, inputs, gamma, beta, epsilon)


def one_after_the_other(network, X, query):
    """What the network computes layer by layer."""
    return Layerwise(network, X, query).explain(slice(0, len(X)))


def at_once(network, X, query, tile=None):
    """The same by its `Density`, in tiles of so many numbers."""
    size = _tiles.TILE if tile is None else tile
    both = density_of(network)
    with (
        mock.patch.object(_tiles, "TILE", size),
        mock.patch.object(_densities, "TILE", size),
    ):
        got = both.explain(X, query, Scratch())
        score = both.score(X, query, Scratch())
    assert got.keys() == {"relevance", "score", "reference"}
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


def shares_size(problem, network):
    """Largest sum over a pair's shares, by the pair's squared distance: 1 or more."""
    units = network.units
    H = units.squared_distances(problem.X)
    shares = np.abs(units.contributions(problem.X, problem.query)).sum(axis=2).T
    return np.max(np.divide(shares, H, out=np.ones_like(H), where=H > 0), axis=1)


@given(problems(), st.sampled_from([None, 64, 8]))
def test_soft_argmin(problem, tile):
    network = problem.outlier()
    assert type(density_of(network)) is SoftArgminDensity
    expected = one_after_the_other(network, problem.X, problem.query)
    got, score = at_once(network, problem.X, problem.query, tile)
    size = expected["score"] * shares_size(problem, network)
    assert_agree(got, expected, score, size, problem)


@given(problems(), st.sampled_from([None, 64]))
def test_integrated_soft_argmin(problem, tile):
    """The same quadrature, but rounding may settle which nodes it takes."""
    network = problem.integrated()
    assert type(density_of(network)) is IntegratedDensity
    expected = one_after_the_other(network, problem.X, problem.query)
    got, score = at_once(network, problem.X, problem.query, tile)
    size = expected["score"] * shares_size(problem, network)
    assert_agree(got, expected, score, size, problem, tolerance=1e-11)


@given(problems(), st.sampled_from([None, 64, 8]))
def test_exact_inlier(problem, tile):
    network = problem.inlier()
    if problem.support.shape[1] == 1:
        assert density_of(network) is None
        return
    assert type(density_of(network)) is InlierDensity
    expected = one_after_the_other(network, problem.X, problem.query)
    got, score = at_once(network, problem.X, problem.query, tile)
    # relevances are differences of terms of this size
    s = problem.support.shape[1] / 2
    t = problem.gamma * network.units.squared_distances(problem.X)
    P = problem.weights()(problem.query)
    size = np.sum(P * s * scaled_incomplete_gamma(s, t), axis=1) + 1e-300
    size = size * shares_size(problem, network)
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
    x, (u, pi), query = problem.X[0], problem.present(0), problem.query[:1]
    tolerance = 1e-9 + problem.rounding()[0]
    o = reference.log_mean_exp(reference.distances(x, u), pi, problem.gamma)
    beta, epsilon = problem.beta, problem.epsilon
    expected = {
        "soft": reference.outlier_soft_argmin(x, u, pi, problem.gamma, beta, epsilon)[0]
    }
    networks = {"soft": problem.outlier(), "whole": problem.integrated()}
    expected["whole"] = reference.outlier_integrated(x, u, pi, problem.gamma)
    for rule, network in networks.items():
        got, score = at_once(network, x[None], query)
        assert abs(score[0] - o) <= tolerance * o
        error = np.abs(got["relevance"][0] - expected[rule]).sum()
        assert error <= tolerance * o


@given(problems(max_support=15, max_rows=1, mapped=False))
def test_slow_formula_of_inlierness(problem):
    x, (u, pi) = problem.X[0], problem.present(0)
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
    networks = problem.outlier(), problem.integrated()
    one = slice(some % len(problem.X), some % len(problem.X) + 1)
    for network in networks:
        whole, score = at_once(network, problem.X, problem.query)
        alone, same = at_once(network, problem.X[one], problem.query[one])
        size = score[one] * shares_size(problem, network)[one]
        tolerance = 1e-11 + problem.rounding()[one]
        error = np.abs(alone["relevance"] - whole["relevance"][one]).sum(axis=1)
        assert np.all(error <= tolerance * size)
        assert np.all(np.abs(same - score[one]) <= tolerance * score[one])


def test_scratch_is_used_again_for_other_shapes():
    rng = np.random.default_rng(0)
    X, U = rng.normal(size=(2, 50, 3))
    pi = rng.uniform(size=50)
    args = Inputs.identity(3), 0.7
    scratch = Scratch()
    for n, N in [(20, 50), (3, 7), (50, 10), (7, 50)]:
        for query in (Query(), Query(absent=np.arange(n) % N)):
            weights = pi[:N] / pi[:N].sum()
            problem = Problem(X[:n], query, U[:N], weights, None, *args, 0.3, 0.01)
            whole = problem.integrated()
            for network in (problem.outlier(), whole, problem.inlier()):
                expected = one_after_the_other(network, problem.X, query)
                got = density_of(network).explain(problem.X, query, scratch)
                for name, values in got.items():
                    np.testing.assert_allclose(values, expected[name], rtol=1e-9)


# The exact sum


@pytest.fixture
def coarse(monkeypatch):
    """A quadrature that is content with few nodes and a per cent of the sum."""
    limits = np.full(len(_integrated_soft_argmin.LIMITS), np.inf)
    monkeypatch.setattr(_integrated_soft_argmin, "LIMITS", limits)
    monkeypatch.setattr(_integrated_soft_argmin, "TOLERANCE", {"d": 0.01, "f": 0.01})


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("absent", [None, np.arange(12)])
def test_a_coarse_quadrature_still_gives_the_exact_sum(coarse, mapped, absent):
    rng = np.random.default_rng(0)
    V, pi = rng.normal(size=(60, 4)), rng.uniform(0.1, 1, size=60)
    inputs = random_inputs(rng, 4) if mapped else Inputs.identity(4)
    X = V[:12] + 0.1 * rng.normal(size=(12, 4))
    support, query = inputs.project(V), Query(absent=absent)
    problem = Problem(
        X, query, support, pi / pi.sum(), None, inputs, 1.0, 1.0, 0.0
    )  # fmt: skip
    network = problem.integrated()
    # what the quadrature gives misses the sum by far
    H = problem.weights().present(network.units.forward(X, query), query)
    raw, _ = _integrated_soft_argmin.integrated_soft_argmin(
        H, problem.pi[None], 1.0, problem.weights().total(query)
    )
    finite = np.where(np.isfinite(H), H, 0.0)
    expected, score = at_once(network, X, query)
    assert np.abs(np.sum(raw * finite, axis=1) / score - 1).max() > 1e-4
    slow = one_after_the_other(network, X, query)
    for got in (expected, slow):
        sums = got["relevance"].sum(axis=1)
        np.testing.assert_allclose(sums, got["score"], rtol=1e-13)
        np.testing.assert_allclose(got["score"], score, rtol=1e-12)
