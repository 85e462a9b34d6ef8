# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Mixtures that are given by their parameters, and slow formulas of their games."""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from helpers import gaussians
from helpers.reference import LONG

KINDS = ["full", "tied", "diag", "spherical"]
RULES = ["shapley", "integrated", "mean"]


@dataclass
class Problem:
    """Rows X, and a mixture by its weights, means and full covariances."""

    X: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    kind: str
    cluster: np.ndarray

    @cached_property
    def precisions(self):
        return np.linalg.inv(self.covariances)

    @cached_property
    def log_weights(self):
        """Log of weight times density at the component's own mean."""
        d = self.means.shape[1]
        _, logdet = np.linalg.slogdet(self.covariances)
        return np.log(self.weights) - logdet / 2 - d / 2 * np.log(2 * np.pi)

    def model(self):
        model = GaussianMixture(len(self.means), covariance_type=self.kind)
        model.weights_, model.means_ = self.weights, self.means
        factors = np.linalg.inv(np.linalg.cholesky(self.covariances))
        factors = factors.transpose(0, 2, 1)
        variances = np.diagonal(self.covariances, axis1=1, axis2=2)
        model.precisions_cholesky_ = {
            "full": factors,
            "tied": factors[0],
            "diag": 1 / np.sqrt(variances),
            "spherical": 1 / np.sqrt(variances[:, 0]),
        }[self.kind]
        model.n_features_in_ = self.means.shape[1]
        return model


@st.composite
def problems(draw, max_features=8, min_components=1, kinds=KINDS, far=True):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    K, d = draw(st.integers(min_components, 5)), draw(st.integers(1, max_features))
    kind = draw(st.sampled_from(kinds))
    scales = 2.0 ** rng.integers(-3, 4, size=K if far else 1) * np.ones(K)
    factors = rng.normal(size=(K, d, d)) + 2 * np.eye(d)
    factors *= scales[:, None, None]
    covariances = factors @ factors.transpose(0, 2, 1)
    if kind == "tied":
        covariances[:] = covariances[0]
    if kind == "diag":
        covariances *= np.eye(d)
    if kind == "spherical":
        covariances = (scales**2)[:, None, None] * np.eye(d)
    offset = draw(st.sampled_from([0, 1024])) if far else 0
    means = np.round(rng.normal(size=(K, d)) * 3 * 2**10) / 2**10 + offset
    if K > 1 and draw(st.booleans()):
        means[1] = means[0]
    X = means[rng.integers(K, size=4)] + rng.normal(size=(4, d))
    X[0] += draw(st.sampled_from([0, 1e3])) if far else 0
    X[1] = means[0]
    weights = rng.dirichlet(np.ones(K)) if draw(st.booleans()) else np.full(K, 1 / K)
    weights = np.maximum(weights, 1e-12)
    cluster = rng.integers(K, size=4)
    return Problem(X, weights / weights.sum(), means, covariances, kind, cluster)


def log_sum_exp(logs):
    return logs.max() + np.log(np.sum(np.exp(logs - logs.max())))


def shares(problem, x):
    """Halves of (x - mu)_i [P (x - mu)]_i, shape (K, d)."""
    differences = LONG(1) * x - problem.means
    precisions = problem.precisions * LONG(1)
    return np.array(
        [
            D * (P * LONG(1) @ D) / 2
            for D, P in zip(differences, precisions, strict=True)
        ]
    )


def game(problem, x, c=None, rival=None):
    """Log weights and shares of the soft minimum that is explained."""
    a, C = LONG(1) * problem.log_weights, shares(problem, x)
    if c is None:
        return a, C
    rivals = [k for k in range(len(a)) if k != c] if rival is None else [rival]
    return a[rivals] - a[c], C[rivals] - C[c]


def terms(problem):
    """Sizes of the terms whose differences are explained, rounding of x included."""
    sizes = []
    precisions = np.abs(problem.precisions)
    condition = np.linalg.cond(problem.covariances).max()
    for x in problem.X:
        D = np.abs(x - problem.means)
        size = np.einsum("ki,kij,kj->k", D, precisions, D).sum()
        sizes.append(size * condition + 1)
    return np.array(sizes)


def marginal_values(problem, c=None, rival=None):
    """Shapley values of each row by all subsets, each with its own submatrices."""
    given = (problem.weights, problem.means, problem.covariances)
    K, d = problem.means.shape
    out = []
    for n, x in enumerate(problem.X):

        def value(S, x=x[None], n=n):
            columns = np.array(S, dtype=int)
            if c is None:
                return gaussians.density_value(x, *given, columns)
            rivals = np.arange(K) != c[n]
            if rival is not None:
                rivals = np.arange(K) == rival[n]
            return gaussians.odds_value(x, *given, columns, c[n], rivals)

        out.append(gaussians.shapley(value, d)[0])
    return np.array(out)


def converged(model, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X)
