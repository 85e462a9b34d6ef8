# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models of reports: those that are fitted here, and those that are given."""

import numpy as np
import pandas
import pytest
from helpers.report_pages import clean
from palmerpenguins import load_penguins
from scipy.sparse import csr_matrix
from scipy.stats import spearmanr
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    KMeans,
    SpectralClustering,
)
from sklearn.compose import make_column_transformer
from sklearn.covariance import EllipticEnvelope
from sklearn.datasets import load_wine
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.manifold import Isomap
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import OneClassSVM

from skneon import NeonKDE, NeonKMeans, explain, prepare, report
from skneon._report import _study
from skneon._report._clusterings import by_kmeans
from skneon._report._models import Fitting, _limit, _unclustered

WINE = load_wine(as_frame=True).data
Z = StandardScaler().set_output(transform="pandas").fit_transform(WINE)

MODELS = {
    "NeonKDE": NeonKDE(),
    "KernelDensity": KernelDensity(),
    "OneClassSVM": OneClassSVM(),
    "NearestNeighbors": NearestNeighbors(),
    "LocalOutlierFactor": LocalOutlierFactor(novelty=True),
    "EllipticEnvelope": EllipticEnvelope(random_state=0),
    "GaussianMixture": GaussianMixture(2, random_state=0, covariance_type="diag"),
    "NeonKMeans": NeonKMeans(3, random_state=0, n_init=1),
    "KMeans": KMeans(3, random_state=0, n_init=1),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("piped", [False, True])
def test_models(name, piped):
    model = make_pipeline(StandardScaler(), MODELS[name]) if piped else MODELS[name]
    X = WINE if piped else Z
    page = report(model.fit(X), X, top=3)
    found = clean(page.html)
    assert f"{name}, explained" in found.texts
    explanation = page.explanations["model"]
    _, first, *_ = found.tables["contributions"]
    assert first[0]["text"] == str(explanation.judged_score.argmax())
    expected = _expected(model, X, piped)
    assert np.allclose(explanation.score, expected.score)
    assert np.allclose(explanation.relevance, expected.relevance)
    assert explanation.feature_names == tuple(X.columns)
    clusters = not isinstance(explanation.target, str)
    assert ("clusters" in found.ids) == clusters


def _expected(model, X, piped):
    """Training rows where a model tells them from others, each without itself."""
    try:
        return explain(model, X_train=X) if piped else explain(model)
    except (TypeError, ValueError):
        return explain(model, X)


def test_training_rows_are_told_from_others():
    kde = NeonKDE().fit(Z)
    own = report(kde, Z).explanations["model"]
    assert np.allclose(own.relevance, kde.explain().relevance)
    some = report(kde, Z.iloc[:50]).explanations["model"]
    assert np.allclose(some.relevance, kde.explain(Z.iloc[:50]).relevance)
    one = report(kde, Z.iloc[[7]]).explanations["model"]
    assert list(one.index) == [7]


@pytest.mark.parametrize("sample", [5000, 60])
def test_training_rows_of_support_vectors_are_judged_without_themselves(
    sample, monkeypatch
):
    monkeypatch.setattr(_study, "SAMPLE", sample)
    X = WINE.copy()
    X.iloc[7, :2] += 6 * X.std().iloc[:2]
    model = make_pipeline(StandardScaler(), OneClassSVM(nu=0.1)).fit(X)
    expected = explain(model, X_train=X)
    assert expected.flagged()[7] and expected.judged_score.argmax() == 7
    page = report(model, X, top=1)
    found, limit = clean(page.html), expected.threshold
    by = "outlierness by models fitted without the row is"
    assert f"The median {by} {limit.median:.4g}. 1 row is beyond the" in found.text
    assert found.tables["contributions"][1][0]["text"] == "7"
    told = page.explanations["model"]
    np.testing.assert_allclose(told.held_out_score, expected.held_out_score[told.index])
    np.testing.assert_allclose(told.score, expected.score[told.index])
    # others are not taken for them
    for rows in (X.iloc[::-1], X.iloc[:-1]):
        text = clean(report(model, rows, top=1).html).text
        assert "the rows of the fit are needed" in text and "threshold" not in text


def test_pipeline_with_categories_and_row_names():
    penguins = load_penguins().set_index(np.array([f"bird {i}" for i in range(344)]))
    measured = make_pipeline(SimpleImputer(), StandardScaler())
    others = OneHotEncoder(sparse_output=False)
    prepare = make_column_transformer((measured, slice(2, 6)), remainder=others)
    model = make_pipeline(prepare, KernelDensity(bandwidth=1.5)).fit(penguins)
    page = report(model, penguins)
    found = clean(page.html)
    expected = explain(model, X_train=penguins)
    worst = int(expected.score.argmax())
    assert found.tables["contributions"][1][0]["text"] == f"bird {worst}"
    assert np.allclose(page.explanations["model"].relevance, expected.relevance)
    assert "count from 0" not in found.text


def test_columns_in_another_order():
    prepare = make_column_transformer((StandardScaler(), list(WINE.columns)))
    model = make_pipeline(prepare, NeonKDE()).fit(WINE)
    turned = WINE[WINE.columns[::-1]]
    own = report(model, turned).explanations["model"]
    expected = explain(model, X_train=WINE)
    assert own.feature_names == tuple(turned.columns)
    assert np.allclose(own.relevance[:, ::-1], expected.relevance)
    assert np.allclose(own.data, turned)


CLUSTERINGS = {
    "DBSCAN": DBSCAN(eps=2.3),
    "HDBSCAN": HDBSCAN(min_cluster_size=8, copy=True),
    "AgglomerativeClustering": AgglomerativeClustering(3),
    "SpectralClustering": SpectralClustering(3, gamma=0.08, random_state=0),
}


@pytest.mark.parametrize("name", CLUSTERINGS)
@pytest.mark.parametrize("piped", [False, True])
def test_clusterings_of_their_rows(name, piped):
    model, X = CLUSTERINGS[name], WINE if piped else Z
    model = make_pipeline(StandardScaler(), model).fit(X) if piped else model.fit(X)
    page = report(model, X, top=2)
    found = clean(page.html)
    explanation = page.explanations["model"]
    labels = (model[-1] if piped else model).labels_
    np.testing.assert_array_equal(explanation.target, labels)
    expected = explain(model, X_train=X)
    assert np.allclose(explanation.relevance, expected.relevance)
    assert "is told from cluster" in found.text
    assert ("rows in no cluster" in found.text) == bool((labels < 0).any())


def test_sparse_rows():
    X = csr_matrix(np.random.default_rng(0).poisson(0.3, size=(80, 6)).astype(float))
    kmeans = KMeans(3, random_state=0, n_init=1).fit(X)
    page = report(kmeans, X)
    clean(page.html)
    np.testing.assert_array_equal(page.explanations["model"].target, kmeans.labels_)


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({name: WINE[name].to_numpy() for name in WINE})
    model = make_pipeline(StandardScaler(), KMeans(3, random_state=0, n_init=1))
    page = report(model.fit(frame), frame)
    assert page.explanations["model"].feature_names == tuple(WINE.columns)
    clean(page.html)
    clean(report(None, frame, n_clusters=2).html)


def test_searches():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), NeonKDE()), {"neonkde__gamma": [0.1, 0.2]}
    ).fit(WINE)
    page = report(search, WINE)
    clean(page.html)
    expected = explain(search.best_estimator_, WINE, X_train=WINE)
    got = page.explanations["model"]
    assert got.feature_names == expected.feature_names and len(got) == 178


