# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Random problems for the laws: all numbers are dyadic, so shifts are exact."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

GRID = 2.0**16


@dataclass
class DensityProblem:
    """Query rows X, support points U with sample weights, and parameters."""

    X: np.ndarray
    U: np.ndarray
    sample_weight: np.ndarray | None
    gamma: float
    beta: float | str
    epsilon: float

    @property
    def pi(self):
        weight = self.sample_weight
        weight = np.ones(len(self.U)) if weight is None else weight
        return weight / weight.sum()


@dataclass
class CentroidProblem:
    """Query rows X, centroids mu, the cluster asked for, and a stiffness."""

    X: np.ndarray
    mu: np.ndarray
    cluster: np.ndarray
    beta: float


def rows(rng, n, d, kind):
    """Rows of one of several kinds, on a dyadic grid."""
    if kind == "normal":
        values = rng.normal(size=(n, d))
    elif kind == "ties":
        values = rng.integers(-1, 2, size=(n, d)).astype(float)
    elif kind == "blobs":
        values = rng.normal(scale=0.01, size=(n, d)) + 50 * rng.integers(2, size=(n, 1))
    else:
        values = rng.normal(size=(n, d)) * 4.0 ** rng.integers(-3, 4, size=d)
    return np.round(values * GRID) / GRID


kinds = st.sampled_from(["normal", "ties", "blobs", "scales"])
seeds = st.integers(0, 2**32 - 1)
log10_stiffness = st.floats(-3, 3)


@st.composite
def density_problems(draw, max_support=200, max_features=30, min_support=1):
    rng = np.random.default_rng(draw(seeds))
    n = draw(st.integers(1, 5))
    d = draw(st.integers(1, max_features))
    n_support = draw(st.integers(min_support, max_support))
    U = rows(rng, n_support, d, draw(kinds))
    X = rows(rng, n, d, draw(kinds))
    if draw(st.booleans()):
        X[0] = U[0]
    sample_weight = None
    if draw(st.booleans()):
        sample_weight = rng.uniform(0.01, 1.0, n_support)
        sample_weight[min_support:] *= rng.random(n_support - min_support) < 0.8
    gamma = 10 ** draw(log10_stiffness)
    beta = draw(st.sampled_from(["gamma", "integrated", "float"]))
    beta = 10 ** draw(log10_stiffness) if beta == "float" else beta
    epsilon = draw(st.sampled_from([0.0, 1e-9, 0.1]))
    return DensityProblem(X, U, sample_weight, gamma, beta, epsilon)


@st.composite
def centroid_problems(draw, max_clusters=10, max_features=30):
    rng = np.random.default_rng(draw(seeds))
    n = draw(st.integers(1, 6))
    d = draw(st.integers(1, max_features))
    n_clusters = draw(st.integers(1, max_clusters))
    mu = rows(rng, n_clusters, d, draw(kinds))
    X = rows(rng, n, d, draw(kinds))
    if n_clusters > 1 and draw(st.booleans()):
        X[0] = (mu[0] + mu[1]) / 2
    cluster = rng.integers(n_clusters, size=n)
    return CentroidProblem(X, mu, cluster, 10 ** draw(log10_stiffness))


def active(values):
    """The same as activations: nothing is negative, much is 0."""
    return np.maximum(values, 0.0)


def tight_clusters(rng, n, d):
    """Rows of two clusters that are far apart for their width."""
    label = rng.integers(2, size=(n, 1))
    return 50.0 * label + rng.normal(size=(n, d)) * 10.0 ** rng.integers(-9, -1)


@st.composite
def log_weights(draw, min_size=1):
    rng = np.random.default_rng(draw(seeds))
    spread = draw(st.sampled_from([0.1, 5.0, 2000.0]))
    return rng.normal(size=draw(st.integers(min_size, 6))) * spread
