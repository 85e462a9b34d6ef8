# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusterings of every kind: as scikit-learn has them, and who chose settings."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, mixed, refused, run, written
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    SpectralClustering,
)
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skneon import explain

Z = scale(WINE)
MODELS = {
    "agglomerative": (AgglomerativeClustering(3), {"linkage": "ward"}),
    "spectral": (SpectralClustering(3, gamma=1 / 13, random_state=0), {}),
    "dbscan": (DBSCAN(eps=2.3), {"eps": 2.3, "min_samples": 5}),
    "hdbscan": (
        HDBSCAN(min_cluster_size=8, min_samples=5, copy=True),
        {"min_cluster_size": 8, "min_samples": 5},
    ),
}
GIVEN = {"dbscan": ["--eps", 2.3]}


@pytest.mark.parametrize("name", MODELS)
def test_clusters_are_those_of_the_model(name, tmp_path):
    model, settings = MODELS[name]
    output, report = tmp_path / "out.csv", tmp_path / "report.html"
    data = written(tmp_path / "wine.csv", WINE)
    arguments = data, "--model", name, *GIVEN.get(name, [])
    saved = "--save", tmp_path / "model.skops"
    found = document(*arguments, "--output", output, "--report", report, *saved)
    pipeline = make_pipeline(StandardScaler(), model).fit(WINE)
    labels = pipeline[-1].labels_
    expected = explain(pipeline, X_train=WINE)
    table = pd.read_csv(output, index_col="row")
    np.testing.assert_array_equal(table["cluster"], labels)
    np.testing.assert_allclose(
        table[WINE.columns + " relevance"], expected.relevance, rtol=1e-6, atol=1e-9
    )
    profile = expected.profile()
    assert [e["cluster"] for e in found["clusters"]] == list(
        dict.fromkeys(profile.index.get_level_values(0))
    )
    for entry in found["clusters"]:
        own = profile.loc[entry["cluster"]]
        assert entry["rows"] == np.sum(labels == entry["cluster"])
        assert entry["rival"] == own["rival"].iloc[0]
        for reason in entry["reasons"]:
            for part in ("share", "spread"):
                expected_part = own.loc[reason["feature"], part]
                assert reason[part] == pytest.approx(expected_part, abs=1e-6)
    given = found["settings"]
    assert given["clusters"] == labels.max() + 1
    assert {key: given[key] for key in settings} == settings
    # new rows are judged by the model in the file as by the model itself
    new = written(tmp_path / "new.csv", WINE.iloc[::7] * 1.01)
    other = tmp_path / "new_out.csv"
    done = run(new, "--model-file", saved[1], "--output", other)
    assert done.code == 0, done.err
    again = explain(pipeline, WINE.iloc[::7] * 1.01, X_train=WINE)
    np.testing.assert_array_equal(pd.read_csv(other)["cluster"], again.target)
    page = report.read_text(encoding="utf-8")
    lines = re.search(r"in Python:</p>\s*<pre[^>]*><code>(.*?)</code>", page, re.S)[1]
    code = unescape(lines).replace("'wine.csv'", repr(str(data)))
    told = {}
    exec(code, told)
    pd.testing.assert_frame_equal(told["reasons"].profile(), profile, rtol=1e-6)


@pytest.mark.parametrize("name", ["dbscan", "hdbscan"])
def test_rows_in_no_cluster(name, tmp_path):
    report = tmp_path / "report.html"
    data = written(tmp_path / "wine.csv", WINE)
    arguments = data, "--model", name, *GIVEN.get(name, []), "--top", 3
    found, done = document(*arguments), run(*arguments, "--report", report)
    expected = explain(
        make_pipeline(StandardScaler(), MODELS[name][0]).fit(WINE), X_train=WINE
    )
    noise = np.flatnonzero(expected.target == -1)
    first = noise[np.argsort(-expected.score[noise], kind="stable")[:3]]
    assert [entry["row"] for entry in found["in_no_cluster"]] == list(first)
    times = [entry["times"] for entry in found["in_no_cluster"]]
    if name == "dbscan":
        core = Z[DBSCAN(eps=2.3).fit(Z).core_sample_indices_]
        distances = np.linalg.norm(Z[first][:, None] - core, axis=2).min(axis=1)
        np.testing.assert_allclose(times, distances / 2.3)
    assert min(times) > 1
    assert found["clusters"][-1]["cluster"] == -1
    said = " ".join(done.out.split())
    assert f"and {len(noise)} rows in none" in said
    assert " none " in said and "The farthest rows in no cluster" in said
    words = found["in_no_cluster"][0]["words"]
    assert f"row {first[0]}: {words}" in said and f"{times[0]:.2g} times" in words
    page = unescape(re.sub("<[^>]+>", "", report.read_text(encoding="utf-8")))
    assert f"Row {first[0]}: {words}." in page
    assert f"{len(noise)} rows in no cluster" in page
    assert "(no name)" not in page
    explained = "(level: the mutual reachability distance at which a cluster meets"
    assert (explained in said) == (explained in page) == (name == "hdbscan")


