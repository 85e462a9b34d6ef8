# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The figures of the chapter's section 5.1; skipped without the data."""

import numpy as np
import pytest

from skneon import NeonKDE, NeonKMeans
from skneon.datasets import fetch_wholesale_customers
from skneon.network import RandomFeatures, SoftArgmin

# the chapter counts its instances from 1
INLIER, OUTLIER = 337, 338
MEMBERS = (
    67, 96, 97, 98, 110, 129, 155, 185, 188, 204, 234, 300, 339, 353, 356, 358, 413, 440
)  # fmt: skip


@pytest.fixture(scope="module")
def spending(wholesale_path):
    return fetch_wholesale_customers(wholesale_path).data


@pytest.fixture(scope="module")
def Z(spending):
    logarithm = np.log(spending)
    return (logarithm - logarithm.mean(axis=0)) / logarithm.std(axis=0)


def test_kernel_density(Z):
    kde = NeonKDE(gamma=1.0, rule=SoftArgmin(epsilon=1e-9)).fit(Z)
    explanation = kde.explain()
    inlierness = kde.inlierness()
    assert inlierness[INLIER] == pytest.approx(0.057337, abs=5e-7)
    assert np.sum(inlierness > inlierness[INLIER]) == 44
    assert explanation.score[INLIER] == pytest.approx(2.8588, abs=5e-5)
    assert explanation.score[OUTLIER] == pytest.approx(20.0843, abs=5e-5)
    assert np.argsort(-explanation.score)[1] == OUTLIER
    expected = [0.455, 0.523, 0.317, 0.776, 0.338, 0.450]
    np.testing.assert_allclose(explanation.relevance[INLIER], expected, atol=5.1e-4)
    expected = [3.110, 4.721, 0.035, 8.809, 3.193, 0.217]
    np.testing.assert_allclose(explanation.relevance[OUTLIER], expected, atol=5.1e-4)
    np.testing.assert_allclose(explanation.residual, 0, atol=1e-7)


def test_inlier_rules(Z):
    row, others = Z[[INLIER]], np.delete(Z, INLIER, axis=0)
    kde = NeonKDE(gamma=1.0, rule="exact-inlier")
    exact = kde.fit(Z).explain(target="inlier")[INLIER]
    assert exact.share[0].argmin() == 3
    assert exact.share[0, 3] == pytest.approx(0.06, abs=0.005)
    draws = []
    for seed in range(100):
        kde.set_params(rule=RandomFeatures(random_state=seed)).fit(others)
        draws.append(kde.explain(row, target="inlier").relevance[0])
    mean, spread = np.mean(draws, axis=0), np.std(draws, axis=0, ddof=1)
    # the printed means are of 100 draws too: both have a standard error
    standard_error = spread / 10
    printed = [0.01124, 0.00941, 0.01176, 0.00346, 0.01152, 0.01052]
    assert np.all(np.abs(mean - printed) <= 3 * np.sqrt(2) * standard_error)
    assert np.all(np.abs(mean - exact.relevance[0]) <= 3 * standard_error)
    printed = [0.0008, 0.0008, 0.0010, 0.0006, 0.0010, 0.0010]
    np.testing.assert_allclose(spread, printed, rtol=0.25)


def test_kmeans(Z, spending):
    members = np.array(MEMBERS) - 1
    # start from the centroids of the printed story's local optimum
    start = NeonKMeans(6, n_init=1, init="random", random_state=495).fit(Z)
    kmeans = NeonKMeans(
        6, init=start.cluster_centers_.round(2), n_init=1, rule="w-square", beta=1.0
    )
    kmeans.fit(Z)
    assert kmeans.inertia_ == pytest.approx(1177.960, abs=5e-4)
    same = np.flatnonzero(kmeans.labels_ == kmeans.labels_[OUTLIER])
    np.testing.assert_array_equal(same, members)
    means = spending[members].mean(axis=0).round()
    np.testing.assert_array_equal(means, [616, 3176, 6956, 1523, 1414, 135])
    explanation = kmeans.explain()
    assert explanation.score[INLIER] == pytest.approx(0.741, abs=5e-4)
    assert explanation.score[OUTLIER] == pytest.approx(10.931, abs=5e-4)
    expected = [5.750, 0.089, 0.704, 1.592, 0.247, 2.550]
    np.testing.assert_allclose(explanation.relevance[OUTLIER], expected, atol=6e-4)
