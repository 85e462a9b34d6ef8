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
    explanation = NeonKDE("likelihood").fit(scale(WINE)).explain()
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
        excess = [r["excess"] for r in entry["reasons"]]
        assert excess == sorted(excess, reverse=True)
        assert sum(excess) == pytest.approx(explanation.excess()[n].sum())
        telling = [r["feature"] for r in entry["reasons"] if r["telling"]]
        named = explanation.feature_names
        told = [named.index(p.feature) for p in explanation[n].reasons(13)[0]]
        # the columns are scaled here: the same values, in other units
        assert telling == [WINE.columns[i] for i in told] and 0 < len(told) < 13
        for reason in entry["reasons"]:
            column = WINE[reason["feature"]]
            assert reason["value"] == column[n]
            assert reason["typical"] == column.median()
            below = (column < column[n]).mean() + (column <= column[n]).mean()
            assert reason["percentile"] == pytest.approx(50 * below)