def test_categories_have_no_means(tmp_path):
    said = run(written(tmp_path / "t.csv", mixed()), "--model", "kmeans").out
    words = "means of the column, or its most frequent value if that is a category,"
    assert words in " ".join(said.split())
    numbers = run("--model", "kmeans", "--clusters", 2).out
    assert "most frequent" not in numbers


def test_radius_is_at_the_knee(tmp_path):
    X, _ = make_blobs(300, 3, centers=3, random_state=4)
    noise = np.random.default_rng(0).uniform(X.min(), X.max(), (12, 3))
    frame = pd.DataFrame(np.vstack([X, noise]), columns=["a", "b", "c"])
    data = written(tmp_path / "blobs.csv", frame)
    given = document(data, "--model", "dbscan", "--log", "none")["settings"]
    rows = scale(frame)
    distance = np.sort(np.linalg.norm(rows[:, None] - rows, axis=2), axis=1)[:, 4]
    curve = np.sort(distance)
    below = np.linspace(curve[0], curve[-1], len(curve)) - curve
    assert given["eps"] == pytest.approx(curve[below.argmax()])
    assert given["clusters"] == 3
    assert (
        "the knee of the curve of distances within which rows have 4"
        in (given["choice"])
    )


def test_rows_with_twins_have_a_radius(tmp_path):
    frame = pd.DataFrame({"a": [0, 1, 2] * 30, "b": [0, 5, 1] * 30})
    found = document(written(tmp_path / "t.csv", frame), "--model", "dbscan")
    assert [entry["rows"] for entry in found["clusters"]] == [30, 30, 30]


def test_linkage_is_chosen_by_its_own_silhouette():
    found = document("--model", "agglomerative")
    labels = AgglomerativeClustering(4).fit_predict(Z)
    assert found["silhouettes"]["4"] == pytest.approx(silhouette_score(Z, labels))
    assert found["settings"]["choice"] == "chosen by the silhouette among 2 to 8"


def test_large_tables_are_sampled(tmp_path):
    frame = WINE
    data, output = written(tmp_path / "w.csv", frame), tmp_path / "o.csv"
    arguments = "--model", "agglomerative", "--clusters", 2, "--max-support", 60
    found = document(data, *arguments, "--output", output)
    assert found["settings"]["n_support"] == 60 and len(pd.read_csv(output)) == 178
    assert any("fitted to 60 rows drawn at random" in note for note in found["notes"])
    said = refused(data, "--model", "spectral", "--max-support", 30_000)
    assert "--max-support 30000: --model spectral needs the square of that" in said


def test_what_does_not_fit_the_model_is_refused(tmp_path):
    which = "kmeans, mixture, agglomerative or spectral"
    said = refused("--model", "dbscan", "--clusters", 3)
    assert f"--clusters is for --model {which}." in said
    assert "--eps is for --model dbscan." in refused("--model", "kmeans", "--eps", 1)
    assert "--eps: must be above 0, got 0" in refused("--model", "dbscan", "--eps", 0)
    said = refused("--model", "dbscan", "--min-cluster-size", 4)
    assert "--min-cluster-size is for --model hdbscan." in said
    said = refused("--model", "spectral", "--clusters", 1)
    assert "--clusters 1: --model spectral needs at least 2." in said
    said = refused("--model", "dbscan", "--eps", 0.1)
    assert "No clear clusters: DBSCAN finds none in 178 rows" in said
    assert "Say a larger --eps." in said
    said = refused("--model", "hdbscan", "--min-cluster-size", 100)
    assert "Say a smaller --min-cluster-size, or --model dbscan." in said
    said = refused("--model", "hdbscan", "--fail-on-outliers")
    assert "clusters have no outliers" in said
