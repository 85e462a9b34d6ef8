# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Leaving training rows out of densities: the same as refitting without them."""

import numpy as np
import pandas as pd
import pytest
from helpers import reference
from helpers.leave_out import (
    GROUPS,
    LEFT,
    SAMPLED,
    WEIGHTS,
    N,
    U,
    X,
    assert_equal,
    check_left_out,
    check_training_rows,
    densities,
    grouped,
    others,
    weighted,
)
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.neighbors import KernelDensity, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, explain, neuralize
from skneon.network import Activation

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

# Densities


@densities
@weighted
@grouped
@pytest.mark.parametrize("kind", [NeonKDE, KernelDensity])
def test_densities(kind, groups, weights, target, rule):
    model = NeonKDE(gamma=0.5) if kind is NeonKDE else KernelDensity(bandwidth=1.0)
    if kind is KernelDensity and weights is not None:
        # it takes no weightless rows
        weights = weights + 0.1
    options = {"target": target, "rule": rule}
    fitted = clone(model).fit(U, sample_weight=weights)

    def explained(X, **asked):
        return explain(fitted, X, **options, **asked)

    def refitted(rest, X):
        weight = None if weights is None else weights[rest]
        return explain(clone(model).fit(U[rest], sample_weight=weight), X, **options)

    if weights is not None and kind is NeonKDE:
        # those without a weight may go without a change of the model
        got = explained(X, leave_out=1, groups=groups)
        assert_equal(got, explained(X))
        assert weights[1] == 0.0
    check_some(explained, refitted, groups, weights)
    check_training_rows(explained, refitted, groups, U)


def check_some(explained, refitted, groups, weights):
    """`check_left_out` where all that are left out have a weight."""
    if weights is None or (weights[LEFT] > 0).all():
        check_left_out(explained, refitted, groups)
        return
    got = explained(X, leave_out=LEFT, groups=groups)
    for n, row in enumerate(LEFT):
        assert_equal(got[n], refitted(others(row, groups), X[[n]]))


def test_a_weightless_row_takes_its_group_along():
    """What is measured again goes, whether or not this measurement has a weight."""
    row = 5
    assert WEIGHTS[row] == 0 and WEIGHTS[GROUPS == GROUPS[row]].any()
    kde = NeonKDE(gamma=0.5).fit(U, sample_weight=WEIGHTS)
    rest = GROUPS != GROUPS[row]
    refit = NeonKDE(gamma=0.5).fit(U[rest], sample_weight=WEIGHTS[rest])
    expected = explain(refit, U[[row]])
    assert_equal(explain(kde, groups=GROUPS)[row], expected)
    assert_equal(explain(kde, U[[row]], leave_out=row, groups=GROUPS), expected)
    assert explain(kde, U[[row]]).score != expected.score


@densities
@grouped
def test_float32(groups, target, rule):
    options = {"target": target, "rule": rule}
    small = U.astype(np.float32)
    fitted = NeonKDE(gamma=0.5).fit(small, sample_weight=WEIGHTS)

    def explained(X, **asked):
        X = None if X is None else X.astype(np.float32)
        explanation = explain(fitted, X, **options, **asked)
        assert explanation.relevance.dtype == explanation.score.dtype == np.float32
        return explanation

    def refitted(rest, X):
        model = NeonKDE(gamma=0.5).fit(small[rest], sample_weight=WEIGHTS[rest])
        return explain(model, X.astype(np.float32), **options)

    got = explained(X, leave_out=LEFT, groups=groups)
    for n, row in enumerate(LEFT):
        assert_equal(got[n], refitted(others(row, groups), X[[n]]), 1e-5)
    check_training_rows(explained, refitted, groups, small, 1e-5)


def sampled_relevance(x, u, pi, units, rule):
    """Relevances of a row by the features of these units, from the equations."""
    center, omega = units.points.center, units.omega
    if isinstance(rule, Activation):
        phase = units.phase - omega @ center
        terms, _, _ = reference.inlier_activations(x, u, pi, omega, phase, rule.epsilon)
        return terms.sum(axis=0)
    relevance = np.zeros(len(x))
    for w, b in zip(omega, units.phase, strict=True):
        mean = np.sum(pi * np.sqrt(2) * np.cos((u - center) @ w + b))
        h = np.sqrt(2) * np.cos((x - center) @ w + b) * mean
        relevance += h / len(omega) * w**2 / np.sum(w**2)
    return relevance


