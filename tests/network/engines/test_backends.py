# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Other workers than threads: whatever joblib's parallel_config names."""

import joblib
import numpy as np
import pytest

from skneon import NeonKDE, NeonKMeans, neuralize

X = np.random.default_rng(0).normal(size=(300, 6))

needs_config = pytest.mark.skipif(
    not hasattr(joblib, "parallel_config"), reason="joblib below 1.3"
)


def assert_same(got, expected):
    assert got.relevance.shape == expected.relevance.shape
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-12, atol=0)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-12)
    np.testing.assert_array_equal(got.rival, expected.rival)


def explanations(n_jobs=None):
    kde = NeonKDE(gamma=2.0, n_jobs=n_jobs).fit(X)
    pruned = {"beta": "gamma", "rtol": 1e-9, "algorithm": "kd_tree"}
    yield kde.explain()
    yield kde.explain(X[:50], target="inlier")
    yield neuralize(kde, **pruned).explain(X[:50])
    kmeans = NeonKMeans(3, random_state=0, n_init=1).fit(X)
    for rule in ("shapley", "midpoint"):
        yield neuralize(kmeans, rule=rule, n_jobs=n_jobs).explain()


@needs_config
def test_dask():
    distributed = pytest.importorskip("distributed")
    expected = list(explanations())
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster):
        before = cluster.scheduler.transition_counter
        with joblib.parallel_config(backend="dask"):
            got = list(explanations(n_jobs=2))
        assert cluster.scheduler.transition_counter > before
    for one, other in zip(got, expected, strict=True):
        assert_same(one, other)


@needs_config
@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
def test_other_backends(backend):
    expected = list(explanations())
    with joblib.parallel_config(backend=backend):
        got = list(explanations(n_jobs=2))
    for one, other in zip(got, expected, strict=True):
        assert_same(one, other)
