# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Leaving training rows and groups out: the same as refitting without them."""

import numpy as np
import pandas as pd
import pytest
from helpers.leave_out import (
    GROUPS,
    LEFT,
    N,
    U,
    X,
    assert_equal,
    check_training_rows,
    grouped,
    others,
    weighted,
)
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import OneClassSVM

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.network import SoftArgmin

# Neighbours


@grouped
@pytest.mark.parametrize("target", ["mean_distance", "kth_distance"])
def test_neighbours(groups, target):
    model = NearestNeighbors(n_neighbors=4)
    fitted = clone(model).fit(U)

    def explained(X, **asked):
        return explain(fitted, X, target=target, **asked)

    def refitted(rest, X):
        return explain(clone(model).fit(U[rest]), X, target=target)

    got = explained(X, leave_out=LEFT, groups=groups)
    for n, row in enumerate(LEFT):
        assert_equal(got[n], refitted(others(row, groups), X[[n]]))
    check_training_rows(explained, refitted, groups, U)


def test_local_outlier_factor_of_training_rows_among_others():
    """Leaving each out of its own model is what scikit-learn's own scores do."""
    model = LocalOutlierFactor(n_neighbors=4, novelty=True).fit(U)
    got = explain(model, U, leave_out=np.arange(N))
    np.testing.assert_allclose(got.score, -model.negative_outlier_factor_, rtol=1e-12)
    assert_equal(explain(model, X, leave_out=-1), explain(model, X))


# Clusters of support points


@weighted
@grouped
@pytest.mark.parametrize("noise", [False, True], ids=["", "noise"])
def test_members(groups, weights, noise):
    members = np.arange(N) % 2
    if noise:
        members = np.where(np.arange(N) % 4 == 1, -1, members)
    model = NeonKDE(gamma=0.5)
    fitted = clone(model).fit(U, sample_weight=weights)

    def explained(X, **asked):
        return explain(fitted, X, members=members, **asked)

    def refitted(rest, X, **asked):
        weight = None if weights is None else weights[rest]
        refit = clone(model).fit(U[rest], sample_weight=weight)
        return explain(refit, X, members=members[rest], **asked)

    got = explained(X, leave_out=LEFT, groups=groups)
    asked = explained(X, leave_out=LEFT, groups=groups, cluster=1, rival=0)
    for n, row in enumerate(LEFT):
        rest = others(row, groups)
        assert_equal(got[n], refitted(rest, X[[n]], cluster=got.target[n]))
        assert_equal(asked[n], refitted(rest, X[[n]], cluster=1, rival=0))
    named = np.flatnonzero(members >= 0)
    training = explained(None, groups=groups)
    np.testing.assert_array_equal(training.target, members[named])
    np.testing.assert_array_equal(training.data, U[named])
    for n, row in enumerate(named):
        rest = others(row, groups)
        expected = refitted(rest, U[[row]], cluster=members[row])
        assert_equal(training[n], expected)
    # numbers count the rows of the fit, those of noise included
    same = explained(U[named], leave_out=named, groups=groups, cluster=members[named])
    assert_equal(same, training)


# Behind Pipelines


STEPS = {
    "scaler": StandardScaler,
    "function": lambda: FunctionTransformer(np.sqrt),
    "pca": lambda: PCA(2),
}


@pytest.mark.parametrize("steps", STEPS)
@grouped
@pytest.mark.parametrize(
    ("model", "options"),
    [
        (NeonKDE(gamma=0.5), {}),
        (NeonKDE(gamma=0.5), {"rule": SoftArgmin(beta=1.0)}),
        (NeonKDE(gamma=0.5), {"target": "inlier"}),
        (NeonKDE(gamma=0.5), {"target": "inlier", "rule": "uniform"}),
        (KernelDensity(), {}),
        (NearestNeighbors(n_neighbors=4), {}),
        (KernelDensity(), {"members": np.arange(N) % 2}),
        (NeonKDE(gamma=0.5), {"members": np.array([0, 1, -1])[np.arange(N) % 3]}),
    ],
    ids=str,
)
def test_pipelines(model, options, groups, steps):
    """The steps stay as they are, and the model is fitted to fewer rows."""
    step = STEPS[steps]().fit(U)
    Z = step.transform(U)
    pipeline = make_pipeline(step, clone(model)).fit(U)
    members = options.get("members")

    def explained(X, **asked):
        more = {} if X is not None else {"X_train": U}
        return explain(pipeline, X, **options, **asked, **more)

    def refitted(rest, X, **asked):
        some = options if members is None else {"members": members[rest]}
        refit = make_pipeline(step, clone(model).fit(Z[rest]))
        return explain(refit, X, **some, **asked)

    got = explained(X, leave_out=LEFT, groups=groups)
    for n, row in enumerate(LEFT):
        asked = {} if members is None else {"cluster": got.target[n]}
        expected = refitted(others(row, groups), X[[n]], **asked)
        assert_equal(got[n], expected, 1e-10 if steps == "pca" else 1e-12)
    training = explained(None, groups=groups)
    named = np.arange(N) if members is None else np.flatnonzero(members >= 0)
    np.testing.assert_array_equal(training.data, U[named])
    for n, row in list(enumerate(named))[::5]:
        asked = {} if members is None else {"cluster": members[row]}
        expected = refitted(others(row, groups), U[[row]], **asked)
        assert_equal(training[n], expected, 1e-10 if steps == "pca" else 1e-12)


