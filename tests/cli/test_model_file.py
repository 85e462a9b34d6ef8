# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Fit once, score daily: new rows by a model from a file, or from another table."""

import json
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import skops.io
from helpers.cli_runs import WINE, document, mixed, refused, run, written
from helpers.report_pages import clean
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skneon import NeonKDE, NeonKMeans, explain
from skneon._cli import _model_file, _run
from skneon._tables import _source

COLUMNS = ["size", "kind", "weight", "grade"]
RELEVANCES = [f"{name} relevance" for name in COLUMNS]


def saved_model(folder, kind="kde"):
    """A model of a table in a file, and the table."""
    path, model = written(folder / "reference.csv", mixed()), folder / "model.skops"
    chosen = "--model", kind, "--log", "none"
    assert run(path, *chosen, "--save", model, "--quiet").code == 0
    return model, path


@pytest.fixture
def saved(tmp_path):
    """A density in a file, and its table."""
    return saved_model(tmp_path)


def by_hand(model):
    """The model in the words of scikit-learn, fitted once."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    texts = mixed()[["kind", "grade"]]
    # one that never occurs is infrequent, and so are those that are not known
    encoder = OneHotEncoder(
        categories=[["", *sorted(texts[name].dropna().unique())] for name in texts],
        min_frequency=0.01, max_categories=20, handle_unknown="infrequent_if_exist",
    )  # fmt: skip
    categories = make_pipeline(SimpleImputer(strategy="most_frequent"), encoder)
    parts = [
        ("numbers", numbers, ["size", "weight"]),
        ("categories", categories, ["kind", "grade"]),
    ]
    steps = ColumnTransformer(parts, sparse_threshold=0)
    return make_pipeline(steps, model).fit(mixed()[COLUMNS])


def today(n=40):
    """New rows; one of them has a category that is unknown."""
    frame = mixed(n, seed=1)
    frame.loc[3, "kind"] = "violet"
    return frame


@pytest.mark.parametrize(
    ("kind", "estimator"),
    [
        ("kde", NeonKDE("likelihood")),
        ("isolation-forest", IsolationForest(random_state=0)),
    ],
)
def test_new_rows_are_explained_as_in_python(tmp_path, kind, estimator):
    model, reference = saved_model(tmp_path, kind)
    frame, output = today(), tmp_path / "out.csv"
    path = written(tmp_path / "today.csv", frame)
    found = document(path, "--model-file", model, "--output", output, "--top", 40)
    rows = frame[COLUMNS]
    expected = explain(by_hand(estimator), rows, X_train=mixed()[COLUMNS])
    table = pd.read_csv(output)
    exact = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(table[RELEVANCES], expected.relevance, **exact)
    np.testing.assert_allclose(table["score"], expected.score, **exact)
    np.testing.assert_allclose(table["p"], expected.p_value, **exact)
    excess = expected.excess()
    for entry in found["rows"]:
        assert entry["p"] == pytest.approx(expected.p_value[entry["row"]], rel=1e-12)
        for reason in entry["reasons"]:
            i = COLUMNS.index(reason["feature"])
            known = reason["excess"], excess[entry["row"], i]
            assert known[0] == pytest.approx(known[1], abs=1e-12)
            if i in (0, 2):
                assert reason["typical"] == pytest.approx(expected.typical[i])
    note = "taken for a rare one: kind, 1 value, first 'violet' in row 3."
    assert any(note in said for said in found["notes"])
    assert "" not in _model_file.load(str(model)).known.categories["kind"]
    # without a file in between
    other = tmp_path / "other.csv"
    chosen = "--model", kind, "--log", "none"
    run(path, "--fit-on", reference, *chosen, "--output", other)
    pd.testing.assert_frame_equal(pd.read_csv(other), table, rtol=1e-12)


def test_new_rows_are_assigned_to_clusters(tmp_path):
    frame, output, model = today(), tmp_path / "out.csv", tmp_path / "m.skops"
    reference = written(tmp_path / "reference.csv", mixed())
    chosen = "--model", "kmeans", "--clusters", 3, "--log", "none"
    run(reference, *chosen, "--save", model)
    path = written(tmp_path / "today.csv", frame)
    assert run(path, "--model-file", model, "--output", output).code == 0
    fitted = by_hand(NeonKMeans(3, n_init=10, random_state=0))
    expected = explain(fitted, frame[COLUMNS])
    table = pd.read_csv(output)
    np.testing.assert_array_equal(table["cluster"], expected.target)
    np.testing.assert_allclose(table[RELEVANCES], expected.relevance, atol=1e-12)
    # new rows may all be of one cluster, which has rivals all the same
    alone = frame[expected.target == expected.target[0]]
    path = written(tmp_path / "today.csv", alone)
    [entry] = document(path, "--model-file", model)["clusters"]
    mean = explain(fitted, alone[COLUMNS]).relevance.mean(axis=0)
    assert entry["reasons"][0]["relevance"] == pytest.approx(mean.max())
    report = tmp_path / "report.html"
    told = run(path, "--model-file", model, "--report", report).out
    assert "no other cluster" not in told
    others = ", ".join(str(c) for c in range(3) if c != expected.target[0])
    empty = f"2 clusters have no row in {path}: {others}."
    page = clean(report.read_text(encoding="utf-8")).text
    assert empty in " ".join(told.split()) and empty in page
    assert "judged by the 120 training rows of reference.csv ." in page
    assert "nothing to compare" not in page and "After each column: its mean" in page
    path = written(path, frame[expected.target != expected.target[0]])
    told = " ".join(run(path, "--model-file", model).out.split())
    assert f"1 cluster has no row in {path}: {expected.target[0]}." in told
    said = refused(path, "--model-file", model, "--threshold", 3)
    assert "--threshold: clusters have no outliers" in said


def test_long_tables_of_new_rows_come_in_parts(saved, tmp_path, monkeypatch):
    path, outputs = written(tmp_path / "today.csv", today(90)), []
    for name, size in (("whole.csv", 10**6), ("parts.csv", 20)):
        monkeypatch.setattr(_run, "SUPPORT", size)
        monkeypatch.setattr(_source, "CELLS", 5 * 70)
        outputs.append(tmp_path / name)
        done = run(
            path, "--model-file", saved[0], "--output", outputs[-1], "--fdr", 0.3
        )
        assert done.code == 0
    first, second = map(pd.read_csv, outputs)
    pd.testing.assert_frame_equal(first, second, rtol=1e-12)


def test_columns_that_changed_are_refused_by_name(tmp_path):
    frame = mixed().assign(
        day=pd.date_range("2026-01-01", periods=120).strftime("%d.%m.%Y"),
        price=[f"{i % 37 + 1}.{i % 90 + 10},50" for i in range(120)],
    )
    frame["price"] = frame["price"].str.replace(".", "", regex=False)
    model, reference = tmp_path / "m.skops", written(tmp_path / "reference.csv", frame)
    assert run(reference, "--log", "price", "--save", model).code == 0
    new = frame.iloc[:5]

    def said(table):
        return refused(written(tmp_path / "today.csv", table), "--model-file", model)

    lacking = said(new.drop(columns=["size", "grade"]))
    assert "it lacks 'size', 'grade'" in lacking and "fit the model again" in lacking
    changed = new.assign(size=list("abcde"), day=[1.5, 2, 3, 4, 5])
    both = said(changed.drop(columns="grade"))
    assert "it lacks 'grade'; 'size' had" in both
    assert "'size' had numbers, and has 5 values that are none: 'a' in row 0" in both
    assert "'day' had dates, and has 5 values that are none: '1.5' in row 0" in both
    assert "'kind' has numbers, and had categories" in said(new.assign(kind=range(5)))
    assert "'price' is on a log scale, and goes down to 0" in said(new.assign(price=0))
    infinite = new.assign(weight=[1, 2, "inf", 3, 4])
    assert "'weight' is infinite in row 2" in said(infinite)
    # a point marks no decimals now, as it did not then
    assert "'12.5' in row 0" in said(new.assign(price="12.5"))
    assert "no rows" in said(new.iloc[:0])
    empty = new.assign(**dict.fromkeys([*COLUMNS, "day", "price"], ""))
    assert "has no row with any value" in said(empty)
    typed = new.assign(size=pd.Timestamp("2026-01-01"), day=[1.5, 2, 3, 4, 5])
    typed.to_parquet(tmp_path / "today.parquet")
    both = refused(tmp_path / "today.parquet", "--model-file", model)
    assert "'size' has dates, and had numbers" in both
    assert "'day' has numbers, and had dates" in both
    # order and further columns do not matter; a word for gaps can be named
    new = new[new.columns[::-1]].assign(more=1, size="none yet")
    path = written(tmp_path / "today.csv", new)
    found = document(path, "--model-file", model, "--missing", "none yet")
    assert "Not in" in " ".join(found["notes"]) and found["n_rows"] == 5
    assert "and left out: more." in " ".join(found["notes"])
    assert "'none yet' in row 0" in refused(path, "--model-file", model)


def test_a_row_alone_is_read_as_the_others_were(tmp_path):
    frame = WINE[["alcohol", "ash"]]
    commas = frame.apply(lambda c: [f"{v:.2f}".replace(".", ",") for v in c])
    reference, model = tmp_path / "reference.csv", tmp_path / "m.skops"
    commas.to_csv(reference, sep=";", index=False)
    run(reference, "--log", "none", "--save", model)
    path = written(tmp_path / "today.csv", "alcohol;ash\n1.234,5;2,1\n14,2;2,3\n")
    assert "'1.234,5' in row 0" in refused(path, "--model-file", model)
    path = written(tmp_path / "today.csv", "alcohol;ash\n1234;2,1\n")
    [row] = document(path, "--model-file", model)["rows"]
    assert {r["value"] for r in row["reasons"]} == {1234, 2.1}


def test_training_rows_are_no_new_rows(tmp_path):
    reference, model = written(tmp_path / "t.csv", WINE), tmp_path / "m.skops"
    run(reference, "--gamma", 2, "--save", model)
    found = document(reference, "--model-file", model)
    assert any("meet themselves" in note for note in found["notes"])


def altered(model, path, change, name=_model_file.PLAN):
    """A copy of a file of a model, one part of which is changed."""
    with ZipFile(model) as old, ZipFile(path, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part == name:
                content = json.dumps(change(json.loads(content)))
            new.writestr(part, content)
    return path


def test_files_of_models_are_refused_by_name(saved, tmp_path):
    model, reference = saved
    bad = tmp_path / "bad.skops"

    def said():
        return refused(reference, "--model-file", bad)

    assert "there is no such file" in said()
    written(bad, "no zip")
    assert "bad.skops is no model: --save writes one" in said()
    skops.io.dump(by_hand(NeonKDE("likelihood")), bad)
    assert "has no plan of columns (skneon.json)" in said()
    altered(model, bad, lambda plan: plan | {"format": 9, "skneon": "9.9"})
    assert "was written by skneon 9.9, in format 9" in said()
    altered(model, bad, lambda plan: plan | {"plan": {}})
    damaged = f"{bad} is damaged: what it holds is not as skneon --save wrote it."
    assert damaged in said()
    altered(model, bad, lambda plan: {"format": 2})
    assert damaged in said()

    def unknown_form(plan):
        return json.loads(json.dumps(plan).replace('"Numbers"', '"Times"'))

    altered(model, bad, unknown_form)
    assert damaged in said()
    content = bytearray(model.read_bytes())
    content[300:320] = bytes(20)
    written(bad, bytes(content))
    assert "is damaged" in said()

    def stranger(schema):
        text = json.dumps(schema).replace('"StandardScaler"', '"RobustScaler"')
        return json.loads(text.replace('"NeonKDE"', '"Mine"'))

    altered(model, bad, stranger, "schema.json")
    assert (
        "types that no model of skneon --save has: "
        "sklearn.preprocessing._data.RobustScaler, skneon._kde.Mine" in said()
    )
    called = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}
    altered(model, bad, lambda schema: schema | {"more": [called]}, "schema.json")
    assert "has: os.system. It is not read" in said()


def test_trees_that_lead_out_of_themselves_are_refused(tmp_path, monkeypatch):
    model, reference = saved_model(tmp_path, "isolation-forest")
    types = sorted(_model_file.CHECKED | _model_file.OWN)
    content = skops.io.load(model, trusted=types)
    forest, told = content["model"][-1], []
    monkeypatch.setattr(skops.io, "load", lambda *args, **given: content)
    for change in (
        lambda state: state["nodes"]["left_child"].__setitem__(0, 10**6),
        lambda state: state["nodes"]["right_child"].__setitem__(0, 0),
        lambda state: state["nodes"]["feature"].__setitem__(0, 999),
    ):
        state = forest.estimators_[0].tree_.__getstate__()
        state = state | {"nodes": state["nodes"].copy()}
        change(state)
        kept = forest.estimators_[0].tree_
        forest.estimators_[0].tree_ = type(kept)(*kept.__reduce__()[1])
        forest.estimators_[0].tree_.__setstate__(state)
        told.append(refused(reference, "--model-file", model))
        forest.estimators_[0].tree_ = kept
    assert all("is damaged" in message for message in told)
    assert run(reference, "--model-file", model).code == 0


def test_without_skops(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "skops.io", None)
    message = refused("--save", tmp_path / "m.skops")
    assert 'pip install "skneon[model]"' in message and not list(tmp_path.iterdir())
