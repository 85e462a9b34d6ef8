# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Excess over ordinary rows, and what it ranks."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.svm import OneClassSVM

from skneon import Explanation, NeonKDE, NeonKMeans, explain
from skneon.network import SoftArgmin


def test_excess_is_relevance_less_the_median(explanation, frame):
    usual = explanation.ordinary.relevance
    own = NeonKDE(rule=SoftArgmin(epsilon=0.1)).fit(frame).explain()
    np.testing.assert_allclose(usual, np.median(own.relevance, axis=0))
    np.testing.assert_array_equal(explanation.excess(), explanation.relevance - usual)
    total = explanation.score - explanation.residual - usual.sum()
    np.testing.assert_allclose(explanation.excess().sum(axis=1), total)


def test_excess_survives_copies_slices_groups_and_concatenation(explanation):
    excess = explanation.excess()
    halves = [explanation[:9], pickle.loads(pickle.dumps(explanation[9:]))]
    for again in (
        pickle.loads(pickle.dumps(explanation)),
        explanation[np.arange(30)],
        Explanation.concat(halves),
    ):
        np.testing.assert_array_equal(again.excess(), excess)
        np.testing.assert_array_equal(again.percentile, explanation.percentile)
        np.testing.assert_array_equal(again.typical, explanation.typical)
    grouped = explanation.aggregate({"both": ["a", "score"]})
    np.testing.assert_array_equal(grouped.excess()[:, 1], excess[:, 1])
    np.testing.assert_array_equal(
        grouped.percentile[:, 1], explanation.percentile[:, 1]
    )
    none = replace(explanation[:1], ordinary=None)
    assert Explanation.concat([none, explanation[1:]]).ordinary is None


def test_without_training_rows_it_says_what_to_pass():
    X = np.random.default_rng(0).normal(size=(40, 2))
    model = OneClassSVM().fit(X)
    reasons = explain(model, X[:3])
    assert reasons.typical is None and reasons.percentile is None
    with pytest.raises(ValueError, match=r"X_train= .* reasons\.beside"):
        replace(reasons).excess()
    relevance = [row[0].relevance for row in reasons.top(1)]
    assert relevance == reasons.relevance.max(axis=1).tolist()
    everywhere = explain(model, X)
    beside = reasons.beside(everywhere)
    usual = np.median(everywhere.relevance, axis=0)
    np.testing.assert_allclose(beside.excess(), reasons.relevance - usual)
    np.testing.assert_array_equal(beside.typical, np.median(X, axis=0))
    with pytest.raises(ValueError, match="the same features"):
        reasons.beside(everywhere.aggregate({"all": ["x0", "x1"]}))


def test_evidence_for_clusters_has_no_excess():
    X = np.random.default_rng(0).normal(size=(40, 2))
    reasons = NeonKMeans(2, random_state=0, n_init=1).fit(X).explain()
    with pytest.raises(ValueError, match="rank by relevance"):
        reasons.excess()
    first = [row[0].feature for row in reasons.top(1)]
    order = np.abs(reasons.relevance).argmax(axis=1)
    assert first == [f"x{i}" for i in order]
    with pytest.raises(ValueError, match="by must be one of"):
        reasons.top(1, by="share")


def test_reasons_say_something():
    """Neither 0 %, nor less than usual, nor the typical value itself."""
    X = np.random.default_rng(0).normal(size=(100, 3))
    X[:60, 2] = 0.0
    X[60:, 2] = np.linspace(1, 4, 40)
    X[0, :2] = 6.0
    reasons = NeonKDE(gamma=1.0).fit(X).explain()
    assert reasons.typical[2] == 0
    found = reasons.reasons(3)
    assert {part.feature for part in found[0]} == {"x0", "x1"}
    for row, parts in enumerate(found):
        assert [p.excess for p in parts] == sorted(p.excess for p in parts)[::-1]
        for part in parts:
            assert part.excess > 0 and part.share >= 0.005
            assert part.value != part.typical, row
    # an ordinary row has none
    ordinary = replace(reasons, relevance=np.tile(reasons.ordinary.relevance, (100, 1)))
    assert ordinary.reasons()[3] == []


def test_cells_as_others_show_them(explanation):
    shown = explanation.with_cells(lambda cells: np.char.mod("%.1f", cells))
    assert shown.data[0, 0] == f"{explanation.data[0, 0]:.1f}"
    assert shown.typical[0] == f"{explanation.typical[0]:.1f}"
    np.testing.assert_array_equal(shown.percentile, explanation.percentile)
    np.testing.assert_array_equal(shown.excess(), explanation.excess())


@pytest.fixture(scope="module")
def cancer():
    X = load_breast_cancer().data
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    return NeonKDE().fit(Z).explain()


def rank_correlation(a, b):
    a, b = (np.argsort(np.argsort(x)) for x in (a, b))
    return np.corrcoef(a, b)[0, 1]


def test_what_leads_the_outliers_leads_the_chart(cancer):
    """Over all rows the columns come nearly in the opposite order."""
    worst = np.argsort(-cancer.score)[: len(cancer) // 20]
    inside = cancer.relevance[worst].mean(axis=0)
    summary = cancer.summary(rows=0.05).loc[list(cancer.feature_names)]
    assert rank_correlation(summary["excess"], inside) > 0.9
    assert rank_correlation(summary["relevance_of_all"], inside) < 0.3
    np.testing.assert_allclose(
        summary["relevance"],
        cancer.relevance[
            np.argsort(-cancer.score, kind="stable")[: round(0.05 * len(cancer))]
        ].mean(axis=0),
    )


@pytest.mark.parametrize("seed", range(3))
def test_planted_columns_come_first(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(300, 6)) * 10.0 ** rng.integers(-2, 3, size=6)
    X /= X.std(axis=0)
    planted = np.array([rng.choice(6, 2, replace=False) for _ in range(9)])
    np.put_along_axis(X[:9], planted, 6.0, axis=1)
    reasons = NeonKDE().fit(X).explain()
    assert set(np.argsort(-reasons.score)[:9]) == set(range(9))
    first = [{part.feature for part in row} for row in reasons[:9].top(2)]
    expected = [{f"x{i}" for i in own} for own in planted]
    assert np.mean(np.equal(first, expected)) >= 0.9


def test_chosen_rows(explanation):
    frame = explanation.summary(rows=np.arange(30) == 4)
    np.testing.assert_allclose(
        frame["relevance"][["a", "b"]], explanation.relevance[4, :2]
    )
    assert frame["leads"].sum() == 1 and frame["leads"].iloc[0] == 1
    assert frame.equals(explanation.summary(rows=[4]))
    for rows, message in [
        (1.5, "between 0 and 1"),
        ([40], "Row 40 is out of range for 30"),
        (["a"], "numbers of rows"),
        (np.zeros(30, bool), "No rows are chosen"),
    ]:
        with pytest.raises(ValueError, match=message):
            explanation.summary(rows=rows)
