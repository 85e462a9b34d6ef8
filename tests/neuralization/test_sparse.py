# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Sparse rows at the doors: explained as they are, or refused where they do not fit."""

import pickle
import tracemalloc

import numpy as np
import pytest
import scipy.sparse
from helpers.checks import assert_same
from sklearn import config_context
from sklearn.cluster import BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.neighbors import KernelDensity, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, Normalizer, StandardScaler

from skneon import Explanation, NeonKMeans, explain
from skneon.explanation import SharedRows, SparseRelevance
from skneon.metrics import conservation_error, flipping_score

TEXTS = [
    "red fox runs",
    "fox and hen",
    "a red hen",
    "tax law",
    "law of tax",
    "court law",
]
X = scipy.sparse.random(60, 30, 0.15, format="csr", random_state=0)
# texts of which none is as near to one cluster as to another
WORDS = np.random.default_rng(0)
OTHERS = [" ".join(WORDS.choice(" ".join(TEXTS).split(), 6)) for _ in range(25)]
NAMES = ("relevance", "data", "compared_with")
MODELS = [
    KMeans(4, n_init=1, random_state=0),
    MiniBatchKMeans(4, n_init=1, random_state=0),
    BisectingKMeans(4, random_state=0),
    NeonKMeans(4, n_init=1, random_state=0),
]


def as_dense(explanation):
    """The same explanation in arrays."""
    return [getattr(explanation, name).toarray() for name in NAMES]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_array])
def test_same_as_of_dense_rows(model, kind):
    model.fit(X)
    got = explain(model, kind(X), rule="midpoint")
    expected = explain(model, X.toarray(), rule="midpoint")
    assert (
        type(got.relevance) is SparseRelevance and type(got.compared_with) is SharedRows
    )
    assert_same(got, expected)
    for table, name in zip(
        as_dense(got), ("relevance", "data", "compared_with"), strict=True
    ):
        np.testing.assert_allclose(table, getattr(expected, name), atol=1e-12)
    np.testing.assert_allclose(got.residual, 0, atol=1e-12)
    np.testing.assert_allclose(got.share, expected.share, atol=1e-12)
    asked = {"cluster": 1, "rival": 2, "rule": "midpoint"}
    assert_same(explain(model, X, **asked), explain(model, X.toarray(), **asked))
    order = np.random.default_rng(0).permutation(60)[:9]
    assert_same(explain(model, X[order], rule="midpoint"), got[order])


def test_forms():
    model = MODELS[0].fit(X)
    got = explain(model, X, rule="midpoint")
    expected = explain(model, X.toarray(), rule="midpoint")
    for one, other in zip(got.top(3), expected.top(3), strict=True):
        for part, same in zip(one, other, strict=True):
            assert part.feature == same.feature
            assert part[1:] == pytest.approx(same[1:], abs=1e-12, nan_ok=True)
    again = Explanation.from_json(got.to_json())
    parts = Explanation.concat([got[:7], got[7], got[[*range(8, 60)]]])
    copy = pickle.loads(pickle.dumps(got))
    for other in (again, parts, copy):
        for one, same in zip(as_dense(other), as_dense(got), strict=True):
            np.testing.assert_array_equal(one, same)
    groups = {"first": ["x0", "x7"], "x2": ["x2"]}
    for name in NAMES:
        sums, same = (getattr(e.aggregate(groups), name) for e in (got, expected))
        np.testing.assert_allclose(sums.toarray(), same, atol=1e-12)
    assert got._repr_html_() == expected._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        got.data.data[0] = 7.0


def test_frames():
    pytest.importorskip("pandas")
    got = explain(MODELS[0].fit(X), X, rule="midpoint")
    wide = explain(MODELS[0], X.toarray(), rule="midpoint").to_frame()
    np.testing.assert_allclose(got.to_frame(), wide, atol=1e-12)
    long = got.to_frame("long")
    assert len(long) == X.nnz + 60
    sums = long.groupby("row")[["relevance", "value"]].sum()
    np.testing.assert_allclose(sums["relevance"], got.score, atol=1e-12)
    np.testing.assert_allclose(sums["value"], X.sum(axis=1).A1)
    others = long[long["feature"] == "(all others)"]
    np.testing.assert_allclose(others["relevance"], got.relevance.absent)
    cells = long[long["feature"] != "(all others)"]
    numbers = cells["feature"].str[1:].astype(int)
    np.testing.assert_allclose(cells["relevance"], got.relevance[cells["row"], numbers])
    with config_context(working_memory=1e-3), pytest.raises(MemoryError, match="long"):
        got.to_frame()


def test_a_word_for_the_others_may_be_taken():
    pytest.importorskip("pandas")
    names = ("(all others)", *(f"x{i}" for i in range(29)))
    got = explain(MODELS[0].fit(X), X, rule="midpoint")
    state = {**vars(got), "feature_names": names}
    assert set(Explanation(**state).to_frame("long")["feature"]) >= {"(all others)_"}


def later_first(X, y):
    """Scores of columns."""
    return np.arange(X.shape[1])


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (MaxAbsScaler(), Normalizer()),
        (SelectKBest(later_first, k=6),),
    ],
    ids=["words", "scaled", "selected"],
)
def test_texts(steps):
    kmeans = KMeans(2, n_init=5, random_state=0)
    model = make_pipeline(TfidfVectorizer(), *steps, kmeans).fit(TEXTS, [0] * 6)
    words = explain(model, TEXTS, rule="midpoint")
    table = model[0].transform(TEXTS)
    assert (words.data != table).nnz == 0
    plain = explain(model[1:], table.toarray(), rule="midpoint")
    assert_same(words, plain)
    np.testing.assert_allclose(
        words.compared_with.toarray(), plain.compared_with, atol=1e-12
    )
    assert words.feature_names == tuple(model[0].get_feature_names_out())


