# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Density models some of whose support points may be dropped."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from sklearn.neighbors import KernelDensity

from helpers.strategies import kinds, rows, seeds
from skneon import NeonKDE, neuralize
from skneon.network import SoftArgmin

EPS = np.finfo(float).eps
TREES = ["kd_tree", "ball_tree"]
HUGE = 10**9


@dataclass
class Problem:
    """A fitted model, rows X or None, and the options of its network."""

    model: KernelDensity | NeonKDE
    X: np.ndarray | None
    rtol: float
    options: dict

    def network(self, algorithm, rtol=None):
        rtol = self.rtol if rtol is None else rtol
        return neuralize(self.model, algorithm=algorithm, rtol=rtol, **self.options)

    @property
    def support(self):
        if isinstance(self.model, NeonKDE):
            return self.model.support_points_
        return np.asarray(self.model.tree_.data)

    @property
    def gamma(self):
        if isinstance(self.model, NeonKDE):
            return self.model.gamma_
        return 1 / (2 * self.model.bandwidth_**2)

    @property
    def bound(self):
        """By how much scores may err."""
        return -np.log1p(-self.rtol) / self.gamma

    @property
    def rounding(self):
        """Relative error of relevances by that of exponents, which may be large."""
        X = self.support if self.X is None else np.vstack([self.X, self.support])
        beta = self.options["rule"].beta
        stiffness = self.gamma if beta == "gamma" else max(beta, self.gamma)
        return 1e-9 + 16 * EPS * stiffness * np.sum(np.ptp(X, axis=0) ** 2)

    def assert_references_agree(self, got, expected, tolerance):
        """To the tolerance, and as means of points may be rounded."""
        U = self.support
        size = tolerance * np.ptp(U, axis=0).sum() + 1e-13 * np.abs(U).max()
        error = np.abs(got.compared_with - expected.compared_with).sum(axis=1)
        assert np.all(error <= size)


def clustered(rng, n, d, distance):
    """Rows of a few clusters, some of which are far apart."""
    centers = distance * rng.normal(size=(6, d))
    return centers[rng.integers(6, size=n)] + rng.normal(size=(n, d))


@st.composite
def problems(draw, max_rows=20, max_support=200):
    rng = np.random.default_rng(draw(seeds))
    N, d = draw(st.integers(2, max_support)), draw(st.integers(1, 4))
    distance = draw(st.sampled_from([0.0, 3.0, 30.0, 1e3]))
    if draw(st.booleans()):
        U = clustered(rng, N, d, distance)
    else:
        U = rows(rng, N, d, draw(kinds))
    if draw(st.booleans()):
        U = U[rng.integers(N // 2 + 1, size=N)]
    X = None
    if draw(st.booleans()):
        n = draw(st.integers(1, max_rows))
        X = U[rng.integers(N, size=n)] + rng.normal(size=(n, d))
        X[rng.random(n) < 0.2] *= 10.0
        X[rng.random(n) < 0.2] = U[0]
    weight = None
    if draw(st.booleans()):
        weight = 10 ** rng.uniform(-6, 1, size=N)
        weight[2:] *= rng.random(N - 2) < 0.9
    gamma = 10 ** draw(st.floats(-2, 2))
    if draw(st.booleans()):
        model = NeonKDE(gamma=gamma).fit(U, sample_weight=weight)
    else:
        weight = None if weight is None else weight + 1e-9
        model = KernelDensity(bandwidth=(2 * gamma) ** -0.5)
        model.fit(U, sample_weight=weight)
    rule = SoftArgmin(
        beta=draw(st.sampled_from(["gamma", 10 ** draw(st.floats(-2, 2))])),
        epsilon=draw(st.sampled_from([0.0, 1e-9, 0.1 / gamma])),
    )
    rtol = 10 ** draw(st.floats(-13, -0.1))
    return Problem(model, X, rtol, {"rule": rule})
