# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models of the problems that laws are about, and bounds of what they say."""

import numpy as np

from skneon import NeonKDE, NeonKMeans
from skneon._labels import Labels
from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._soft_min import squared_distances


def fitted_kde(problem, **parameters):
    names = ("gamma", "beta", "rule")
    parameters = {name: getattr(problem, name) for name in names} | parameters
    return NeonKDE(**parameters).fit(problem.U, sample_weight=problem.sample_weight)


def fitted_kmeans(mu, rule, beta):
    """K-means with exactly these centroids, equal ones included."""
    kmeans = NeonKMeans(len(mu), init=mu, n_init=1, rule=rule, beta=beta)
    kmeans.__dict__.update(
        cluster_centers_=mu, labels_=np.arange(len(mu)), n_features_in_=mu.shape[1],
        _n_threads=1, mean_evidence_=1.0, _fit_X=mu, _labels=Labels().plain(),
    )  # fmt: skip
    return kmeans


def assert_residual(explanation, dissipated, terms=0.0):
    """The residual is what the rule dissipates, to 1e-9 of the sum of |relevance|.

    Where nearly all is dissipated, or the score itself is a difference of much larger
    terms, that bound is below rounding, which is allowed for.
    """
    assert np.all(np.isfinite(explanation.relevance))
    size = np.abs(explanation.relevance).sum(axis=1)
    rounding = 1e-13 * np.abs(explanation.score) + 1e-14 * terms
    error = np.abs(explanation.residual - dissipated)
    assert np.all(error <= 1e-9 * size + rounding + 1e-300)


def assert_close(got, expected, terms=0.0):
    """Equal to 1e-9 of each row's sum of absolute values, see `assert_residual`."""
    expected = np.asarray(expected, dtype=float)
    size = np.abs(expected).reshape(len(expected), -1).sum(axis=1)
    error = np.abs(got - expected).reshape(len(expected), -1).sum(axis=1)
    assert np.all(error <= 1e-9 * size + 1e-14 * terms + 1e-300)


def inlier_terms(problem, target="inlier", rows=None, rule="shapley"):
    """Size of the terms whose difference an inlier relevance is."""
    if target == "outlier":
        return 0.0
    if rule != "exact-inlier":
        return 1.0  # without any column all kernels are 1
    rows = problem.X if rows is None else rows
    s = rows.shape[1] / 2
    t = problem.gamma * squared_distances(rows, problem.U)
    return s * scaled_incomplete_gamma(s, t) @ problem.pi


def evidence_terms(problem):
    """Size of the squared distances whose difference the evidence is."""
    return squared_distances(problem.X, problem.mu).sum(axis=1)
