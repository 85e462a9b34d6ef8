# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The object that explain returns."""

import copy
import dataclasses
import json
import pickle
import sys

import numpy as np
import pandas as pd
import pytest
import skops.io

from skneon import Contribution, Explanation, NeonKDE, NeonKMeans

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

NAMES = ["a", "b", "score"]


def arrays(explanation):
    values = vars(explanation)
    return {k: v for k, v in values.items() if isinstance(v, np.ndarray)}


def test_fields(explanation, frame):
    assert explanation.relevance.shape == (30, 3) and len(explanation) == 30
    assert explanation.feature_names == ("a", "b", "score")
    assert explanation.target == "outlier"
    np.testing.assert_array_equal(explanation.data, frame)
    np.testing.assert_array_equal(explanation.index, frame.index)
    total = explanation.relevance.sum(axis=1) + explanation.residual
    np.testing.assert_allclose(total, explanation.score, rtol=1e-15)
    assert explanation.residual.min() > 0.01
    assert explanation.meta["model"] == "NeonKDE" and explanation.meta["epsilon"] == 0.1
    assert "30 rows, 3 features" in repr(explanation)
    assert "1 row, 3 features" in repr(explanation[0])


def pickled(explanation):
    return pickle.loads(pickle.dumps(explanation))


@pytest.mark.parametrize("copied", [lambda e: e, pickled, copy.deepcopy, copy.copy])
def test_is_frozen(explanation, copied):
    explanation = copied(explanation)
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.score = 0
    for values in arrays(explanation).values():
        with pytest.raises(ValueError, match="read-only"):
            values[0] = values[1]


@pytest.mark.parametrize("copied", [lambda e: e, pickled, copy.deepcopy, copy.copy])
def test_meta_is_frozen(explanation, copied):
    meta = copied(explanation).meta
    writes = {
        "|=": lambda: meta.__ior__({"rule": "another"}),
        "=": lambda: meta.__setitem__("rule", "another"),
        "del": lambda: meta.__delitem__("rule"),
        "clear": lambda: meta.clear(),
        "pop": lambda: meta.pop("rule"),
        "popitem": lambda: meta.popitem(),
        "setdefault": lambda: meta.setdefault("new", 1),
        "update": lambda: meta.update(rule="another"),
    }
    for write in writes.values():
        with pytest.raises(TypeError, match=r"change a copy of it, dict\(explanation"):
            write()
    assert meta == explanation.meta == json.loads(json.dumps(meta))
    assert dataclasses.asdict(explanation)["meta"] == meta
    assert Explanation.from_json(explanation.to_json()).meta == meta


def test_meta_is_changed_in_a_copy(explanation):
    given = dict(explanation.meta, note="mine")
    changed = dataclasses.replace(explanation, meta=given)
    given["note"] = "another"
    assert changed.meta["note"] == "mine"
    assert changed.meta == explanation.meta | {"note": "mine"}
    assert "note" not in explanation.meta


def test_only_explanations_that_are_alike_are_concatenated(explanation):
    whole = Explanation.concat([explanation[:2], explanation[2:]])
    np.testing.assert_array_equal(whole.relevance, explanation.relevance)
    np.testing.assert_array_equal(whole.index, explanation.index)

    def with_meta(**meta):
        return dataclasses.replace(explanation, meta={**explanation.meta, **meta})

    for other, error, message in [
        (None, TypeError, "concat takes explanations, got None among them"),
        (with_meta(rule="x"), ValueError, "different rules: soft-argmin and x"),
        (with_meta(n_clusters=3), ValueError, "numbers of clusters: None and 3"),
        (dataclasses.replace(explanation, target="y"), ValueError, "targets: .* 'y'"),
        (
            dataclasses.replace(explanation, feature_names=("p", "q", "r")),
            ValueError,
            "different features: .* and .'p', 'q', 'r'",
        ),
    ]:
        with pytest.raises(error, match=message):
            Explanation.concat([explanation, other])
    with pytest.raises(ValueError, match="no explanation to concatenate"):
        Explanation.concat([])


def test_leaves_the_caller_its_arrays():
    X = np.random.default_rng(0).normal(size=(10, 2))
    NeonKDE().fit(X).explain(X)
    assert X.flags.writeable


def test_does_not_change_with_the_callers_array():
    X = np.random.default_rng(0).normal(size=(10, 2))
    explanation = NeonKDE().fit(X).explain(X)
    before = explanation.data.copy()
    X[:] = 0
    np.testing.assert_array_equal(explanation.data, before)


def test_converts_to_an_array(explanation):
    np.testing.assert_array_equal(np.asarray(explanation), explanation.relevance)
    assert np.asarray(explanation, dtype=np.float32).dtype == np.float32
    copy = np.array(explanation)
    copy[0] = 0


@pytest.mark.parametrize(
    "rows", [slice(2, 9, 3), [4, 1], np.arange(30) % 2 == 0, np.array([-1])]
)
def test_slicing(explanation, rows):
    part = explanation[rows]
    for name, values in arrays(explanation).items():
        # the training rows stay all of them
        whole = name == "training_score"
        expected = values if whole else values[rows]
        np.testing.assert_array_equal(getattr(part, name), expected)
    np.testing.assert_array_equal(part.residual, explanation.residual[rows])


def test_a_single_row_stays_an_explanation(explanation):
    for row in (0, 29, -1, -30, np.int64(3)):
        part = explanation[row]
        assert len(part) == 1
        np.testing.assert_array_equal(part.score[0], explanation.score[row])
    for row in (30, -31):
        with pytest.raises(IndexError, match="out of range for 30 rows"):
            explanation[row]
    with pytest.raises(TypeError, match="one after the other"):
        explanation[:, "a"]
    assert [len(part) for part in explanation] == [1] * 30


