# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Metrics without a network: messages say what to explain in the place of them."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import (
    KernelDensity,
    LocalOutlierFactor,
    NearestCentroid,
    NearestNeighbors,
)
from sklearn.preprocessing import Normalizer, OneHotEncoder

from skneon import explain, neuralize

RNG = np.random.default_rng(0)
PLACES = np.radians(np.c_[RNG.uniform(-90, 90, 60), RNG.uniform(-180, 180, 60)])
POSITIVE = RNG.gamma(2.0, size=(40, 3))


def on_the_sphere(places):
    """As the message writes it."""
    lat, lon = places.T
    return np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]


def test_places_on_the_globe():
    density = KernelDensity(bandwidth=0.1, metric="haversine").fit(PLACES)
    neighbors = NearestNeighbors(metric="haversine").fit(PLACES)
    factor = LocalOutlierFactor(metric="haversine", novelty=True).fit(PLACES)
    for model in (density, neighbors, factor):
        match = r"metric='haversine'.*np.c_\[cos\(lat\) \* cos\(lon\), .*sin\(lat\)\]"
        with pytest.raises(ValueError, match=match):
            explain(model, PLACES)
    chords = pairwise_distances(on_the_sphere(PLACES))
    circles = pairwise_distances(PLACES, metric="haversine")
    np.testing.assert_allclose(chords, 2 * np.sin(circles / 2), atol=1e-7)
    # so neighbours are the same
    same = NearestNeighbors().fit(on_the_sphere(PLACES))
    np.testing.assert_array_equal(
        same.kneighbors(return_distance=False),
        neighbors.kneighbors(return_distance=False),
    )


def test_other_metrics():
    unit = Normalizer().fit_transform(POSITIVE)
    centred = POSITIVE - POSITIVE.mean(axis=1, keepdims=True)
    codes = RNG.integers(3, size=(40, 4)).astype(float)
    differ = 4 * pairwise_distances(codes, metric="hamming")
    hot = OneHotEncoder(sparse_output=False).fit_transform(codes)
    for metric, table, expected in (
        ("cosine", unit, 2 * pairwise_distances(POSITIVE, metric="cosine")),
        (
            "correlation",
            Normalizer().fit_transform(centred),
            2 * pairwise_distances(POSITIVE, metric="correlation"),
        ),
        ("hamming", hot, 2 * differ),
    ):
        squares = pairwise_distances(table) ** 2
        np.testing.assert_allclose(squares, expected, atol=1e-9)
        model = NearestNeighbors(metric=metric).fit(POSITIVE)
        with pytest.raises(ValueError, match=f"got metric='{metric}'.*squared dist"):
            neuralize(model)
    scaled = NearestNeighbors(
        metric="seuclidean",
        metric_params={"V": POSITIVE.var(axis=0)},
        algorithm="brute",
    ).fit(POSITIVE)
    with pytest.raises(ValueError, match="Put a StandardScaler in front"):
        neuralize(scaled)
    centroids = NearestCentroid(metric="manhattan").fit(POSITIVE, np.arange(40) % 2)
    with pytest.raises(ValueError, match=r"'manhattan'. Fit NearestCentroid with"):
        neuralize(centroids)
