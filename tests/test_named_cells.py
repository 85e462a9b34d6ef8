# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Where the first cell is that is no finite number."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import KernelDensity

from skneon import NeonKDE, NeonKMeans, explain

ROWS = np.random.default_rng(0).normal(size=(20, 3))
TABLES = {
    "array": (np.asarray, "2"),
    "pandas": (lambda X: pd.DataFrame(X, columns=["a", "b", "c"]), "'c'"),
    "polars": (lambda X: pl.DataFrame(X, schema=["a", "b", "c"]), "'c'"),
}


@pytest.mark.parametrize(("value", "kind"), [(np.nan, "NaN"), (-np.inf, "infinity")])
@pytest.mark.parametrize("name", TABLES)
def test_row_and_column_are_named(name, value, kind):
    make, column = TABLES[name]
    bad = ROWS.copy()
    bad[[7, 9], [2, 0]] = value
    where = f"(?s)contains {kind}.*first of them is in row 7, column {column}"
    X, bad = make(ROWS), make(bad)
    density = KernelDensity().fit(X)
    for asked in ({"X": bad}, {"X_train": bad}):
        with pytest.raises(ValueError, match=where):
            explain(density, **asked)
    for model in (NeonKDE(), NeonKMeans(2)):
        with pytest.raises(ValueError, match=where):
            model.fit(bad)
        assert not hasattr(model, "n_features_in_")
        with pytest.raises(ValueError, match=where):
            model.fit(X).explain(bad)


def test_what_a_model_takes_is_not_named():
    bad = ROWS.copy()
    bad[3, 0], bad[5, 1] = np.nan, np.inf
    forest = IsolationForest(n_estimators=5, random_state=0).fit(ROWS)
    with pytest.raises(ValueError, match=r"contains infinity(?s:.*)row 5, column 1"):
        explain(forest, bad)


def test_sparse_rows_and_other_errors():
    bad = csr_array(ROWS * (ROWS > 0.5))
    bad.data[3] = np.inf
    row, column = np.argwhere(np.isinf(bad.toarray()))[0]
    model = KMeans(2, n_init=1).fit(ROWS)
    with pytest.raises(ValueError, match=f"row {row}, column {column}"):
        explain(model, bad)
    with pytest.raises(ValueError, match=r"^could not convert string"):
        explain(model, np.array([["a", "b", "c"]]))
    with pytest.raises(ValueError, match=r"features as input\.$"):
        explain(model, np.full((2, 2), np.nan))
