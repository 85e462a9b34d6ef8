# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Texts: what is explained are their words."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from helpers.laws import assert_close
from helpers.pipelines import plain
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import Normalizer

from skneon import NeonKMeans, explain
from skneon.network import Midpoint

# rows meet themselves among the training rows on purpose
pytestmark = pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")

TEXTS = [
    *["red fox runs", "fox and hen", "a red hen", "tax law text", "law of tax"],
    *["court and law", "sun and rain", "rain in may", "may sun shines"],
] * 2
DICTS = [dict.fromkeys(text.split(), 1.0) for text in TEXTS]
KMEANS = KMeans(3, n_init=5, random_state=0)
CASES = {
    "tf-idf": ([TfidfVectorizer()], TEXTS),
    "counts": ([CountVectorizer(ngram_range=(1, 2))], TEXTS),
    "weighed": ([CountVectorizer(), TfidfTransformer()], TEXTS),
    "one step": ([make_pipeline(CountVectorizer(), TfidfTransformer())], TEXTS),
    "union": (
        [make_union(TfidfVectorizer(), CountVectorizer(analyzer="char"))],
        TEXTS,
    ),
    "dicts": ([DictVectorizer(sparse=False)], DICTS),
    "hashed": ([HashingVectorizer(n_features=16)], TEXTS),
    "hashed dicts": ([FeatureHasher(n_features=16)], DICTS),
    "series": (
        [TfidfVectorizer()],
        pd.Series(TEXTS, index=[f"t{i}" for i in range(18)]),
    ),
    "array": ([TfidfVectorizer()], np.array(TEXTS)),
}


@pytest.mark.parametrize("case", CASES)
def test_words_are_the_features(case):
    steps, texts = CASES[case]
    model = make_pipeline(*steps, KMEANS).fit(texts)
    Z = texts
    for step in steps:
        Z = step.transform(Z)
    got, inner = explain(model, texts), explain(model[-1], Z)
    assert_close(got.relevance, inner.relevance)
    np.testing.assert_array_equal(got.data, plain(Z))
    np.testing.assert_array_equal(got.compared_with, inner.compared_with)
    names = inner.feature_names
    if "hashed" not in case:
        names = tuple(model[:-1].get_feature_names_out())
    assert got.feature_names == names
    index = getattr(texts, "index", None)
    assert (got.index is None) == (index is None or callable(index))
    assert_close(explain(model, X_train=texts).relevance, inner.relevance)


def test_latent_semantic_analysis_in_terms_of_words():
    """scikit-learn's own example of text clusters."""
    svd = TruncatedSVD(4, random_state=0)
    model = make_pipeline(TfidfVectorizer(), svd, Normalizer(), KMEANS).fit(TEXTS)
    got = explain(model, TEXTS)
    assert got.feature_names == tuple(model[0].get_feature_names_out())
    np.testing.assert_array_equal(got.target, model[-1].labels_)
    np.testing.assert_allclose(got.residual, 0, atol=1e-12)
    words = model[0].transform(TEXTS).toarray()
    rows = words / np.linalg.norm(svd.transform(words), axis=1)[:, None]
    without = explain(make_pipeline(svd, KMEANS), rows)
    assert_close(got.relevance, without.relevance)
    # the word that two of three texts about foxes share
    assert {part[0].feature for part in got[:3].top(1)} <= {"fox", "red", "hen"}


def test_training_texts_are_left_out_of_their_own_model():
    svd = TruncatedSVD(4, random_state=0)
    model = make_pipeline(TfidfVectorizer(), svd, KernelDensity()).fit(TEXTS)
    got = explain(model, X_train=TEXTS)
    seen = explain(model[-1], model[:-1].transform(TEXTS), leave_out=np.arange(18))
    np.testing.assert_allclose(got.score, seen.score, rtol=1e-9)
    members = np.array([0, 0, 0, 1, 1, 1, -1, -1, -1] * 2)
    noisy = explain(model, X_train=TEXTS, members=members)
    words = model[0].transform(TEXTS).toarray()
    np.testing.assert_array_equal(noisy.data, words[members >= 0])
    with pytest.raises(ValueError, match="row 0 is another"):
        explain(model, X_train=TEXTS[::-1])
    kept = make_pipeline(TfidfVectorizer(), NeonKMeans(3, random_state=0)).fit(TEXTS)
    assert len(explain(kept, X_train=TEXTS)) == 18


def test_a_rule_for_thousands_of_columns():
    """Unless a rule is asked for; what counts are the columns that are explained."""
    wide = [" ".join(f"w{i}" for i in range(k, 2100, 3)) for k in range(3)] * 2
    for steps in ([CountVectorizer()], [CountVectorizer(), TruncatedSVD(2)]):
        model = make_pipeline(*steps, KMeans(3, n_init=1, random_state=0)).fit(wide)
        got = explain(model, wide[:2])
        assert got.meta["rule"] == "midpoint" and "2100 columns" in got.meta["note"]
        same = explain(model, wide[:2], rule="midpoint")
        assert_close(got.relevance, same.relevance)
        assert "note" not in same.meta
        asked = explain(model, wide[:1], rule="shapley")
        assert asked.meta["rule"] == "shapley" and "note" not in asked.meta
    # two columns are explained, of whatever is made of them
    few = explain(make_pipeline(TfidfVectorizer(), KMEANS).fit(TEXTS), TEXTS)
    assert few.meta["rule"] == "shapley" and "note" not in few.meta
    assert explain(model, wide[:1], rule=Midpoint(0.0)).meta["beta"] == 0.0


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_frame_is_refused_where_texts_are_expected(frame, n):
    model = make_pipeline(TfidfVectorizer(), KMEANS).fit(TEXTS)
    X = frame({"txt": TEXTS[:n]})
    with pytest.raises(ValueError, match=r"pass the column, as in X\['txt'\]"):
        explain(model, X)
    assert explain(model, X["txt"]).score.shape == (n,)
    with pytest.raises(ValueError, match=r"shape \(\d, 1\): pass the column"):
        explain(model, X.to_numpy())


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_text_is_named(missing):
    model = make_pipeline(TfidfVectorizer(), KMEANS).fit(TEXTS)
    for X in (["red", missing], pd.Series(["red", missing], dtype=object)):
        with pytest.raises(ValueError, match="The text in row 1 is "):
            explain(model, X)
