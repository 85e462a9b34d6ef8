# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Explanations and estimators as notebooks show them."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from helpers import pictures
from sklearn.svm import OneClassSVM

from skneon import NeonKDE, NeonKMeans, explain


class Table(HTMLParser):
    """Reads the cells of a table, and refuses anything that is none."""

    def __init__(self, text):
        super().__init__()
        self.open, self.rows, self.titles, self.caption = [], [], [], ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert tag in {"table", "caption", "thead", "tbody", "tr", "th", "td"}, tag
        assert {name for name, _ in attrs} <= {"style", "title"}, attrs
        self.titles += [value for name, value in attrs if name == "title"]
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("th", "td"):
            self.rows[-1][-1] += data
        else:
            assert self.open[-1] == "caption"
            self.caption += data


def read(explanation):
    return Table(explanation._repr_html_())


def test_shows_the_largest_scores_and_their_leading_features():
    X = np.random.default_rng(0).normal(size=(30, 4))
    explanation = NeonKDE().fit(X).explain()
    table = read(explanation)
    caption = "Explanation: outlierness of NeonKDE, 30 rows, 4 features"
    assert table.caption == f"{caption}; the 5 of largest outlierness"
    head, *rows = table.rows
    assert head == ["row", "outlierness", "because of", "share", "value",
                    "compares to"]  # fmt: skip
    worst = np.argsort(-explanation.score)[:5]
    reasons = explanation[worst].reasons(3)
    parts = [part for row in reasons for part in row]
    others = [row for row in rows if row[2].endswith((" other", " others"))]
    rows = [row for row in rows if row not in others]
    assert len(rows) == len(parts) and all(reasons) and len(others) == 5
    assert [row[0] for row in rows if row[0]] == [str(row) for row in worst]
    for cells, part in zip(rows, parts, strict=True):
        assert cells[2] == part.feature
        assert cells[3] == f"{part.share:.0%}".replace("-", "\N{MINUS SIGN}")
        median = re.match("median ([^,]*)", cells[5])[1]
        for text, value in ((cells[4], part.value), (median, part.typical)):
            number = float(text.replace("\N{MINUS SIGN}", "-"))
            assert number == pytest.approx(value, rel=1e-3)


def test_shares_add_up_to_the_score():
    X = np.random.default_rng(0).normal(size=(30, 6))
    svm = OneClassSVM().fit(X)
    for explanation, ends in (
        (NeonKDE().fit(X).explain(), [" others"]),
        (explain(svm, X + 1, rule="soft-argmin"), [" others", "residual"]),
    ):
        for row in np.argsort(-explanation.score)[:5]:
            rows = read(explanation[row]).rows[1:]
            lines = rows[-len(ends) :]
            assert all(map(str.endswith, [line[2] for line in lines], ends))
            texts = [row[3].replace("\N{MINUS SIGN}", "-") for row in rows]
            shares = [int(text.removesuffix("%")) for text in texts]
            assert abs(sum(shares) - 100) <= len(rows) / 2


def test_names_the_clusters():
    X = np.random.default_rng(0).normal(size=(30, 4))
    explanation = NeonKMeans(3, n_init=1, random_state=0).fit(X).explain()
    head, first, *_ = read(explanation).rows
    assert head[:3] == ["row", "cluster", "evidence"]
    assert first[-1].startswith("own ") and ", rival " in first[-1]
    assert first[1] == str(explanation.target[explanation.score.argmax()])


@pytest.mark.parametrize("row", range(9))
def test_everything_is_escaped(row):
    names = pictures.HOSTILE
    hostile = np.array(['<b onclick="x">', "a&b", "'\"", *names[:6]], dtype=object)
    data = np.tile(hostile, (9, 1))
    explanation = pictures.explanation(
        n=9, d=9, names=names, target=hostile, rival=hostile, index=hostile,
        data=data, compared_with=data.T, meta={"model": "<i>model</i>"},
    )[row]  # fmt: skip
    table = read(explanation)
    assert "<i>model</i>" in table.caption
    part = explanation.top(1)[0][0]
    if len(part.feature) < 60:
        assert table.rows[1][3] == " ".join(part.feature.split())


def test_long_texts_are_shortened_and_keep_their_title():
    explanation = pictures.explanation(d=1, names=["a" * 300])
    table = read(explanation)
    assert len(table.rows[1][2]) == 60 and table.titles[0] == "a" * 300


def test_colours_are_the_notebooks():
    text = pictures.explanation()._repr_html_()
    assert "color:inherit" in text and "currentColor" in text
    assert "#" not in text and "http" not in text and "<script" not in text


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows(n):
    table = read(pictures.explanation(n=n, d=1))
    rows = "1 row" if n == 1 else f"{n} rows"
    assert table.caption == f"Explanation: outlierness, {rows}, 1 feature"
    assert len(table.rows) == 1 + n


def test_missing_values_and_groups():
    explanation = pictures.explanation(
        n=1,
        d=2,
        relevance=np.array([[2.0, 1.0]]),
        score=np.array([np.inf]),
        data=np.array([[None, np.nan]], dtype=object),
        compared_with=np.array([[1.5, np.nan]], dtype=object),
    )
    _, first, second = read(explanation).rows
    assert first[1:] == ["inf", "a_rather_long_name_of_feature_0_(cm)", "0%", "missing",
                         "compared with 1.5"]  # fmt: skip
    assert second[4:] == ["", ""]


@pytest.mark.parametrize("estimator", [NeonKDE(), NeonKMeans()])
def test_diagrams_of_estimators_link_to_our_documentation(estimator):
    name = type(estimator).__name__
    link = f"https://skneon.readthedocs.io/en/latest/api/skneon.{name}.html"
    assert f'href="{link}"' in estimator._repr_html_()

    class Theirs(type(estimator)):
        """Not ours to document."""

    assert "readthedocs" not in Theirs()._repr_html_()
