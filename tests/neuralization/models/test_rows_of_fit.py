# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Rows of the fit that come as X_train, and rules of clusterings without centres."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.cluster import DBSCAN

from skneon.network import Rule, Shapley, WSquare
from skneon.neuralization._rows_needed import RowsNeeded
from skneon.neuralization.models._rows_of_fit import given_rows, rule_without_centres

FRAME = pd.DataFrame({"a": [0.0, 1.0, 5.0], "b": [2.0, 0.0, 1.0]}, index=list("xyz"))
MODEL = DBSCAN(eps=3.0, min_samples=1).fit(FRAME)


def test_rows_come_with_their_labels():
    rows, labels = given_rows(MODEL, FRAME)
    np.testing.assert_array_equal(rows, FRAME)
    assert list(labels.index) == ["x", "y", "z"] and labels.columns == ("a", "b")


def test_sparse_rows_are_filled_up_where_they_are_taken():
    model = DBSCAN(eps=3.0, min_samples=1).fit(FRAME.to_numpy())
    sparse = csr_array(FRAME.to_numpy())
    rows, _ = given_rows(model, sparse, "csr")
    np.testing.assert_array_equal(rows, FRAME)
    with pytest.raises(TypeError, match=r"[Ss]parse data was passed"):
        given_rows(model, sparse)


def test_rows_that_are_missing_or_not_as_many():
    with pytest.raises(RowsNeeded, match="DBSCAN does not keep the rows of its fit"):
        given_rows(MODEL, None)
    message = "training data of the DBSCAN: 2 rows, and it has 3 labels"
    with pytest.raises(ValueError, match=message):
        given_rows(MODEL, FRAME[:2])


def test_rules():
    assert rule_without_centres(MODEL, None) == Shapley()
    assert rule_without_centres(MODEL, "proportional") == Rule()
    assert rule_without_centres(MODEL, Shapley(16)) == Shapley(16)
    message = "'w-square' does not explain the clusters of DBSCAN, which have no cent"
    for rule in ("w-square", WSquare()):
        with pytest.raises(ValueError, match=message):
            rule_without_centres(MODEL, rule)
    with pytest.raises(ValueError, match="does not explain the evidence of clusters"):
        rule_without_centres(MODEL, "integrated")
