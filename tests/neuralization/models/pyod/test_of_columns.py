# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""ECOD, COPOD and HBOS: the scores of PyOD, a row at a time, column by column."""

import warnings
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from helpers.detectors import (
    check_behind_a_scaler,
    check_mechanics,
    check_scores,
    tables,
)
from scipy.stats import rankdata, skew
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain, neuralize
from skneon.metrics import exact_shapley
from skneon.testing import check_network

pytest.importorskip("pyod", reason="the extra pyod is not installed")

from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS

TAILED = [ECOD, COPOD]
BINS = [10, "auto", 3]
TRAIN, ROWS = tables()["drawn"]


def alone(model, rows):
    """PyOD's scores of rows that it is asked about one by one."""
    with warnings.catch_warnings():
        # of a constant column with SciPy's skewness
        warnings.simplefilter("ignore", RuntimeWarning)
        scores = [model.decision_function(row[None])[0] for row in rows]
    return np.array(scores)


def parts(kind, train, x):
    """The columns' scores of one row, from ranks."""
    both = np.vstack([train, x])
    left, right = (
        -np.log(rankdata(sign * both, "max", axis=0)[-1] / len(both))
        for sign in (1, -1)
    )
    s = np.sign(skew(both, axis=0))
    skewed = (s <= 0) * left + (s >= 0) * right
    both_tails = np.maximum(left, right) if kind is ECOD else (left + right) / 2
    return np.maximum(both_tails, skewed)


def value_of_orders(value, d):
    """Mean over all orders of what a column adds to value(list of columns)."""
    phi = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        worth = [value(list(order[:i])) for i in range(d + 1)]
        phi[list(order)] += np.diff(worth)
    return phi / len(orders)


@pytest.mark.parametrize("kind", TAILED)
@pytest.mark.parametrize("name", tables())
def test_tails_are_those_of_the_row_alone(kind, name):
    train, rows = tables()[name]
    model = kind().fit(train)
    got = explain(model, rows)
    np.testing.assert_allclose(got.score, alone(model, rows), rtol=1e-9)
    total = got.relevance.sum(axis=1)
    np.testing.assert_allclose(total, got.score, rtol=1e-9)
    np.testing.assert_array_equal(got.compared_with[0], np.median(train, axis=0))
    expected = [parts(kind, train, x) for x in rows]
    np.testing.assert_allclose(got.relevance, expected, rtol=1e-9, atol=1e-12)
    # PyOD's own scores depend on what else is asked for
    together = model.decision_function(rows)
    assert np.abs(together - got.score).max() > 0.1


@pytest.mark.parametrize("kind", TAILED)
def test_training_rows_are_scored_among_the_others(kind):
    for train, rows in tables().values():
        model = kind(contamination=0.2).fit(train)
        got = explain(model)
        np.testing.assert_allclose(got.score, model.decision_scores_, rtol=1e-9)
        outliers = got.score > got.meta["threshold"]
        np.testing.assert_array_equal(outliers, model.labels_ == 1)
        fewer = kind().fit(np.delete(train, 5, axis=0))
        left = explain(model, rows, leave_out=5)
        np.testing.assert_allclose(left.score, alone(fewer, rows), rtol=1e-9)
    new = explain(model, rows)
    np.testing.assert_array_equal(new.training_score, model.decision_scores_)
    above = (model.decision_scores_ >= new.score[0] * (1 - 1e-12)).sum()
    np.testing.assert_allclose(new.p_value[0], (above + 1) / (len(train) + 1))


@pytest.mark.parametrize(
    "model", [ECOD(), COPOD(), HBOS(), HBOS("auto", alpha=0.3)], ids=repr
)
def test_shares_are_the_mean_over_all_orders(model):
    model.fit(TRAIN)
    got = explain(model, ROWS[:3])
    of_columns = separate(model, TRAIN, ROWS[:3])
    for R, column_parts in zip(got.relevance, of_columns, strict=True):
        expected = value_of_orders(lambda S, c=column_parts: c[S].sum(), 4)
        np.testing.assert_allclose(R, expected, atol=1e-12)
    played = exact_shapley(model, ROWS[:3]).relevance
    np.testing.assert_allclose(played, got.relevance, atol=1e-12)


def separate(model, train, rows):
    """Scores by PyOD's own of each column by itself."""
    columns = []
    for i in range(train.shape[1]):
        one = type(model)(**model.get_params()).fit(train[:, [i]])
        columns.append(alone(one, rows[:, [i]]))
    return np.column_stack(columns)