def test_labels_of_training_rows_that_are_in_a_cluster():
    frame = pd.DataFrame(U, columns=list("abc"), index=np.arange(N) + 100)
    members = np.where(np.arange(N) % 3 == 0, -1, np.arange(N) % 2)
    pipeline = make_pipeline(StandardScaler(), NeonKDE(gamma=0.5)).fit(frame)
    got = explain(pipeline, X_train=frame, members=members)
    np.testing.assert_array_equal(got.index, frame.index[members >= 0])
    np.testing.assert_array_equal(got.target, members[members >= 0])
    with pytest.raises(ValueError, match="23 rows, and it keeps 24"):
        explain(pipeline, X_train=frame[1:], members=members)


# Networks and questions


def test_networks_take_the_same_questions():
    kde = NeonKDE(gamma=0.5).fit(U)
    network = neuralize(kde, groups=GROUPS)
    assert network.questions == ("leave_out",)
    expected = explain(kde, X, leave_out=LEFT, groups=GROUPS)
    assert_equal(network.explain(X, leave_out=LEFT), expected)
    score = network.forward(X, leave_out=LEFT)
    np.testing.assert_allclose(score, expected.score, rtol=1e-12)
    clusters = neuralize(kde, members=np.arange(N) % 2)
    assert set(clusters.questions) == {"cluster", "rival", "leave_out"}
    for n_jobs in (1, 3):
        parts = explain(kde, X, leave_out=LEFT, groups=GROUPS, n_jobs=n_jobs)
        assert_equal(parts, expected)


@pytest.mark.parametrize(
    "model",
    [NeonKDE(), KernelDensity(), NearestNeighbors(n_neighbors=4)],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("steps", [(), (StandardScaler(),)], ids=["alone", "pipeline"])
def test_training_rows_that_do_not_exist(steps, model):
    fitted = make_pipeline(*steps, clone(model)).fit(U) if steps else model.fit(U)
    outside = f"leave_out holds {{}}: training rows are numbered 0 to {N - 1}, and -1"
    for bad in (N, -2, np.where(np.arange(9) == 4, N, 0)):
        value = bad if np.ndim(bad) == 0 else N
        with pytest.raises(ValueError, match=outside.format(value)):
            explain(fitted, X, leave_out=bad)
    malformed = "leave_out must be an int, or an array of 9 ints .*, got "
    for bad in ([1, 2], np.zeros((9, 1), int), "a", 1.0, np.zeros(9), [True] * 9):
        with pytest.raises(ValueError, match=malformed):
            explain(fitted, X, leave_out=bad)


@pytest.mark.parametrize("options", [{}, {"members": np.arange(N) % 2}], ids=str)
def test_groups_that_are_none(options):
    models = [NeonKDE(), KernelDensity()]
    models += [] if options else [NearestNeighbors(n_neighbors=4)]
    for model in models:
        model.fit(U)
        shape = rf"each of the {N} training rows, got an array of shape \(3,\)"
        with pytest.raises(ValueError, match=shape):
            explain(model, X, groups=[1, 2, 3], **options)
        with pytest.raises(ValueError, match=r"got an array of shape \(\)"):
            explain(model, X, groups=1, **options)
        with pytest.raises(ValueError, match=r"shape \(\)|or 'suspects', got 'all'"):
            explain(model, X, groups="all", **options)
        for nothing in (None, np.nan, pd.NA):
            groups = np.array([*GROUPS[:-1], nothing], dtype=object)
            message = f"groups has no label for training row {N - 1}: give each row"
            with pytest.raises(ValueError, match=message):
                explain(model, X, groups=groups, **options)


def test_nothing_is_left():
    kde = NeonKDE().fit(U)
    for asked in ({"leave_out": 5}, {}):
        rows = X if asked else None
        row = 5 if asked else 0
        message = f"Without training row {row}, and its group, no model is left"
        with pytest.raises(ValueError, match=message):
            explain(kde, rows, groups=np.zeros(N), **asked)
    weights = (np.arange(N) == 3) * 1.0
    lone = NeonKDE().fit(U, sample_weight=weights)
    with pytest.raises(ValueError, match="Without training row 3, and its group, no"):
        explain(lone)
    explain(lone, X, leave_out=4)
    neighbors = NearestNeighbors(n_neighbors=9).fit(U)
    some = np.where(np.arange(N) < 8, "few", "many")
    explain(neighbors, X, leave_out=0, groups=some)
    message = "row 8, and its group, 8 training rows are left, fewer than n_neighbors=9"
    with pytest.raises(ValueError, match=message):
        explain(neighbors, X, leave_out=8, groups=some)
    members = np.where(np.arange(N) % 3 == 0, "a", "b")
    # a cluster that is left out whole is as a lone one
    gone = explain(kde, X, leave_out=2, members=members, groups=members, cluster="b")
    assert np.all(gone.score == np.inf) and not gone.relevance.any()


@pytest.mark.parametrize(
    "model",
    [
        KMeans(2, n_init=1, random_state=0),
        NeonKMeans(2, random_state=0),
        GaussianMixture(2, random_state=0),
        OneClassSVM(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_that_leave_nothing_out(model):
    name = type(model).__name__
    for fitted in (clone(model).fit(U), make_pipeline(StandardScaler(), model).fit(U)):
        message = f"{name} has no training rows that could be left out: it takes no le"
        with pytest.raises(TypeError, match=message):
            explain(fitted, X, leave_out=0)
        with pytest.raises(TypeError, match="takes no groups; it takes "):
            explain(fitted, X, groups=GROUPS)


def test_local_outlier_factor_takes_no_groups():
    """Densities of its training rows would be those of another fit."""
    model = LocalOutlierFactor(n_neighbors=4, novelty=True).fit(U)
    with pytest.raises(TypeError, match="takes no groups; it takes n_jobs"):
        explain(model, groups=GROUPS)
