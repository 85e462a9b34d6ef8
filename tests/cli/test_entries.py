# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Entries of the JSON document."""

import numpy as np
import pytest
from helpers.cli_runs import WINE, document
from sklearn.preprocessing import scale

from skneon import NeonKDE


def test_json_has_what_the_python_interface_says(table):
    found = document(table(WINE), "--top", 3)
    explanation = NeonKDE().fit(scale(WINE)).explain()
    assert found["n_rows"] == found["settings"]["n_support"] == 178
    assert found["settings"]["columns"] == list(WINE.columns)
    order = np.argsort(-explanation.score)
    assert [entry["row"] for entry in found["rows"]] == list(order[:3])
    for entry in found["rows"]:
        n = entry["row"]
        assert entry["score"] == pytest.approx(explanation.score[n])
        relevance = {r["feature"]: r["relevance"] for r in entry["reasons"]}
        expected = dict(zip(WINE.columns, explanation.relevance[n], strict=True))
        assert relevance == pytest.approx(expected)
        assert list(relevance.values()) == sorted(relevance.values(), reverse=True)
        assert (
            entry["reasons"][0]["value"] == WINE.at[n, entry["reasons"][0]["feature"]]
        )