def test_odd_columns_and_rows():
    rng = np.random.default_rng(1)
    symmetric = np.arange(-20.0, 21.0)
    train = np.column_stack(
        [
            np.full(41, 0.1),
            symmetric,
            rng.integers(0, 2, 41),
            rng.normal(size=41) + 1e8,
            np.sign(symmetric),
            rng.permutation(symmetric) * 1e-3,
        ]
    )
    rows = train[[0, 20, 40]].copy()
    rows[0, 0] = 0.2
    rows = np.vstack([rows, train.mean(axis=0), 1e6 * train[3], -train[5]])
    for kind in TAILED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            model = kind().fit(train)
        got = explain(model, rows)
        np.testing.assert_allclose(got.score, alone(model, rows), rtol=1e-9)
        own = explain(model)
        np.testing.assert_allclose(own.score, model.decision_scores_, rtol=1e-9)
        assert (own.relevance[:, 0] == 0).all()
    far = explain(model, 1e120 * np.ones((1, 6)))
    assert np.isfinite(far.relevance).all()


@pytest.mark.parametrize("kind", TAILED)
def test_laws_of_tails(kind):
    model = kind().fit(TRAIN)

    def refit(change):
        return neuralize(kind().fit(change.training(TRAIN)))

    for check in check_network(
        neuralize(model),
        ROWS,
        reference=lambda rows: alone(model, rows),
        refit=refit,
        n_training=len(TRAIN),
    ):
        check()


def test_in_pipelines():
    for kind in TAILED:
        check_behind_a_scaler(kind)
    pipeline = make_pipeline(StandardScaler(), ECOD()).fit(TRAIN)
    own = explain(pipeline, X_train=TRAIN)
    np.testing.assert_allclose(own.score, pipeline[-1].decision_scores_, rtol=1e-9)
    mixed = make_pipeline(PCA(2), ECOD()).fit(TRAIN)
    got = explain(mixed, ROWS)
    scores = explain(mixed[-1], mixed[:-1].transform(ROWS)).relevance
    expected = scores @ mixed[0].components_ ** 2
    np.testing.assert_allclose(got.relevance, expected, rtol=1e-9)
    assert "squares" in got.meta["note"]


def test_names_and_options():
    frame = pd.DataFrame(TRAIN, columns=list("abcd"))
    model = ECOD().fit(frame)
    got = explain(model, frame[:3], X_train=frame)
    assert got.feature_names == tuple("abcd")
    with pytest.raises(ValueError, match="X_train does not match"):
        explain(model, ROWS, X_train=ROWS)
    with pytest.raises(TypeError, match=r"neuralize\(ECOD\) takes no rule"):
        explain(model, ROWS, rule="split")
    with pytest.raises(ValueError, match="no model is left"):
        explain(ECOD().fit(TRAIN[:1]))
    model.fit(TRAIN * 2)
    # PyOD has scored these rows among those of the first fit
    assert explain(model, ROWS).p_value is None
    assert explain(model, ROWS, X_train=TRAIN * 2).p_value is not None
    np.testing.assert_allclose(
        explain(model).score, ECOD().fit(TRAIN * 2).decision_scores_
    )


# HBOS


@pytest.mark.parametrize("n_bins", BINS)
def test_histograms(n_bins):
    check_scores(lambda: HBOS(n_bins))
    check_scores(lambda: HBOS(n_bins, alpha=0.4, tol=0.1, contamination=0.3))
    check_mechanics(lambda: HBOS(n_bins))
    check_behind_a_scaler(lambda: HBOS(n_bins))


@pytest.mark.parametrize("n_bins", BINS)
def test_beyond_the_bins_and_on_their_borders(n_bins):
    model = HBOS(n_bins, tol=0.5).fit(TRAIN)
    edges = model.bin_edges_ if n_bins == "auto" else list(model.bin_edges_.T)
    ranges = np.array([[e[0], e[-1], e[1] - e[0]] for e in edges]).T
    low, high, width = ranges
    steps = np.array([-9.0, -0.5, -0.25, 0, 0.25, 0.5, 9.0])[:, None]
    rows = np.vstack([low + steps * width, high + steps * width, TRAIN])
    rows = np.vstack([rows, np.column_stack([e[[1, 0, -2]] for e in edges])])
    got = explain(model, rows)
    np.testing.assert_allclose(got.score, model.decision_function(rows), rtol=1e-12)
    own = explain(model, X_train=TRAIN)
    np.testing.assert_allclose(own.score, model.decision_scores_, rtol=1e-12)
    with pytest.raises(ValueError, match="HBOS does not keep its training rows"):
        explain(model)
    # where a column's density is highest its score is least
    best = explain(model, got.compared_with[:1]).score[0]
    assert best <= got.score.min() + 1e-12
