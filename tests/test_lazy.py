# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Lazy frames are refused at every door, with the line to write."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.cluster import KMeans
from sklearn.covariance import EmpiricalCovariance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon._lazy import METHODS, refuse_lazy

try:
    from dask.dataframe import from_pandas
except ImportError:
    # it needs later releases of pyarrow than skneon does
    from_pandas = None

FRAME = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 2)), columns=["a", "b"])
LAZY = {
    "polars": (pl.from_pandas(FRAME).lazy(), "polars.*X.collect()"),
}
if from_pandas is not None:
    LAZY["dask"] = from_pandas(FRAME, npartitions=2), "dask.*X.compute()"
MODELS = [
    NeonKDE().fit(FRAME),
    KMeans(2, n_init=1).fit(FRAME),
    EmpiricalCovariance().fit(FRAME),
    make_pipeline(StandardScaler(), NeonKDE()).fit(FRAME),
]


def refused(call, line):
    with pytest.raises(TypeError, match=line.replace("(", r"\(").replace(")", r"\)")):
        call()


@pytest.mark.parametrize("kind", LAZY)
def test_lazy_frames_are_refused(kind):
    lazy, line = LAZY[kind]
    for model in MODELS:
        refused(lambda model=model: explain(model, lazy), line)
        refused(lambda model=model: neuralize(model).forward(lazy), line)
    of_training = line.replace("X.", "X_train.")
    for model in MODELS[1:]:
        refused(lambda model=model: explain(model, X_train=lazy), of_training)
    for model in (NeonKDE(), NeonKMeans(2)):
        refused(lambda model=model: model.fit(lazy), line)
        assert not hasattr(model, "n_features_in_")
    refused(lambda: MODELS[0].predict(lazy), line)


# rows meet themselves on purpose
@pytest.mark.filterwarnings("ignore::skneon.InSampleWarning")
def test_relations_of_duckdb():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.connect().from_df(FRAME)
    refused(lambda: explain(MODELS[0], relation), "DuckDBPyRelation of duckdb.*X.df()")
    assert len(explain(MODELS[0], relation.df())) == len(FRAME)


@pytest.mark.parametrize("package", METHODS)
def test_frames_of_all_packages(package):
    """Stand-ins; classes that inherit from a lazy frame are lazy frames."""
    members = {"__module__": f"{package}.frame", "columns": [], METHODS[package]: print}
    kind = type("Frame", (), members)
    inherits = type("Mine", (kind,), {"__module__": "mine"})
    for lazy in (kind(), inherits()):
        refused(
            lambda lazy=lazy: refuse_lazy(lazy), f"of {package}.*{METHODS[package]}"
        )


def test_eager_tables_are_not():
    for table in (FRAME, pl.from_pandas(FRAME), FRAME.to_numpy(), [[1.0]], None):
        refuse_lazy(table)