def test_slices_cluster_targets():
    X = np.random.default_rng(0).normal(size=(20, 2))
    kmeans = NeonKMeans(3, random_state=0, n_init=1).fit(X)
    explanation = kmeans.explain()
    np.testing.assert_array_equal(explanation.target, kmeans.labels_)
    assert np.all(explanation.rival != explanation.target)
    np.testing.assert_array_equal(explanation[5:7].target, kmeans.labels_[5:7])
    np.testing.assert_array_equal(explanation[5:7].rival, explanation.rival[5:7])


def test_top(explanation):
    for row, contributions in enumerate(explanation.top(2, by="relevance")):
        assert len(contributions) == 2
        order = np.argsort(-np.abs(explanation.relevance[row]))
        for part, i in zip(contributions, order, strict=False):
            assert part == Contribution(
                NAMES[i],
                explanation.relevance[row, i],
                explanation.relevance[row, i] / explanation.score[row],
                explanation.data[row, i],
                explanation.typical[i],
                explanation.percentile[row, i],
                explanation.excess()[row, i],
                pytest.approx(np.nan, nan_ok=True),
                explanation.compared_with[row, i],
            )
    by_excess = [[part.feature for part in row] for row in explanation.top(3)]
    order = np.argsort(-explanation.excess(), axis=1)
    assert by_excess == [[NAMES[i] for i in row] for row in order]
    assert len(explanation.top(99)[0]) == 3
    with pytest.raises(ValueError, match="at least 1, got 0"):
        explanation.top(0)


def test_aggregate(explanation):
    grouped = explanation.aggregate({"ab": ["a", "b"]})
    assert grouped.feature_names == ("ab", "score")
    both = explanation.relevance[:, :2].sum(axis=1)
    np.testing.assert_array_equal(grouped.relevance[:, 0], both)
    np.testing.assert_allclose(grouped.residual, explanation.residual, atol=1e-13)
    assert np.all(np.isnan(grouped.data[:, 0]))
    np.testing.assert_array_equal(grouped.data[:, 1], explanation.data[:, 2])
    renamed = explanation.aggregate({"alpha": "a"})
    assert renamed.feature_names == ("alpha", "b", "score")
    with pytest.raises(ValueError, match=r"unknown features \['z'\]"):
        explanation.aggregate({"g": ["a", "z"]})
    with pytest.raises(ValueError, match="more than one group"):
        explanation.aggregate({"g": ["a"], "h": ["a", "b"]})
    with pytest.raises(ValueError, match="name of a lone feature"):
        explanation.aggregate({"b": ["a", "score"]})
    with pytest.raises(ValueError, match="'g' is empty"):
        explanation.aggregate({"g": []})
    twice = dataclasses.replace(explanation, feature_names=("a", "a", "b"))
    with pytest.raises(ValueError, match="Features share a name"):
        twice.aggregate({"g": ["b"]})


def test_to_frame(explanation, frame):
    table = explanation.to_frame()
    assert list(table.columns) == ["a", "b", "score", "score_", "residual"]
    assert table.index.equals(frame.index)
    np.testing.assert_array_equal(table[NAMES], explanation.relevance)
    np.testing.assert_array_equal(table["score_"], explanation.score)
    np.testing.assert_array_equal(table["residual"], explanation.residual)


def test_to_frame_without_pandas_names_the_extra(explanation, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r'pip install "skneon\[pandas\]"'):
        explanation.to_frame()


def test_training_rows_keep_their_labels(frame):
    kde = NeonKDE().fit(frame)
    np.testing.assert_array_equal(kde.explain().index, frame.index)
    kmeans = NeonKMeans(2, random_state=0, n_init=1).fit(frame)
    np.testing.assert_array_equal(kmeans.explain().index, frame.index)
    assert NeonKDE().fit(frame.to_numpy()).explain().index is None


def test_fields_must_have_as_many_rows(explanation):
    with pytest.raises(ValueError, match="relevance has 30 rows, score 29"):
        dataclasses.replace(explanation, score=explanation.score[1:])


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2020", periods=6),
        pd.MultiIndex.from_product([[1, 2], ["a", "b", "c"]]),
        pd.period_range("2020", periods=6),
        pd.Index([1.5, 2, 3, 4, 5, 6]),
    ],
    ids=lambda index: type(index).__name__,
)
def test_row_labels_of_any_kind(index):
    X = np.random.default_rng(0).normal(size=(6, 2))
    frame = pd.DataFrame(X, columns=["a", "b"], index=index)
    kde = NeonKDE().fit(frame)
    explanation = kde.explain(frame)
    assert list(explanation.to_frame().index) == list(index)
    copy = Explanation.from_json(explanation.to_json())
    np.testing.assert_array_equal(copy.relevance, explanation.relevance)
    assert len(copy[2:4].to_frame()) == 2
    if isinstance(index, pd.MultiIndex):
        assert list(copy.index) == list(index)
    skops.io.loads(skops.io.dumps(kde), trusted=["skneon._kde.NeonKDE"])
    labels = kde.explain().to_frame().index
    kept = not isinstance(index, pd.PeriodIndex)
    assert list(labels) == (list(index) if kept else [str(label) for label in index])


def test_share_of_a_zero_score_is_zero():
    X = np.zeros((3, 2))
    explanation = NeonKDE(gamma=1.0).fit(X).explain(X)
    assert not explanation.score.any() and not explanation.share.any()
