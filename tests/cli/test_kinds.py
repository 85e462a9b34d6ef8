# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Kinds of models: what is said of forests, and the rule for many rows."""

import numpy as np
import pandas as pd
import pytest
from helpers.cli_runs import WINE, document, run
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import explain
from skneon._cli import _kinds
from skneon._cli._arguments import MODELS

FOREST = "--model", "isolation-forest"


@pytest.fixture(scope="module")
def forest():
    """As the command makes it of the wines, in the user's words."""
    return make_pipeline(StandardScaler(), IsolationForest(random_state=0)).fit(WINE)


def test_all_models_are_known():
    assert tuple(_kinds.KINDS) == MODELS


def test_what_is_said_of_a_forest(forest):
    text = " ".join(run(*FOREST, "--log", "none").out.split())
    n = int(np.sum(forest.predict(WINE) == -1))
    assert "each judged by all rows (isolation forest, 100 trees;" in text
    assert "splits saved, above 0 where predict is -1; adds:" in text
    assert f"By its own threshold, 0, the model predicts {n} of 178 rows to be" in text
    # scores may be negative: no multiples of the median, and no shares
    assert "because of adds value typical 121 2." in text and "x median" not in text
    found = document(*FOREST, "--log", "none", "--threshold", 0)
    expected = explain(forest, X_train=WINE)
    entry = found["rows"][0]
    assert entry["score"] == pytest.approx(expected.score.max(), rel=1e-12)
    assert entry["multiple"] is None and found["n_flagged"] == n
    assert found["own_threshold"] == 0
    assert found["settings"]["model"] == "isolation-forest"
    assert found["settings"]["n_trees"] == 100
    assert run(*FOREST, "--threshold", 0, "--fail-on-outliers", "--quiet").code == 1


def test_many_rows_are_explained_by_the_quick_rule(forest, tmp_path, monkeypatch):
    monkeypatch.setattr(_kinds, "MOST_BY_DEFAULT", 177)
    few = document(*FOREST, "--log", "none")
    assert few["settings"]["rule"] == "shapley" and not few["notes"]
    output = tmp_path / "out.csv"
    many = document(*FOREST, "--log", "none", "--output", output)
    assert many["settings"]["rule"] == "split"
    assert 'explained, by the quick rule "split"; the default is' in many["notes"][0]
    expected = explain(forest, WINE, rule="split").relevance
    names = [f"{name} relevance" for name in WINE]
    np.testing.assert_allclose(pd.read_csv(output)[names], expected, atol=1e-12)
