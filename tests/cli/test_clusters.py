# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Clusters that are shown: their rows, and the features that set them apart."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, run
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
    for c in range(4):
        members = kmeans.labels_ == c
        mean = explanation.relevance[members].mean(axis=0)
        line = next(
            line.split() for line in done.out.splitlines() if line[:7].strip() == str(c)
        )
        share = mean.max() / explanation.score[members].mean()
        assert line[1] == str(members.sum())
        assert line[2] == WINE.columns[mean.argmax()] and line[3] == f"{share:.0%}"
        inside = WINE.loc[members, line[2]].mean()
        assert float(line[4]) == pytest.approx(inside, rel=1e-3)
        outside = WINE.loc[~members, line[2]].mean()
        assert float(line[5]) == pytest.approx(outside, rel=1e-3)
    alone = run("--model", "kmeans", "--clusters", 1).out
    assert "no other cluster to compare" in alone


def test_json_of_clusters():
    found = document("--model", "kmeans", "--clusters", 2)
    assert sum(entry["rows"] for entry in found["clusters"]) == 178
    assert document("--model", "kmeans", "--clusters", 1)["clusters"] == [
        {"cluster": 0, "rows": 178, "score": None, "reasons": []}
    ]
