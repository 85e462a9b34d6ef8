# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What Python has of a table that was prepared."""

import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from helpers.cli_runs import WINE, document, mixed, written
from scipy.spatial.distance import pdist

from skneon import NeonKDE, NeonKMeans, explain, prepare, report


def test_tables_of_any_make_are_the_same():
    expected = prepare(WINE)
    arrow = pl.DataFrame({name: WINE[name].to_numpy() for name in WINE}).to_arrow()
    for table in (pl.from_arrow(arrow), arrow, arrow.to_batches()[0]):
        pd.testing.assert_frame_equal(prepare(table).rows, expected.rows)
    for array in (WINE.to_numpy(), scipy.sparse.csr_array(WINE.to_numpy())):
        found = prepare(array)
        assert list(found.rows) == [f"x{i}" for i in range(13)]
        np.testing.assert_array_equal(found.rows, WINE)
    labelled = WINE.set_axis([f"wine {i}" for i in range(178)])
    assert list(prepare(labelled).rows.index) == list(labelled.index)


def test_lazy_frames_are_refused():
    with pytest.raises(TypeError, match="collect"):
        prepare(pl.LazyFrame({"a": [1.0, 2.0]}))


def test_parameters_are_those_of_the_command_line(tmp_path):
    path = written(tmp_path / "t.csv", mixed())
    found = prepare(path, id="name", columns=["grade", "size"], log=["size"])
    said = document(path, "--id", "name", "--columns", "grade", "size", "--log", "size")
    assert list(found.kinds) == said["settings"]["columns"] == ["grade", "size"]
    assert found.log == ("size",) and found.rows.index[1] == "row 1"
    assert len(found.rows) == said["n_rows"]
    with pytest.raises(ValueError, match=r"drop=: there is no column 'nothing'"):
        prepare(path, drop=["nothing"])
    with pytest.raises(TypeError, match="delimeter"):
        prepare(path, delimeter=",")


def test_any_model_goes_behind_the_steps():
    found = prepare(mixed())
    model = found.pipeline(NeonKMeans(3, random_state=0)).fit(found.rows)
    explanation = explain(model, X_train=found.rows)
    assert explanation.feature_names == tuple(found.kinds)
    np.testing.assert_allclose(explanation.residual, 0, atol=1e-9)


def test_categories_that_are_not_known_are_as_far_as_any():
    rng = np.random.default_rng(0)
    letters, gaps = rng.choice(list("abc"), 300), rng.choice(["u", "v", None], 300)
    rare = np.where(np.arange(300) < 2, "z", rng.choice(["x", "y"], 300))
    many = rng.permutation([f"k{i % 20:02}" for i in range(300)])
    frame = pd.DataFrame({"a": letters, "gap": gaps, "rare": rare, "many": many})
    found = prepare(frame)
    steps = found.steps.fit(found.rows)
    filled = [column.fillna(column.mode()[0]) for _, column in frame.items()]
    Z = steps.transform(found.rows)
    expected = pdist(np.hstack([pd.get_dummies(c, dtype=float) for c in filled]))
    np.testing.assert_allclose(pdist(Z), expected)
    # rare ones are taken for one of their own
    for name, n_far in {"a": 300, "gap": 300, "rare": 298, "many": 285}.items():
        new = found.rows.assign(**{name: "?!"})
        far = np.square(steps.transform(new) - Z).sum(axis=1)
        assert (far == 2).sum() == n_far and (far[far != 2] == 0).all()
    model = found.pipeline(NeonKDE()).fit(found.rows)
    rows = found.rows.iloc[[0] * 4].assign(a=["?!", *"abc"])
    explanation = explain(model, rows)
    assert explanation.score[0] > explanation.score[1:].max()
    assert explanation.relevance[0].argmax() == 0


def test_without_arrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "skneon\[tables\]"'):
        prepare(WINE)


@pytest.mark.parametrize(
    ("given", "said"),
    [(pd.Series([1.0, 2]), r"pandas.Series of shape \(2,\): pass X.to_frame"),
     (None, "got None"), ({"a": [1, 2]}, "got dict: make it a pandas.DataFrame"),
     (np.zeros(3), r"got numpy.ndarray of shape \(3,\)"), ([1, 2], "got list")],
)  # fmt: skip
def test_what_is_no_table_is_named(given, said):
    error = ValueError if isinstance(given, np.ndarray | list) else TypeError
    with pytest.raises(error, match=said):
        prepare(given)
    with pytest.raises(error, match=said):
        report(None, given)


@pytest.mark.parametrize("log", [False, None, "none"])
def test_no_logarithm(log):
    assert prepare(WINE, log=log).log == ()
    assert prepare(WINE, log=True).log == prepare(WINE).log


@pytest.mark.parametrize("code", [-999, -999.0, "-999", [-999], np.array([-999])])
def test_one_value_of_an_option_is_one(code):
    numbers = [-999, -9, 9, *range(20)] * 2
    frame = pd.DataFrame({"ab": numbers, "a": numbers, "b": numbers[::-1]})
    found = prepare(frame, missing=code, drop="ab", keep=None, categories="b")
    assert found.kinds == {"a": "number", "b": "category"}
    np.testing.assert_array_equal(found.rows["a"].isna(), np.equal(numbers, -999))
    assert list(prepare(frame, columns="ab").kinds) == ["ab"]


@pytest.mark.parametrize("dtype", [int, float, str, object, "datetime64[ns]"])
def test_masked_cells_are_missing(dtype):
    whole = np.arange(60).reshape(20, 3) ** 2
    cells = (whole * 10**14 if dtype == "datetime64[ns]" else whole).astype(dtype)
    if dtype is object:
        # cells of several kinds
        cells[:, 0] = ["a", "b", "c", "d", 1.5] * 4
    mask = whole % 7 == 1
    found = prepare(np.ma.array(cells, mask=mask)).rows
    np.testing.assert_array_equal(found.isna(), mask)
    assert not prepare(np.ma.array(cells)).rows.isna().any(axis=None)


def test_explanations_join_a_frame_of_several_levels():
    levels = pd.MultiIndex.from_product([list("ab"), range(89)], names=["lot", "no"])
    frame = WINE.set_axis(levels)
    frame.iloc[3] = np.nan
    found = prepare(frame)
    model = found.pipeline(NeonKMeans(3, random_state=0)).fit(found.rows)
    parts = explain(model, X_train=found.rows).to_frame().add_suffix(" relevance")
    joined = frame.join(parts)
    assert joined.index.equals(levels)
    np.testing.assert_array_equal(
        joined[list(parts)].isna().all(axis=1), levels == ("a", 3)
    )
