# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Shapley rules of pipelines take a column's outputs together."""

from itertools import combinations
from math import comb

import numpy as np
from helpers.pipelines import all_kinds, dependence, mixed_frame
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.metrics import exact_shapley


def by_subsets(value, d):
    phi = np.zeros(d)
    for i in range(d):
        others = [j for j in range(d) if j != i]
        for size in range(d):
            weight = 1 / (d * comb(d - 1, size))
            for S in combinations(others, size):
                phi[i] += weight * (value([*S, i]) - value(list(S)))
    return phi


def test_shapley_values_of_columns_that_are_made_into_several():
    frame = mixed_frame(30)
    prep = all_kinds(linear=False)
    kmeans = KMeans(3, n_init=1, random_state=0)
    pipeline = make_pipeline(prep, kmeans).fit(frame)
    M = dependence(prep.transform, frame)
    Z, mu, c = prep.transform(frame), kmeans.cluster_centers_, kmeans.labels_
    got = explain(pipeline, frame, rule="shapley")
    exact = exact_shapley(pipeline, frame)
    kde = make_pipeline(all_kinds(linear=False), NeonKDE(gamma=0.5)).fit(frame)
    density = exact_shapley(kde, frame)
    rivals = [[k for k in range(3) if k != label] for label in c]
    for n in range(5):
        squares = (Z[n] - mu) ** 2 @ M
        shares = squares[rivals[n]] - squares[c[n]]
        phi = by_subsets(lambda S, s=shares: s[:, S].sum(axis=1).min() if S else 0, 5)
        np.testing.assert_allclose(got.relevance[n], phi, atol=1e-10)
        np.testing.assert_allclose(exact.relevance[n], phi, atol=1e-10)
        parts = (Z[n] - Z) ** 2 @ M

        def value(S, parts=parts):
            return -np.log(np.mean(np.exp(-0.5 * parts[:, S].sum(axis=1)))) / 0.5

        phi = by_subsets(value, 5)
        np.testing.assert_allclose(density.relevance[n], phi, atol=1e-10)


def test_the_interventional_rule_draws_a_column_at_a_time():
    """Left-out columns take other rows' values: never half a category."""
    frame = mixed_frame(40)
    steps = all_kinds(linear=False)
    for model, options in (
        (KMeans(3, n_init=1, random_state=0), {"X_train": frame}),
        (NeonKMeans(3, random_state=0), {}),
    ):
        pipeline = make_pipeline(steps, model).fit(frame)
        network = neuralize(pipeline, rule="interventional", **options)
        got = network.explain(frame)
        background = network.layers[-2].background
        one_hot = background[:, 5:8]
        assert set(one_hot.sum(axis=1)) == {1.0}
        # the columns made of one raw column come from one row
        Z = np.asarray(pipeline[:-1].transform(frame))
        for pair in ([0, 2], [1, 3]):
            known = {tuple(row) for row in Z[:, pair].round(9)}
            assert {tuple(row) for row in background[:, pair].round(9)} <= known
        # the evidence of an average background row is the residual
        evidence = []
        for label in got.target:
            distances = (
                (background[:, None] - pipeline[-1].cluster_centers_) ** 2
            ).sum(2)
            others = np.delete(distances, label, axis=1)
            evidence.append((others.min(axis=1) - distances[:, label]).mean())
        np.testing.assert_allclose(got.residual, evidence, rtol=1e-8)
