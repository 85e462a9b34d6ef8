# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances of a feature, by its name."""

import numpy as np
import pytest
from helpers import pictures
from scipy.sparse import csr_array
from sklearn.cluster import KMeans

from skneon import explain
from skneon.explanation._named_column import named_column

EXPLANATION = pictures.explanation(n=5, d=3, names=["ash", "alcohol", "hue"])


def test_a_name_gives_the_relevances_of_its_column():
    for number, name in enumerate(EXPLANATION.feature_names):
        found = EXPLANATION[name]
        np.testing.assert_array_equal(found, EXPLANATION.values[:, number])
    np.testing.assert_array_equal(EXPLANATION[1:3]["hue"], EXPLANATION["hue"][1:3])
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1.0


def test_names_that_are_none_are_told_apart():
    with pytest.raises(KeyError, match=r"called 'alcohl'\. Did you mean 'alcohol'\?"):
        EXPLANATION["alcohl"]
    with pytest.raises(KeyError, match=r"are 'ash', 'alcohol', 'hue'\. Rows"):
        EXPLANATION["zzz"]
    with pytest.raises(KeyError, match=r"'x11', \.\.\. Rows are chosen by number"):
        named_column([f"x{i}" for i in range(20)], "zzz")
    with pytest.raises(
        ValueError, match=r"2 features are called 'a', numbers \[0, 2\]"
    ):
        named_column(["a", "b", "a"], "a")


def test_sparse_rows_have_columns_of_numbers():
    X = csr_array(np.eye(6, 4) * np.arange(1, 7)[:, None])
    kmeans = KMeans(2, random_state=0, n_init=1).fit(X)
    sparse = explain(kmeans, X, rule="midpoint")
    np.testing.assert_allclose(sparse["x1"], sparse.values.toarray()[:, 1])