@pytest.mark.parametrize(
    "steps", [(), (Normalizer(),), (StandardScaler(),)], ids=["", "unit", "scaled"]
)
@pytest.mark.parametrize("last", [MODELS[0], MODELS[2]], ids=["cells", "splits"])
def test_latent_semantic_analysis(steps, last):
    svd = TruncatedSVD(3, random_state=0)
    model = make_pipeline(TfidfVectorizer(), svd, *steps, last).fit(OTHERS)
    words = explain(model, OTHERS, rule="midpoint")
    plain = explain(model[1:], model[0].transform(OTHERS).toarray(), rule="midpoint")
    assert type(words.relevance) is SparseRelevance and type(plain.data) is np.ndarray
    assert_same(words, plain)
    np.testing.assert_allclose(words.residual, 0, atol=1e-12)
    np.testing.assert_allclose(
        words.compared_with.toarray(), plain.compared_with, atol=1e-9
    )
    for axis in (0, 1):
        sums = words.relevance.sum(axis)
        np.testing.assert_allclose(sums, plain.relevance.sum(axis), atol=1e-12)
    present, absent = words.relevance.present, words.relevance.absent
    assert np.abs(absent).max() > 1e-3
    np.testing.assert_allclose(present.sum(axis=1) + absent, words.score, atol=1e-12)
    cells = np.where(words.data.toarray() > 0, plain.relevance, 0.0)
    np.testing.assert_allclose(present.toarray(), cells, atol=1e-12)


def test_forms_behind_a_linear_step():
    svd = TruncatedSVD(3, random_state=0)
    model = make_pipeline(TfidfVectorizer(), svd, MODELS[0]).fit(OTHERS)
    words = explain(model, OTHERS, rule="midpoint")
    plain = explain(model[1:], model[0].transform(OTHERS).toarray(), rule="midpoint")
    again = Explanation.from_json(words.to_json())
    some = pickle.loads(pickle.dumps(words))[::-2]
    both = Explanation.concat([words[:2], words[2:]])
    for one, other in ((again, plain), (both, plain), (some, plain[::-2])):
        np.testing.assert_allclose(one.relevance, other.relevance, atol=1e-12)
        np.testing.assert_allclose(one.share, other.share, atol=1e-12)
    names, numbers = words.feature_names, plain.feature_names
    sums = words.aggregate({"a": names[:3], "b": names[3:5]})
    same = plain.aggregate({"a": numbers[:3], "b": numbers[3:5]})
    np.testing.assert_allclose(sums.relevance, same.relevance, atol=1e-12)
    for parts, others in zip(words.top(4), plain.top(4), strict=True):
        sizes = [[abs(part.relevance) for part in row] for row in (parts, others)]
        np.testing.assert_allclose(*sizes, atol=1e-12)
    other = make_pipeline(model[0], TruncatedSVD(2, random_state=0), MODELS[0])
    other = explain(other.fit(OTHERS), OTHERS, rule="midpoint")
    with pytest.raises(ValueError, match="different linear steps"):
        SparseRelevance.stacked([words.relevance, other.relevance])


def test_metrics_of_sparse_rows():
    model = MODELS[0].fit(X)
    got = explain(model, X, rule="midpoint")
    assert conservation_error(model, X, relevance=got, rule="midpoint") < 1e-12
    expected = flipping_score(model, X.toarray(), rule="midpoint")
    assert flipping_score(model, X, relevance=got) == pytest.approx(expected)
    with config_context(working_memory=1e-3), pytest.raises(MemoryError, match="games"):
        flipping_score(model, X)


def test_many_columns():
    """Rule midpoint by default, and no table of all cells."""
    n, d = 4000, 20_000
    rng = np.random.default_rng(0)
    places = np.repeat(np.arange(n), 5), rng.integers(d, size=5 * n)
    rows = scipy.sparse.csr_matrix((np.ones(5 * n), places), shape=(n, d))
    model = KMeans(3, init=rows[:3].toarray(), n_init=1, max_iter=1).fit(rows[:100])
    tracemalloc.start()
    got = explain(model, rows)
    top = got.top(2)
    got.relevance.sum(axis=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # a dense table would take 640 MB
    assert peak < 40e6
    assert got.meta["rule"] == "midpoint" and "20000 columns" in got.meta["note"]
    np.testing.assert_allclose(got.residual, 0, atol=1e-12)
    assert len(top) == n and {part.value for row in top for part in row} <= {
        0.0,
        1.0,
        2.0,
    }
    narrow = KMeans(3, n_init=1, random_state=0).fit(X)
    assert explain(narrow, X).meta["rule"] == "shapley"
    assert "note" not in explain(narrow, X).meta


def test_what_would_not_fit_is_refused():
    words = make_pipeline(TfidfVectorizer(), TruncatedSVD(2), KernelDensity())
    words.fit(TEXTS)
    kmeans, others = KMeans(2, n_init=1).fit(X), NearestNeighbors().fit(X)
    linear = "a linear step gives every column a part. Explain some rows at a time"
    with config_context(working_memory=1e-3):
        with pytest.raises(MemoryError, match=linear):
            explain(words, TEXTS)
        with pytest.raises(MemoryError, match='fills rows up, and rule="midpoint"'):
            explain(kmeans, X, rule="w-square")
        with pytest.raises(MemoryError, match=r"60 sparse rows .* as in X\[:1\]"):
            explain(others, X)
        # as few numbers as the rows themselves
        explain(kmeans, X, rule="midpoint")
    assert_same(explain(others, X), explain(others, X.toarray()))
