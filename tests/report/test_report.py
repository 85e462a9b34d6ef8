# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports: what they say, and that they hold nothing else."""

import numpy as np
import pandas as pd
import pytest
from helpers.report_pages import HOSTILE, clean, hostile_frame
from sklearn.datasets import load_wine

from skneon import NeonKDE, explain, prepare, report

WINE = load_wine(as_frame=True).data


def test_is_the_same_each_time(wine):
    assert report(None, WINE).html == wine.html


def test_hostile_texts_stay_texts():
    frame = hostile_frame()
    page = report(None, frame, n_clusters=2, title=HOSTILE[1])
    found = clean(page.html, n_pictures=4)
    assert HOSTILE[1] in found.texts
    for text in ("<script>alert(1)</script>", "{{7*7}}", "=1+1", "javascript:alert(1)"):
        assert text in found.text
    assert all(c.isprintable() or c in "\n\xa0" for t in found.texts for c in t)
    # every one of them is somewhere in the table of columns
    names = [row[0]["text"] for row in found.tables["columns"][1:]]
    assert len(names) == len(HOSTILE) + 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top": 0}, "top must be"),
        ({"n_clusters": -1}, "n_clusters must be"),
        ({"random_state": None}, "random_state must be"),
        ({"embedding": np.zeros((3, 2))}, r"shape \(178, 2\)"),
        ({"embedding": [["a", "b"]] * 178}, "must be numbers"),
        ({"groups": {"g": ["nothing"]}}, "unknown features"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        report(None, WINE, **options)


def test_arguments():
    groups = {"colour & hue": ["color_intensity", "hue"]}
    plane = WINE[["alcohol", "hue"]]
    page = report(None, WINE, top=2, groups=groups, embedding=plane, title="<Wine>")
    found = clean(page.html, n_pictures=4)
    assert found.tags.count("article") == 2 + len(
        np.unique(page.explanations["clusters"].target)
    )
    assert "colour & hue" in [c["text"] for c in found.tables["contributions"][0]]
    assert "positions that were given" in found.text
    assert "<Wine>" in found.texts and "top=2" in found.text


def test_options_of_reading_are_those_of_prepare(tmp_path):
    path = tmp_path / "t.csv"
    cells = [f"{i},{'?' if i == 3 else i % 7}" for i in range(40)]
    path.write_text("n;m\n" + "\n".join(c.replace(",", ";") for c in cells))
    page = report(None, path, n_clusters=0, missing="?", keep="n", log="none")
    told = page.explanations["outliers"]
    assert told.feature_names == ("n", "m") and np.isnan(told.data[3, 1])
    with pytest.raises(ValueError, match=r"drop=: there is no column 'k'"):
        report(None, path, drop="k")
    for name in ("target", "evidence", "component"):
        with pytest.raises(TypeError, match=rf"explain\(model, X, {name}=\.\.\.\)"):
            report(NeonKDE(), WINE, **{name: "outlier"})
    with pytest.raises(TypeError, match="no argument 'tops'"):
        report(None, WINE, tops=3)
    with pytest.raises(ValueError, match=r"log: options .* are for model=None"):
        report(NeonKDE().fit(WINE), WINE, log="none")
    with pytest.raises(ValueError, match=r"prepared already: pass log to"):
        report(None, prepare(WINE), log="none")


def test_a_given_model_takes_what_is_prepared(tmp_path):
    frame = pd.DataFrame({
        "day": pd.date_range("2026-01-01", periods=80), "x": np.arange(80.0) ** 2 % 17,
    })  # fmt: skip
    known = prepare(frame.iloc[:60])
    model = known.pipeline(NeonKDE()).fit(known.rows)
    page = report(model, prepare(frame.iloc[60:], like=known), n_clusters=None)
    told, found = page.explanations["model"], clean(page.html)
    expected = explain(model, prepare(frame.iloc[60:], like=known).rows)
    np.testing.assert_array_equal(told.score, expected.score)
    assert told.data[0, 0] == "2026-03-02" and "20 rows, 2 columns" in found.text
    path = tmp_path / "today.csv"
    for given in (model, expected):
        with pytest.raises(ValueError, match=r"prepare\(.*today.csv', like=table"):
            report(given, path)
