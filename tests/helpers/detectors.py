# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Laws of PyOD's detectors: what a test file of a family of them asks."""

import pickle
from functools import cache

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from helpers.gaussians import shapley
from skneon import explain, neuralize


@cache
def tables():
    """Training rows and new ones of three sets: real in its units, scaled, drawn."""
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(90, 4)) @ rng.normal(size=(4, 4)) + [0, 100, -5, 0]
    sets = {
        "wine": load_wine().data[rng.permutation(178)[:110]],
        "cancer": scale(load_breast_cancer().data)[rng.permutation(569)[:130]],
        "drawn": drawn,
    }
    return {name: (rows[:-20], rows[-20:]) for name, rows in sets.items()}


def same(model, scores):
    """The score that is `decision_function`."""
    return scores


def check_scores(fresh, explained=same, residual=False, names=None, **options):
    """Scores are stated functions of `decision_function`, and relevances their parts.

    Parameters
    ----------
    fresh : callable
        Makes a detector that is not fitted.
    explained : callable
        From a fitted detector and its scores to what is explained.
    residual : bool
        Whether something of the score is no column's.
    names : list of str, or None
        Of the tables; None for all.
    **options
        Of `explain`.
    """
    for name in names or tables():
        train, rows = tables()[name]
        model = fresh().fit(train)
        got = explain(model, rows, **options)
        expected = explained(model, model.decision_function(rows))
        np.testing.assert_allclose(got.score, expected, rtol=1e-9, atol=1e-9)
        largest = np.abs(expected).max()
        total = got.relevance.sum(axis=1) + got.residual
        np.testing.assert_allclose(total, got.score, rtol=1e-9, atol=1e-9 * largest)
        if not residual:
            assert np.abs(got.residual).max() <= 1e-9 * largest
        assert got.meta["model"] == type(model).__name__
        flagged = got.score > got.meta["threshold"]
        np.testing.assert_array_equal(flagged, model.predict(rows) == 1)


def check_mechanics(fresh, of_columns=None, moves=True, **options):
    """Rows by themselves, pickles, columns in another order, and translations.

    Parameters
    ----------
    fresh : callable
    of_columns : callable, or None
        From a fitted detector and an order of columns to one fitted to rows whose
        columns are in that order; None: it is fitted again.
    moves : bool
        Whether translating all rows changes nothing.
    **options
        Of `explain`.
    """
    train, rows = tables()["drawn"]
    model = fresh().fit(train)
    before = {**vars(model)}, model.decision_function(rows)
    network = neuralize(model, **options)
    expected = network.explain(rows)
    size = np.abs(expected.relevance).max()
    close = {"rtol": 1e-8, "atol": 1e-9 * size}
    some = network.explain(rows[3:5])
    np.testing.assert_allclose(some.relevance, expected.relevance[3:5], rtol=1e-12)
    again = pickle.loads(pickle.dumps(network)).explain(rows)
    np.testing.assert_array_equal(again.relevance, expected.relevance)
    order = np.array([2, 0, 3, 1])
    if of_columns is None:
        other = fresh().fit(train[:, order])
    else:
        other = of_columns(model, order)
    permuted = explain(other, rows[:, order], **options)
    np.testing.assert_allclose(
        permuted.relevance, expected.relevance[:, order], **close
    )
    if moves:
        moved = explain(fresh().fit(train + 3.0), rows + 3.0, **options)
        np.testing.assert_allclose(moved.relevance, expected.relevance, **close)
    # the detector is as it was
    assert vars(model).keys() == before[0].keys()
    assert all(vars(model)[name] is value for name, value in before[0].items())
    np.testing.assert_array_equal(model.decision_function(rows), before[1])


def check_behind_a_scaler(fresh, **options):
    """At the end of a Pipeline the parts are those of scaled rows, column by column."""
    train, rows = tables()["wine"]
    scaler = StandardScaler().fit(train)
    pipeline = make_pipeline(StandardScaler(), fresh()).fit(train)
    alone = fresh().fit(scaler.transform(train))
    got = explain(pipeline, rows, **options)
    expected = explain(alone, scaler.transform(rows), **options)
    np.testing.assert_allclose(got.relevance, expected.relevance, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-9)
    np.testing.assert_array_equal(got.data, rows)


def check_games(model, rows, squares, value):
    """Relevances are Shapley and Aumann-Shapley values of a score of squares.

    Parameters
    ----------
    model : detector
    rows : ndarray of shape (n, d)
    squares : callable
        What each column has of the squared distances of a row, (K, d).
    value : callable
        From these to the score, without any network.
    """
    expected = explain(model, rows, rule="shapley").relevance
    for x, got in zip(rows, expected, strict=True):
        parts = squares(x)

        def alone(S, parts=parts):
            return value(parts[:, list(S)]) if S else 0.0

        of_game = shapley(alone, rows.shape[1])
        np.testing.assert_allclose(got, of_game, rtol=1e-9, atol=1e-9 * got.sum())
    # v(s) by degrees at which columns take part; s = r^2 keeps the integrand smooth
    nodes, weights = np.polynomial.legendre.leggauss(4)
    nodes, weights = (nodes + 1) / 2, weights / 2
    step, d = 1e-5, rows.shape[1]
    relevance = explain(model, rows, rule="integrated").relevance
    for x, got in zip(rows, relevance, strict=True):
        parts = squares(x)

        def slope(r, i, parts=parts):
            ends = [r**2 * (np.ones(d) + e * np.eye(d)[i]) for e in (step, -step)]
            rise = value(parts * ends[0]) - value(parts * ends[1])
            return rise / (2 * step * r**2)

        expected = [
            sum(w * 2 * r * slope(r, i) for r, w in zip(nodes, weights, strict=True))
            for i in range(d)
        ]
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7 * got.sum())
