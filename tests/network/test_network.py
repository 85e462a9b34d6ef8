# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Networks: chunks, memory, threads."""

import threading
import tracemalloc

import numpy as np
import pytest
from sklearn import config_context

from skneon import NeonKDE, NeonKMeans
from skneon.network import (
    Cosine,
    GaussianKernel,
    LogMeanExp,
    Mean,
    Min,
    Network,
    SquaredDistance,
)

X = np.random.default_rng(0).normal(size=(200, 6))


def explanations():
    kde = NeonKDE(n_components=30, random_state=0).fit(X)
    for target in ("outlier", "inlier"):
        for rule in ("exact", "random_features", "uniform"):
            yield kde.set_params(inlier=rule).explain(target=target)
    kmeans = NeonKMeans(4, random_state=0, n_init=1).fit(X)
    yield kmeans.explain()
    yield kmeans.explain(cluster=np.arange(200) % 4)


def assert_same(got, expected):
    for name in ("relevance", "score", "reference", "standard_error", "rival"):
        one, other = getattr(got, name), getattr(expected, name)
        if other is None:
            assert one is None
        else:
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_results_do_not_depend_on_the_chunks():
    whole = list(explanations())
    with config_context(working_memory=0.01):
        chunked = list(explanations())
    for got, expected in zip(chunked, whole, strict=True):
        assert_same(got, expected)


def test_threads_give_the_same_and_are_used(monkeypatch):
    kde = NeonKDE().fit(X)
    expected = kde.explain()
    seen = set()
    propagate_rows = Network._propagate_rows

    def watched(self, *arguments):
        seen.add(threading.get_ident())
        return propagate_rows(self, *arguments)

    monkeypatch.setattr(Network, "_propagate_rows", watched)
    with config_context(working_memory=0.05):
        assert_same(kde.set_params(n_jobs=2).explain(), expected)
    assert threading.get_ident() not in seen and len(seen) >= 1


@pytest.mark.parametrize("target", ["outlier", "inlier"])
def test_memory_is_bounded(target):
    rng = np.random.default_rng(0)
    n, n_support, d = 2000, 1000, 20
    kde = NeonKDE().fit(rng.normal(size=(n_support, d)))
    rows = rng.normal(size=(n, d))
    budget = 8  # MiB; one (n, N) array takes 15, an (n, N, d) array 305
    with config_context(working_memory=budget):
        kde.explain(rows[:10], target=target)
        tracemalloc.start()
        kde.explain(rows, target=target)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    output = 4 * 8 * n * d / 2**20
    assert peak <= budget + output


def test_near_pairs_stay_within_memory_too():
    rows = np.full((400, 50), 1e6) + np.random.default_rng(0).normal(size=(400, 50))
    rows[0] = -1e6
    kde = NeonKDE().fit(rows)
    with config_context(working_memory=8):
        tracemalloc.start()
        kde.explain()
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    assert peak <= 8 + 2  # an (n, N, d) array takes 61


def test_layers_of_each_network():
    from skneon import neuralize

    kde = NeonKDE().fit(X)
    kinds = {
        ("outlier", "exact"): (SquaredDistance, LogMeanExp),
        ("inlier", "exact"): (GaussianKernel, Mean),
        ("inlier", "random_features"): (Cosine, Mean),
    }
    for (target, rule), layers in kinds.items():
        network = neuralize(kde, target=target, inlier=rule)
        assert tuple(type(layer) for layer in network.layers) == layers
    assert isinstance(neuralize(NeonKMeans(2).fit(X)).layers[1], Min)
