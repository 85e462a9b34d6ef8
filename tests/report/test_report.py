# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Reports: what they say, and that they hold nothing else."""

import datetime
import os
import re
from base64 import b64encode
from decimal import Decimal
from hashlib import sha256

import numpy as np
import pandas
import pytest
from report_pages import HOSTILE, clean, hostile_frame, mixed_frame
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, load_wine

from skneon import NeonKDE, report
from skneon._report._reasons import percent
from skneon.explanation._text import number_text

WINE = load_wine(as_frame=True).data


@pytest.fixture(scope="module")
def wine():
    return report(None, WINE)


def test_figures_are_those_of_the_explanation(wine):
    page = clean(wine.html, n_pictures=4)
    explanation = wine.explanations["outliers"]
    assert np.allclose(explanation.relevance.sum(axis=1), explanation.score)
    head, *rows = page.tables["contributions"]
    assert len(rows) == 100
    names = [cell["text"].removesuffix(" ") for cell in head]
    order = np.argsort(-explanation.score, kind="stable")[:100]
    assert [row[0]["text"] for row in rows] == [str(i) for i in order]
    for i, row in zip(order, rows, strict=True):
        assert float(row[1]["sort"]) == explanation.score[i]
        assert row[1]["text"] == number_text(explanation.score[i])
        assert row[2]["text"] == explanation[int(i)].top(1)[0][0].feature
        figures = [float(cell["sort"]) for cell in row[3:]]
        assert sum(figures) == pytest.approx(explanation.score[i])
        for name, figure in zip(names[3:-1], figures, strict=False):
            column = explanation.feature_names.index(name)
            assert figure == explanation.relevance[i, column]
    worst = explanation[int(order[0])]
    for part in worst.top(3)[0]:
        typical, share = number_text(part.reference), percent(part.share)
        said = f"{number_text(part.value)} , typical {typical} : {share}"
        assert said.replace("\xa0", " ") in page.text
    clusters = wine.explanations["clusters"]
    for cluster in np.unique(clusters.target):
        members = clusters.target == cluster
        evidence = number_text(clusters.score[members].mean())
        assert f"{members.sum()} rows" in page.text
        assert f"mean evidence {evidence}" in page.text


def test_explanations_are_those_of_the_models(wine):
    by_hand = wine.models["outliers"]
    Z = by_hand[:-1].transform(WINE)
    again = NeonKDE().fit(Z).explain()
    assert np.allclose(wine.explanations["outliers"].score, again.score)
    assert np.allclose(wine.explanations["outliers"].data, WINE)
    labels = wine.models["clusters"].predict(WINE)
    assert np.array_equal(wine.explanations["clusters"].target, labels)


def test_is_the_same_each_time(wine):
    assert report(None, WINE).html == wine.html


def test_faithfulness_is_said(wine):
    page = clean(wine.html)
    assert re.search(r"Conservation error \d\.\de-1\d", page.text)
    own, other = map(
        float, re.search(r"Flipping score ([\d.]+), in random order ([\d.]+)",
                         page.text).groups()
    )  # fmt: skip
    assert own < 0.9 * other


def test_policy_allows_the_one_script_alone(wine):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', wine.html)[1]
    script = re.search(r"<script>(.*?)</script>", wine.html, re.DOTALL)[1]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;;" in policy
    assert "default-src &#39;none&#39;" in policy
    assert "http:" not in wine.html and "https:" not in wine.html


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


def test_columns_of_all_kinds():
    page = report(None, mixed_frame())
    found = clean(page.html, n_pictures=4)
    used = page.explanations["outliers"].feature_names
    assert used == (
        "size", "whole", "nullable", "colour", "kind", "yes", "maybe", "when", "zone",
        "took", "lists",
    )  # fmt: skip
    for said in ("constant (constant)", "same (constant)", "empty (no values)",
                 "none (no values)", "name (most texts differ)",
                 "complex (complex numbers)"):  # fmt: skip
        assert said in found.text.replace(" (", " (")
    data = page.explanations["outliers"].data
    assert data[3, used.index("when")].startswith("20")
    assert data[2, used.index("when")] is None
    typical = page.explanations["outliers"].reference[:, used.index("when")]
    assert all(len(text) == len("2020-01-01") for text in typical)
    assert data[0, used.index("zone")] == "2020-03-01 12:00:00"
    assert "17 columns" in found.text


@pytest.mark.parametrize("n", [2, 3, 5])
def test_few_rows(n):
    page = report(None, WINE.iloc[: 30 * n : 30])
    assert f"{n} rows, 13 columns" in clean(page.html).text


@pytest.mark.parametrize("d", [1, 2])
def test_few_columns(d):
    page = report(None, WINE.iloc[:, :d])
    found = clean(page.html)
    assert all(name in found.text for name in WINE.columns[:d])
    assert page.explanations["outliers"].relevance.shape == (178, d)


def test_no_numeric_columns():
    frame = pandas.DataFrame({"a": ["x", "y", "z"] * 9, "b": list("uvw") * 9})
    frame.loc[3, "a"] = None
    found = clean(report(None, frame).html)
    assert "components of all columns that are used" in found.text