def test_what_is_no_model():
    with pytest.raises(NotFittedError):
        report(NeonKDE(), Z)
    with pytest.raises(NotFittedError):
        report(make_pipeline(StandardScaler(), KMeans(2)), Z)
    with pytest.raises(TypeError, match="transformer"):
        report(StandardScaler().fit(Z), Z)
    with pytest.raises(TypeError, match="No network is known"):
        report(Isomap(n_neighbors=20).fit(Z), Z)
    with pytest.raises(TypeError, match="not a class"):
        report(NeonKDE, Z)
    with pytest.raises(ValueError, match="n_clusters is for"):
        report(NeonKDE().fit(Z), Z, n_clusters=2)


def test_wrong_rows_for_a_model():
    kde = NeonKDE().fit(Z)
    with pytest.raises(ValueError, match="feature names"):
        report(kde, Z.iloc[:, :4])
    with pytest.raises(ValueError, match="features"):
        report(NeonKDE().fit(Z.to_numpy()), Z.to_numpy()[:, :4])
    with pytest.raises(ValueError, match="NaN"):
        report(kde, Z.mask(Z > 2))
    with pytest.raises(ValueError, match="could not convert"):
        report(NeonKDE().fit(Z.to_numpy()), [["a"] * 13] * 3)


def test_explanations_are_those_of_the_models(wine):
    by_hand = wine.models["outliers"]
    Z = by_hand[:-1].transform(WINE)
    again = NeonKDE("likelihood").fit(Z).explain()
    assert np.allclose(wine.explanations["outliers"].score, again.score)
    assert np.allclose(wine.explanations["outliers"].data, WINE)
    labels = wine.models["clusters"].predict(WINE)
    assert np.array_equal(wine.explanations["clusters"].target, labels)


