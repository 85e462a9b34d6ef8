# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that are shown: their rows, and the features that set them apart."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, run
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import scale

from skneon import NeonKMeans


def test_clusters(tmp_path):
    output = tmp_path / "relevance.csv"
    done = run("--model", "kmeans", "--clusters", 4, "--output", output)
    said = " ".join(done.out.split())
    assert done.code == 0 and f"relevances, are in {output}." in said
    kmeans = NeonKMeans(4, n_init=10, random_state=0).fit(scale(WINE))
    table = pd.read_csv(output, index_col="row")
    np.testing.assert_array_equal(table["cluster"], kmeans.labels_)
    explanation = kmeans.explain()
    np.testing.assert_allclose(
        table[WINE.columns + " relevance"], explanation.relevance, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(table["score"], explanation.score, rtol=1e-9)
    # the clusters as `Explanation.profile` has them
    named = replace(explanation, feature_names=tuple(WINE.columns))
    for c in range(4):
        members, own = kmeans.labels_ == c, named.profile().loc[c]
        line = next(
            line.split() for line in done.out.splitlines() if line[:7].strip() == str(c)
        )
        name = own["share"].idxmax()
        assert line[1:3] == [str(members.sum()), str(own["rival"].iloc[0])]
        assert line[3] == name and line[4] == f"{own['share'].max():.0%}"
        inside, outside = WINE.loc[members, name], WINE.loc[~members, name]
        assert float(line[5]) == pytest.approx(inside.mean(), rel=1e-3)
        assert float(line[6]) == pytest.approx(outside.mean(), rel=1e-3)
    alone = run("--model", "kmeans", "--clusters", 1).out
    assert "no other cluster to compare" in alone


def test_json_of_clusters():
    found = document("--model", "kmeans", "--clusters", 2)
    profile = NeonKMeans(2, n_init=10, random_state=0).fit(scale(WINE)).explain()
    profile = replace(profile, feature_names=tuple(WINE.columns)).profile()
    assert sum(entry["rows"] for entry in found["clusters"]) == 178
    for entry in found["clusters"]:
        own = profile.loc[entry["cluster"]]
        assert entry["rival"] == 1 - entry["cluster"]
        for reason in entry["reasons"]:
            for part in ("relevance", "share", "spread"):
                expected = own.loc[reason["feature"], part]
                assert reason[part] == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert document("--model", "kmeans", "--clusters", 1)["clusters"] == [
        {"cluster": 0, "rows": 178, "rival": None, "score": None, "reasons": []}
    ]


def test_number_of_clusters_is_chosen_by_the_silhouette(table):
    found = document("--model", "kmeans")
    silhouettes = {int(k): s for k, s in found["silhouettes"].items()}
    assert list(silhouettes) == list(range(2, 9))
    labels = NeonKMeans(3, n_init=3, random_state=0).fit(scale(WINE)).labels_
    assert silhouettes[3] == pytest.approx(silhouette_score(scale(WINE), labels))
    assert found["settings"]["clusters"] == 3 == max(silhouettes, key=silhouettes.get)
    assert found["settings"]["choice"] == "chosen by the silhouette among 2 to 8"
    assert found["clear"] and silhouettes[3] > found["silhouette_by_chance"]
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 3)))
    said = run(table(noise.add_prefix("x")), "--model", "kmeans").out
    assert "No clear clusters: " in said and "(the best of 2 to 8)" in said


def test_mixture_is_chosen_by_bic():
    found = document("--model", "mixture")
    Z = scale(WINE)
    bic = {
        (k, kind): GaussianMixture(
            k, covariance_type=kind, reg_covar=0.01, random_state=0
        ).fit(Z).bic(Z)
        for k in (3, 4, 5)
        for kind in ("full", "diag")
    }  # fmt: skip
    k, kind = min(bic, key=bic.get)
    assert found["settings"]["clusters"] == k
    assert found["settings"]["covariance_type"] == kind == "diag"
    said = "chosen by BIC among 1 to 8 of full or diagonal covariances: diagonal"
    assert found["settings"]["choice"] == said
    given = document("--model", "mixture", "--clusters", 2)["settings"]
    assert given["clusters"] == 2 and "covariances, chosen by BIC" in given["choice"]