def test_duplicate_rows():
    frame = pandas.DataFrame({"a": [0.0, 1.0] * 20, "b": [0.0, 1.0] * 20})
    clean(report(None, frame).html)
    with pytest.raises(ValueError, match="only 2 rows differ"):
        report(None, frame, n_clusters=3)


@pytest.mark.parametrize("n_clusters", [0, 1, 25])
def test_numbers_of_clusters(n_clusters):
    page = report(None, WINE, n_clusters=n_clusters)
    found = clean(page.html)
    assert ("clusters" in page.models) == (n_clusters > 0)
    assert ("clusters" in found.ids) == (n_clusters > 0)
    if n_clusters == 1:
        assert "nothing to compare it with" in found.text
    if n_clusters == 25:
        assert "The first 20 of 25 clusters" in found.text


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (WINE.iloc[:1], "single row"),
        (WINE.iloc[:0], "nothing to report"),
        (WINE[["ash", "ash"]], "name 'ash'"),
        (pandas.DataFrame({"a": [1.0, np.inf]}), "'a' holds infinite"),
        (pandas.DataFrame({"a": [1.0, 1e200]}), "'a' holds values beyond"),
        (pandas.DataFrame({"a": [1.0, 1.0], "b": [None, None]}), r"a \(constant\)"),
        (pandas.DataFrame({1: [1.0, 2.0], "1": [1.0, 2.0]}), "name '1'"),
        (np.arange(5.0), "table of rows"),
    ],
)
def test_unusable_tables(frame, message):
    with pytest.raises(ValueError, match=message):
        report(None, frame)


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


def test_many_rows_and_columns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 30))
    X[12_345, 7] = 30.0
    page = report(None, X, n_clusters=3)
    found = clean(page.html, n_pictures=4)
    assert "random sample of 5,000 of 20,000 rows. Of all rows" in found.text
    worst = page.explanations["outliers"]
    assert worst.index[worst.score.argmax()] == 12_345
    assert worst[int(worst.score.argmax())].top(1)[0][0].feature == "x7"
    assert found.tables["contributions"][1][0]["text"] == "12345"


def test_two_hundred_columns():
    X = np.random.default_rng(0).normal(size=(300, 200))
    X[5, 150] = 20.0
    found = clean(report(None, X, n_clusters=2).html)
    assert "The first 100 of 200 columns" in found.text
    assert len(found.tables["columns"]) == 101
    assert "8 leading columns of 200" in found.text


def test_saves_a_whole_file_or_none(tmp_path, wine):
    path = tmp_path / "wine.html"
    page = report(None, WINE.iloc[:20], path=path, n_clusters=2)
    assert path.read_text(encoding="utf-8") == page.html
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    wine.save(path)
    assert path.read_text(encoding="utf-8") == wine.html
    assert [p.name for p in tmp_path.iterdir()] == ["wine.html"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        wine.save(tmp_path / "folder")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "wine.html"]
    with pytest.raises(OSError):
        wine.save(tmp_path / "nowhere" / "wine.html")


def test_in_notebooks_it_has_a_frame_of_its_own(wine):
    frame = wine._repr_html_()
    assert frame.startswith("<iframe srcdoc=") and frame.count("<") == 2
    assert "outliers, clusters" in repr(wine)


def test_callers_settings_do_not_matter(wine):
    matplotlib = pytest.importorskip("matplotlib")
    with matplotlib.rc_context({"font.size": 30, "figure.facecolor": "black"}):
        assert report(None, WINE).html == wine.html
    assert matplotlib.pyplot.get_fignums() == []


def test_table_is_left_as_it_was():
    frame, before = mixed_frame(), mixed_frame()
    report(None, frame, n_clusters=2)
    pandas.testing.assert_frame_equal(frame, before)


def test_lists_and_arrays():
    X = load_iris().data
    page = report(None, X.tolist(), n_clusters=2)
    assert page.html == report(None, X, n_clusters=2).html
    assert page.explanations["outliers"].feature_names == ("x0", "x1", "x2", "x3")
    model = KMeans(3, random_state=0, n_init=1).fit(X)
    assert report(model, X.tolist()).html == report(model, X).html


def test_objects_are_what_they_hold():
    dates = [datetime.date(1000 + 900 * (i % 9), 1, 1) for i in range(30)]
    frame = pandas.DataFrame(
        {
            "number": pandas.Series([1, None, 2.5] * 10, dtype=object),
            "big": pandas.Series(
                [Decimal("1e30"), Decimal("2"), None] * 10, dtype=object
            ),
            "date": pandas.Series(pandas.array(np.array(dates, "datetime64[s]"))),
            "mixed": pandas.Series([1, "one", None] * 10, dtype=object),
        }
    )
    page = report(None, frame, n_clusters=2)
    found = clean(page.html)
    kinds = {row[0]["text"]: row[1]["text"] for row in found.tables["columns"][1:]}
    assert kinds == {"number": "number", "big": "number", "date": "date",
                     "mixed": "category"}  # fmt: skip
    assert "8200-01-01" in found.text