def test_duplicate_rows():
    frame = pandas.DataFrame({"a": [0.0, 1.0] * 20, "b": [0.0, 1.0] * 20})
    clean(report(None, frame).html)
    with pytest.raises(ValueError, match="only 2 rows differ"):
        report(None, frame, n_clusters=3)


def is_vague(X):
    """Whether the clusters of a table are no clearer than those of noise."""
    table = prepare(X)
    return by_kmeans(Fitting(table._plan, table.rows), None).choice.is_vague


def test_clusters_of_noise_are_no_finding(wine):
    rng = np.random.default_rng(0)
    texts = {name: rng.choice(list("abc"), 200) for name in "uvw"}
    noise = {
        "normal": rng.normal(size=(200, 5)),
        "correlated": rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5)),
        "heavy": rng.standard_t(3, size=(200, 5)),
        "categories": pandas.DataFrame(texts),
    }
    assert [name for name, X in noise.items() if not is_vague(X)] == []
    centres = 4 * rng.normal(size=(3, 5))[rng.integers(0, 3, 200)]
    assert not is_vague(centres + noise["normal"])
    for page, vague in ((report(None, noise["normal"], top=1), True), (wine, False)):
        found = clean(page.html)
        assert ("No clear clusters" in found.text) == vague
        # profiles are folded away
        assert (found.tags.count("summary") == 4) == vague
        assert "but without clusters, are expected to have up to" in found.text


def test_tables_without_clusters_have_the_same_columns():
    rng = np.random.default_rng(0)
    first = rng.exponential(size=400)
    Z = np.column_stack([first, np.exp(first) + rng.exponential(size=400), first > 1])
    made = _unclustered(Z, rng)
    np.testing.assert_array_equal(np.sort(made, axis=0), np.sort(Z, axis=0))
    before, after = (spearmanr(table[:, :2])[0] for table in (Z, made))
    assert before > 0.8 and abs(before - after) < 0.05


def test_no_silhouette_of_chance_is_above_the_largest_there_is():
    assert _limit(np.array([0.2, 0.3])) == pytest.approx(0.25 + 4 * 0.05)
    assert _limit(np.array([0.1, 0.95, 0.9, 0.1])) == 0.95
    assert np.isnan(_limit(np.array([])))