@pytest.mark.parametrize("rule", SAMPLED, ids=lambda rule: rule.name)
@weighted
@grouped
def test_random_features(groups, weights, rule):
    """Their means are of the rows that stay; scores are those of a refit."""
    options = {"target": "inlier", "rule": rule}
    kde = NeonKDE(gamma=0.5).fit(U, sample_weight=weights)
    network = neuralize(kde, groups=groups, **options)
    training = network.explain()
    leave_out = np.concatenate([LEFT, np.arange(N)])
    rows = np.concatenate([X, U])
    got = network.explain(rows, leave_out=leave_out)
    assert_equal(got[len(X) :], training)
    for n, row in enumerate(leave_out):
        rest = others(row, groups)
        weight = None if weights is None else weights[rest]
        refit = NeonKDE(gamma=0.5).fit(U[rest], sample_weight=weight)
        expected = explain(refit, rows[[n]], target="inlier")
        np.testing.assert_allclose(got.score[n], expected.score[0], rtol=1e-12)
        np.testing.assert_allclose(
            got.compared_with[[n]], expected.compared_with, rtol=1e-12
        )
        pi, units = refit.weights_, network.network.units
        relevance = sampled_relevance(rows[n], U[rest], pi, units, rule)
        size = np.abs(relevance).sum() + np.abs(expected.score[0])
        assert np.all(np.abs(got.relevance[n] - relevance) <= 1e-12 * size)


@pytest.mark.parametrize("target", ["outlier", "inlier"])
def test_a_group_in_a_tree_that_drops_points(target):
    """Soft argmin on the points that count: what is left out is left out of them."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(400, 2)) * 5
    groups = np.arange(400) // 4
    options = {"target": target, "rtol": 1e-3}
    if target == "outlier":
        options["rule"] = "soft-argmin"
    kde = NeonKDE(gamma=5.0, algorithm="kd_tree").fit(rows)
    got = explain(kde, groups=groups, **options)
    exact = explain(kde, groups=groups, **(options | {"rtol": 0.0}))
    bound = -np.log1p(-1e-3) / 5.0
    assert np.all(np.abs(got.score - exact.score) <= bound)
    for row in (0, 17, 399):
        rest = groups != groups[row]
        refit = NeonKDE(gamma=5.0).fit(rows[rest])
        expected = explain(refit, rows[[row]], **(options | {"rtol": 0.0}))
        assert_equal(exact[row], expected)


@given(st.data())
def test_any_groups(data):
    labels = data.draw(
        st.lists(st.sampled_from(["u", "v", "w", 3, 2.5]), min_size=N, max_size=N)
    )
    groups = np.array([*labels[: N - 2], "one", "two"], dtype=object)
    kde = NeonKDE(gamma=0.5).fit(U)
    row = data.draw(st.integers(0, N - 1))
    got = explain(kde, X, leave_out=row, groups=groups)
    expected = explain(NeonKDE(gamma=0.5).fit(U[groups != groups[row]]), X)
    assert_equal(got, expected)


@pytest.mark.parametrize(
    "groups",
    [
        np.arange(N),
        [f"row {n}" for n in range(N)],
        pd.Series(np.arange(N), index=np.arange(N)[::-1]),
        pd.Categorical([f"row {n}" for n in range(N)]),
    ],
    ids=lambda groups: type(groups).__name__,
)
def test_groups_of_one_are_no_groups(groups):
    for model in (NeonKDE().fit(U), NearestNeighbors(n_neighbors=4).fit(U)):
        assert_equal(explain(model, groups=groups), explain(model))


@pytest.mark.parametrize("target", ["outlier", "inlier"])
def test_float32_in_a_pipeline_is_float32_throughout(target):
    single = U.astype(np.float32)
    model = make_pipeline(StandardScaler(), NeonKDE(gamma=1.0)).fit(single)
    frame = pd.DataFrame(single)
    for table in (single[:3], frame[:3]):
        explanation = explain(model, table, target=target)
        for name in ("relevance", "score", "residual", "data", "compared_with"):
            assert getattr(explanation, name).dtype == np.float32
        np.testing.assert_array_equal(explanation.data, single[:3])
    assert explain(model, U[:3], target=target).data.dtype == float
